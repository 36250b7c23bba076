"""MNIST, as it comes with fastnn; see README.md."""
