"""Everything compiled: knows arrays and numbers, nothing of the interface above it."""
