"""
Accuracy while training
=======================

The mean of three runs, with its 95 % interval.
"""

from fastnn import mnist_loader, network2, plots

training_data, validation_data, _ = mnist_loader.load_data_wrapper()
runs = []
for seed in range(3):
    net = network2.Network([784, 30, 10], seed=seed)
    history = net.SGD(
        *(training_data, 10, 10, 0.1, 5.0, validation_data),
        monitor_evaluation_accuracy=True,
        monitor_training_accuracy=True,
        seed=seed,
        verbose=False,
    )
    runs.append(history)
ax = plots.history(runs, n_training=len(training_data), n_evaluation=len(validation_data))
