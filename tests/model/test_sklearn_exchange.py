"""Networks from scikit-learn: the same outputs on both sides."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from builders import seed_generators
from sklearn import neural_network
from sklearn.datasets import make_multilabel_classification

import fastnn
from fastnn import estimator

INPUTS = np.random.default_rng(1).standard_normal((40, 6)) * 3 + 1
SMALL = {"hidden_layer_sizes": (5, 4), "max_iter": 1, "random_state": 1}
LABELS = np.array(["cat", "dog", "emu"])[np.arange(40) % 3]


# Few epochs do not converge, and need not.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("module", [neural_network, estimator], ids=["scikit-learn", "fastnn"])
class TestFromSklearn:
    """Both kinds of estimators, fitted for an epoch."""

    @pytest.mark.parametrize("activation", ["logistic", "tanh", "relu"])
    def test_classes_become_labels_and_probabilities_outputs(self, module, activation):
        mlp = module.MLPClassifier(**SMALL, activation=activation).fit(INPUTS, LABELS)
        net = fastnn.from_sklearn(mlp)
        np.testing.assert_allclose(net.outputs(INPUTS), mlp.predict_proba(INPUTS), atol=1e-12)
        np.testing.assert_array_equal(net.predict(INPUTS), mlp.predict(INPUTS))
        assert net.labels == ["cat", "dog", "emu"]

    def test_two_classes_become_two_outputs(self, module):
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS, np.arange(40) % 2 * 7 - 3)
        net = fastnn.from_sklearn(mlp)
        assert net.sizes == [6, 5, 4, 2]
        assert net.labels == [-3, 4]
        np.testing.assert_allclose(net.outputs(INPUTS), mlp.predict_proba(INPUTS), atol=1e-12)
        np.testing.assert_array_equal(net.predict(INPUTS), mlp.predict(INPUTS))

    def test_several_labels_stay_sigmoid_outputs(self, module):
        X, y = make_multilabel_classification(40, 6, n_classes=3, random_state=1)
        net = fastnn.from_sklearn(mlp := module.MLPClassifier(**SMALL).fit(X, y))
        assert (net.activations[-1], net.labels) == ("sigmoid", None)
        np.testing.assert_allclose(net.outputs(X), mlp.predict_proba(X), atol=1e-12)

    def test_a_regressor_becomes_a_network_with_linear_outputs(self, module):
        mlp = module.MLPRegressor(**SMALL).fit(INPUTS.astype(np.float32), INPUTS[:, :2])
        net = fastnn.from_sklearn(mlp)
        assert net.dtype == np.float32
        np.testing.assert_allclose(
            net.outputs(INPUTS), mlp.predict(INPUTS.astype(np.float32)), atol=1e-5
        )

    def test_the_network_goes_on_learning_and_the_estimator_does_not(self, module):
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS, LABELS)
        kept = [coef.copy() for coef in mlp.coefs_]
        net = fastnn.from_sklearn(mlp)
        seed_generators(1)
        data = fastnn.Dataset(INPUTS, np.arange(40) % 3, classes=3)
        before = net.total_cost(data, 0.0)
        net.SGD(data, 20, 5, 0.1, verbose=False)
        assert net.total_cost(data, 0.0) < before
        for coef, was in zip(mlp.coefs_, kept, strict=True):
            np.testing.assert_array_equal(coef, was)

    def test_what_fastnn_has_not_got_is_refused(self, module):
        with pytest.raises(TypeError, match="mlp must be a fitted MLPClassifier or MLPRegressor"):
            fastnn.from_sklearn(module.MLPClassifier())
        linear = module.MLPClassifier(**SMALL, activation="identity").fit(INPUTS, LABELS)
        with pytest.raises(ValueError, match="mlp must have hidden layers with sigmoid"):
            fastnn.from_sklearn(linear)

    def test_a_subclass_with_a_training_of_its_own_is_taken(self, module):
        class Fitted(module.MLPClassifier):
            def fit(self, X, y):
                return super().fit(X, y)

        mlp = Fitted(**SMALL).fit(INPUTS, LABELS)
        net = fastnn.from_sklearn(mlp)
        np.testing.assert_allclose(net.outputs(INPUTS), mlp.predict_proba(INPUTS), atol=1e-12)

    @pytest.mark.parametrize("name", ["predict", "predict_proba", "_forward_pass_fast"])
    def test_a_method_of_ones_own_that_makes_outputs_is_refused(self, module, name, monkeypatch):
        def own(mlp, X):
            """Stand for a user's method."""

        words = rf"mlp must give scikit-learn's outputs, but \w+ has {name} of its own"
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS, LABELS)
        fork = type("Fork", (module.MLPClassifier,), {})(**SMALL).fit(INPUTS, LABELS)
        fastnn.from_sklearn(fork)
        setattr(type(fork), name, own)
        with pytest.raises(ValueError, match=words):
            fastnn.from_sklearn(fork)
        with monkeypatch.context() as patch:
            patch.setattr(module.MLPClassifier, name, own, raising=False)
            with pytest.raises(ValueError, match=words):
                fastnn.from_sklearn(mlp)
            wrapped = functools.wraps(neural_network.MLPClassifier.predict)(own)
            patch.setattr(module.MLPClassifier, name, wrapped, raising=False)
            with pytest.raises(ValueError, match=words):
                fastnn.from_sklearn(mlp)
        fastnn.from_sklearn(mlp)
        setattr(mlp, name, own)
        with pytest.raises(ValueError, match=words):
            fastnn.from_sklearn(mlp)

    @pytest.mark.parametrize(
        ("attribute", "change", "words"),
        [
            ("intercepts_", lambda b: b[:-1], "coefs_ and intercepts_ for 3 layers, got 3 and 2"),
            ("coefs_", lambda w: [*w, w[-1]], "coefs_ and intercepts_ for 3 layers, got 4 and 3"),
            ("intercepts_", lambda b: [b[0][:-1], *b[1:]], r"got the shapes \(5, 6\) and \(4,\)"),
            ("intercepts_", lambda b: [*b[:-1], 0.0], r"got the shapes \(3, 4\) and \(\)"),
            ("coefs_", lambda w: [w[0] * 1j, *w[1:]], "real numbers in each layer, got complex128"),
            ("activation", lambda _: "foo", "activation among logistic, .* got 'foo'"),
        ],
    )
    def test_what_somebody_broke_is_refused(self, module, attribute, change, words):
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS, LABELS)
        setattr(mlp, attribute, change(getattr(mlp, attribute)))
        with pytest.raises(ValueError, match=f"^mlp must have .*{words}"):
            fastnn.from_sklearn(mlp)

    def test_the_widest_type_of_the_layers_counts(self, module):
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS.astype(np.float32), LABELS)
        mlp.coefs_[-1] = mlp.coefs_[-1].astype(np.float64)
        assert fastnn.from_sklearn(mlp).dtype == np.float64

    @pytest.mark.parametrize(
        ("classes", "labels"), [([2.0, 5.0], [2, 5]), ([False, True], [0, 1])], ids=str
    )
    def test_classes_of_other_types_become_whole_numbers(self, module, classes, labels):
        mlp = module.MLPClassifier(**SMALL).fit(INPUTS, np.array(classes)[np.arange(40) % 2])
        assert fastnn.from_sklearn(mlp).labels == labels


@pytest.mark.parametrize("module", [neural_network, estimator], ids=["scikit-learn", "own"])
def test_poisson_regression_becomes_a_network_of_exponential_outputs(module):
    mlp = module.MLPRegressor(loss="poisson", max_iter=200, tol=1.0, random_state=1)
    net = fastnn.from_sklearn(mlp.fit(INPUTS, np.arange(40)))
    assert net.cost is fastnn.PoissonCost
    np.testing.assert_allclose(net.predict(INPUTS), mlp.predict(INPUTS), rtol=1e-12)
