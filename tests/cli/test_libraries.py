"""A library that a command lacks is named before the command works, with what installs it."""

import importlib.util

import pytest
from small_program import assert_one_line_of_error

pytestmark = pytest.mark.usefixtures("_small_mnist")


@pytest.fixture
def without_matplotlib(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "matplotlib" else find_spec(name)
    )


@pytest.mark.parametrize("command", ["sweep", "compare", "evaluate"])
def test_a_picture_that_cannot_be_drawn_is_refused_before_any_work(
    command, fastnn_program, without_matplotlib, tmp_path
):
    net, rows = tmp_path / "net.npz", tmp_path / "rows.csv"
    sizes = ("--sizes", "20,4,3")
    arguments = {
        "sweep": (*sizes, "--seeds", 1, "--epochs", 1, "--plot"),
        "compare": ("--a", "sizes=20,4,3", "--b", "sizes=20,5,3", "--plot"),
        "evaluate": (net, rows, "--report"),
    }[command]
    if command == "evaluate":
        rows.write_text("a,b,kind\n" + "1,2,x\n3,4,y\n" * 10)
        train = ("train", "--data", rows, *("--save", net), *("--epochs", 1), "--quiet")
        assert fastnn_program(*train)[0] == 0
    picture = tmp_path / "picture.png"
    result = fastnn_program(command, *arguments, picture)
    assert_one_line_of_error(result, "needs matplotlib", "'fastnn-jit[plot]'")
    assert not picture.exists()
