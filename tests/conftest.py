"""Import paths for `support` and `benchmarks`, shared fixtures, and how the tests are run."""

import contextlib
import gc
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import numba
import pytest

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FOLDER = Path(__file__).resolve().parent

sys.path.insert(0, str(FOLDER / "support"))
# At the end: where fastnn is installed, the installed one is tested and not the checkout beside it.
sys.path.append(str(FOLDER.parent))


# The files that take longest are begun first: beside one that is begun last, the other processes
# have nothing to do. `test_bits` needs the kernels that those before it compile.
LONGEST = (
    "chapter5/live/test_page.py",
    "sweeps/test_executors.py",
    "promises/test_interrupts.py",
    "engine/test_two_way.py",
    "engine/test_sparse_form.py",
    "promises/test_equivalence.py",
    "promises/test_digest_table.py",
    "estimator/test_base.py",
    "promises/test_bits.py",
    "kernels/test_compiling.py",
    "cli/test_compile_ahead.py",
    "promises/test_adding_to_kernels.py",
    "promises/test_pages.py",
)


def pytest_addoption(parser):
    parser.addoption(
        "--every", type=int, default=1, help="run only one in this many cases of each test (1)"
    )


def pytest_configure(config):
    """Let NumPy multiply in one thread in each of several processes, which all hear Ctrl-C."""
    if config.getoption("numprocesses", None):  # they share the processors
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before those processes start
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Spare the garbage collector, now and later, what all tests leave in memory."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config, items):
    """Begin with the longest files, and keep one in `--every` cases of each test, the first.

    Files with timed tests come last: such a test waits for what other processes are at, which is
    then short.
    """
    order = {item.path: len(LONGEST) + 1 for item in items if item.get_closest_marker("timed")}
    order |= {FOLDER / file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(LONGEST)))
    seen, kept, left_out = Counter(), [], []
    for item in items:
        test = item.nodeid.partition("[")[0]
        (left_out if seen[test] % config.getoption("--every") else kept).append(item)
        seen[test] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Start no other processes for one file, which one of them would run."""
    files = {argument.partition("::")[0] for argument in config.args}
    return 0 if len(files) == 1 and files.pop().endswith(".py") else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Let a test that looks at the clock run alone, though several processes share the tests."""
    if fcntl is None or not hasattr(item.config, "workerinput"):
        return (yield)
    timed = item.get_closest_marker("timed")
    with locks(FOLDER, FOLDER / "support") as (gate, door):
        fcntl.flock(gate, fcntl.LOCK_EX)  # nobody overtakes a test that waits to be alone
        fcntl.flock(door, fcntl.LOCK_EX if timed else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)


@contextlib.contextmanager
def locks(*folders):
    """Open folders, to be locked while this lasts."""
    opened = [os.open(folder, os.O_RDONLY) for folder in folders]
    try:
        yield opened
    finally:
        for folder in opened:
            fcntl.flock(folder, fcntl.LOCK_UN)  # processes forked meanwhile have it open, too
            os.close(folder)


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
    """Form teams of three on any machine, for the smallest work, and in many short calls."""
    from forced_teams import form_small_teams

    form_small_teams(monkeypatch, 3)
