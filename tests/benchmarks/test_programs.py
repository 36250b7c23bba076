"""Each program trains as the reference does, with every option that it supports."""

import pytest

from benchmarks import options, peers
from benchmarks.programs import PROGRAMS
from benchmarks.support import race

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


# Not torch.compile: it starts a C++ compiler.
RACERS = ("numpy", "fastnn", "torch", "jax", "sklearn")


@pytest.mark.parametrize("name", RACERS)
@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_a_program_comes_to_where_the_reference_does(name, tasks):
    if not race.is_installed(PROGRAMS[name]):
        pytest.skip(f"{PROGRAMS[name].library} is not installed")
    entries = race.run_race([PROGRAMS["reference"], PROGRAMS[name]], tasks, repeats=2)
    assert [(entry.name, entry.dtype) for entry in entries] == [
        ("reference", "float64"),
        (name, "float64"),
        (name, "float32"),
    ]
    for entry in entries:
        assert not entry.failure
        assert entry.agrees
        assert len(entry.seconds) == 2
    assert entries[1].weights_apart < 1e-12
    assert entries[1].loss == pytest.approx(entries[0].loss, rel=1e-12)


# The options that each program supports.
ABLE = {
    "numpy": (),
    "fastnn": ("momentum", "adam", "softmax", "relu", "tanh"),
    "torch": ("momentum", "softmax", "relu", "tanh"),
    "jax": ("momentum", "adam", "softmax", "relu", "tanh"),
    "sklearn": ("momentum", "adam", "softmax", "relu", "tanh"),
}


@pytest.mark.parametrize("option", [name for name in options.OPTIONS if name != "plain"])
@pytest.mark.parametrize("name", RACERS)
@pytest.mark.filterwarnings("default")  # those of other people's libraries
def test_a_program_trains_with_an_option_as_the_reference_does_or_is_left_out(name, option):
    if not race.is_installed(PROGRAMS[name]):
        pytest.skip(f"{PROGRAMS[name].library} is not installed")
    dtypes = ("float64", "float32")
    tasks = race.make_tasks(
        [784, 12, 10], dtypes, 10, threads=1, examples=195, **options.OPTIONS[option]
    )
    reference, *entries = race.run_race([PROGRAMS["reference"], PROGRAMS[name]], tasks, repeats=1)
    text = "\n".join(peers.report([reference, *entries]))
    for field, value in options.OPTIONS[option].items():
        assert f"{value}" in text
        assert field == "cost" or field in text
    for entry in entries:
        if option in ABLE[name]:
            assert not entry.failure
            assert entry.agrees
            assert entry.loss == pytest.approx(reference.loss, rel=1e-5)
        else:
            assert f"{name:14}{entry.dtype:9} left out: {entry.failure}" in text
