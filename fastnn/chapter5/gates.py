"""Logic circuits in layers: built for the parity of bits, run, counted, made into networks."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.chapter5.experiment import seeded
from fastnn.network2 import Network

Bits = npt.NDArray[np.bool_]

_SHARPNESS = 40.0  # of neurons: an output is within 2e-9 of 0 or 1


class Literal(NamedTuple):
    """An input of a gate: an output of the layer before, or its negation."""

    source: int
    negated: bool = False


class Gate(NamedTuple):
    """A gate with any number of inputs."""

    kind: str  # "AND", "OR" or "NAND"
    inputs: tuple[Literal, ...]

    @property
    def is_wire(self) -> bool:
        """Whether it only hands on what it gets."""
        return len(self.inputs) == 1 and not self.inputs[0].negated and self.kind != "NAND"


Circuit = list[list[Gate]]
"""Layers of gates; each layer reads the one before it, the first one the bits."""


def shallow_parity(bits: int) -> Circuit:
    """The parity of `bits` bits in two layers.

    One NAND for every input with an odd number of ones, which is 0 for that input only, and a NAND
    of them all.
    """
    odd = [row for row in itertools.product((False, True), repeat=bits) if sum(row) % 2]
    minterms = [
        Gate("NAND", tuple(Literal(i, negated=not bit) for i, bit in enumerate(row))) for row in odd
    ]
    return [minterms, [Gate("NAND", tuple(Literal(i) for i in range(len(minterms))))]]


def deep_parity(bits: int) -> Circuit:
    """The parity of `bits` bits by a tree: of pairs of bits, of pairs of the results, and so on.

    The parity of two bits is an AND of their OR and their NAND. What has no partner is handed on.
    """
    circuit: Circuit = []
    while bits > 1:
        inner, outer = [], []
        for first in range(0, bits - 1, 2):
            pair = (Literal(first), Literal(first + 1))
            inner += [Gate("OR", pair), Gate("NAND", pair)]
            outer.append(Gate("AND", (Literal(first), Literal(first + 1))))
        if bits % 2:
            inner.append(Gate("AND", (Literal(bits - 1),)))
            outer.append(Gate("AND", (Literal(len(inner) - 1),)))
        circuit += [inner, outer]
        bits = len(outer)
    return circuit


def count_gates(circuit: Circuit) -> int:
    """How many gates there are, without what only hands a bit on."""
    return sum(not gate.is_wire for layer in circuit for gate in layer)


def all_inputs(bits: int) -> Bits:
    """Every input of so many bits, shape (2 ** bits, bits)."""
    numbers = np.arange(2**bits)[:, None]
    inputs: Bits = (numbers >> np.arange(bits)) % 2 == 1
    return inputs


def run_circuit(circuit: Circuit, inputs: Bits) -> Bits:
    """The outputs, shape (n, outputs), for inputs of shape (n, bits)."""
    values = inputs
    for layer in circuit:
        outputs = np.empty((len(values), len(layer)), bool)
        for place, gate in enumerate(layer):
            literals = values[:, [literal.source for literal in gate.inputs]]
            literals = literals ^ np.array([literal.negated for literal in gate.inputs])
            if gate.kind == "OR":
                outputs[:, place] = literals.any(axis=1)
            else:
                outputs[:, place] = literals.all(axis=1) ^ (gate.kind == "NAND")
        values = outputs
    return values


def as_network(circuit: Circuit, bits: int) -> Network:
    """A sigmoid network that does the same, a neuron for each gate.

    A neuron's weighted input is at least half the sharpness away from 0: an AND of k inputs has
    weights c and the bias -c (k - 1/2), an OR -c/2; a negated input has the weight -c and adds c to
    the bias; NAND has all of AND's signs turned.
    """
    with seeded(0):  # what it draws is overwritten, and the caller's generators stay as they are
        net = Network([bits, *[len(layer) for layer in circuit]])
    for w, b, layer in zip(net.weights, net.biases, circuit, strict=True):
        w[:] = 0.0
        for row, gate in enumerate(layer):
            sign = -_SHARPNESS if gate.kind == "NAND" else _SHARPNESS
            needed = 1 if gate.kind == "OR" else len(gate.inputs)
            negated = sum(literal.negated for literal in gate.inputs)
            b[row] = sign * (negated - needed + 0.5)
            for source, is_negated in gate.inputs:
                w[row, source] = -sign if is_negated else sign
    return net
