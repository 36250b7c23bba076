"""The bundled MNIST, as arrays and as data sets, and the script that makes its file."""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from digit_files import NAMES, save_gz, save_npz, small_splits

from fastnn import mnist_loader
from fastnn.datasets.dataset import Dataset

DATA = Path(__file__).resolve().parent.parent / "data"


# --- the bundled MNIST ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mnist():
    return mnist_loader.load_data()


@pytest.fixture(scope="module")
def wrapped():
    return mnist_loader.load_data_wrapper()


@pytest.fixture
def fake():
    return small_splits()


def test_bundled_mnist_has_the_sizes_and_types_of_the_books(mnist):
    assert [images.shape for images, _ in mnist] == [(50000, 784), (10000, 784), (10000, 784)]
    assert [labels.shape for _, labels in mnist] == [(50000,), (10000,), (10000,)]
    assert all(images.dtype == np.float32 and labels.dtype == np.int64 for images, labels in mnist)


def test_bundled_pixels_are_multiples_of_1_256_from_0_to_255_256(mnist):
    for images, _ in mnist:
        assert images.min() == 0.0
        assert images.max() == 255 / 256
        some = images[::50] * 256
        assert np.array_equal(some, np.round(some))


@pytest.mark.parametrize(
    ("split", "pixel_sum"), [(0, 1_309_089_051), (1, 258_209_494), (2, 264_923_200)]
)
def test_bundled_pixels_add_up(mnist, split, pixel_sum):
    assert mnist[split][0].sum(dtype=np.float64) * 256 == pixel_sum


@pytest.mark.parametrize(
    ("split", "counts"),
    [
        (0, [4932, 5678, 4968, 5101, 4859, 4506, 4951, 5175, 4842, 4988]),
        (1, [991, 1064, 990, 1030, 983, 915, 967, 1090, 1009, 961]),
        (2, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
    ],
)
def test_bundled_labels_are_spread_as_known(mnist, split, counts):
    assert np.bincount(mnist[split][1]).tolist() == counts


@pytest.mark.parametrize(
    ("split", "first"),
    [
        (0, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]),
        (1, [3, 8, 6, 9, 6, 4, 5, 3, 8, 4]),
        (2, [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]),
    ],
)
def test_bundled_examples_come_in_the_books_order(mnist, split, first):
    assert mnist[split][1][:10].tolist() == first


def test_loaded_arrays_can_be_written_to(mnist):
    assert all(array.flags.writeable for pair in mnist for array in pair)


def test_readme_names_the_hash_of_the_bundled_file():
    content = (DATA / "mnist.npz").read_bytes()
    assert hashlib.sha256(content).hexdigest() in (DATA / "README.md").read_text(encoding="utf-8")


def test_a_missing_bundled_file_is_reported_with_where_it_was_sought(monkeypatch, tmp_path):
    monkeypatch.setattr(mnist_loader, "__file__", str(tmp_path / "fastnn" / "mnist_loader.py"))
    with pytest.raises(FileNotFoundError, match="rebuild") as caught:
        mnist_loader.load_data()
    assert str(tmp_path.resolve() / "data" / "mnist.npz") in str(caught.value)


# --- load_data_wrapper ------------------------------------------------------------------------


def test_wrapper_gives_three_data_sets(wrapped):
    assert all(isinstance(data, Dataset) for data in wrapped)
    assert [len(data) for data in wrapped] == [50000, 10000, 10000]


def test_wrapped_training_data_are_pairs_of_columns(wrapped, mnist):
    x, y = wrapped[0][0]
    assert x.shape == (784, 1)
    assert np.array_equal(x[:, 0], mnist[0][0][0])
    assert np.array_equal(y, mnist_loader.vectorized_result(5))


@pytest.mark.parametrize(("split", "label"), [(1, 3), (2, 7)])
def test_wrapped_evaluation_data_are_pairs_of_column_and_integer(wrapped, mnist, split, label):
    x, y = wrapped[split][0]
    assert x.shape == (784, 1)
    assert np.array_equal(x[:, 0], mnist[split][0][0])
    assert isinstance(y, (int, np.integer))
    assert y == label


def test_wrapper_passes_bytes_on_without_converting_them(monkeypatch):
    calls = []
    monkeypatch.setattr(
        mnist_loader, "Dataset", lambda *args, **kwargs: calls.append((args, kwargs))
    )
    mnist_loader.load_data_wrapper()
    assert [images.dtype for (images, _), _ in calls] == [np.uint8] * 3
    assert [kwargs["scale"] for _, kwargs in calls] == [1 / 256] * 3
    assert [kwargs.get("classes") for _, kwargs in calls] == [10, None, None]


def test_wrapper_calls_what_a_script_has_in_the_place_of_the_other_functions(fake, monkeypatch):
    """As the book's does: other data, in their own numbers, and other desired outputs."""
    monkeypatch.setattr(mnist_loader, "load_data", lambda: [(x[:4], y[:4]) for x, y in fake])
    sets = mnist_loader.load_data_wrapper()
    assert [len(data) for data in sets] == [4, 4, 4]
    assert np.array_equal(sets[0][1][0][:, 0], fake[0][0][1])
    unit = mnist_loader.vectorized_result
    monkeypatch.setattr(mnist_loader, "vectorized_result", lambda j: 0.8 * unit(j) + 0.1)
    training, validation, _ = mnist_loader.load_data_wrapper()
    assert np.array_equal(training[1][1], 0.8 * unit(fake[0][1][1]) + 0.1)
    assert validation[1][1] == fake[1][1][1]


def test_wrapper_takes_floats_at_their_value(fake, tmp_path):
    floats = [(images.astype(np.float32) / 256, labels) for images, labels in fake]
    training, _, _ = mnist_loader.load_data_wrapper(save_npz(tmp_path / "floats.npz", floats))
    x, y = training[1]
    assert np.array_equal(x[:, 0], floats[0][0][1])
    assert np.argmax(y) == fake[0][1][1]


# --- vectorized_result ------------------------------------------------------------------------


@pytest.mark.parametrize("j", [0, 9, np.int64(4), np.uint8(7)])
def test_vectorized_result_is_a_unit_column(j):
    column = mnist_loader.vectorized_result(j)
    assert column.shape == (10, 1)
    assert column.dtype == np.float64
    assert np.flatnonzero(column).tolist() == [j]
    assert column.sum() == 1.0


@pytest.mark.parametrize("j", [-1, 10])
def test_vectorized_result_refuses_what_is_no_digit(j):
    with pytest.raises(ValueError, match=f"j must be 0 to 9, got {j}"):
        mnist_loader.vectorized_result(j)


@pytest.mark.parametrize("j", [3.0, "3", None])
def test_vectorized_result_refuses_what_is_no_integer(j):
    with pytest.raises(TypeError, match=f"j must be an integer, got {j!r}"):
        mnist_loader.vectorized_result(j)


# --- the script that makes mnist.npz ----------------------------------------------------------


def test_the_build_script_refuses_another_source(tmp_path):
    source = save_gz(tmp_path / "mnist.pkl.gz", b"something else")
    run = subprocess.run(
        [sys.executable, str(DATA / "build_mnist.py"), str(source)], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert f"{source} is not the book's mnist.pkl.gz" in run.stderr


def test_the_build_script_writes_the_same_bytes_every_time(fake, tmp_path):
    spec = importlib.util.spec_from_file_location("build_mnist", DATA / "build_mnist.py")
    build_mnist = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_mnist)
    arrays = {name: images for name, (images, _) in zip(NAMES, fake, strict=True)}
    for name in ("one.npz", "two.npz"):
        build_mnist.write_npz(arrays, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as file:
        assert all(np.array_equal(file[name], array) for name, array in arrays.items())


def test_the_bundled_arrays_are_those_the_build_script_vouches_for():
    spec = importlib.util.spec_from_file_location("build_mnist", DATA / "build_mnist.py")
    build_mnist = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_mnist)
    with np.load(DATA / "mnist.npz") as file:
        assert build_mnist.arrays_sha256(dict(file)) == build_mnist.ARRAYS_SHA256
