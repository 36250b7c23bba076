"""All figures of the report: no label is cut off in either format."""

import re
import shutil
import subprocess

import pytest

from fastnn.chapter5 import EXPERIMENTS

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fastnn.plots import render
from fastnn.plots.style import new_axes

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
TINY = {"epochs": 1, "images": 100}


@pytest.fixture(scope="module")
def drawn():
    """The figures of every experiment, by its name, of runs that take no time."""
    found = {}
    for name, experiment in EXPERIMENTS.items():
        quick = {key: TINY.get(key, value) for key, value in experiment.quick.items()}
        seeds = range(min(2, experiment.default_seeds))
        found[name] = experiment.figures(experiment.run(seeds, **quick))
    return found


@pytest.fixture(scope="module")
def figures(drawn):
    """Every figure of the report."""
    return [figure for own in drawn.values() for figure in own]


def test_a_figure_is_named_after_its_experiment_which_tells_that_it_may_be_replaced(drawn):
    for name, own in drawn.items():
        assert [one.stem for one in own if not one.stem.startswith(name)] == []


def test_there_are_figures_of_every_experiment(figures):
    assert len(figures) >= 2 * len(EXPERIMENTS) - 5


def test_nothing_leaves_the_canvas_of_a_png_file(figures):
    for one in figures:
        figure = Figure(figsize=one.size, layout="constrained", dpi=200)
        FigureCanvasAgg(figure)
        one.draw(ax=new_axes(figure))
        figure.draw_without_rendering()
        drawn, (width, height) = figure.get_tightbbox(), one.size
        inside = min(drawn.x0, drawn.y0, width - drawn.x1, height - drawn.y1)
        assert inside > -0.01, (one.stem, drawn)


def test_a_label_that_is_cut_off_would_be_seen():
    pytest.importorskip("matplotlib", "3.11")  # earlier ones leave the width of a label out
    figure = Figure(figsize=(2, 1))
    FigureCanvasAgg(figure)
    new_axes(figure).set_xlabel("a label much too long for a figure that is so small")
    figure.canvas.draw()
    assert figure.get_tightbbox().x1 > 2


MEASURE = """<!DOCTYPE html><meta charset="utf-8"><body>{svgs}<script>
const lines = [];
for (const svg of document.querySelectorAll("svg")) {{
  const canvas = svg.getBoundingClientRect();
  for (const text of svg.querySelectorAll("text")) {{
    const box = text.getBoundingClientRect();
    const over = Math.max(canvas.left - box.left, box.right - canvas.right,
      canvas.top - box.top, box.bottom - canvas.bottom);
    lines.push(`${{svg.parentElement.id}} ${{over > 1 ? "CUT" : "whole"}}: ${{text.textContent}}`);
  }}
}}
document.body.innerHTML = `<pre>${{lines.join("\\n")}}</pre>`;
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_no_label_leaves_the_canvas_of_an_svg_file(figures, tmp_path):
    svgs = []
    for one in figures:
        text = render(one.draw, one.size).svg.decode()
        svgs.append(f'<div id="{one.stem}">{text[text.index("<svg") :]}</div>')
    page = tmp_path / "measure.html"
    page.write_text(MEASURE.format(svgs="".join(svgs)), encoding="utf-8")
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    lines = re.search("<pre>(.*)</pre>", done.stdout, re.DOTALL)[1].splitlines()
    assert len(lines) > 10 * len(EXPERIMENTS)
    assert [line for line in lines if " CUT: " in line] == []
