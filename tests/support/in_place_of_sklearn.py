"""A plugin of pytest: whatever then imports scikit-learn's perceptrons gets fastnn's.

For a process of its own: no other test may import this.
"""

from sklearn import neural_network

from fastnn.estimator import MLPClassifier, MLPRegressor

neural_network.MLPClassifier = MLPClassifier
neural_network.MLPRegressor = MLPRegressor
