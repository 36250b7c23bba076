"""One page of results: questions, figures, and tables of published beside measured numbers.

The page stands alone: figures are part of it, and it loads no scripts or fonts. To write one takes
matplotlib and Jinja (``pip install 'fastnn-jit[report]'``).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from fastnn.common.checks import describe
from fastnn.common.writing import write_whole
from fastnn.plots import Picture, render
from fastnn.plots.rendering import Drawing
from fastnn.plots.style import INK, PAPER, SIZE

__all__ = ["Comparison", "Figure", "Section", "write_report"]


@dataclass(frozen=True)
class Comparison:
    """One line of a table: what was published, and what was measured.

    Attributes
    ----------
    quantity : str
        What it is, with its unit.
    published : str, float or None
        What the book prints, such as "96.90". A number is compared as far as its digits go; words
        are shown and not compared. None if the book says nothing.
    mean : float
    low, high : float or None
        The ends of the mean's 95 % interval. If there is no spread, both are None, NaN or equal to
        the mean.
    seeds : int
        How many runs were averaged.
    single_low, single_high : float or None
        The ends between which 95 of 100 single runs would lie; the book often prints a single run.
    """

    quantity: str
    published: str | float | None
    mean: float
    low: float | None
    high: float | None
    seeds: int
    single_low: float | None = None
    single_high: float | None = None

    @property
    def has_interval(self) -> bool:
        """Whether the runs differ, so that the mean has an interval."""
        ends = (self.low, self.high)
        if any(end is None or not math.isfinite(end) for end in ends):
            return False
        return self.low != self.high

    def verdict(self) -> str:
        """Say in words where the published number lies; an empty string if there is none."""
        published = _as_number(self.published)
        if published is None:
            return ""
        value, rounding = published
        low, high = (self.low, self.high) if self.has_interval else (self.mean, self.mean)
        assert low is not None and high is not None
        if low - rounding <= value <= high + rounding:
            return "inside the interval" if self.has_interval else "the same"
        if self.has_interval and self.single_low is not None and self.single_high is not None:
            if self.single_low - rounding <= value <= self.single_high + rounding:
                return "within single runs"
            low, high = self.single_low, self.single_high
            return f"{'below' if value < low else 'above'} single runs"
        side = "below" if value < low else "above"
        return f"{side} the interval" if self.has_interval else f"{side} what was measured"

    def agrees(self) -> bool:
        """Whether the published number agrees with what was measured; true if there is none."""
        return not self.verdict().startswith(("below", "above"))

    def measured(self) -> str:
        """Write the mean, with as many digits as its interval justifies."""
        return _written(self.mean, self._digits())

    def interval(self) -> str:
        """Write the interval; an empty string if there is none."""
        if not self.has_interval:
            return ""
        assert self.low is not None and self.high is not None
        return f"{_written(self.low, self._digits())} to {_written(self.high, self._digits())}"

    def _digits(self) -> int | None:
        """Decimal places that show two digits of half the interval."""
        if not self.has_interval:
            return None
        assert self.low is not None and self.high is not None
        return max(0, 1 - math.floor(math.log10((self.high - self.low) / 2)))


@dataclass(frozen=True)
class Figure:
    """A figure of the page, also written as SVG and PNG.

    Attributes
    ----------
    stem : str
        The files' name, and the prefix of ids: small letters, digits and hyphens, different for
        each figure of a page.
    caption : str
    alt : str
        What the figure shows, for readers who cannot see it.
    draw : callable
        Called with ``ax=``; for example ``functools.partial(plots.layer_speeds, history)``.
    size : tuple of float
        Width and height in inches.
    """

    stem: str
    caption: str
    alt: str
    draw: Drawing
    size: tuple[float, float] = SIZE


@dataclass(frozen=True)
class Section:
    """One experiment on the page.

    Attributes
    ----------
    name : str
        The name on the command line, and the address within the page.
    title, question : str
    finding : str
        The answer in one sentence; the top of the page gathers them.
    paragraphs : sequence of str
        Plain text.
    figures : sequence of Figure
    comparisons : sequence of Comparison
    code : str
        The lines that reproduce it.
    """

    name: str
    title: str
    question: str
    finding: str
    paragraphs: Sequence[str]
    figures: Sequence[Figure]
    comparisons: Sequence[Comparison]
    code: str


def write_report(
    folder: str | os.PathLike[str],
    sections: Iterable[Section],
    *,
    title: str,
    facts: Mapping[str, str],
) -> Path:
    """Write ``report.html``, and every figure as SVG and PNG below ``figures``.

    Parameters
    ----------
    folder : path
        Made if it does not exist; other files in it are left alone.
    sections : iterable of Section
    title : str
    facts : mapping of str to str
        How the numbers were measured, such as the versions used; shown at the end.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    ValueError
        If a section's name or a figure's stem has other characters than these, or occurs twice;
        nothing is written then.
    OSError
        If a file cannot be written.
    """
    sections = list(sections)
    _check_names("sections", [section.name for section in sections])
    figures = [figure for section in sections for figure in section.figures]
    _check_names("figures", [figure.stem for figure in figures])
    pictures = {figure.stem: render(figure.draw, figure.size) for figure in figures}
    page = _page(sections, pictures, title, facts)

    below = Path(folder) / "figures"
    below.mkdir(parents=True, exist_ok=True)
    for stem, picture in pictures.items():
        write_whole(below / f"{stem}.svg", picture.svg)
        write_whole(below / f"{stem}.png", picture.png)
    path = Path(folder) / "report.html"
    write_whole(path, page.encode())
    return path


def _page(
    sections: list[Section],
    pictures: Mapping[str, Picture],
    title: str,
    facts: Mapping[str, str],
) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("fastnn.chapter5", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawings = {stem: Markup(_inline(stem, picture.svg)) for stem, picture in pictures.items()}
    compared = [one for section in sections for one in section.comparisons if one.verdict()]
    return environment.get_template("report.html.jinja").render(
        sections=sections,
        drawings=drawings,
        title=title,
        facts=facts,
        compared=len(compared),
        agreeing=sum(one.agrees() for one in compared),
    )


def _inline(stem: str, svg: bytes) -> str:
    """Fit an SVG file of matplotlib into the page: unique ids, the page's colours, any width."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'\bid="', f'id="{stem}-', text)
    text = re.sub(r'href="#', f'href="#{stem}-', text)
    text = text.replace("url(#", f"url(#{stem}-")
    text = text.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)
    return text.replace(INK, "currentColor").replace(PAPER, "var(--paper)")


def _check_names(what: str, names: list[str]) -> None:
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
            raise ValueError(
                f"{what} must have names of small letters, digits and hyphens, got {describe(name)}"
            )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{what} must have different names, got {', '.join(twice)} twice")


def _as_number(published: Any) -> tuple[float, float] | None:
    """Read a published number, and half a unit of its last digit, for it may have been rounded."""
    try:
        number = Decimal(str(published))
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):  # an infinity, or not a number
        return None
    # A little more, because floats do not hold decimal fractions exactly.
    return float(number), 0.5 * 10.0**exponent * (1 + 1e-9)


def _written(value: float, digits: int | None) -> str:
    """Write a number as people do: 96.52, −0.013, 2.5 × 10⁻⁷."""
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e6):
        mantissa, _, power = f"{value:.2e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa} × 10{raised}".replace("-", "−")
    if digits is None and size >= 1e4:
        digits = 0
    text = f"{value:.4g}" if digits is None else f"{value:.{digits}f}"
    return text.replace("-", "−")
