"""Disks that are full or read-only: a clear error, the old file whole, the network as it was."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import subprocess
from pathlib import Path

import numba
import numpy as np
import pytest
from builders import assert_same_bits, copies, digits, seed_generators, tiny_training
from processes import finish, start

import fastnn

KIBIBYTES = 64


@pytest.fixture
def mount(tmp_path):
    """Mount small file systems in memory, if that is allowed: `mount(kibibytes)`."""
    with contextlib.ExitStack() as mounted:

        def make(kibibytes=KIBIBYTES):
            folder = tmp_path / "disk"
            folder.mkdir()
            command = ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)]
            if (
                shutil.which("mount") is None
                or subprocess.run(command, capture_output=True, check=False).returncode
            ):
                pytest.skip("no file system may be mounted here")
            mounted.callback(subprocess.run, ["umount", str(folder)], check=True)
            return folder

        yield make


def make_read_only(folder):
    command = ["mount", "-o", "remount,ro", str(folder)]
    subprocess.run(command, check=True)


def test_a_full_disk_ends_checkpoints_and_saves_with_the_old_files_whole(mount):
    folder = mount()
    seed_generators(1)
    data = digits(40, 30, 5, seed=1)
    net = fastnn.Network([30, 20, 5])
    net.save(folder / "net.json")
    net.SGD(data, 1, 10, 0.5, verbose=False, checkpoint=folder / "run.npz")
    old = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    room = KIBIBYTES * 1024 - sum(-(-len(content) // 4096) * 4096 for content in old.values())
    (folder / "filling").write_bytes(bytes(max(0, room - 8192)))
    net.SGD(data, 1, 10, 0.5, verbose=False)
    before = copies(net)
    for action, name in (
        (lambda: net.save(folder / "net.json"), "net.json"),
        (
            lambda: net.SGD(data, 3, 10, 0.5, verbose=False, checkpoint=folder / "run.npz"),
            "run.npz",
        ),
    ):
        with pytest.raises(OSError, match="No space left on device") as caught:
            action()
        assert caught.value.errno == errno.ENOSPC
        assert Path(caught.value.filename).name == name
        if name == "net.json":
            assert all((a == b).all() for a, b in zip(copies(net), before, strict=True))
    assert len(net.history.epoch_seconds) == 1  # its epoch was over
    assert all(np.isfinite(array).all() for array in copies(net))
    (folder / "filling").unlink()
    assert {entry.name: entry.read_bytes() for entry in folder.iterdir()} == old
    fastnn.load(folder / "net.json")
    fastnn.resume(folder / "run.npz", data, verbose=False)


def test_a_read_only_folder_is_refused_before_training(mount):
    folder = mount()
    seed_generators(1)
    data = digits(40, 30, 5, seed=1)
    net = fastnn.Network([30, 20, 5])
    net.save(folder / "net.npz")
    make_read_only(folder)
    before = fastnn.load(folder / "net.npz")
    for action in (
        lambda: net.save(folder / "net.npz"),
        lambda: net.check_saving(folder / "net.npz"),
        lambda: net.SGD(data, 1, 10, 0.5, verbose=False, checkpoint=folder / "run.npz"),
    ):
        with pytest.raises(OSError, match=r"Read-only file system.*(net|run)\.npz"):
            action()
    assert_same_bits(net, before)
    assert [entry.name for entry in folder.iterdir()] == ["net.npz"]


NORM = """
import sys
import numpy as np
from fastnn.kernels.sums import norm, sum_of_squares
print(norm(np.array([3, 4], sys.argv[1])), sum(sum_of_squares.stats.cache_hits.values()))
"""


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
def test_a_disk_too_full_for_a_kernel_keeps_those_that_it_has(mount):
    folder = mount()

    def norm(kind):
        [line] = finish(start(NORM, kind, NUMBA_CACHE_DIR=folder))
        return line.split()

    assert norm("float64") == ["5.0", "0"]
    (folder / "filling").write_bytes(bytes(shutil.disk_usage(folder).free - 8192))
    assert norm("float32") == ["5.0", "0"]
    assert norm("float32") == ["5.0", "0"]
    assert norm("float64") == ["5.0", "1"]
    (folder / "filling").unlink()
    assert norm("float32") == ["5.0", "0"]
    assert norm("float32") == ["5.0", "1"]


READ_ONLY_INSTALL = "import builders, json; print(json.dumps(builders.tiny_training()))"


@pytest.mark.long  # every kernel is compiled
def test_an_install_on_a_read_only_disk_without_a_home_trains_the_same(mount):
    folder = mount(kibibytes=20_000)
    package = Path(fastnn.__file__).parent
    skipped = shutil.ignore_patterns("__pycache__", "*.npz")
    shutil.copytree(package, folder / "fastnn", ignore=skipped)
    make_read_only(folder)
    nowhere = folder / "no folder can be here"
    variables = {"HOME": None, "NUMBA_CACHE_DIR": None, "XDG_CACHE_HOME": nowhere}
    [line] = finish(start(READ_ONLY_INSTALL, folder=folder, **variables))
    assert json.loads(line) == tiny_training()
