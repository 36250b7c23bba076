"""Files are written whole or not at all; errors name the file that was asked for.

Links, pipes and permissions are in model/test_saving.py, full disks in promises/test_full_disks.py.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import sys

import pytest
from refusals import assert_refused

from fastnn.common import writing
from fastnn.common.writing import check_writable, checked_path, write_whole


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


def test_a_name_of_another_type_is_refused():
    assert_refused(lambda: checked_path(3), TypeError, "filename must be a string or a path", "3")
