"""
Overfitting, and weight decay against it
========================================

A network that has seen only 1,000 images knows them by heart (the book's chapter 3).
"""

from matplotlib import pyplot

from fastnn import mnist_loader, network2, plots

training_data, validation_data, _ = mnist_loader.load_data_wrapper()
figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained", sharey=True)
for ax, lmbda in zip(axes, (0.0, 0.5), strict=True):
    net = network2.Network([784, 30, 10], initializer="large", seed=1)
    history = net.SGD(
        *(training_data[:1000], 100, 10, 0.5, lmbda, validation_data),
        monitor_evaluation_accuracy=True,
        monitor_training_accuracy=True,
        seed=1,
        verbose=False,
    )
    plots.history(history, n_training=1000, n_evaluation=len(validation_data), ax=ax)
    ax.set_title(f"lmbda = {lmbda}", fontsize=10, y=1.12)
