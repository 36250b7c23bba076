"""Layered logic circuits for the parity of bits, and sigmoid networks that do the same."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.network2 import Network

Bits = npt.NDArray[np.bool_]

_SHARPNESS = 40.0  # size of the weights; outputs are then within 2e-9 of 0 or 1


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
        """Whether the gate only passes its one input on."""
        return len(self.inputs) == 1 and not self.inputs[0].negated and self.kind != "NAND"


Circuit = list[list[Gate]]
"""Layers of gates; each layer reads the one before it, the first one the bits."""


def shallow_parity(bits: int) -> Circuit:
    """Build the parity of `bits` bits in two layers.

    The first layer has a NAND for each input with an odd number of ones, which is 0 for that input
    only. The second layer is one NAND of them all.
    """
    odd = [row for row in itertools.product((False, True), repeat=bits) if sum(row) % 2]
    minterms = [
        Gate("NAND", tuple(Literal(i, negated=not bit) for i, bit in enumerate(row))) for row in odd
    ]
    return [minterms, [Gate("NAND", tuple(Literal(i) for i in range(len(minterms))))]]


def deep_parity(bits: int) -> Circuit:
    """Build the parity of `bits` bits as a tree: pair the bits, then pair the results, and so on.

    The parity of two bits is the AND of their OR and their NAND. A bit without a partner is passed
    on.
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
    """Count the gates, without those that only pass a bit on."""
    return sum(not gate.is_wire for layer in circuit for gate in layer)


def all_inputs(bits: int) -> Bits:
    """All inputs of this number of bits, shape (2 ** bits, bits)."""
    numbers = np.arange(2**bits)[:, None]
    inputs: Bits = (numbers >> np.arange(bits)) % 2 == 1
    return inputs


def run_circuit(circuit: Circuit, inputs: Bits) -> Bits:
    """Compute the outputs, shape (n, outputs), for inputs of shape (n, bits)."""
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
    """Build a sigmoid network that does the same, with one neuron for each gate.

    With c for the sharpness, an AND of k inputs has the weights c and the bias -c (k - 1/2), and an
    OR has the bias -c/2. A negated input has the weight -c and adds c to the bias. A NAND is an AND
    with all signs turned. Every weighted input is then at least c/2 away from 0.
    """
    # Its parameters are overwritten; a seed leaves the caller's generators as they are.
    net = Network([bits, *[len(layer) for layer in circuit]], seed=0)
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
