"""scikit-learn's multi-layer perceptrons over fastnn's kernels; needs scikit-learn.

``from fastnn.estimator import MLPClassifier`` in place of ``from sklearn.neural_network import
MLPClassifier`` is the whole change: parameters, attributes, numbers and warnings are the same.
"""

from fastnn.estimator.classifier import MLPClassifier
from fastnn.estimator.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
