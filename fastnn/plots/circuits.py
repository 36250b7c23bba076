"""Logic circuits: drawn as gates, from the bits at the left to the output, and by their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import integer
from fastnn.common.numerals import subscript
from fastnn.plots.style import (
    INK,
    LOOKS,
    PAPER,
    SIZE,
    array_of,
    axes_or_new,
    entries_of,
    label,
    legend,
    look,
    plain_numbers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KINDS = ("AND", "OR", "NAND")
_HALF = 0.23  # half of a gate's width; layers are 1 apart


class _Input(Protocol):
    @property
    def source(self) -> int: ...
    @property
    def negated(self) -> bool: ...


class _Gate(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def inputs(self) -> Sequence[_Input]: ...


def circuit(bits: int, layers: Sequence[Sequence[_Gate]], *, ax: Axes | None = None) -> Axes:
    """Draw a circuit whose layers of gates each read the layer before, and the first one the bits.

    Parameters
    ----------
    bits : int
        How many bits the circuit reads.
    layers : list of lists of gates
        A gate has a ``kind`` ("AND", "OR" or "NAND") and ``inputs``; an input has a ``source``, the
        place of an output in the layer before, and may be ``negated``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A gate that passes its one input on is drawn as a wire. A ring marks a negated input.

    Raises
    ------
    TypeError, ValueError
        If `bits` is not a positive integer, or a gate is of another kind or reads what is not
        there.
    """
    bits = integer("bits", bits, smallest=1)
    _check(bits, layers)
    ax = axes_or_new(ax, SIZE)
    rows = max(bits, *(len(layer) for layer in layers))
    before = _heights(bits, rows)
    for place, y in enumerate(before):
        _text(ax, -0.12, y, f"x{subscript(place + 1)}", size=10, ha="right")
    for column, layer in enumerate(layers, start=1):
        heights = _heights(len(layer), rows)
        for gate, y in zip(layer, heights, strict=True):
            _draw_gate(ax, gate, column, float(y), before)
        before = heights
    for y in before:
        ax.plot([len(layers) + _HALF, len(layers) + 0.5], [y, y], color=INK, linewidth=0.8)
    _text(ax, len(layers) + 0.55, float(before[0]), "parity" if len(before) == 1 else "", size=9)
    ax.set_xlim(-0.45, len(layers) + 1.15)
    ax.set_ylim(-rows + 0.4, 0.6)
    ax.axis("off")
    return ax


def gates_against_bits(
    bits: npt.ArrayLike,
    gates_by_circuit: Mapping[str, npt.ArrayLike],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many gates circuits need for the parity of bits, on a logarithmic axis.

    Parameters
    ----------
    bits : array_like, shape (sizes,)
    gates_by_circuit : mapping of str to array_like, shape (sizes,)
        Numbers of gates, above 0.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If the arrays differ in shape, or do not hold finite numbers.
    """
    x = array_of("bits", bits, "(sizes,)", dimensions=1)
    circuits = {}
    for name, gates in entries_of("gates_by_circuit", gates_by_circuit).items():
        circuits[name] = array_of(f"gates_by_circuit[{name!r}]", gates, "(sizes,)", dimensions=1)
        if circuits[name].shape != x.shape:
            raise ValueError(
                f"gates_by_circuit[{name!r}] must have the shape {x.shape} of bits, "
                f"got {circuits[name].shape}"
            )
    ax = axes_or_new(ax)
    for place, (name, gates) in enumerate(circuits.items()):
        color, linestyle, marker = look(place)
        ax.plot(
            x, gates, color=color, linestyle=linestyle, marker=marker, linewidth=1.8, label=name
        )
    ax.set_yscale("log")
    plain_numbers(ax.yaxis)
    ax.set_xticks(x)
    label(ax, "number of bits", "number of gates")
    legend(ax)
    return ax


def _check(bits: int, layers: Sequence[Sequence[_Gate]]) -> None:
    outputs = bits
    for place, layer in enumerate(layers):
        for gate in layer:
            if gate.kind not in _KINDS:
                raise ValueError(
                    f"layers[{place}] must have gates {', '.join(_KINDS)}, got {gate.kind!r}"
                )
            if any(not 0 <= one.source < outputs for one in gate.inputs):
                raise ValueError(f"layers[{place}] must read the {outputs} outputs before it")
        outputs = len(layer)
    if not layers or not all(layers):
        raise ValueError("layers must be one or more, each with a gate")


def _draw_gate(ax: Axes, gate: _Gate, column: int, y: float, before: Any) -> None:
    inputs = gate.inputs
    is_wire = len(inputs) == 1 and not inputs[0].negated and gate.kind != "NAND"
    reach = 0.0 if len(inputs) == 1 else min(0.3, 0.08 * len(inputs))
    ends = y + np.linspace(reach, -reach, len(inputs))
    for one, end in zip(inputs, ends, strict=True):
        start = before[one.source]
        left = column - _HALF
        ax.plot(
            [column - 1 + _HALF if column > 1 else -0.08, left - 0.06, left],
            [start, end, end],
            color=INK,
            linewidth=0.6,
            zorder=1,
        )
        if one.negated:
            ax.plot(
                [left - 0.03],
                [end],
                marker="o",
                markersize=3.2,
                markerfacecolor=PAPER,
                markeredgecolor=INK,
                markeredgewidth=0.7,
                zorder=3,
            )
    if is_wire:
        ax.plot([column - _HALF, column + _HALF], [y, y], color=INK, linewidth=0.6)
        return
    _box(ax, column, y, LOOKS[_KINDS.index(gate.kind)].color)
    _text(ax, column, y, gate.kind, size=6.5, ha="center")


def _box(ax: Axes, x: float, y: float, color: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    ax.add_patch(
        FancyBboxPatch(
            (x - _HALF, y - 0.32),
            2 * _HALF,
            0.64,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=PAPER,
            edgecolor=color,
            linewidth=1.4,
            zorder=2,
        )
    )


def _heights(n: int, rows: int) -> Any:
    """Spread `n` gates evenly over the height of `rows`, from the top."""
    step = rows / n
    return -(np.arange(n) + 0.5) * step + 0.5


def _text(ax: Axes, x: float, y: float, text: str, size: float, ha: str = "left") -> None:
    ax.text(x, y, text, color=INK, fontsize=size, ha=ha, va="center", zorder=4)
