"""Examples in arrays, the files they come from, and what their classes are called."""
