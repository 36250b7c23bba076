"""fastnn and its reference against scikit-learn and PyTorch: the same steps from the same start.

Each test trains a few epochs in the order of the data and compares all weights and biases. Where
neither library has a thing (dropout's masks, schedules), the reference is the only twin.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pytest
from builders import Softplus, arrays, assert_close, dense_digits, parameters, seeded_network

from fastnn import network2, reference

PROGRAMS = pytest.mark.parametrize("program", [network2, reference], ids=["fastnn", "reference"])


class Task(NamedTuple):
    """A training run that a peer can repeat."""

    sizes: list[int]
    epochs: int
    mini_batch_size: int  # divides the number of examples: scikit-learn's decay depends on it
    eta: float
    lmbda: float
    data: list


def task(outputs=4, eta=0.1):
    """48 examples, the same number of each class."""
    inputs = np.random.default_rng(1).standard_normal((48, 6, 1))
    data = [(x, reference.vectorized_result(i % outputs, outputs)) for i, x in enumerate(inputs)]
    return Task([6, 9, 5, outputs], 4, 8, eta, 1.5, data)


def trained(program, problem, cost, network, **options):
    """Return a network before and after training in the order of the data."""
    start, net = (seeded_network(program, problem.sizes, cost, 2, **network) for _ in range(2))
    _, epochs, mini_batch_size, eta, lmbda, data = problem
    net.SGD(data, epochs, mini_batch_size, eta, lmbda, shuffle=False, verbose=False, **options)
    return start, net


# scikit-learn ---------------------------------------------------------------------------------

SKLEARN_NAMES = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}

# Options of SGD, and the same for scikit-learn's perceptrons.
SKLEARN_OPTIMISERS = {
    "plain": ({}, {"solver": "sgd", "momentum": 0.0}),
    "momentum": (
        {"momentum": 0.8},
        {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": False},
    ),
    "nesterov": (
        {"momentum": 0.8, "nesterov": True},
        {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": True},
    ),
    "adam": ({"optimizer": "adam"}, {"solver": "adam"}),
}


def sklearn_parameters(kind, problem, start, rows, targets, activation, **options):
    """Train scikit-learn's perceptron `kind` from the weights of the network `start`."""
    neural_network = pytest.importorskip("sklearn.neural_network")
    drawn = iter(
        [(w.T.copy(), b[:, 0].copy()) for w, b in zip(start.weights, start.biases, strict=True)]
    )

    class Started(getattr(neural_network, kind)):
        def _init_coef(self, fan_in, fan_out, dtype):
            return next(drawn)

    perceptron = Started(
        hidden_layer_sizes=problem.sizes[1:-1],
        activation=SKLEARN_NAMES[activation],
        alpha=problem.lmbda * problem.mini_batch_size / len(problem.data),
        batch_size=problem.mini_batch_size,
        learning_rate_init=problem.eta,
        max_iter=problem.epochs,
        n_iter_no_change=problem.epochs + 1,
        shuffle=False,
        **options,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it has not converged
        perceptron.fit(rows, targets)
    return [
        *(b.reshape(-1, 1) for b in perceptron.intercepts_),
        *(w.T for w in perceptron.coefs_),
    ]


@PROGRAMS
@pytest.mark.parametrize("activation", SKLEARN_NAMES)
@pytest.mark.parametrize("optimiser", SKLEARN_OPTIMISERS)
def test_classifiers_of_softmax_end_with_the_weights_of_scikit_learn(
    program, activation, optimiser
):
    options, sklearn_options = SKLEARN_OPTIMISERS[optimiser]
    problem = task()
    network = {"activation": activation}
    start, net = trained(program, problem, "LogLikelihoodCost", network, **options)
    theirs = sklearn_parameters(
        "MLPClassifier", problem, start, *arrays(problem.data), activation, **sklearn_options
    )
    assert_close(parameters(net), theirs)


@PROGRAMS
@pytest.mark.parametrize("activation", SKLEARN_NAMES)
@pytest.mark.parametrize("optimiser", SKLEARN_OPTIMISERS)
def test_regression_ends_with_the_weights_of_scikit_learn(program, activation, optimiser):
    # scikit-learn's squared error is a mean over outputs in some releases: one output is the same.
    options, sklearn_options = SKLEARN_OPTIMISERS[optimiser]
    problem = task(outputs=1, eta=0.02)
    targets = np.random.default_rng(3).standard_normal((48, 1))
    rows, _ = arrays(problem.data)
    problem = problem._replace(
        data=[(x, y.reshape(1, 1)) for (x, _), y in zip(problem.data, targets, strict=True)]
    )
    network = {"activation": activation, "output": "identity"}
    start, net = trained(program, problem, "QuadraticCost", network, **options)
    theirs = sklearn_parameters(
        "MLPRegressor", problem, start, rows, targets[:, 0], activation, **sklearn_options
    )
    assert_close(parameters(net), theirs)


# PyTorch --------------------------------------------------------------------------------------

# What PyTorch computes from the last layer's weighted inputs z: the output and the cost.
TORCH_COSTS = {
    ("QuadraticCost", "sigmoid"): lambda torch, z, y: ((torch.sigmoid(z) - y) ** 2).sum(1) / 2,
    ("QuadraticCost", "identity"): lambda torch, z, y: ((z - y) ** 2).sum(1) / 2,
    ("CrossEntropyCost", "sigmoid"): lambda torch, z, y: (
        torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1)
    ),
    ("LogLikelihoodCost", "softmax"): lambda torch, z, y: torch.nn.functional.cross_entropy(
        z, y, reduction="none"
    ),
    # The deviance is 0 where output and count are equal; the likelihood is not.
    ("PoissonCost", "exponential"): lambda torch, z, y: (
        torch.nn.functional.poisson_nll_loss(z, y, reduction="none") + torch.xlogy(y, y) - y
    ).sum(1),
}

TORCH_OPTIMISERS = {
    "plain": ({}, "SGD", {}),
    "momentum": ({"momentum": 0.8}, "SGD", {"momentum": 0.8}),
    "nesterov": (
        {"momentum": 0.8, "nesterov": True},
        "SGD",
        {"momentum": 0.8, "nesterov": True},
    ),
    "adam": ({"optimizer": "adam"}, "Adam", {}),
}


def torch_parameters(problem, start, activations, cost, l1, optimiser, **options):
    """Train in PyTorch, whose autograd knows nothing of BP1 to BP4, from the weights of `start`."""
    torch = pytest.importorskip("torch")
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        Softplus: torch.nn.functional.softplus,
    }
    biases = [torch.tensor(b[:, 0], requires_grad=True) for b in start.biases]
    weights = [torch.tensor(w, requires_grad=True) for w in start.weights]
    n = len(problem.data)
    descent = getattr(torch.optim, optimiser)(
        [{"params": biases}, {"params": weights, "weight_decay": problem.lmbda / n}],
        lr=problem.eta,
        **options,
    )
    inputs = torch.tensor(np.array([x[:, 0] for x, _ in problem.data]))
    desired = torch.tensor(np.array([y[:, 0] for _, y in problem.data]))
    t = 0
    for _ in range(problem.epochs):
        for places in torch.arange(n).split(problem.mini_batch_size):
            t += 1
            if optimiser == "Adam":  # which adds epsilon to the root after its correction
                for group in descent.param_groups:
                    group["eps"] = 1e-8 / np.sqrt(1 - 0.999**t)
            a = inputs[places]
            for layer, (b, w) in enumerate(zip(biases, weights, strict=True)):
                z = a @ w.T + b
                a = functions[activations[layer]](z) if layer < len(activations) else z
            loss = TORCH_COSTS[cost](torch, z, desired[places]).mean()
            loss = loss + l1 / n * sum(w.abs().sum() for w in weights)
            descent.zero_grad()
            loss.backward()
            descent.step()
    return [
        *(b.detach().numpy().reshape(-1, 1) for b in biases),
        *(w.detach().numpy() for w in weights),
    ]


@PROGRAMS
@pytest.mark.parametrize("optimiser", TORCH_OPTIMISERS)
@pytest.mark.parametrize(("cost", "output"), TORCH_COSTS)
@pytest.mark.parametrize(
    "activations",
    [
        pytest.param(["tanh", "relu"], id="named"),
        pytest.param(["sigmoid", Softplus], id="own", marks=pytest.mark.thorough),
    ],
)
def test_training_ends_with_the_weights_of_pytorch(program, activations, cost, output, optimiser):
    options, torch_optimiser, torch_options = TORCH_OPTIMISERS[optimiser]
    problem = task(eta=0.02)._replace(mini_batch_size=7)  # the last one is short
    network = {"activation": activations, "output": output}
    start, net = trained(program, problem, cost, network, l1=0.75, **options)
    theirs = torch_parameters(
        problem, start, activations, (cost, output), 0.75, torch_optimiser, **torch_options
    )
    assert_close(parameters(net), theirs)


@PROGRAMS
@pytest.mark.parametrize(("cost", "output"), TORCH_COSTS)
def test_total_cost_is_that_of_pytorch(program, cost, output):
    torch = pytest.importorskip("torch")
    net = seeded_network(program, [6, 5, 4], cost, 4, activation="tanh", output=output)
    data = dense_digits(20, 6, 4, seed=5)
    a = torch.tensor(np.array([x[:, 0] for x, _ in data]))
    hidden = torch.tanh(a @ torch.tensor(net.weights[0]).T + torch.tensor(net.biases[0][:, 0]))
    z = hidden @ torch.tensor(net.weights[1]).T + torch.tensor(net.biases[1][:, 0])
    y = torch.tensor(np.array([y[:, 0] for _, y in data]))
    mean = TORCH_COSTS[cost, output](torch, z, y).mean().item()
    assert net.total_cost(data, 0.0) == pytest.approx(mean, rel=1e-12)
