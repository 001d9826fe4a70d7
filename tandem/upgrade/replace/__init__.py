"""The complete replacement: read, map, compare, and commit at the end."""
