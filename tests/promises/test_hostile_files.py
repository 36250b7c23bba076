"""Files changed at random are read, or refused by a documented error; nothing else happens."""

from __future__ import annotations

import pickle
import random
import shutil
import tracemalloc
import warnings

import numpy as np
import pytest
from builders import digits, seed_generators
from changed_files import TooSlowError, mutated, time_limit, watching
from digit_files import (
    as_floats,
    python2_pickle,
    save_gz,
    save_idx_folder,
    save_npz,
    small_splits,
)
from example_files import animals, save_csv, save_idx

import fastnn
from fastnn import mnist_loader
from fastnn.own_data import read_examples
from fastnn.scaling import Scaling

MOST_BYTES = 64 << 20  # of memory, to read a file of some kilobytes
MOST_SECONDS = 5  # for one file; the slowest here takes a few hundredths


def saved_networks(folder):
    rows, _ = animals(9)
    net = fastnn.Network([4, 3, 3], dtype=np.float32, activation="tanh")
    net.labels, net.scaling = ["a", "b", "c"], Scaling.of(rows)
    net.save(folder / "net.npz")
    fastnn.Network([4, 3, 2]).save(folder / "net.json")
    return fastnn.load


def checkpoints(folder):
    seed_generators(1)
    data = digits(12, 4, 3, seed=1)
    for name, options in (("plain", {}), ("adam", {"optimizer": "adam", "early_stopping_n": 9})):
        net = fastnn.Network([4, 3, 3])
        net.labels = ["a", "b", "c"]
        net.SGD(
            list(data), 2, 5, 0.1, evaluation_data=data, monitor_evaluation_accuracy=True,
            dropout=0.2, verbose=False, checkpoint=folder / f"{name}.npz", **options,
        )  # fmt: skip
    return lambda path: fastnn.resume(path, list(data), 2, data, verbose=False)


def own_examples(folder):
    rows, labels = animals(9)
    np.savez(folder / "stored.npz", x=rows, y=labels)
    np.savez_compressed(folder / "packed.npz", images=rows.astype(np.uint8), labels=np.arange(9))
    save_idx(folder / "idx", np.arange(18).reshape(3, 2, 3))
    save_idx(folder / "idx.gz", np.arange(18).reshape(3, 2, 3), zipped=True)
    table = save_csv(folder / "table.csv", rows, labels, ["a", "b", "c", "d", "kind"])
    save_gz(folder / "table.gz", table.read_bytes())
    read_examples(table)  # so that pandas is there: importing it takes its time, and memory

    def read(path):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what may be wrong in what is read
            return read_examples(path)

    return read


def digit_data(folder):
    save_npz(folder / "digits.npz", small_splits())
    save_gz(folder / "digits.pkl.gz", python2_pickle(as_floats(small_splits())))
    save_gz(folder / "modern.pkl.gz", pickle.dumps(as_floats(small_splits())))
    return mnist_loader.load_data


def idx_folder(folder):
    (training, _, test) = small_splits()
    made = save_idx_folder(folder / "made", training, test)
    for file in made.iterdir():
        shutil.move(file, folder)
    made.rmdir()
    return lambda path: mnist_loader.load_data(folder)  # `path` is one of the files in it


READERS = {
    "load": (saved_networks, (OSError, ValueError)),
    "resume": (checkpoints, (OSError, TypeError, ValueError)),
    "read_examples": (own_examples, (OSError, ValueError)),
    "load_data": (digit_data, (ValueError,)),
    "load_data of a folder": (idx_folder, (FileNotFoundError, ValueError)),
}


def assert_read_or_refused(folder, reader, count, seed):
    """Change the reader's files `count` times, one at a time, and read each."""
    build, documented = READERS[reader]
    read = build(folder)
    good = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    rng = random.Random(seed)
    refused = 0
    tracemalloc.start()
    try:
        for number in range(count):
            path = rng.choice(list(good))
            content = mutated(rng, good[path])
            path.write_bytes(content)
            before = random.getstate()
            try:
                with watching() as seen, time_limit(MOST_SECONDS):
                    read(path)
            except documented as error:
                refused += 1
                assert str(error), f"{path.name}, change {number}: an error without words"
                assert len(str(error)) < 700, f"{path.name}, change {number}: {str(error)[:2000]}"
                assert str(error).isprintable(), f"{path.name}, change {number}: {error!r}"
                assert random.getstate() == before
            except (Exception, TooSlowError) as error:
                raise AssertionError(f"{path.name}, change {number}: {error!r}") from error
            written = [event for event in seen if reader != "resume"]
            assert written == [], f"{path.name}, change {number}"
            path.write_bytes(good[path])
        assert sorted(folder.iterdir()) == sorted(good)  # no other file has come or gone
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert count / 20 < refused < count  # some changes are harmless, but not all


@pytest.mark.parametrize("reader", READERS)
def test_a_file_changed_at_random_is_read_or_refused(tmp_path, reader):
    assert_read_or_refused(tmp_path, reader, count=300, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS)
def test_a_hundred_thousand_changed_files_are_read_or_refused(tmp_path, reader):
    assert_read_or_refused(tmp_path, reader, count=20_000, seed=2)
