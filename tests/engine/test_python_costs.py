"""Output errors that Python computes, in the kernels' scratch."""

from __future__ import annotations

import numpy as np
import pytest
from builders import CostInPython, seeded_network

from fastnn import Dataset, network2
from fastnn.engine.prepared import Prepared
from fastnn.engine.python_costs import put_output_errors, target_columns
from fastnn.kernels.layout import ACTIVATIONS, DELTAS, PITCH
from fastnn.model.description import architecture_of

INPUTS = np.random.default_rng(1).random((4, 6))


@pytest.mark.parametrize(
    "outputs", [np.array([2, 0, 1, 2]), np.random.default_rng(2).random((4, 3))]
)
def test_targets_are_columns_in_the_order_of_the_rows(outputs):
    columns = target_columns(Dataset(INPUTS, outputs), np.array([3, 1]), 3)
    wanted = np.eye(3)[outputs] if outputs.ndim == 1 else outputs
    np.testing.assert_array_equal(columns, wanted[[3, 1], :, np.newaxis])


@pytest.mark.filterwarnings("ignore:.*CostInPython")
def test_errors_replace_z_and_clear_the_padding():
    net = seeded_network(network2, [6, 3], CostInPython, output="identity")
    data = Dataset(INPUTS, [2, 0, 1, 2], classes=3)
    packed = Prepared(architecture_of(net), data, mini_batch_size=4).packed.net
    last = packed.plan.table[-1]
    z, a = (
        packed.work.exchange[packed.plan.capacity * last[column] :][: 4 * last[PITCH]].reshape(
            4, -1
        )
        for column in (DELTAS, ACTIVATIONS)
    )
    z[:], a[:] = 9.0, np.random.default_rng(3).random(a.shape)
    put_output_errors(packed, CostInPython, data, np.array([3, 1]))
    np.testing.assert_array_equal(z[:2, :3], a[:2, :3] - np.eye(3)[[2, 0]])
    assert not z[:2, 3:].any()
    assert np.all(z[2:] == 9.0)


class ShrinkingTargets(CostInPython):
    @staticmethod
    def delta(z, a, y):
        y *= 0.9
        return CostInPython.delta(z, a, y)

    @staticmethod
    def fn(a, y):
        y *= 0.9
        return CostInPython.fn(a, y)


@pytest.mark.filterwarnings("ignore:.*ShrinkingTargets")
@pytest.mark.parametrize("outputs", [np.array([2, 0, 1, 2]), np.eye(3)[[2, 0, 1, 2]]])
def test_a_cost_that_writes_into_desired_outputs_is_refused(outputs):
    net = seeded_network(network2, [6, 3], ShrinkingTargets, output="identity")
    before = [w.copy() for w in net.weights]
    words = r"^delta of the cost ShrinkingTargets: output .* read-only\. If that is y.* y = y\.copy"
    with pytest.raises(ValueError, match=words):
        net.SGD(Dataset(INPUTS, outputs), 1, 2, 0.1, verbose=False)
    np.testing.assert_array_equal(net.weights, before)
    with pytest.raises(ValueError, match=words.replace("delta", "fn")):
        net.total_cost(Dataset(INPUTS, outputs), 0.0)


@pytest.mark.filterwarnings("ignore:.*(ShrinkingTargets|goes through Python)")
def test_other_errors_of_a_cost_are_its_own():
    class Failing(CostInPython):
        @staticmethod
        def fn(a, y):
            raise ValueError("this cost is read-only")

    class Network(network2.Network):
        def feedforward(self, a):
            return super().feedforward(a)

    net = Network([6, 3], Failing)
    with pytest.raises(ValueError, match=r"^this cost is read-only$"):
        net.total_cost(Dataset(INPUTS, [2, 0, 1, 2]), 0.0)
