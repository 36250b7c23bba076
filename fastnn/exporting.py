"""Networks as other programs have them: modules of PyTorch and ONNX files."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.writing import write_whole
from fastnn.datasets.labels import check_classes
from fastnn.model.activations import activation_name
from fastnn.model.model import Model
from fastnn.scaling import check_scaling

if TYPE_CHECKING:
    import torch

# Operators of ONNX 1.8 and newer do; asking for no more lets older programs read the file.
_OPERATORS = 13
_FORMAT = 7

_ONNX_ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}


class _Layers(NamedTuple):
    """What of a network its outputs depend on."""

    weights: list[npt.NDArray[Any]]  # (fan_out, fan_in)
    biases: list[npt.NDArray[Any]]  # (fan_out,)
    activations: list[str]
    labels: list[Any] | None


def to_torch(net: Model) -> torch.nn.Sequential:
    """Make a module of PyTorch that gives the network's outputs.

    Parameters
    ----------
    net : Network
        With activations that have names.

    Returns
    -------
    torch.nn.Sequential
        Of Linear and activations, with copies of the parameters, in the network's type of numbers.
        It takes inputs (n, sizes[0]) as `Network.outputs` does: `scaling` is part of the first
        layer. Its attribute `labels` is the network's.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If an activation is a class of the user's own, or a parameter, `labels` or `scaling` does
        not fit the network.
    """
    layers = _layers_of(net)
    import torch

    functions = {
        "sigmoid": torch.nn.Sigmoid,
        "tanh": torch.nn.Tanh,
        "relu": torch.nn.ReLU,
        "softmax": lambda: torch.nn.Softmax(dim=1),
    }
    modules: list[Any] = []
    for w, b, name in zip(layers.weights, layers.biases, layers.activations, strict=True):
        linear = torch.nn.utils.skip_init(torch.nn.Linear, w.shape[1], w.shape[0])
        linear.weight = torch.nn.Parameter(torch.tensor(w))
        linear.bias = torch.nn.Parameter(torch.tensor(b))
        modules.append(linear)
        if name != "identity":
            modules.append(functions[name]())
    sequential = torch.nn.Sequential(*modules)
    sequential.labels = layers.labels
    return sequential


def to_onnx(net: Model, filename: str | os.PathLike[str]) -> None:
    """Write the network as an ONNX file, whole or not at all.

    Parameters
    ----------
    net : Network
        With activations that have names.
    filename : str or path-like
        The model has one input, ``inputs`` (n, sizes[0]), which it takes as `Network.outputs` does
        (`scaling` is part of the first layer), and one output, ``outputs`` (n, sizes[-1]), both in
        the network's type of numbers. `labels` are in its metadata, as JSON.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    TypeError, ValueError
        As `to_torch`.
    OSError
        If the file cannot be written.
    """
    layers = _layers_of(net)
    from onnx import checker, helper, numpy_helper

    nodes, initialisers = [], []
    last = len(layers.weights) - 1
    values = "inputs"
    for layer, name in enumerate(layers.activations):
        for what, array in (("weights", layers.weights), ("biases", layers.biases)):
            initialisers.append(numpy_helper.from_array(array[layer], f"{what}_{layer}"))
        operands = [values, f"weights_{layer}", f"biases_{layer}"]
        values = "outputs" if layer == last else f"activations_{layer}"
        weighted = values if name == "identity" else f"weighted_{layer}"
        nodes.append(helper.make_node("Gemm", operands, [weighted], transB=1))
        if name == "softmax":
            nodes.append(helper.make_node("Softmax", [weighted], [values], axis=1))
        elif name != "identity":
            nodes.append(helper.make_node(_ONNX_ACTIVATIONS[name], [weighted], [values]))
    kind = helper.np_dtype_to_tensor_dtype(net.dtype)
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


def _layers_of(net: Model) -> _Layers:
    """Check a network and bring its scaling into its first layer."""
    architecture = net.architecture()
    for activation in architecture.activations:
        if not isinstance(activation, str):
            raise TypeError(
                f"activation {activation_name(activation)} is a class of one's own, which other "
                "programs have not got: only networks of activations with names can be given away"
            )
    weights, columns = net.parameters()
    biases = [b[:, 0] for b in columns]
    if net.scaling is not None:
        scaling = check_scaling("scaling", net.scaling, net.sizes[0])
        varied = scaling.deviation > 0
        slope = np.where(varied, 1.0 / np.where(varied, scaling.deviation, 1.0), 0.0)
        first = weights[0].astype(np.float64) * slope
        weights = [first, *weights[1:]]
        biases = [biases[0] - first @ scaling.mean, *biases[1:]]
    labels = net.labels
    return _Layers(
        [np.ascontiguousarray(w, net.dtype) for w in weights],
        [np.ascontiguousarray(b, net.dtype) for b in biases],
        architecture.activations,
        None if labels is None else check_classes("labels", labels, net.sizes[-1]),
    )
