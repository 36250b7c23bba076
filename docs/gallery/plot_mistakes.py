"""
Digits that a network gets wrong
================================

Those that it is most certain of come first.
"""

from fastnn import mnist_loader, network2, plots

training_data, _, test_data = mnist_loader.load_data_wrapper()
net = network2.Network([784, 100, 10], seed=1)
net.SGD(training_data, 10, 10, 0.1, 5.0, seed=1, verbose=False)
ax = plots.mistakes(net, test_data, most=25)
