"""Figures of quantities that differ from layer to layer: speeds of learning, slopes, norms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, numbers
from fastnn.model.history import History
from fastnn.plots.style import (
    BOOK,
    array_of,
    axes_or_new,
    beside,
    entries_of,
    halo,
    label,
    legend,
    look,
    plain_numbers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPEED = "speed of learning, ‖mean of ∂C/∂b‖"


def layer_speeds(speeds: History | npt.ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw how fast each hidden layer learns, epoch by epoch, on a logarithmic axis.

    Parameters
    ----------
    speeds : History or array_like, shape (epochs, layers) or (seeds, epochs, layers)
        What `SGD(..., monitor_layer_speeds=True)` returned, or the ``layer_speeds`` of one run or
        several. The output layer comes last and is not drawn, as in the book.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        With several seeds: a thin line for each, their median, and a band from the 10th to the 90th
        percentile.

    Raises
    ------
    TypeError, ValueError
        If `speeds` has another shape, no hidden layer, or numbers that are not finite.
    """
    ax = _over_epochs("speeds", speeds_of(speeds), ax)
    ax.set_yscale("log", nonpositive="mask")
    label(ax, "epoch", _SPEED)
    return ax


def saturation(slopes: npt.ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw the mean slope of each hidden layer's activation, epoch by epoch.

    A sigmoid layer is saturated where its slope is near 0; the slope is at most 1/4.

    Parameters
    ----------
    slopes : array_like, shape (epochs, layers) or (seeds, epochs, layers)
        `fastnn.gradients.mean_slopes` after each epoch. The output layer comes last and is not
        drawn.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If `slopes` has another shape, no hidden layer, or numbers that are not finite.
    """
    ax = _over_epochs("slopes", slopes, ax)
    ax.set_ylim(bottom=0)
    label(ax, "epoch", "mean slope of the activation, σ′(z)")
    return ax


def speeds_of(speeds: Any) -> Any:
    """Return speeds as they are, or those of a history.

    Raises ValueError if the history has none.
    """
    if isinstance(speeds, History) and not speeds.layer_speeds:
        raise ValueError(
            "speeds must be those of a run with monitor_layer_speeds=True, got one without"
        )
    return getattr(speeds, "layer_speeds", speeds)


def _over_epochs(name: str, values: Any, ax: Axes | None) -> Axes:
    """Draw a curve for each hidden layer against epochs, with the spread over several seeds."""
    shape = "(epochs, layers) or (seeds, epochs, layers)"
    given = numbers(name, values, shape)
    runs = array_of(name, given, shape, dimensions=3 if given.ndim == 3 else 2)
    runs = runs.reshape(-1, *runs.shape[-2:])
    layers = _hidden_layers(name, runs)
    ax = axes_or_new(ax)
    epochs = np.arange(runs.shape[1])
    for layer in range(layers):
        color, linestyle, _ = look(layer)
        of_layer = runs[:, :, layer]
        if len(runs) > 1:
            ax.plot(epochs, of_layer.T, color=color, linewidth=0.4)
            low, high = np.quantile(of_layer, [0.1, 0.9], axis=0)
            ax.fill_between(epochs, low, high, color=color, alpha=0.15, linewidth=0)
        ax.plot(
            epochs,
            np.median(of_layer, axis=0),
            color=color,
            linestyle=linestyle,
            linewidth=2.2,
            path_effects=halo(4) if len(runs) > 1 else None,
            label=f"Hidden layer {layer + 1}",
        )
    legend(ax)
    return ax


def speeds_by_layer(
    speeds_by_name: Mapping[str, npt.ArrayLike],
    *,
    published: Mapping[str, npt.ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the speeds of the hidden layers of several networks, layer by layer.

    Parameters
    ----------
    speeds_by_name : mapping of str to array_like, shape (seeds, layers)
        For each network its name, such as "2 hidden layers", and `fastnn.gradients.layer_speeds`
        for each seed. The output layer comes last and is not drawn.
    published : mapping of str to array_like, shape (hidden layers,), optional
        The book's values, under the same names.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A point for each seed, and a line through the medians.

    Raises
    ------
    TypeError, ValueError
        If speeds have another shape or are not finite, a network has no hidden layer, or
        `published` names a network that is not drawn.
    """
    networks = {
        name: array_of(f"speeds_by_name[{name!r}]", speeds, "(seeds, layers)", dimensions=2)
        for name, speeds in entries_of("speeds_by_name", speeds_by_name).items()
    }
    for name, speeds in networks.items():
        _hidden_layers(f"speeds_by_name[{name!r}]", speeds)
    unknown = sorted(set(published or {}) - set(networks))
    if unknown:
        raise ValueError(f"published must name networks of speeds_by_name, got {describe(unknown)}")
    ax = axes_or_new(ax)
    places = beside(len(networks), 0.3)
    for place, (name, speeds) in enumerate(networks.items()):
        layers = np.arange(1, speeds.shape[1]) + places[place]
        _with_median(ax, layers, speeds[:, :-1].T, name, place)
        if published and name in published:
            ax.plot(layers, np.ravel(published[name]), **BOOK)
    if published:
        ax.plot([], [], **BOOK, label="the book")
    most = max(speeds.shape[1] for speeds in networks.values()) - 1
    ax.set_xticks(range(1, most + 1))
    ax.set_yscale("log", nonpositive="mask")
    label(ax, "hidden layer", _SPEED)
    legend(ax)
    return ax


def speed_ratios(speeds_by_depth: Mapping[int, npt.ArrayLike], *, ax: Axes | None = None) -> Axes:
    """Draw how many times faster each hidden layer learns than the one before it.

    Parameters
    ----------
    speeds_by_depth : mapping of int to array_like, shape (seeds, layers)
        For each number of hidden layers, two or more, `fastnn.gradients.layer_speeds` for each
        seed. The output layer comes last and is not drawn.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A point for each seed, and a line through the medians of each pair of layers.

    Raises
    ------
    TypeError, ValueError
        If speeds have another shape, or are not finite numbers above zero.
    """
    ratios: dict[int, npt.NDArray[np.float64]] = {}
    for depth, speeds in entries_of("speeds_by_depth", speeds_by_depth).items():
        name = f"speeds_by_depth[{depth}]"
        array = array_of(name, speeds, f"(seeds, {depth + 1})", dimensions=2)
        if array.shape[1] != depth + 1 or depth < 2 or array.min() <= 0:
            raise ValueError(
                f"{name} must hold speeds above zero of at least two hidden layers and the "
                f"outputs, shape (seeds, {depth + 1}), got {describe(array)}"
            )
        ratios[depth] = array[:, 1:-1] / array[:, :-2]
    ax = axes_or_new(ax)
    pairs = max(ratios) - 1
    places = beside(pairs, 0.45)
    for pair in range(pairs):
        deep = [depth for depth in sorted(ratios) if depth > pair + 1]
        values = [ratios[depth][:, pair] for depth in deep]
        name = f"Layer {pair + 2} to layer {pair + 1}"
        _with_median(ax, np.array(deep) + places[pair], values, name, pair)
    ax.axhline(1, color="grey", linewidth=1)
    ax.set_xticks(sorted(ratios))
    ax.set_yscale("log")
    plain_numbers(ax.yaxis)
    label(ax, "number of hidden layers", "ratio of their speeds")
    legend(ax)
    return ax


def norms_against_depth(
    depths: npt.ArrayLike,
    norms_by_name: Mapping[str, npt.ArrayLike],
    *,
    ylabel: str = "norm of δ of the first layer",
    ax: Axes | None = None,
) -> Axes:
    """Draw how a norm grows or vanishes with the number of layers, on a logarithmic axis.

    Parameters
    ----------
    depths : array_like, shape (depths,)
        Numbers of layers.
    norms_by_name : mapping of str to array_like, shape (depths, seeds)
        One curve for each name, such as one for each way to draw the weights.
    ylabel : str, optional
        The name of the norms.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib Axes
        A thin line for each seed, and a thick one through the medians.

    Raises
    ------
    TypeError, ValueError
        If the arrays have other shapes, or do not hold finite numbers.
    """
    x = array_of("depths", depths, "(depths,)", dimensions=1)
    curves = {}
    for name, norms in entries_of("norms_by_name", norms_by_name).items():
        shape = f"({len(x)}, seeds)"
        array = array_of(f"norms_by_name[{name!r}]", norms, shape, dimensions=2)
        if len(array) != len(x):
            raise ValueError(
                f"norms_by_name[{name!r}] must have the shape {shape}, got {array.shape}"
            )
        curves[name] = array
    ax = axes_or_new(ax)
    for place, (name, norms) in enumerate(curves.items()):
        color, linestyle, marker = look(place)
        ax.plot(x, norms, color=color, linewidth=0.4)
        ax.plot(
            x,
            np.median(norms, axis=1),
            color=color,
            linestyle=linestyle,
            marker=marker,
            markersize=4.5,
            linewidth=2.2,
            path_effects=halo(4),
            label=name,
        )
    ax.set_yscale("log", nonpositive="mask")
    ax.locator_params(axis="x", integer=True)
    label(ax, "number of layers", ylabel)
    legend(ax)
    return ax


def _hidden_layers(name: str, array: npt.NDArray[np.float64]) -> int:
    layers = int(array.shape[-1]) - 1
    if layers < 1:
        raise ValueError(f"{name} must have at least one hidden layer and the outputs, got one")
    return layers


def _with_median(ax: Axes, x: npt.NDArray[np.float64], values: Any, name: str, place: int) -> None:
    """Draw each number of `values[i]` as a point at `x[i]`, and a line through the medians."""
    color, linestyle, marker = look(place)
    for at, of_seeds in zip(x, values, strict=True):
        ax.plot(
            np.full(len(of_seeds), at),
            of_seeds,
            color=color,
            marker=marker,
            markersize=2.2,
            linestyle="none",
            markeredgewidth=0,
        )
    ax.plot(
        x,
        [np.median(of_seeds) for of_seeds in values],
        color=color,
        linestyle=linestyle,
        marker=marker,
        markersize=5.5,
        linewidth=1.8,
        label=name,
    )
