"""Examples in arrays, the files they come from, and the names of their classes."""
