"""The diagram of `gradient_bars` as a moving picture."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fastnn.common.checks import describe, integer
from fastnn.common.libraries import check_libraries
from fastnn.common.writing import check_writable, write_whole
from fastnn.plots.diagrams import gradient_bars_of, rates_of
from fastnn.plots.style import SIZE, new_axes

_WRITERS = {".gif": "pillow", ".mp4": "ffmpeg"}
_PIXELS_AN_INCH = 150


def animate(
    gradients: Sequence[Sequence[npt.ArrayLike]],
    filename: str | os.PathLike[str],
    *,
    neurons: int = 6,
    frames_per_second: int = 25,
) -> Path:
    """Write a moving picture of how fast each neuron learns, epoch by epoch, with one scale.

    Parameters
    ----------
    gradients : list of lists of array_like, shape (neurons of the layer, 1)
        The averaged dC/db for each frame, as `fastnn.gradients.average_gradient` returns it first.
    filename : path
        It ends in .gif (written by Pillow) or .mp4 (which takes the program ffmpeg).
    neurons : int, optional
        How many neurons of each layer to draw, from the top.
    frames_per_second : int, optional

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    TypeError, ValueError
        If there is no frame, frames do not fit each other or are no gradients, a number is not a
        positive integer, `filename` has another ending, or the program to write it is missing;
        nothing is written then.
    OSError
        If the file cannot be written; nothing half-written is left.
    """
    neurons = integer("neurons", neurons, smallest=1)
    frames_per_second = integer("frames_per_second", frames_per_second, smallest=1)
    frames = list(gradients)
    rates = [rates_of(frame) for frame in frames]
    shapes = {tuple(len(layer) for layer in frame) for frame in rates}
    if len(shapes) != 1:
        raise ValueError(
            f"gradients must be those of one network, one or more, got layers of {sorted(shapes)}"
        )
    path = Path(filename)
    check_writable(path)
    writer = _writer_for(path, frames_per_second)
    scale = max(float(layer[:neurons].max()) for frame in rates for layer in frame)

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(SIZE[0], 1.3 * len(rates[0])), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / f"whole{path.suffix.lower()}"
        with writer.saving(figure, str(whole), _PIXELS_AN_INCH):
            for epoch, frame in enumerate(frames):
                figure.clear()
                ax = gradient_bars_of(
                    frame, neurons=neurons, scale=scale or None, ax=new_axes(figure)
                )
                ax.set_title(f"epoch {epoch}", fontsize=10, loc="left")
                writer.grab_frame()
        write_whole(path, whole.read_bytes())
    return path


def _writer_for(path: Path, frames_per_second: int) -> Any:
    check_libraries("a figure", ["matplotlib"], "plot")
    from matplotlib.animation import writers

    name = _WRITERS.get(path.suffix.lower())
    if name is None:
        raise ValueError(f"filename must end in {' or '.join(_WRITERS)}, got {describe(str(path))}")
    if not writers.is_available(name):
        raise ValueError(f"filename {describe(str(path))} takes {name}, which is not installed")
    return writers[name](fps=frames_per_second)
