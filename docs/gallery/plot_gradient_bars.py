"""
Bars on neurons
===============

The averaged gradient of the top six neurons of two hidden layers that have just been initialised.
"""

from fastnn import mnist_loader, network2, plots

training_data, _, _ = mnist_loader.load_data_wrapper()
net = network2.Network([784, 30, 30, 10], seed=3)
ax = plots.gradient_bars(net, training_data[:1000])
