"""A network as plain data: parameters, activations, costs, and the files it is saved in."""
