"""The programs that race: a module each, with a class that follows `protocol.Program`."""

from __future__ import annotations

from benchmarks.programs.fastnn_sgd import FastnnSGD
from benchmarks.programs.jax_scan import JaxScan
from benchmarks.programs.numpy_matrix import NumpyMatrix
from benchmarks.programs.protocol import Program
from benchmarks.programs.reference_sgd import ReferenceSGD
from benchmarks.programs.sklearn_mlp import SklearnMLP
from benchmarks.programs.torch_compiled import TorchCompiled
from benchmarks.programs.torch_eager import TorchEager

PROGRAMS: dict[str, type[Program]] = {
    program.name: program
    for program in (
        ReferenceSGD,
        NumpyMatrix,
        FastnnSGD,
        TorchEager,
        TorchCompiled,
        JaxScan,
        SklearnMLP,
    )
}
