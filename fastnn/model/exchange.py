"""Networks from and to PyTorch, and to ONNX."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe
from fastnn.common.libraries import check_libraries
from fastnn.common.writing import write_whole
from fastnn.datasets.labels import check_classes
from fastnn.kernels.activations import ACTIVATIONS
from fastnn.model.activations import HIDDEN, OUTPUT, activation_name
from fastnn.model.architecture import Architecture
from fastnn.model.costs import usual_cost
from fastnn.model.description import Arrays, Description
from fastnn.scaling import Scaling, check_scaling

if TYPE_CHECKING:
    import torch

# The operators and the file format of ONNX 1.8 are enough; programs of that age read the file too.
_OPERATORS = 13
_FORMAT = 7

# What a module may have itself, and what a message calls it.
_CHANGING_OUTPUTS = {
    "_forward_pre_hooks": "a forward pre-hook",
    "_forward_hooks": "a forward hook",
    "forward": "a forward of its own",
}


def describe_torch(module: torch.nn.Module) -> Description:
    """Describe the network of a module of PyTorch; see `network2.from_torch`."""
    check_libraries("from_torch", ["torch"], "torch")
    import torch

    from fastnn.model.torch_scaling import InUnits, Standardise

    modules = {name: row.torch for name, row in ACTIVATIONS.items() if row.torch}
    del modules["identity"]  # which Linear alone stands for
    names = {getattr(torch.nn, kind): name for name, kind in modules.items()}
    without_effect = (torch.nn.Dropout, torch.nn.Flatten, torch.nn.Identity)
    weights: list[npt.NDArray[Any]] = []
    biases: list[npt.NDArray[Any]] = []
    activations: list[str] = []
    scaling = None
    for place, part in _parts_of("module", module, torch.nn.Sequential):
        kind = type(part)
        if kind is torch.nn.Linear:
            if len(activations) < len(weights):
                activations.append("identity")
            dtype = torch.float64 if part.weight.dtype is torch.float64 else torch.float32
            bias = torch.zeros(part.out_features) if part.bias is None else part.bias
            for tensor, arrays in ((part.weight, weights), (bias, biases)):
                if tensor.is_meta or tensor.is_complex():
                    got = "none, on the device meta" if tensor.is_meta else tensor.dtype
                    raise ValueError(f"module must have real numbers in each layer, got {got}")
                arrays.append(tensor.detach().to("cpu", dtype).numpy())
        elif kind in names and len(activations) == len(weights) - 1:
            if kind is torch.nn.Softmax and part.dim not in (1, -1):
                raise ValueError(f"module: Softmax must be over dim 1 or -1, got {part.dim}")
            activations.append(names[kind])
        elif kind is Standardise and not weights and scaling is None:
            scaling = part.scaling()
        elif kind is InUnits:
            raise ValueError(
                "module must give a network's outputs; this one brings them to the units of a "
                "regression, which a network has with its columns: give module[:-1]"
            )
        elif kind not in without_effect:
            anywhere = ", ".join(modules[name] for name in modules if name in HIDDEN)
            at_the_end = ", ".join(modules[name] for name in modules if name not in HIDDEN)
            raise ValueError(
                f"module must be a Sequential of Linear, each followed by {anywhere} or, "
                f"at the end, {at_the_end}; got {describe(part)}"
            )
        _check_outputs(place, part)
    if not weights:
        raise ValueError(f"module must have a Linear at least, got {describe(module)}")
    if len(activations) < len(weights):
        activations.append("identity")
    check_layers("module", weights, biases)
    labels = getattr(module, "labels", None)
    described = described_layers("module", weights, biases, activations, labels)
    if scaling is not None:
        scaling = check_scaling("the Standardise of module", scaling, weights[0].shape[1])
    return described._replace(scaling=scaling)


def to_torch(network: Description) -> torch.nn.Sequential:
    """Make a module of PyTorch with the outputs of a network; see `Model.to_torch`."""
    layers = _for_others(network)
    check_libraries("to_torch", ["torch"], "torch")
    import torch

    from fastnn.model.torch_scaling import InUnits, Standardise

    modules: list[Any] = []
    if network.scaling is not None:
        modules.append(Standardise(*scaling_in_parts(network.scaling, network.architecture.dtype)))
    for w, b, name in zip(
        layers.weights, layers.biases, layers.architecture.activations, strict=True
    ):
        linear = torch.nn.utils.skip_init(torch.nn.Linear, w.shape[1], w.shape[0])
        linear.weight = torch.nn.Parameter(torch.tensor(w))
        linear.bias = torch.nn.Parameter(torch.tensor(b))
        modules.append(linear)
        if name != "identity":
            over = {"dim": 1} if name == "softmax" else {}
            module = ACTIVATIONS[name].torch
            if module is None:
                raise ValueError(f"PyTorch has no module for {name} outputs")
            modules.append(getattr(torch.nn, module)(**over))
    if units := units_of(network):
        modules.append(InUnits(*units))
    sequential = torch.nn.Sequential(*modules)
    sequential.labels = layers.labels
    return sequential


def to_onnx(network: Description, filename: str | os.PathLike[str]) -> None:
    """Write an ONNX file with the outputs of a network; see `Model.to_onnx`."""
    layers = _for_others(network)
    check_libraries("to_onnx", ["onnx"], "onnx")
    from onnx import checker, helper, numpy_helper

    nodes, initialisers = [], []
    values = "inputs"
    for step, (operator, operand) in enumerate(_steps_of_scaling(network)):
        initialisers.append(numpy_helper.from_array(operand, f"scaling_{step}"))
        nodes.append(helper.make_node(operator, [values, f"scaling_{step}"], [f"scaled_{step}"]))
        values = f"scaled_{step}"
    for layer, name in enumerate(layers.architecture.activations):
        for what, array in (("weights", layers.weights), ("biases", layers.biases)):
            initialisers.append(numpy_helper.from_array(array[layer], f"{what}_{layer}"))
        operands = [values, f"weights_{layer}", f"biases_{layer}"]
        values = f"activations_{layer}"
        weighted = values if name == "identity" else f"weighted_{layer}"
        nodes.append(helper.make_node("Gemm", operands, [weighted], transB=1))
        if name != "identity":
            over = {"axis": 1} if name == "softmax" else {}
            nodes.append(helper.make_node(ACTIVATIONS[name].onnx, [weighted], [values], **over))
    for operator, operand in zip(("Mul", "Add"), units_of(network), strict=False):
        initialisers.append(numpy_helper.from_array(operand, f"units_{operator}"))
        nodes.append(helper.make_node(operator, [values, f"units_{operator}"], [f"in_{operator}"]))
        values = f"in_{operator}"
    nodes[-1].output[:] = ["outputs"]
    kind = helper.np_dtype_to_tensor_dtype(layers.architecture.dtype)
    graph = helper.make_graph(
        nodes,
        "fastnn",
        [helper.make_tensor_value_info("inputs", kind, ["n", layers.weights[0].shape[1]])],
        [helper.make_tensor_value_info("outputs", kind, ["n", len(layers.biases[-1])])],
        initialisers,
    )
    operators = helper.make_opsetid("", _OPERATORS)
    model = helper.make_model(
        graph, producer_name="fastnn", opset_imports=[operators], ir_version=_FORMAT
    )
    if layers.labels is not None:
        helper.set_model_props(model, {"labels": json.dumps(layers.labels)})
    checker.check_model(model)
    write_whole(filename, model.SerializeToString())


def scaling_in_parts(
    scaling: Scaling, dtype: np.dtype[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Part a scaling into a mean, the rest of the mean, and a deviation, in `dtype`.

    The mean is subtracted in two parts: the rest is what `dtype` rounds off. An input that never
    varied has an infinite deviation: what is divided by that is 0.
    """
    mean = scaling.mean.astype(dtype)
    rest = (scaling.mean - mean).astype(dtype)
    return mean, rest, np.where(scaling.deviation > 0, scaling.deviation, np.inf).astype(dtype)


def _steps_of_scaling(network: Description) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield operators of ONNX, each with its operand, that standardise inputs one after the other.

    In the first layer a large mean would cancel out of large products, and take float32's digits
    with it.
    """
    if network.scaling is None:
        return
    mean, rest, deviation = scaling_in_parts(network.scaling, network.architecture.dtype)
    yield "Sub", mean
    if rest.any():
        yield "Sub", rest
    yield "Div", deviation


def units_of(network: Description) -> list[npt.NDArray[Any]]:
    """Return what `predict` multiplies a regression's outputs by, and then adds; or nothing."""
    columns = network.columns
    if columns is None or columns.task != "regression" or network.labels is not None:
        return []
    dtype = network.architecture.dtype
    return [np.array([number], dtype) for number in (columns.deviation, columns.mean)]


def _for_others(network: Description) -> Description:
    """Describe a network as other programs take it, its scaling aside.

    Weights are (fan_out, fan_in), biases (fan_out,), both in the network's type of numbers.
    """
    for activation in network.architecture.activations:
        if not isinstance(activation, str):
            raise TypeError(
                f"activation {activation_name(activation)} is a class of one's own, which other "
                "programs have not got: only networks of activations with names can be given away"
            )
    dtype = network.architecture.dtype
    return network._replace(
        weights=[np.ascontiguousarray(w, dtype) for w in network.weights],
        biases=[np.ascontiguousarray(b[:, 0], dtype) for b in network.biases],
    )


def _parts_of(name: str, module: Any, sequential: Any) -> Iterator[tuple[str, Any]]:
    """Yield the modules of a Sequential one after the other, also those of Sequentials in it.

    Before each stands what a script would call it.
    """
    if type(module) is not sequential:
        yield name, module
        return
    _check_outputs(name, module)
    for place, part in enumerate(module):
        yield from _parts_of(f"{name}[{place}]", part, sequential)


def _check_outputs(name: str, module: Any) -> None:
    """Raise ValueError if something may change what a module of a known class computes.

    That is a hook, as PyTorch's pruning and its older normalisations leave one behind, or a
    `forward` of its own.
    """
    for attribute, what in _CHANGING_OUTPUTS.items():
        if vars(module).get(attribute):
            raise ValueError(
                f"{name} must give what its class and its parameters say, but this "
                f"{type(module).__name__} has {what}, which may change that: take it away first"
            )


def check_layers(name: str, weights: Arrays, biases: Arrays) -> None:
    """Raise ValueError unless each layer has real numbers, with a bias for each neuron."""
    for w, b in zip(weights, biases, strict=True):
        if not {w.dtype.kind, b.dtype.kind} <= set("fiu"):
            raise ValueError(
                f"{name} must have real numbers in each layer, got {w.dtype} and {b.dtype}"
            )
        if w.ndim != 2 or b.shape != w.shape[:1]:
            raise ValueError(
                f"{name} must have a matrix of weights in each layer, and a bias for each neuron, "
                f"got the shapes {w.shape} and {b.shape}"
            )


def described_layers(
    name: str,
    weights: Sequence[npt.NDArray[Any]],
    biases: Sequence[npt.NDArray[Any]],
    activations: Sequence[str],
    labels: list[Any] | None,
) -> Description:
    """Describe a network with copies of these parameters; `name` is for errors."""
    *hidden, output = activations
    unknown = [activation for activation in hidden if activation not in HIDDEN]
    if unknown or output not in OUTPUT:
        raise ValueError(
            f"{name} must have hidden layers with {', '.join(HIDDEN)} and outputs with "
            f"{', '.join(OUTPUT)}, got {', '.join(activations)}"
        )
    sizes = [weights[0].shape[1], *(len(w) for w in weights)]
    for w, (fan_in, fan_out) in zip(weights, pairwise(sizes), strict=True):
        if w.shape != (fan_out, fan_in):
            raise ValueError(
                f"{name} must have layers that fit each other: after {fan_in} neurons there is one "
                f"that takes {w.shape[1]}"
            )
    if labels is not None:
        labels = check_classes(f"the labels of {name}", labels, sizes[-1])
    common = np.result_type(np.float32, *weights, *biases)
    dtype = np.dtype(np.float32 if common == np.float32 else np.float64)
    return Description(
        Architecture(sizes, dtype, usual_cost(output), [*hidden, output]),
        [np.array(w, dtype, order="C") for w in weights],
        [np.array(b, dtype).reshape(-1, 1) for b in biases],
        labels,
    )
