"""scikit-learn's multi-layer perceptrons, trained by fastnn's kernels; needs scikit-learn.

To use them, replace ``from sklearn.neural_network import MLPClassifier`` by ``from
fastnn.estimator import MLPClassifier``. Parameters, attributes, numbers and warnings stay the same.
"""

from fastnn.estimator.classifier import MLPClassifier
from fastnn.estimator.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
