"""scikit-learn's multi-layer perceptrons, trained by fastnn's kernels; needs scikit-learn.

To use them, replace ``from sklearn.neural_network import MLPClassifier`` by ``from
fastnn.estimator import MLPClassifier``. Parameters, attributes, numbers and warnings stay the same.

From the bottom up:

- `parameters`: weights and biases that users may have assigned, checked.
- `hooks`: what subclasses override.
- `patches`: what scripts put in the place of scikit-learn's functions.
- `settings`: the parameters that both share.
- `outputs`: predictions, with scikit-learn's types and numbers.
- `learning_rate`: the rate from epoch to epoch.
- `examples`: what an estimator learns from, as kernels take it.
- `last_network`: the room of the last small network, for the next.
- `trainer`: both kinds of solver over the kernels.
- `warning`: warnings that are silenced as scikit-learn's are.
- `remembering`: what a solver remembers between calls, as plain data.
- `undoing`: an estimator left as it was.
- `epochs`: the solvers "sgd" and "adam".
- `lbfgs`: the solver "lbfgs".
- `base`: what both share: fitting, and the outputs.
- `classifier`: `MLPClassifier`.
- `regressor`: `MLPRegressor`.
"""

from fastnn.common.libraries import check_libraries

check_libraries("fastnn.estimator", ["sklearn"], "sklearn")

from fastnn.estimator.classifier import MLPClassifier  # noqa: E402  # now it is there
from fastnn.estimator.regressor import MLPRegressor  # noqa: E402  # the same

__all__ = ["MLPClassifier", "MLPRegressor"]
