"""Archives: what NumPy reads, and what an interrupt leaves of one."""

from __future__ import annotations

import gc
import io
import itertools
import sys
from collections import Counter

import numpy as np
import pytest
from interrupting import interrupted

import fastnn
from fastnn.common.archives import Archive, npz_content

ARRAYS = {
    "numbers": np.arange(12.0).reshape(3, 4),
    "columns": np.asfortranarray(np.eye(3, dtype=np.float32)),
    "a text": np.array("says"),
    "one": 1,
    "nothing": np.zeros((0, 2)),
}


def test_numpy_reads_the_arrays_that_were_packed():
    with np.load(io.BytesIO(npz_content(ARRAYS)), allow_pickle=False) as file:
        assert list(file) == list(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(file[name], array, strict=isinstance(array, np.ndarray))


def test_objects_are_refused():
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        npz_content({"x": np.array([{}])})


def test_a_stream_stays_open_when_its_archive_is_closed_or_deleted():
    stream = io.BytesIO(npz_content(ARRAYS))
    with Archive(stream) as archive:
        assert len(archive.namelist()) == len(ARRAYS)
    del archive
    Archive(stream).namelist()
    gc.collect()
    assert not stream.closed


def test_an_interrupt_while_a_network_is_saved_stays_one(tmp_path, monkeypatch):
    """Python's own archive makes a ValueError of one in fifty, and complains as it is deleted."""
    dropped = []  # Python drops what is raised as something is deleted, and calls this
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: dropped.append(lost.exc_type))
    net = fastnn.Network([3, 4, 2])
    outcomes = Counter()
    gc.collect()
    gc.freeze()  # what other tests left need not be searched at every step
    for step in itertools.count(0, 5):
        outcomes[interrupted(lambda: net.save(tmp_path / "net.npz"), step)] += 1
        gc.collect()
        if outcomes["late"]:
            break
    gc.unfreeze()
    assert outcomes["heard"] > 100 > outcomes["lost"]
    # Python may speak of a file interrupted while it was made; since 3.13 of a member, too.
    half_made = {ResourceWarning, *([AttributeError] if sys.version_info >= (3, 13) else [])}
    assert set(dropped) <= {KeyboardInterrupt, *half_made}
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]
    assert fastnn.load(tmp_path / "net.npz").sizes == [3, 4, 2]
