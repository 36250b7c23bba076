"""Mini-batches whose examples have weights, for any number of threads and of compiled calls."""

from __future__ import annotations

import numpy as np
import pytest
from builders import assert_close
from estimator_pairs import SOLVERS, TASKS, assert_same_learning, both, data_of

from fastnn.engine import faster_way, short_calls, teams
from fastnn.estimator import trainer
from fastnn.estimator.examples import CheckedExamples, KernelExamples
from fastnn.model.architecture import Architecture
from fastnn.model.costs import CrossEntropyCost, LogLikelihoodCost, QuadraticCost

# These tests train for a few epochs only and need no convergence.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("task", TASKS)
def test_examples_count_as_much_as_their_weights(task):
    X, y = data_of(task)
    weights = np.random.default_rng(5).integers(0, 4, len(X)).astype(float)
    wanted, got = (e.fit(X, y, sample_weight=weights) for e in both(task))
    assert_same_learning(wanted, got)


def test_a_mini_batch_may_have_a_negative_weight():
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, -0.5, 2.0], [128, 64, len(X) - 192])
    parameters = {"shuffle": False, "batch_size": 64, "learning_rate_init": 1e-4, "max_iter": 3}
    wanted, got = (e.fit(X, y, sample_weight=weights) for e in both("ten classes", **parameters))
    assert_same_learning(wanted, got)


def test_a_mini_batch_without_weight_changes_nothing():
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, 0.0], [128, 102])
    parameters = {"shuffle": False, "solver": "sgd", "max_iter": 1}
    _, got = both("ten classes", **parameters)
    _, alone = both("ten classes", **parameters)
    got.fit(X, y, sample_weight=weights)
    alone.partial_fit(X[:128], y[:128], classes=np.unique(y))
    assert_close(got.coefs_, alone.coefs_, rtol=0.0)


def test_splitting_an_epoch_into_many_calls_changes_no_bit(monkeypatch):
    X, y = data_of("ten classes")
    _, whole = both("ten classes", batch_size=150)
    _, pieces = both("ten classes", batch_size=150)
    whole.fit(X, y)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)  # one block a call, in the end
    pieces.fit(X, y)
    assert pieces.loss_curve_ == whole.loss_curve_


@pytest.mark.filterwarnings("ignore:Training interrupted by user")
@pytest.mark.parametrize(
    "more", [{"solver": "adam"}, {"solver": "sgd"}, {"nesterovs_momentum": False}]
)
def test_an_interrupt_in_the_middle_of_an_epoch_leaves_what_was_before_it(monkeypatch, more):
    X, y = data_of("ten classes")
    settings = {"solver": "sgd", "batch_size": 150, "shuffle": False, **more}
    _, whole = both("ten classes", **settings)
    whole.partial_fit(X, y, classes=np.unique(y))
    _, got = both("ten classes", **settings)
    run, ends = teams.Team.run, []

    def scribble(team, call, begin, end):
        """Train; in the second epoch only half of the numbers, as if one thread had stopped."""
        packed, room = team._alone
        reached = run(team, call, begin, end)
        if len(X) in ends:
            for values in (packed.parameters, *room):
                values[::2] = 7.0
            raise KeyboardInterrupt
        ends.append(reached)
        return reached

    monkeypatch.setattr(teams.Team, "run", scribble)
    got.fit(X, y)
    monkeypatch.undo()
    for _ in range(2):
        for name in ("coefs_", "intercepts_"):
            assert_close(getattr(got, name), getattr(whole, name), rtol=0.0)
        assert got.t_ == whole.t_
        assert got.loss_curve_ == whole.loss_curve_
        for estimator in (got, whole):  # which shows that it remembers the same
            estimator.partial_fit(X, y)


@pytest.mark.parametrize("hidden", [20, 100, (100, 40)], ids=str)
@pytest.mark.parametrize("batch_size", [7, 150])
@pytest.mark.parametrize("solver", SOLVERS)
def test_threads_that_help_change_no_bit(monkeypatch, solver, batch_size, hidden):
    few = {"max_iter": 4}  # threads in turn on few processors take their time
    parameters = {"hidden_layer_sizes": hidden, "batch_size": batch_size, **SOLVERS[solver], **few}
    X, y = data_of("ten classes")
    weights = np.repeat([1.0, 0.0, 2.0], [len(X) - 60, 20, 40])
    monkeypatch.setattr(trainer, "threads_available", lambda: 1)
    _, alone = both("ten classes", **parameters)
    alone.fit(X, y, sample_weight=weights)
    monkeypatch.setattr(trainer, "threads_available", lambda: 3)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(faster_way.Choice, "next", lambda self: 1)  # always together
    _, together = both("ten classes", **parameters)
    together.fit(X, y, sample_weight=weights)
    assert together.loss_curve_ == alone.loss_curve_
    for got, wanted in zip(together.coefs_, alone.coefs_, strict=True):
        assert got.tobytes() == wanted.tobytes()


# The gradient ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "output", "targets"),
    [
        (QuadraticCost, "identity", np.eye(4)[:, :3] - 0.2),
        (CrossEntropyCost, "sigmoid", np.eye(4)[:, :3]),
        (LogLikelihoodCost, "softmax", np.arange(4, dtype=np.int32) % 3),
    ],
)
def test_the_gradient_is_the_slope_of_the_loss(cost, output, targets):
    rng = np.random.default_rng(1)
    examples = CheckedExamples(rng.normal(size=(4, 5)), targets, 3, np.array([1.0, 0.0, 2.0, 0.5]))
    architecture = Architecture([5, 6, 3], np.dtype(float), cost, ["tanh", output])
    own = trainer.WeightedTrainer(
        architecture,
        KernelExamples(examples),
        mini_batch_size=4,
        alpha=lambda: 0.7,
        rule=trainer.GRADIENT,
    )
    arrays = [rng.normal(size=shape) for shape in [(5, 6), (6, 3), (6,), (3,)]]
    _, of_coefs, of_intercepts = own.loss_and_gradient(arrays[:2], arrays[2:])
    # scikit-learn's loss of several numbers is their mean, but its gradient that of their sum.
    factor = 3 if cost is QuadraticCost else 1
    for array, gradient in zip(arrays, [*of_coefs, *of_intercepts], strict=True):
        slopes = np.zeros(array.shape)
        for place in np.ndindex(array.shape):
            losses = []
            for change in (1e-6, -2e-6):
                array[place] += change
                losses.append(own.loss_and_gradient(arrays[:2], arrays[2:])[0])
            array[place] += 1e-6
            slopes[place] = (losses[0] - losses[1]) / 2e-6
        penalty = 0.7 * array / 3.5 if array.ndim == 2 else 0.0
        np.testing.assert_allclose(gradient - penalty, factor * (slopes - penalty), atol=1e-7)
