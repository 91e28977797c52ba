"""The screen and the paper: how an answer is said."""
