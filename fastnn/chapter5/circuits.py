"""The parity of bits by two layers of gates, by a deep circuit, and by networks of both kinds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fastnn import plots
from fastnn.chapter5.claims import Claim, always, identity
from fastnn.chapter5.experiment import Experiment, Measurement
from fastnn.chapter5.gates import (
    Circuit,
    all_inputs,
    as_network,
    count_gates,
    deep_parity,
    run_circuit,
    shallow_parity,
)
from fastnn.chapter5.page import Figure
from fastnn.common.checks import check_seeds, integer_within

Counts = npt.NDArray[np.int64]

MOST_BITS = 14
"""Each bit more takes four to eight times as long: ten seconds become more than a minute."""

BUILDERS = {"two layers": shallow_parity, "tree of pairs": deep_parity}


@dataclass(frozen=True)
class Circuits:
    """Counts by the name of the circuit, with one count for each number of bits."""

    bits: list[int]
    gates: dict[str, Counts]
    layers: dict[str, Counts]
    wrong: dict[str, Counts]  # how many of the 2 ** bits inputs the circuit gets wrong
    wrong_networks: dict[str, Counts]  # how many its sigmoid network gets wrong


def run(seeds: Sequence[int] = (0,), *, most_bits: int = 10) -> Circuits:
    """Build both circuits for 2 bits, 3, and so on, and try every input.

    This is the chapter's opening, which has no equations. Gates are AND, OR and NAND of any number
    of inputs, and inputs may be negated. Two layers need a gate for each of the 2^(n-1) inputs with
    an odd number of ones: a gate that ignored a bit would get another input wrong. A tree needs
    three gates for each pair.

    Parameters
    ----------
    seeds : sequence of int, optional
        Not used, because nothing here is random.
    most_bits : int, optional
        The largest number of bits, two at least and 14 at most.

    Returns
    -------
    Circuits
    """
    check_seeds(seeds)
    most_bits = integer_within("most_bits", most_bits, 2, MOST_BITS)
    bits = list(range(2, most_bits + 1))
    counts = {
        name: np.array([_counts(build, n) for n in bits]).T for name, build in BUILDERS.items()
    }
    gates, layers, wrong, wrong_networks = (
        {name: table[place] for name, table in counts.items()} for place in range(4)
    )
    return Circuits(bits, gates, layers, wrong, wrong_networks)


def _counts(build: Callable[[int], Circuit], bits: int) -> tuple[int, int, int, int]:
    circuit = build(bits)
    inputs = all_inputs(bits)
    parity = inputs.sum(axis=1) % 2 == 1
    outputs = as_network(circuit, bits).feedforward(inputs.T)[0]
    return (
        count_gates(circuit),
        len(circuit),
        int(np.sum(run_circuit(circuit, inputs)[:, 0] != parity)),
        int(np.sum((outputs > 0.5) != parity)),
    )


def measurements(result: Circuits) -> list[Measurement]:
    """Wrong outputs, and how the number of gates grows with each bit."""
    shallow, deep = (result.gates[name].astype(np.float64) for name in BUILDERS)
    most = result.bits[-1]
    wrong = [result.wrong, result.wrong_networks]
    return [
        Measurement(
            f"Wrong outputs of two layers, over all inputs of 2 to {most} bits",
            Claim(
                "Two layers of such gates can compute any function",
                "Opening",
                identity("0"),
            ),
            result.wrong["two layers"].astype(np.float64),
            "exact",
        ),
        Measurement(
            f"Gates in two layers: the least growth by one bit, up to {most} bits",
            Claim(
                "Parity takes exponentially more gates in shallow circuits",
                "Opening, results of the 1980s",
                always(
                    "exponential: each bit multiplies the gates by at least 1.5",
                    lambda ratios: bool(np.all(ratios >= 1.5)),
                ),
            ),
            np.sort(shallow[1:] / shallow[:-1]),
            "exact",
        ),
        Measurement(
            "Gates in the tree of pairs, added by each bit",
            Claim(
                "A deep circuit needs only a small number",
                "Opening, parity of pairs",
                always(
                    "small: each bit adds the same number of gates",
                    lambda added: bool(np.all(added == added[0])),
                ),
            ),
            np.diff(deep),
            "exact",
        ),
        Measurement(
            "Wrong outputs of the tree, and of both as sigmoid networks",
            None,
            np.array([sum(table.sum() for table in tables.values()) for tables in wrong]).sum(
                keepdims=True, dtype=np.float64
            ),
            "exact",
        ),
        *(
            Measurement(f"Gates for {most} bits, {name}", None, gates[-1:], "exact")
            for name, gates in zip(BUILDERS, (shallow, deep), strict=True)
        ),
    ]


def findings(result: Circuits) -> list[str]:
    """Say how many gates each circuit needs."""
    shallow, deep = (result.gates[name][-1] for name in BUILDERS)
    layers = result.layers["tree of pairs"][-1]
    return [
        f"The parity of {result.bits[-1]} bits takes {shallow} gates in two layers and {deep} in "
        f"{layers} layers: each further bit nearly doubles the first number and adds three to the "
        "second.",
        "A sigmoid neuron with large weights can act as any of these gates, so the same holds for "
        "networks. Whether gradient descent would find such weights is another question.",
    ]


def figures(result: Circuits) -> list[Figure]:
    """Draw both circuits as gates, and the number of gates against the number of bits."""
    drawn = 4
    circuits = {name: build(drawn) for name, build in BUILDERS.items()}
    return [
        *(
            Figure(
                f"circuits-{circuit_name.split()[0]}",
                f"The parity of {drawn} bits by {circuit_name}: {count_gates(circuit)} gates. A "
                "ring is an input that is negated first.",
                f"A circuit of {len(circuit)} layers, from the bits at the left to the parity.",
                functools.partial(plots.circuit, drawn, circuit),
                (3.9, 3.3 if circuit_name == "two layers" else 2.4),
            )
            for circuit_name, circuit in circuits.items()
        ),
        Figure(
            "circuits",
            "How many gates the parity of bits needs in two layers, where gates have any number of "
            "inputs, and in a tree.",
            "Two curves on a logarithmic axis: one that nearly doubles with each bit, and one that "
            "flattens.",
            functools.partial(plots.gates_against_bits, result.bits, result.gates),
        ),
    ]


EXPERIMENT = Experiment(
    title="Circuits of two layers, and deep ones",
    question="How many gates does the parity of bits need, in two layers and in many?",
    run=run,
    measurements=measurements,
    findings=findings,
    figures=figures,
    setup="Gates are AND, OR and NAND with any number of inputs, and inputs may be negated. The "
    "parity of bits is 1 if an odd number of them is. Both circuits are built and tried on "
    "every input.",
    code="from fastnn.chapter5 import circuits\nprint(circuits.run().gates)",
    quick={"most_bits": 8},
    default_seeds=1,
)
