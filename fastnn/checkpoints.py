"""The state of a training run in a file, and how to go on from it."""
