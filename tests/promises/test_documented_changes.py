"""Changes that a page shows are made where it says, or refused with the reason."""

import shutil
import subprocess

import pytest
from documented_changes import PAGE as CONTRIBUTING
from documented_changes import apply_documented, copied_package

PAGE = """\
# Page

## Adding a colour

Two steps:

1. A row:

   ```diff
   +++ fastnn/colours.py
    RED = 1
   +GREEN = 2

   -LAST = RED
   +LAST = GREEN
   @@
    def name():
   +    # of any of them
   ```

2. A module:

   ```python
   # not a heading, and not a change
   ```

   ```diff
   +++ fastnn/new/green.py
   +"Green."
   +
   +x = 1
   ```

## Adding nothing

As above.
"""
COLOURS = "RED = 1\n\nLAST = RED\n\n\ndef name():\n    return LAST\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "fastnn").mkdir()
    (tmp_path / "fastnn" / "colours.py").write_text(COLOURS)
    return tmp_path


def test_files_are_changed_and_made_as_the_section_shows(folder):
    apply_documented("Adding a colour", folder, folder / "page.md")
    assert (folder / "fastnn" / "colours.py").read_text() == (
        "RED = 1\nGREEN = 2\n\nLAST = GREEN\n\n\ndef name():\n    # of any of them\n"
        "    return LAST\n"
    )
    assert (folder / "fastnn" / "new" / "green.py").read_text() == '"Green."\n\nx = 1\n'


@pytest.mark.parametrize(
    ("title", "old", "new", "words"),
    [
        ("Adding a sound", "", "", "there is no section 'Adding a sound'"),
        ("Adding nothing", "", "", "'Adding nothing' shows no changes"),
        ("Adding a colour", "    RED = 1\n", "    RED = 9\n", "once, not 0 times: ['RED = 9']"),
        ("Adding a colour", "fastnn/colours", "fastnn/sounds", "fastnn/sounds.py is not there"),
        ("Adding a colour", "fastnn/new/green", "fastnn/colours", "is there already"),
        ("Adding a colour", "   +++ fastnn/colours.py\n", "", "must begin with '+++ path'"),
        ("Adding a colour", "   +GREEN", "   GREEN", "a space, + or -, got 'GREEN = 2'"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(folder, title, old, new, words):
    (folder / "page.md").write_text(PAGE.replace(old, new, 1))
    with pytest.raises(AssertionError) as caught:
        apply_documented(title, folder, folder / "page.md")
    assert words in str(caught.value)


def test_a_line_that_stands_there_twice_is_refused(folder):
    (folder / "fastnn" / "colours.py").write_text(COLOURS + COLOURS)
    with pytest.raises(AssertionError, match="once, not 2 times"):
        apply_documented("Adding a colour", folder, folder / "page.md")


@pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not installed")
def test_what_contributing_shows_passes_the_linter(tmp_path):
    copied_package(tmp_path)
    for what in ("an activation", "a cost", "an optimiser", "a schedule", "an experiment"):
        apply_documented(f"Adding {what}", tmp_path)
    shutil.copy(CONTRIBUTING.with_name("pyproject.toml"), tmp_path)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            ["ruff", *command, "--no-cache", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
