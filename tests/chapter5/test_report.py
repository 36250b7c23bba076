"""The page of results: what it says, what it needs, and how a browser shows it."""

import html
import itertools
import json
import re
import shutil
import subprocess
import threading
from functools import partial
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from refusals import assert_refused

from fastnn import plots

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
from fastnn.chapter5.claims import Claim, at_least, identity, printed, summarise
from fastnn.chapter5.report import Figure, Motion, Row, Section, write_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WIDTHS = (360, 1280)  # a phone, a desktop


def figure(stem, draw=plots.activation_curve):
    return Figure(stem, f"Caption of {stem}.", f"What {stem} shows", draw)


def claim(says, rule):
    return Claim(says, "Eq. 5", rule)


def row(claim, quantity="speed", values=(0.29, 0.30, 0.31, 0.32, 0.33)):
    return Row(quantity, summarise(np.array(values)), claim)


def section(name="depth", **options):
    parts = {
        "title": "Does depth help?",
        "question": "Are four layers better than one?",
        "finding": "Hardly.",
        "paragraphs": ["Here are the runs."],
        "figures": [],
        "rows": [],
        "code": "run()",
    }
    return Section(name, **(parts | options))


def write(folder, *sections, **options):
    facts = {"Seeds": "1 to 5"}
    return write_report(folder, sections, title="Chapter 5", facts=facts, **options).read_text()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report with every kind of content, much of it too wide for a phone."""
    folder = tmp_path_factory.mktemp("report")
    speeds = np.random.default_rng(1).uniform(0.01, 0.1, (3, 20, 3))
    bars = np.random.default_rng(2).random((12, 3, 6))
    write(
        folder,
        section(
            figures=[figure("sigmoid"), figure("speeds", partial(plots.layer_speeds, speeds))],
            rows=[
                row(claim("0.31", printed("0.31"))),
                row(claim("0.07", printed("0.07")), quantity="a" + "very" * 20 + "longword"),
                row(None, values=[1.59e-5, 1.57e-4]),
            ],
            motion=Motion("moving", "Bars that move.", bars),
            code="x = 1 " + "+ 1 " * 100,
        ),
        section("range", paragraphs=["word " * 200], figures=[figure("map", plots.factor_map)]),
    )
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text()


# --- what agrees -------------------------------------------------------------------------------


def test_verdicts_are_words_and_marks_in_the_table_and_counted_on_top(tmp_path):
    rows = [
        row(claim("0.31", printed("0.31"))),
        row(claim("0.07", printed("0.07"))),
        row(claim("much", at_least(0.31))),
        row(claim("0", identity("0")), values=[0.0]),
        row(None),
    ]
    page = write(tmp_path, section(rows=rows))
    marked = re.findall(r'aria-hidden="true">(.)</span>\s*([a-z ]+[a-z])', page)
    in_counts, in_table = marked[:3], marked[3:]
    assert in_counts == [("✓", "agrees"), ("✗", "does not"), ("?", "cannot be told")]
    assert in_table == [*in_counts, ("✓", "agrees")]
    assert re.findall(r"<li><b>(\d+)</b>", page) == ["1", "1", "1"]
    assert re.search(r"of 3 claims that had to be measured", page)
    assert re.search(r"identities of mathematics\s+1 agrees\.", page)


def test_the_rule_of_every_claim_stands_beside_it(tmp_path):
    page = write(tmp_path, section(rows=[row(claim("much", at_least(2, "much: ", " times")))]))
    assert "much: the average is at least 2 times" in page
    assert "Eq. 5" in page


def test_what_nobody_claims_is_in_a_list_of_its_own(tmp_path):
    page = write(tmp_path, section(rows=[row(None), row(None, quantity="width")]))
    assert "Also measured (2)" in page
    assert "What the chapter says" not in page


def test_a_notice_stands_before_everything_else(tmp_path):
    page = write(tmp_path, section(), notice="This proves nothing.")
    body = page[page.index("<body>") :]
    assert body.index("This proves nothing.") < body.index("<h1>")
    assert "notice" not in write(tmp_path, section()).partition("<body>")[2]


# --- the page ---------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The ids, addresses and tags of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.addresses = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "src", "xlink:href"):
                self.addresses.append(value)


def test_every_figure_is_written_as_svg_and_png(folder):
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {
        f"{stem}.{end}" for stem in ("sigmoid", "speeds", "map") for end in ("svg", "png")
    }
    for path in (folder / "figures").glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_every_figure_is_part_of_the_page_with_words_for_it(page):
    # Three figures, the first of them again at the top, and the player.
    assert page.count("<svg") == page.count("</svg>") == page.count('role="img"') == 5
    assert 'aria-label="What sigmoid shows"' in page
    assert "Caption of sigmoid." in page


def test_ids_are_all_different_and_all_references_within_the_page_are_met(page):
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    inner = {address[1:] for address in outline.addresses if address.startswith("#")}
    inner |= set(re.findall(r"url\(#([^)]*)\)", page))
    inner |= set(re.findall(r'aria-labelledby="([^"]*)"', page))
    assert inner
    assert inner <= set(outline.ids)


def test_the_page_fetches_nothing_and_runs_only_its_player(folder, page):
    outline = Outline(page)
    assert page.count("<script>") == outline.tags.count("script") == 1  # the player's, within
    assert not re.search(r"\b(fetch|import|XMLHttpRequest|eval)\b", page.partition("<script>")[2])
    assert "@import" not in page
    for address in outline.addresses:
        assert address.startswith(("#", "data:")) or (folder / address).is_file()


def test_headings_are_in_order_and_the_language_is_named(page):
    levels = [int(tag[1]) for tag in Outline(page).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert '<html lang="en">' in page


def test_a_page_without_a_moving_picture_has_no_script(tmp_path):
    assert "<script" not in write(tmp_path, section(figures=[figure("sigmoid")]))


def test_text_is_escaped(tmp_path):
    text = "<b>a & b</b>"
    words = dict.fromkeys(("title", "question", "finding", "code"), text)
    page = write(
        tmp_path,
        section(
            **words,
            paragraphs=[text],
            rows=[row(Claim(text, text, at_least(1, text)), quantity=text)],
            figures=[Figure("a", text, f'"{text}', plots.activation_curve)],
        ),
    )
    assert text not in page
    assert page.count(html.escape(text)) >= 8


def test_figures_take_the_colours_of_the_page(page, folder):
    assert "currentColor" in page
    assert "#1b1c1d" not in page
    assert "#1b1c1d" in (folder / "figures" / "sigmoid.svg").read_text()


def test_the_same_results_give_the_same_bits(tmp_path):
    first, second = (
        write(tmp_path / name, section(figures=[figure("sigmoid")])) for name in ("a", "b")
    )
    assert first == second


def test_a_report_is_written_over_an_older_one_and_other_files_are_left_alone(tmp_path):
    (tmp_path / "results.json").write_text("{}")
    write(tmp_path, section(finding="Old."))
    page = write(tmp_path, section(finding="New."))
    assert "New." in page
    assert "Old." not in page
    assert (tmp_path / "results.json").read_text() == "{}"


def test_reports_can_be_written_from_other_threads(tmp_path):
    draw = section(figures=[figure("sigmoid")])
    threads = [threading.Thread(target=write, args=(tmp_path / str(i), draw)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(tmp_path / str(i) / "report.html").read_bytes() for i in range(3)}) == 1


@pytest.mark.parametrize(
    "sections, words",
    [
        ([section("Depth")], ["sections", "'Depth'"]),
        ([section("../depth")], ["sections", "'../depth'"]),
        ([section(), section()], ["sections", "depth", "twice"]),
        ([section(figures=[figure("a"), figure("a")])], ["figures", "a", "twice"]),
        ([section(figures=[figure("")])], ["figures", "''"]),
    ],
    ids=["capital", "path", "sections twice", "figures twice", "empty"],
)
def test_names_that_cannot_be_addresses_are_refused_and_nothing_is_written(
    tmp_path, sections, words
):
    assert_refused(lambda: write(tmp_path / "out", *sections), ValueError, *words)
    assert not (tmp_path / "out").exists()


# --- in a browser -----------------------------------------------------------------------------

PLAY = """
<body><iframe width="800" height="800" srcdoc="{page}"></iframe><script>
window.addEventListener("load", () => {{
  const page = document.querySelector("iframe").contentDocument;
  const find = (what) => page.querySelector(`.player ${{what}}`);
  const bars = [...page.querySelectorAll(".player .bar")];
  const widths = () => bars.map((bar) => bar.getAttribute("width"));
  const slider = find("input"), button = find("button");
  if (button.textContent === "Pause") button.click();
  slider.value = 7;
  slider.dispatchEvent(new Event("input"));
  const lines = [find("output").textContent, JSON.stringify(widths())];
  button.click();
  lines.push(button.textContent);
  button.click();
  lines.push(button.textContent);
  document.body.innerHTML = `<pre>${{lines.join("\\n")}}</pre>`;
}});
</script></body>
"""

MEASURE = """
<body>{frames}<script>
window.addEventListener("load", () => {{
  const lines = [...document.querySelectorAll("iframe")].map((frame) => {{
    const page = frame.contentDocument, root = page.documentElement;
    const shown = [...page.querySelectorAll("svg")].filter((svg) => {{
      const box = svg.getBoundingClientRect();
      return box.width > 250 && box.height > 80 && box.left >= 0 && box.right <= root.clientWidth;
    }});
    const over = root.scrollWidth - root.clientWidth;
    return `${{frame.width}}: over ${{over}} shown ${{shown.length}}`;
  }});
  document.body.innerHTML = `<pre>${{lines.join("\\n")}}</pre>`;
}});
</script></body>
"""


def browse(path, profile):
    """Open a file in headless Chromium; return the page's document and its messages."""
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom"),
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_opens_the_page_without_a_message(folder, tmp_path):
    document, messages = browse(folder / "report.html", tmp_path)
    assert messages == []
    assert document.count("<svg") == 5


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_player_shows_the_epoch_of_its_slider_and_plays_and_pauses(page, tmp_path):
    play = tmp_path / "play.html"
    play.write_text(PLAY.format(page=html.escape(page)))
    document, messages = browse(play, tmp_path / "profile")
    assert messages == []
    epoch, widths, playing, paused = re.search("<pre>(.*)</pre>", document, re.DOTALL)[
        1
    ].splitlines()
    bars = np.random.default_rng(2).random((12, 3, 6))
    wanted = (1000 * bars[7] / bars.max()).round(1).ravel() * 0.085
    assert epoch == "epoch 7"
    np.testing.assert_allclose(np.array(json.loads(html.unescape(widths)), float), wanted)
    assert (playing, paused) == ("Pause", "Play")


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_overflows_and_every_figure_is_shown_at_any_width(page, tmp_path):
    frames = "".join(
        f'<iframe width="{width}" height="800" srcdoc="{html.escape(page)}"></iframe>'
        for width in WIDTHS
    )
    measure = tmp_path / "measure.html"
    measure.write_text(MEASURE.format(frames=frames))
    document, messages = browse(measure, tmp_path / "profile")
    assert messages == []
    found = re.findall(r"(\d+): over (\d+) shown (\d+)", document)
    assert [int(width) for width, _, _ in found] == list(WIDTHS)
    for _, over, shown in found:
        assert int(over) == 0
        assert int(shown) == 5
