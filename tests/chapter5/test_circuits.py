"""Circuits for the parity of bits: what their gates compute, and how many they need."""

import numpy as np
import pytest

from fastnn.chapter5 import circuits, gates


def test_both_circuits_know_the_parity_of_every_input():
    result = circuits.run(most_bits=10)
    for name in ("two layers", "tree of pairs"):
        assert np.all(result.wrong[name] == 0)
        assert np.all(result.wrong_networks[name] == 0)


def test_gates_grow_exponentially_in_two_layers_and_linearly_in_a_tree():
    result = circuits.run(most_bits=10)
    np.testing.assert_array_equal(
        result.gates["two layers"], [2 ** (n - 1) + 1 for n in result.bits]
    )
    np.testing.assert_array_equal(result.gates["tree of pairs"], [3 * (n - 1) for n in result.bits])
    assert set(result.layers["two layers"]) == {2}


@pytest.mark.parametrize(
    ("kind", "table"), [("AND", [0, 0, 0, 1]), ("OR", [0, 1, 1, 1]), ("NAND", [1, 1, 1, 0])]
)
def test_a_gate_and_its_neuron_have_the_same_table(kind, table):
    circuit = [[gates.Gate(kind, (gates.Literal(0), gates.Literal(1)))]]
    inputs = gates.all_inputs(2)
    assert gates.run_circuit(circuit, inputs)[:, 0].tolist() == [bool(bit) for bit in table]
    outputs = gates.as_network(circuit, 2).feedforward(inputs.T)[0]
    np.testing.assert_allclose(outputs, table, atol=1e-8)


def test_a_circuit_without_one_of_its_gates_is_found_out():
    minterms, final = gates.shallow_parity(4)
    inputs = gates.all_inputs(4)
    wrong = gates.run_circuit([[*minterms[:3], minterms[0], *minterms[4:]], final], inputs)[:, 0]
    assert np.sum(wrong != (inputs.sum(axis=1) % 2 == 1)) == 1
