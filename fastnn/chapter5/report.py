"""One page of results: questions, figures, and tables of claims beside what was measured.

The page stands alone: figures are part of it, and it loads no scripts or fonts. To write one takes
matplotlib and Jinja (``pip install 'fastnn-jit[report]'``).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastnn.chapter5.claims import AGREES, DOES_NOT, UNTOLD
from fastnn.chapter5.page import Figure, Motion, Row, Section
from fastnn.common.checks import describe
from fastnn.common.libraries import check_libraries
from fastnn.common.writing import write_together
from fastnn.plots import Picture, render
from fastnn.plots.style import INK, PAPER

__all__ = ["Figure", "Motion", "Row", "Section", "write_report"]

_GENERATOR = '<meta name="generator" content="fastnn chapter5">'
# What there is in its place in pages of earlier versions.
_EARLIER = (
    '<link rel="icon" href="data:,">\n<title>Why are deep neural networks hard to train?</title>'
)
_MARKS = {AGREES: "✓", DOES_NOT: "✗", UNTOLD: "?"}


def write_report(
    folder: str | os.PathLike[str],
    sections: Iterable[Section],
    *,
    title: str,
    facts: Mapping[str, str],
    notice: str = "",
    others: Mapping[str, bytes] | None = None,
) -> Path:
    """Write ``report.html``, and every figure as SVG and PNG below ``figures``: all or nothing.

    Parameters
    ----------
    folder : path
        Made if it does not exist; other files in it are left alone.
    sections : iterable of Section
    title : str
    facts : mapping of str to str
        How the numbers were measured, such as the versions used; shown at the end.
    notice : str, optional
        What readers must know before anything else; shown on top.
    others : mapping of str to bytes, optional
        Further files of the report, by their names in the folder; they are written with it.

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
        If a file cannot be written. Without room for all, those that were there are as they were.
    """
    check_libraries("a report", ["matplotlib", "jinja2"], "report")
    sections = list(sections)
    _check_names("sections", [section.name for section in sections])
    figures = [figure for section in sections for figure in section.figures]
    moving = [section.motion.stem for section in sections if section.motion]
    _check_names("figures", [*(figure.stem for figure in figures), *moving])
    pictures = {figure.stem: render(figure.draw, figure.size) for figure in figures}
    page = _page(sections, pictures, title, facts, notice)

    path = Path(folder) / "report.html"
    # The page is the first to get its name: whoever finds figures beside it knows whose they are.
    contents = {path: page.encode()}
    contents |= {Path(folder) / name: content for name, content in (others or {}).items()}
    below = Path(folder) / "figures"
    for stem, picture in pictures.items():
        contents |= {below / f"{stem}.svg": picture.svg, below / f"{stem}.png": picture.png}
    below.mkdir(parents=True, exist_ok=True)
    write_together(contents)
    return path


def is_report(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is a page that `write_report` wrote: its head says so."""
    with open(path, "rb") as file:
        head = file.read(1000)
    return any(known.encode() in head for known in (_GENERATOR, _EARLIER))


def _page(
    sections: list[Section],
    pictures: Mapping[str, Picture],
    title: str,
    facts: Mapping[str, str],
    notice: str,
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
    claims = [row for section in sections for row in section.rows if row.claim]
    judged = Counter(row.verdict for row in claims if not _is_mathematics(row))
    proved = Counter(row.verdict for row in claims if _is_mathematics(row))
    return environment.get_template("report.html.jinja").render(
        sections=sections,
        drawings=drawings,
        hero=_hero(sections, pictures),
        title=title,
        facts=facts,
        notice=notice,
        generator=Markup(_GENERATOR),
        marks=_MARKS,
        judged=[(verdict, judged[verdict]) for verdict in _MARKS],
        proved=[(verdict, proved[verdict]) for verdict in _MARKS if proved[verdict]],
    )


def _hero(sections: list[Section], pictures: Mapping[str, Picture]) -> Any:
    """Choose the picture that begins the page: the network with its bars, or else the first."""
    from markupsafe import Markup

    figures = [figure for section in sections for figure in section.figures]
    if not figures:
        return None
    chosen = next((figure for figure in figures if figure.stem == "initial-gradient"), figures[0])
    return {
        "alt": chosen.alt,
        "caption": chosen.caption,
        "drawing": Markup(_inline(f"first-{chosen.stem}", pictures[chosen.stem].svg)),
    }


def _is_mathematics(row: Row) -> bool:
    return row.claim is not None and row.claim.rule.mathematics


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
