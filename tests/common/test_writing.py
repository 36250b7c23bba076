"""Files are written whole or not at all; errors name the file that was asked for.

Links, pipes and permissions are in model/test_saving.py, full disks in promises/test_full_disks.py.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest
from processes import finish, start
from refusals import assert_refused

from fastnn.common import writing
from fastnn.common.writing import (
    check_writable,
    checked_path,
    names_beside,
    write_together,
    write_whole,
)


def test_an_interrupt_at_any_step_of_saving_leaves_the_old_file_or_the_new(tmp_path, monkeypatch):
    file = tmp_path / "net.json"
    steps = ("fsync", "chmod", "replace")
    for step, late in itertools.product(steps, (False, True)):
        file.write_bytes(b"old")
        work = getattr(writing.os, step)

        def interrupted(*arguments, work=work, late=late):
            if late:
                work(*arguments)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(writing.os, step, interrupted)
            with pytest.raises(KeyboardInterrupt):
                writing.write_whole(file, b"new")
        assert file.read_bytes() == (b"new" if (step, late) == ("replace", True) else b"old")
        assert [entry.name for entry in tmp_path.iterdir()] == ["net.json"]


@pytest.mark.parametrize("refused", ["folder", "nowhere/net.json"])
def test_of_files_that_belong_together_none_is_written_if_one_cannot_be(tmp_path, refused):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_bytes(b"old")
    before = sorted(tmp_path.iterdir())
    contents = {tmp_path / "a": b"new", tmp_path / "b": b"new", tmp_path / refused: b"new"}
    with pytest.raises(OSError, match=re.escape(refused)):
        write_together(contents)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "a").read_bytes() == b"old"
    del contents[tmp_path / refused]
    write_together(contents)
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"new", b"new"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_files_saved_by_many_threads_leave_the_umask_alone(tmp_path):
    umask = os.umask(0o027)
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: write_whole(tmp_path / f"{i}", b"x"), range(200)))
        assert os.umask(0o027) == 0o027
        modes = {entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir()}
        assert modes == {0o640}
    finally:
        os.umask(umask)


@pytest.mark.parametrize("write", [check_writable, lambda file: write_whole(file, b"new")])
def test_an_error_names_the_file_that_was_asked_for(tmp_path, write):
    file = tmp_path / "nowhere" / "net.json"
    with pytest.raises(FileNotFoundError) as caught:
        write(file)
    assert caught.value.filename == str(file)


def test_a_check_leaves_no_file_behind(tmp_path):
    check_writable(tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_of_a_file_is_removed_when_it_is_written_again(tmp_path):
    path, other = tmp_path / "net.npz", tmp_path / ".fastnn-of-another-file"
    other.touch()
    code = "import os, sys; from fastnn.common.writing import *\nwith writing_whole(sys.argv[1]):"
    finish(start(f"{code} os._exit(0)", path))
    (left,) = set(tmp_path.iterdir()) - {other}
    check_writable(path)
    assert left.exists()  # its writer might be slow
    for old in (left, other):
        os.utime(old, (0, 0))
    check_writable(path)
    assert list(tmp_path.iterdir()) == [other]


def test_a_name_of_another_type_is_refused():
    assert_refused(lambda: checked_path(3), TypeError, "filename must be a string or a path", "3")


# --- names that cannot be written to ------------------------------------------------------------

WRITERS = [check_writable, lambda file: write_whole(file, b"new")]
every_writer = pytest.mark.parametrize("write", WRITERS, ids=["check", "write"])


@every_writer
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("folder", IsADirectoryError),
        (".", IsADirectoryError),
        ("n" * 300, OSError),
        ("n" * 300 + "/net.npz", OSError),
        ("file/net.npz", NotADirectoryError),
        ("nowhere/net.npz", FileNotFoundError),
        ("circle", OSError),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_before_and_when_writing(
    tmp_path, write, name, error
):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(error) as caught:
        write(tmp_path / name)
    assert caught.value.filename == str(tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


@every_writer
@pytest.mark.parametrize("name", ["", "net\0.npz"])
def test_what_is_no_name_is_refused(write, name):
    assert_refused(lambda: write(name), ValueError, "filename must be the name of a file, got '")


@every_writer
@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
@pytest.mark.parametrize("mode", [0o444, 0o400, 0o000])
def test_a_read_only_file_is_refused_and_stays_as_it_is(tmp_path, write, mode):
    file = tmp_path / "net.npz"
    file.write_bytes(b"old")
    file.chmod(mode)
    with pytest.raises(PermissionError, match=r"Permission denied, it is read-only.*net\.npz"):
        write(file)
    file.chmod(0o600)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755, 0o200, None])
def test_content_never_lies_in_a_file_of_wider_permissions(tmp_path, monkeypatch, mode, umask):
    file, seen = tmp_path / "net.npz", []
    if mode is not None:
        file.touch()
        file.chmod(mode)
    before, fsync = os.umask(umask), os.fsync

    def look(descriptor):
        seen.append(os.fstat(descriptor).st_mode & 0o777)
        fsync(descriptor)

    monkeypatch.setattr(writing.os, "fsync", look)
    try:
        write_whole(file, b"new")
    finally:
        os.umask(before)
    allowed = 0o666 & ~umask if mode is None else mode
    assert [modes & ~allowed for modes in seen] == [0]
    assert file.stat().st_mode & 0o777 == allowed


def test_names_beside_another_one_are_free_and_keep_its_ending(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = list(names_beside(tmp_path / "folder" / "net.npz"))
    assert [name.parent for name in names] == [
        tmp_path / "folder",
        Path(),
        Path(tempfile.gettempdir()),
    ]
    for name in names:
        assert re.fullmatch(r"net-[0-9a-f]{8}\.npz", name.name)
        assert not name.exists()
    assert {len(name.name) for name in names_beside("n" * 300 + ".json")} == {114}
    assert next(names_beside("net")) != next(names_beside("net"))


@pytest.mark.parametrize("times", [1, 3])
def test_a_file_that_is_held_open_for_a_moment_is_replaced_later(tmp_path, monkeypatch, times):
    """As on Windows, which lets nobody replace a file that another program has opened."""
    file = tmp_path / "net.json"
    file.write_bytes(b"old")
    left, replace = [None] * times, os.replace

    def held(*names):
        if left:
            left.pop()
            raise PermissionError(13, "Access is denied")
        replace(*names)

    monkeypatch.setattr(writing, "_WAITS", (0.001,) * 3)
    monkeypatch.setattr(writing.os, "replace", held)
    write_whole(file, b"new")
    assert file.read_bytes() == b"new"
    left[:] = [None] * 9
    with pytest.raises(PermissionError, match=r"net\.json"):
        write_whole(file, b"newer")
    assert len(left) == 5
    assert file.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.json"]
