"""A training run: its options, its epochs, what is measured after each, and checkpoints."""
