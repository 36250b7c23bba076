"""Compare each kernel with the limits of the core, measured in turn with it.

Run as ``python -m benchmarks.roofline``; ``--help`` lists the options.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.support import ceilings, kernel_loops
from benchmarks.support.arguments import DTYPES, layer_sizes
from benchmarks.support.work import Work, Workload
from fastnn import CrossEntropyCost, Dataset, mnist_loader, reference
from fastnn.engine.inputs import kernel_inputs, kernel_order, kernel_targets
from fastnn.engine.packed_network import PackedNetwork
from fastnn.kernels.layout import BLOCK, Layers
from fastnn.model.architecture import Architecture

# Few enough to stay in the cache, where an epoch finds the rows that it has prefetched; too many
# for the core to learn every branch by heart.
_EXAMPLES = 1000
# The operations of one call of a loop, which takes some milliseconds.
_OPERATIONS_PER_CALL = 2e8
_SCRATCH = 1e-3  # stands for activations and errors that no kernel has computed


class Ceilings(NamedTuple):
    """What the core reached without a kernel, in FLOP/s and bytes/s."""

    peak: float
    read: float
    update: float


class Share(NamedTuple):
    """A kernel's work and time for one mini-batch, and the limits of the core."""

    name: str
    work: Work
    seconds: float
    ceilings: Ceilings

    @property
    def rate(self) -> float:
        """Useful FLOP/s."""
        return self.work.operations / self.seconds

    @property
    def of_peak(self) -> float:
        """The share of the core's peak."""
        return self.rate / self.ceilings.peak

    @property
    def limit(self) -> float:
        """FLOP/s at which the multiply-adders or the caches would always be busy."""
        moving = self.work.read / self.ceilings.read + self.work.updated / self.ceilings.update
        return min(self.ceilings.peak, self.work.operations / moving)


class _Case(NamedTuple):
    """A loop over a kernel, its work for one mini-batch, and its data."""

    name: str
    loop: Callable[..., None]
    work: Work
    data: Dataset


def measure(
    sizes: Sequence[int], dtype: npt.DTypeLike, mini_batch_size: int, rounds: int = 7
) -> list[Share]:
    """Time all kernels and ceilings in turn, and keep the best of `rounds` for each.

    Mini-batches longer than the kernels' block are cut to it.
    """
    dtype = np.dtype(dtype)
    examples = min(mini_batch_size, BLOCK, _EXAMPLES)
    cases = _cases(sizes, dtype, examples)
    calls = [_call(case, sizes, dtype, examples) for case in cases]
    parameters = PackedNetwork(_layers(sizes, dtype), dtype, 1).net.parameters.nbytes
    peaks = ceilings.fma_peak(dtype)
    reading = ceilings.read_bandwidth(dtype, parameters)
    updating = ceilings.update_bandwidth(dtype, parameters)
    seconds = [float("inf")] * len(cases)
    best = Ceilings(0.0, 0.0, 0.0)
    for _ in range(rounds):
        best = Ceilings(
            max(best.peak, *(peak() for peak in peaks)),
            max(best.read, reading()),
            max(best.update, updating()),
        )
        for i, (call, mini_batches) in enumerate(calls):
            seconds[i] = min(seconds[i], ceilings.seconds_of(call) / mini_batches)
    return [
        Share(case.name, case.work, taken, best) for case, taken in zip(cases, seconds, strict=True)
    ]


def _cases(sizes: Sequence[int], dtype: np.dtype[Any], examples: int) -> list[_Case]:
    training = mnist_loader.load_data_wrapper()[0]
    digits = Dataset(
        training.store.inputs[:_EXAMPLES],
        training.store.targets[:_EXAMPLES],
        classes=10,
        scale=1 / 256,
    )
    rows = np.random.default_rng(1).uniform(0.1, 1.0, digits.inputs.shape).astype(dtype)
    dense = Dataset(rows, digits.labels, classes=10)
    nonzeros = int(np.count_nonzero(digits.inputs)) / _EXAMPLES
    batch = Workload(sizes, examples, nonzeros, dtype.itemsize)
    forward, update = batch.forward(), batch.update()
    dense_layer = batch.dense_forward() + batch.dense_update()
    loops = kernel_loops
    return [
        _Case("first layer, forward", loops.first_layer_forward, batch.sparse_forward(), digits),
        _Case("first layer, update", loops.first_layer_update, batch.sparse_update(), digits),
        _Case("whole forward", loops.whole_forward, forward, digits),
        _Case("backward", loops.whole_backward, batch.backward(), digits),
        _Case("whole update", loops.whole_update, update, digits),
        _Case("whole epoch", loops.whole_epoch, forward + batch.backward() + update, digits),
        _Case("dense forward", loops.dense_forward, batch.dense_forward(), dense),
        _Case("dense update", loops.dense_update, batch.dense_update(), dense),
        _Case("dense forward + update", loops.dense_layer, dense_layer, dense),
        _Case("  with gathering", loops.stored_dense_layer, dense_layer + batch.gather(), dense),
    ]


def _layers(sizes: Sequence[int], dtype: np.dtype[Any]) -> Layers:
    names = ["sigmoid"] * (len(sizes) - 1)
    return Architecture(list(sizes), dtype, CrossEntropyCost, names).layers()


def _call(
    case: _Case, sizes: Sequence[int], dtype: np.dtype[Any], examples: int
) -> tuple[Callable[[], None], int]:
    """A call of the case's loop, compiled, on a network of its own; and how many mini-batches."""
    packed = PackedNetwork(_layers(sizes, dtype), dtype, examples)
    np.random.seed(1)
    start = reference.Network(list(sizes))
    packed.pack(start.weights, start.biases)
    for scratch in packed.net.work:
        scratch[:] = _SCRATCH
    inputs, targets = kernel_inputs(case.data.store, dtype), kernel_targets(case.data.store)
    mini_batches = max(1, int(_OPERATIONS_PER_CALL / max(case.work.operations, 1e4)))
    rows = np.arange(mini_batches * examples) % len(case.data)
    order = kernel_order(case.data).dtype.type(rows)

    def call(order: npt.NDArray[Any] = order) -> None:
        case.loop(packed.net, inputs, targets, order, examples)

    call(order[:examples])  # compiles
    return call, mini_batches


def report(sizes: Sequence[int], dtype: npt.DTypeLike, mini_batch_size: int) -> list[str]:
    """The table, as lines of text."""
    shares = measure(sizes, dtype, mini_batch_size)
    top = shares[0].ceilings
    lines = [
        f"One core, {np.dtype(dtype)}: FMA peak {top.peak / 1e9:.1f} GFLOP/s; on an array as large "
        f"as the network's parameters",
        f"{top.read / 1e9:.0f} GB/s read, {top.update / 1e9:.0f} GB/s read and written. Network "
        f"{list(sizes)}, mini-batch {min(mini_batch_size, BLOCK)}, best of several.",
        "",
        f"{'kernel':24}{'us':>9}{'kFLOP':>10}{'KB':>9}{'FLOP/byte':>11}{'GFLOP/s':>9}"
        f"{'of peak':>9}{'limit':>8}{'of limit':>10}",
    ]
    for share in shares:
        work = share.work
        moved = work.read + work.updated
        lines.append(
            f"{share.name:24}{share.seconds * 1e6:9.2f}{work.operations / 1e3:10.1f}"
            f"{moved / 1e3:9.1f}{work.operations / moved:11.2f}{share.rate / 1e9:9.1f}"
            f"{share.of_peak:9.0%}{share.limit / 1e9:8.1f}{share.rate / share.limit:10.0%}"
        )
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table for each dtype."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roofline", description=__doc__)
    parser.add_argument("--sizes", type=layer_sizes, default=[784, 30, 10], help="784,30,10")
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--dtype", choices=DTYPES, help="default: both")
    arguments = parser.parse_args(argv)
    for dtype in [arguments.dtype] if arguments.dtype else DTYPES:
        print(*report(arguments.sizes, dtype, arguments.mini_batch_size), "", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
