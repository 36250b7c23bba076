"""Make the changes that CONTRIBUTING.md shows, so that tests can try them on a copy of fastnn.

A section shows changes in fenced blocks of the language ``diff``. A line ``+++ path`` names the
file, from the folder that holds the package. The lines that follow begin as in any diff: with a
space (context), with ``+`` (added) or with ``-`` (removed). They need no line numbers: the lines of
a hunk that were there before must stand together in the file, exactly once. A new hunk begins with
the first such line after an added one, or with ``@@``. A new file has added lines only.
"""

import re
import shutil
from pathlib import Path

import fastnn

PAGE = next(
    folder / "CONTRIBUTING.md"
    for folder in Path(__file__).resolve().parents
    if (folder / "CONTRIBUTING.md").is_file()
)


def copied_package(folder):
    """Copy fastnn, without its caches and data, into a folder; return the folder."""
    shutil.copytree(
        Path(fastnn.__file__).parent,
        folder / "fastnn",
        ignore=shutil.ignore_patterns("__pycache__", "*.npz"),
    )
    return folder


def apply_documented(section_title, package_root, page=PAGE):
    """Make the changes that a section of CONTRIBUTING.md shows.

    Parameters
    ----------
    section_title : str
        The section's heading, without the number signs.
    package_root : path
        The folder that holds the package; the paths in the page begin here.
    page : path, optional
        Another page to read.

    Raises
    ------
    AssertionError
        If there is no such section or it shows no changes, or a change does not fit its file.
    """
    text = Path(page).read_text(encoding="utf-8")
    changes = _changes(_section(text, section_title), section_title)
    for path, hunks in changes:
        _change(Path(package_root) / path, path, hunks)


def _section(text, title):
    """The text from a heading to the next one; a line in a code block is no heading."""
    lines, level, fenced = [], None, False
    for line in text.splitlines():
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else re.fullmatch(r"(#+) +(.*?)\s*", line)
        if heading and level and len(heading[1]) <= level:
            break
        if level:
            lines.append(line)
        elif heading and heading[2] == title:
            level = len(heading[1])
    assert level, f"there is no section {title!r}"
    return lines


def _changes(lines, title):
    """The changes of a section: pairs of a path and its hunks, in their order."""
    changes, fence = [], None
    for line in lines:
        opening = re.fullmatch(r"( *)```(\w*)", line)
        if fence is None and opening:
            fence = opening
        elif opening:
            fence = None
        elif fence and fence[2] == "diff":
            _read(line.removeprefix(fence[1]), changes, title)
    assert changes, f"section {title!r} shows no changes"
    return changes


def _read(line, changes, title):
    """Take in a line of a diff: a hunk is a list of lines that begin with one of ``" +-"``."""
    if line.startswith("+++ "):
        changes.append((line[4:].strip(), [[]]))
        return
    assert changes, f"section {title!r}: a diff must begin with '+++ path', got {line!r}"
    hunks = changes[-1][1]
    line = line or " "
    if line.startswith("@@"):
        hunks.append([])
        return
    path = changes[-1][0]
    assert line[0] in " +-", f"{path}: a line must begin with a space, + or -, got {line!r}"
    if line[0] != "+" and hunks[-1] and hunks[-1][-1][0] == "+":
        hunks.append([])
    hunks[-1].append(line)


def _change(file, path, hunks):
    hunks = [hunk for hunk in hunks if hunk]
    if all(line[0] == "+" for hunk in hunks for line in hunk):
        assert not file.exists(), f"{path} is there already, and its diff shows no line of it"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_joined(line[1:] for hunk in hunks for line in hunk), encoding="utf-8")
        return
    assert file.is_file(), f"{path} is not there, but its diff shows lines of it"
    lines = file.read_text(encoding="utf-8").splitlines()
    for hunk in hunks:
        before = [line[1:] for line in hunk if line[0] != "+"]
        after = [line[1:] for line in hunk if line[0] != "-"]
        starts = [i for i in range(len(lines)) if before and lines[i : i + len(before)] == before]
        assert len(starts) == 1, f"{path} must hold these lines once, not {len(starts)} times: " + (
            repr(before)
        )
        lines[starts[0] : starts[0] + len(before)] = after
    file.write_text(_joined(lines), encoding="utf-8")


def _joined(lines):
    return "".join(f"{line}\n" for line in lines)
