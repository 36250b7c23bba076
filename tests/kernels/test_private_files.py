"""Files kept for the next run: whole or not at all, and of nobody else."""

import errno
import os
import threading
from pathlib import Path

import pytest
from house import ROOT
from processes import start

from fastnn.kernels.private_files import PrivateFiles

STAMP = "0123456789abcdef"
SAVED = {"code": bytes(range(256)) * 40, "types": ("float64", 1)}


@pytest.fixture
def folder(tmp_path):
    """A folder that is no other user's."""
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def files(folder):
    """What another process has saved there, under two digests."""
    saving = PrivateFiles(folder, "epoch.train", STAMP, "nbc")
    saving.save("abc", SAVED)
    saving.save("def", "another")
    return PrivateFiles(folder, "epoch.train", STAMP, "nbc")


@pytest.fixture
def path(files):
    """The file of the first of them."""
    return files.folder / "epoch.train-01234567-abc.nbc"


def test_what_is_saved_is_loaded_by_its_digest(files):
    assert files.load("abc") == SAVED
    assert files.load("def") == "another"
    assert files.load("other") is None


@pytest.mark.usefixtures("files")
def test_files_with_another_name_or_stamp_are_not_taken(folder):
    assert PrivateFiles(folder, "epoch.evaluate", STAMP, "nbc").load("abc") is None
    assert PrivateFiles(folder, "epoch.train", "edited" + STAMP, "nbc").load("abc") is None


def test_a_folder_is_made_where_there_is_none_and_is_nobody_elses(folder):
    made = folder / "of" / "kernels"
    before = os.umask(0)
    try:
        PrivateFiles(made, "epoch.train", STAMP, "nbc").save("abc", SAVED)
    finally:
        os.umask(before)
    assert PrivateFiles(made, "epoch.train", STAMP, "nbc").load("abc") == SAVED
    assert os.name == "nt" or made.stat().st_mode & 0o777 == 0o755


# Damage ---------------------------------------------------------------------------------------


def test_a_file_with_a_flipped_bit_is_not_taken(files, path):
    content = path.read_bytes()
    for place in range(0, len(content), 9):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        assert files.load("abc") is None


@pytest.mark.parametrize("begin", [0, 4096])
def test_a_file_with_a_lost_page_is_not_taken(files, path, begin):
    content = path.read_bytes()
    path.write_bytes(content[:begin] + bytes(4096) + content[begin + 4096 :])
    assert files.load("abc") is None


def test_a_cut_file_is_not_taken_and_is_replaced(files, path):
    content = path.read_bytes()
    for length in (0, 1, 32, 100, len(content) - 1):
        path.write_bytes(content[:length])
        assert files.load("abc") is None
    files.save("abc", SAVED)
    assert files.load("abc") == SAVED


# Ends in the middle ---------------------------------------------------------------------------


def test_a_full_disk_leaves_what_was_there(files, monkeypatch):
    before = sorted(files.folder.iterdir())
    write = Path.write_bytes

    def write_half(path, content):
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", write_half)
    for digest in ("abc", "new"):
        files.save(digest, "new")
    assert files.load("abc") == SAVED
    assert files.load("new") is None
    assert sorted(files.folder.iterdir()) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from fastnn.kernels.private_files import PrivateFiles

os.{call} = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
files = PrivateFiles(Path(sys.argv[1]), "epoch.train", {stamp!r}, "nbc")
files.save("abc", "new")
"""


@pytest.mark.skipif(os.name == "nt", reason="nobody is killed by a signal here")
def test_a_process_that_is_killed_as_it_saves_leaves_what_was_there(files, folder):
    code = KILLED.format(call="replace", stamp=STAMP)
    with start(code, folder, folder=ROOT) as killed:
        killed.communicate()
    assert killed.returncode < 0
    assert files.load("abc") == SAVED
    assert files.load("def") == "another"


@pytest.mark.parametrize("digests", [("abc", "def"), ("new", "newer"), ("new", "new")], ids=str)
def test_two_that_save_at_once_both_have_what_they_saved(files, monkeypatch, digests):
    written, replaced = threading.Event(), threading.Event()
    replace = os.replace

    def replace_first_last(source, target):
        if threading.current_thread() is first:
            written.set()
            assert replaced.wait(60)
        replace(source, target)

    monkeypatch.setattr(os, "replace", replace_first_last)
    one, other = ((digest, f"saved as {digest}") for digest in digests)
    first = threading.Thread(target=files.save, args=one)
    first.start()
    assert written.wait(60)
    files.save(*other)
    replaced.set()
    first.join()
    assert files.load(one[0]) == one[1]
    assert files.load(other[0]) == other[1]


# Stale files ----------------------------------------------------------------------------------


def test_stale_files_of_the_same_name_are_removed(files, folder):
    others = {"epoch.train_by-76543210-abc.nbc", "epoch.cpython-311.pyc", "epoch.evaluate-1.nbc"}
    stale = {"epoch.train-76543210-a.nbc", "epoch.train-76543210-b.nbc"}
    for name in others | stale:
        (folder / name).touch()
    before = {path.name for path in folder.iterdir()}
    files.save("new", SAVED)
    assert {path.name for path in folder.iterdir()} == before - stale | {
        "epoch.train-01234567-new.nbc"
    }


def test_a_stale_file_that_cannot_be_removed_is_no_reason_not_to_save(files, folder):
    (folder / "epoch.train-76543210-folder.nbc").mkdir()
    files.save("new", SAVED)
    assert files.load("new") == SAVED


# Others ---------------------------------------------------------------------------------------

with_owners = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners here")


@with_owners
def test_what_is_saved_is_for_nobody_else(path):
    assert path.stat().st_mode & 0o777 == 0o600


@with_owners
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_what_everybody_can_write_is_not_taken(files, path, whose):
    (path if whose == "file" else path.parent).chmod(0o777)
    assert files.load("abc") is None


class Spy:
    """An object whose unpickling would be noticed."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives files away")
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_nothing_of_another_user_is_unpickled(files, path, tmp_path_factory, whose):
    mark = tmp_path_factory.mktemp("elsewhere") / "unpickled"
    files.save("abc", Spy(mark))
    os.chown(path if whose == "file" else path.parent, 65534, 65534)
    assert files.load("abc") is None
    assert not mark.exists()
    os.chown(path if whose == "file" else path.parent, os.geteuid(), os.getegid())
    files.load("abc")
    assert mark.exists()


def test_the_oldest_files_make_room_for_others(folder):
    files = PrivateFiles(folder, "own", STAMP, "own", most=3)
    for place, digest in enumerate("abcde"):
        files.save(digest, digest)
        os.utime(files.folder / f"own-01234567-{digest}.own", (place, place))
    assert [files.load(digest) for digest in "abcde"] == [None, None, "c", "d", "e"]
    assert len(list(files.folder.iterdir())) == 3
