"""Networks and data in the form that kernels take, and who runs a kernel on them."""
