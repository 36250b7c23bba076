"""Import paths for `support` and `benchmarks`, shared fixtures, and the option `--every`."""

import sys
from collections import Counter
from pathlib import Path

import numba
import pytest

FOLDER = Path(__file__).resolve().parent

sys.path.insert(0, str(FOLDER / "support"))
# At the end: where fastnn is installed, the installed one is tested and not the checkout beside it.
sys.path.append(str(FOLDER.parent))


def pytest_addoption(parser):
    parser.addoption(
        "--every", type=int, default=1, help="run only one in this many cases of each test (1)"
    )


def pytest_collection_modifyitems(config, items):
    """Keep one in `--every` cases of each test, the first."""
    seen, kept, left_out = Counter(), [], []
    for item in items:
        test = item.nodeid.partition("[")[0]
        (left_out if seen[test] % config.getoption("--every") else kept).append(item)
        seen[test] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def pytest_runtest_setup(item):
    if item.get_closest_marker("compiled") and numba.config.DISABLE_JIT:
        pytest.skip("takes minutes, or is too slow to hold, without the JIT")


@pytest.fixture
def fastnn_program(capsys):
    """Run the program; return its exit status and the lines of both outputs."""

    from fastnn import cli

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.fixture
def many_processors(monkeypatch):
    """Form teams on any machine, for the smallest work, and in many short calls.

    Forget what other tests have measured.
    """
    from fastnn.engine import faster_way, short_calls, teams
    from fastnn.training import option_checks

    monkeypatch.setattr(option_checks, "threads_available", lambda: 3)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING", 1)
    monkeypatch.setattr(teams, "_WORTH_SPLITTING_ROWS", 1)
    monkeypatch.setattr(short_calls, "_LONGEST_CALL", 0.0)
    faster_way.choice_for.cache_clear()
