"""How fast, how much memory, how many bytes: measured on fictional cities, never asserted."""
