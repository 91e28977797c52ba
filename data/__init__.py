"""The archive: everything that knows SQL or files."""
