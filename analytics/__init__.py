"""The laboratory: frames in, frames out, and the facades that answer a page's question."""
