"""What a network is, in words: for a prompt, a terminal and a notebook."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from fastnn.common.html import table
from fastnn.model.activations import activation_name
from fastnn.model.costs import cost_name
from fastnn.model.description import Description

_MOST_IMAGES = 16  # of neurons of the first layer
_MOST_LABELS = 10
_SIDE = 48  # pixels of an image on the page


def one_line(description: Description) -> str:
    """Return sizes, activations, cost, number of parameters and type, as `repr` shows them."""
    architecture = description.architecture
    names = [activation_name(each) for each in architecture.activations]
    shown = names[0] if len(set(names)) == 1 else ", ".join(names)
    return (
        f"{architecture.sizes}, {shown}, {cost_name(architecture.cost)}, "
        f"{_parameters(description):,} parameters, {architecture.dtype}"
    )


def lines(description: Description) -> str:
    """Return a table of the layers, and what else the network has, as text."""
    rows = [("layer", "neurons", "activation", "weights", "biases"), *_layers(description)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*text, *_rest(description)])


def html(description: Description, title: str) -> str:
    """Return the same for a notebook, with the weights of the first layer as images.

    They are drawn if matplotlib is installed and the inputs are as many as a square has pixels.
    """
    rows = [("layer", "neurons", "activation", "weights", "biases"), *_layers(description)]
    rest = "".join(f"<div>{escape(line)}</div>" for line in _rest(description))
    return table(title, rows) + rest + _images(description.weights[0])


def _layers(description: Description) -> list[tuple[str, ...]]:
    architecture = description.architecture
    rows: list[tuple[str, ...]] = [("inputs", f"{architecture.sizes[0]:,}", "", "", "")]
    for place, (activation, w, b) in enumerate(
        zip(architecture.activations, description.weights, description.biases, strict=True), 1
    ):
        last = place == len(architecture.activations)
        name = "outputs" if last else f"hidden {place}"
        sizes = f"{w.shape[0]:,}", activation_name(activation), f"{w.size:,}", f"{b.size:,}"
        rows.append((name, *sizes))
    return rows


def _rest(description: Description) -> list[str]:
    architecture = description.architecture
    said = [
        f"{_parameters(description):,} parameters in {architecture.dtype}, "
        f"cost {cost_name(architecture.cost)}"
    ]
    if description.labels is not None:
        said.append(f"labels: {_few(description.labels)}")
    if description.scaling is not None:
        said.append("inputs are standardised by predict")
    return said


def _few(values: Sequence[Any]) -> str:
    shown = ", ".join(str(value) for value in values[:_MOST_LABELS])
    return (
        shown if len(values) <= _MOST_LABELS else f"{shown} and {len(values) - _MOST_LABELS} more"
    )


def _parameters(description: Description) -> int:
    return sum(array.size for array in (*description.weights, *description.biases))


def _images(weights: npt.NDArray[Any]) -> str:
    side = math.isqrt(weights.shape[1])
    if side * side != weights.shape[1] or side < 4 or not np.isfinite(weights).all():
        return ""
    try:
        from matplotlib import image
    except ImportError:
        return ""
    pictures = []
    for place, row in enumerate(weights[:_MOST_IMAGES]):
        limit = float(np.abs(row).max()) or 1.0
        content = io.BytesIO()
        pixels = row.reshape(side, side)
        image.imsave(content, pixels, cmap="RdBu_r", vmin=-limit, vmax=limit, format="png")
        source = base64.b64encode(content.getvalue()).decode("ascii")
        pictures.append(
            f'<img alt="weights of neuron {place}" width="{_SIDE}" height="{_SIDE}" '
            f'style="image-rendering:pixelated;margin:1px" src="data:image/png;base64,{source}">'
        )
    return f"<div>weights of the first layer, red above 0, blue below<br>{''.join(pictures)}</div>"
