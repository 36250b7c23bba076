"""Networks and data in the kernels' form, and the classes that run kernels on them."""
