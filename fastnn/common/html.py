"""Small pieces of HTML for notebooks: tables and curves, in the colours of the page around them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

_WIDTH, _HEIGHT = 160, 28  # pixels of a curve


class Html(str):
    """Text that is HTML already."""


def table(title: str, rows: Sequence[Sequence[str]]) -> Html:
    """Return a table with a caption. Cells that are no `Html` are plain text."""
    style = 'style="text-align:left;vertical-align:middle;padding:.1em 1em .1em 0"'
    body = "".join(
        f"<tr>{''.join(f'<td {style}>{_escaped(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    caption = f'<caption style="text-align:left"><b>{escape(title)}</b></caption>'
    return Html(f"<table>{caption}{body}</table>")


def _escaped(cell: str) -> str:
    return cell if isinstance(cell, Html) else escape(cell)


def sparkline(values: npt.ArrayLike) -> Html:
    """Return a curve as an SVG picture; it leaves out what is not finite."""
    figures = np.asarray(values, float)
    finite = figures[np.isfinite(figures)]
    if not finite.size:
        return Html("(no finite figure)")
    low, high = float(finite.min()), float(finite.max())
    heights = (figures - low) / (high - low) if high > low else np.full(figures.shape, 0.5)
    steps = np.linspace(2, _WIDTH - 2, max(len(figures), 2))
    points = " ".join(
        f"{x:.1f},{_HEIGHT - 3 - (_HEIGHT - 6) * y:.1f}"
        for x, y in zip(steps, heights, strict=False)
        if np.isfinite(y)
    )
    said = f"from {figures[0]:.4g} to {figures[-1]:.4g}, between {low:.4g} and {high:.4g}"
    return Html(
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="{said}">'
        f"<title>{said}</title>"
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )
