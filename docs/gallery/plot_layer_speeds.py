"""
The vanishing gradient
======================

How fast each of four hidden layers learns, over 500 epochs of 1,000 images at once (the book's
chapter 5).
"""

from fastnn import mnist_loader, network2, plots

training_data, _, _ = mnist_loader.load_data_wrapper()
net = network2.Network([784, 30, 30, 30, 30, 10], seed=3)
history = net.SGD(
    *(training_data[:1000], 500, 1000, 0.1, 5.0),
    monitor_layer_speeds=True,
    verbose=False,
)
ax = plots.layer_speeds(history)
