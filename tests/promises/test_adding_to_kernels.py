"""CONTRIBUTING's steps add an activation, a cost and an optimiser: nothing else has to know."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from documented_changes import apply_documented, copied_package
from processes import run_python

pytestmark = pytest.mark.thorough  # each process compiles the kernels of the changed copy

SUPPORT = Path(__file__).resolve().parents[1] / "support"

START = """
import numpy as np
from builders import arrays, assert_same_bits, digits, seed_generators
import fastnn
from fastnn import cli, gradients

data = digits(60, 20, 5, seed=1)

def network(cost=fastnn.CrossEntropyCost, **options):
    seed_generators(3)
    return fastnn.Network([20, 12, 5], cost, **options)

def train(net, epochs=2, **options):
    net.SGD(list(data), epochs, 7, 0.05, 0.3, verbose=False, **options)
    return net

def check_gradient(net):
    nabla_b, nabla_w = gradients.average_gradient(net, data)
    for layer in range(2):
        for array, nabla in ((net.biases, nabla_b), (net.weights, nabla_w)):
            ends = []
            for step in (1e-5, -2e-5):
                array[layer][1, 0] += step
                ends.append(net.total_cost(data, 0.0))
            array[layer][1, 0] += 1e-5
            difference = (ends[0] - ends[1]) / 2e-5
            np.testing.assert_allclose(nabla[layer][1, 0], difference, rtol=1e-4, atol=1e-9)

def check_files(make, options, resume_with={}):
    whole = train(make(), 3, **options)
    whole.save("net.npz")
    assert_same_bits(fastnn.load("net.npz"), whole)
    seed_generators(3)
    train(make(), 1, checkpoint="run.npz", **options)
    resumed, _ = fastnn.resume("run.npz", data, 3, verbose=False)
    assert_same_bits(resumed, whole)

def run_program(*options):
    x, y = arrays(data)
    np.savez("data.npz", x=x, y=y)
    assert cli.main(["train", "--data", "data.npz", "--epochs", "2", "--seed", "1", *options]) == 0
"""

ACTIVATION = """
def make():
    return network(activation="softsign")

train(make())
check_gradient(make())
check_files(make, {})
run_program("--activation", "softsign", "--save", "program.npz")
assert fastnn.load("program.npz").activations == ["softsign", "sigmoid"]
"""

EXCHANGE = """
net = network(activation="softsign")
rows, _ = arrays(data)
module = net.to_torch()
import torch
with torch.no_grad():
    outputs = module(torch.tensor(rows, dtype=torch.float64)).numpy()
np.testing.assert_allclose(outputs, net.outputs(rows), rtol=1e-12)
assert fastnn.from_torch(module).activations == ["softsign", "sigmoid"]
"""

ONNX = """
net = network(activation="softsign")
net.to_onnx("net.onnx")
from onnx.reference import ReferenceEvaluator
rows, _ = arrays(data)
(outputs,) = ReferenceEvaluator("net.onnx").run(None, {"inputs": rows.astype(np.float64)})
np.testing.assert_allclose(outputs, net.outputs(rows), rtol=1e-12)
"""

COST = """
from fastnn.kernels.costs import PseudoHuberCost

def make():
    return network(PseudoHuberCost, output="identity")

train(make(), monitor_training_cost=True)
net = make()
a, y = net.feedforward(data[0][0]), data[0][1]
np.testing.assert_allclose(net.total_cost(data[:1], 0.0), np.sum(np.sqrt(1 + (a - y) ** 2) - 1))
check_gradient(make())
check_files(make, {})
run_program("--cost", "pseudo-huber", "--output", "identity", "--eta", "0.01")
"""

OPTIMISER = """
from fastnn.optimisers import RMSprop

net, plain = network(), network()
net.SGD(list(data), 1, len(data), 0.01, shuffle=False, optimizer="rmsprop", verbose=False)
nabla_b, nabla_w = gradients.average_gradient(plain, data)
for before, after, g in zip(
    plain.weights + plain.biases, net.weights + net.biases, nabla_w + nabla_b
):
    wanted = before - 0.01 * g / (np.sqrt(0.1 * g**2) + 1e-8)
    np.testing.assert_allclose(after, wanted, rtol=1e-8, atol=1e-12)
check_files(network, {"optimizer": RMSprop(0.8)})
run_program("--optimizer", "rmsprop", "--eta", "0.001")
for wrong in (RMSprop(1.5), RMSprop(0.9, 0.0)):
    try:
        train(network(), optimizer=wrong)
    except ValueError as problem:
        assert "rho" in str(problem) or "epsilon" in str(problem)
    else:
        raise AssertionError(wrong)
"""


def changed_copy(folder, *sections):
    copied_package(folder)
    for section in sections:
        apply_documented(section, folder)
    return folder


def run(code, folder):
    run_python(START + code, folders=[folder, SUPPORT])


@pytest.fixture(scope="module")
def with_activation(tmp_path_factory):
    """A copy of fastnn with the new activation."""
    return changed_copy(tmp_path_factory.mktemp("activation"), "Adding an activation")


def test_a_new_activation_trains_is_saved_resumed_and_offered_on_the_command_line(with_activation):
    run(ACTIVATION, with_activation)


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
def test_a_new_activation_goes_to_pytorch_and_back(with_activation):
    run(EXCHANGE, with_activation)


@pytest.mark.skipif(find_spec("onnx") is None, reason="onnx is not installed")
def test_a_new_activation_goes_to_onnx(with_activation):
    run(ONNX, with_activation)


def test_a_new_cost_trains_is_saved_resumed_and_offered_on_the_command_line(tmp_path):
    run(COST, changed_copy(tmp_path, "Adding a cost"))


def test_a_new_optimiser_steps_as_written_is_resumed_and_offered_on_the_command_line(tmp_path):
    run(OPTIMISER, changed_copy(tmp_path, "Adding an optimiser"))
