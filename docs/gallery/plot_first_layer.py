"""
What the first layer looks at
=============================

The weights of each hidden neuron, as an image of its 784 inputs.
"""

from fastnn import mnist_loader, network2, plots

training_data, _, _ = mnist_loader.load_data_wrapper()
net = network2.Network([784, 36, 10], seed=1)
net.SGD(training_data, 10, 10, 0.1, 20.0, seed=1, verbose=False)
ax = plots.weights(net)
