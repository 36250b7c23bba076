"""Data that several tests of the program read, and a network that was trained on some."""

import pytest
from example_files import animals, save_csv
from small_program import small_mnist, tiny_mnist

from fastnn import mnist_loader

HEADER = ["height", "weight", "legs", "tail", "species"]


@pytest.fixture
def _small_mnist(monkeypatch):
    monkeypatch.setattr(mnist_loader, "load_data_wrapper", small_mnist)


@pytest.fixture
def _tiny_mnist(monkeypatch):
    monkeypatch.setattr(mnist_loader, "load_data_wrapper", tiny_mnist)


@pytest.fixture
def table(tmp_path):
    return save_csv(tmp_path / "animals.csv", *animals(), HEADER)


@pytest.fixture
def trained(fastnn_program, table, tmp_path):
    """A network that was trained on the table, standardised, for long enough."""
    path = tmp_path / "net.npz"
    options = ["--epochs", 30, "--eta", 0.5, "--seed", 1, "--standardise", "--save", path]
    status, _, err = fastnn_program("train", "--data", table, *options)
    assert (status, err) == (0, [])
    return path
