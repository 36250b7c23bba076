"""What Numba reads before it compiles is read whole, and only where something is compiled."""

import signal
import sys
import threading

import llvmlite.binding as llvm
import numba
import pytest
from house import PACKAGE
from processes import run_python

registries = pytest.importorskip(
    "fastnn.kernels.numba_parts.registries",
    reason="another Numba, whose inner parts have moved",
    exc_type=ImportError,
)

# Prints how many kernels came from disk. If the kernel is `kept` there, it ends with an error as
# soon as Numba reads its registries.
READS_NOTHING = """
import numpy
from numba.core.registry import cpu_target
from fastnn.kernels.sums import norm, sum_of_squares
if {kept}:
    cpu_target.target_context.refresh = None
print(norm(numpy.array([3.0, 4.0])), sum(sum_of_squares.stats.cache_hits.values()))
"""


class Context:
    """In the place of Numba's: Ctrl-C comes while it reads."""

    def __init__(self):
        self.read = False

    def refresh(self):
        signal.raise_signal(signal.SIGINT)
        for _ in range(100):  # where Python would call the signal's handler
            pass
        self.read = True


class Quiet(Context):
    """Without Ctrl-C."""

    def refresh(self):
        self.read = True


@pytest.fixture
def handler():
    """Ctrl-C raises KeyboardInterrupt, as in a terminal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handler")
def test_ctrl_c_is_heard_when_the_registries_are_read():
    context = Context()
    with pytest.raises(KeyboardInterrupt):
        registries.read_registries(context)
    assert context.read
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("ignored", [signal.SIG_IGN, lambda *which: None])
@pytest.mark.usefixtures("handler")
def test_a_handler_of_the_user_stays(ignored):
    context = Context()
    signal.signal(signal.SIGINT, ignored)
    registries.read_registries(context)
    assert context.read
    assert signal.getsignal(signal.SIGINT) is ignored


def test_they_are_read_in_any_thread():
    context = Quiet()
    thread = threading.Thread(target=registries.read_registries, args=[context])
    thread.start()
    thread.join()
    assert context.read


def library(*lines):
    """What Numba pickles of a library with this code."""
    return "name", "object", (b"", llvm.parse_assembly("\n".join(lines)).as_bitcode())


@pytest.mark.parametrize("called", [[], ["llvm.fabs.f64", "NRT_incref", "exp"]], ids=str)
def test_they_are_not_read_for_code_that_calls_what_is_known(called, monkeypatch):
    monkeypatch.setattr(registries, "prepare", lambda context: None)
    context = Quiet()
    registries.prepare_for(context, library(*(f"declare double @{it}(double)" for it in called)))
    assert not context.read


def test_they_are_read_for_code_that_calls_what_is_not_known_yet(monkeypatch):
    monkeypatch.setattr(registries, "prepare", lambda context: None)

    class Naming(Quiet):
        def refresh(self):
            super().refresh()
            llvm.add_symbol("of_fastnns_tests", 1)

    context = Naming()
    registries.prepare_for(context, library("declare double @of_fastnns_tests(double)"))
    assert context.read


@pytest.mark.parametrize(
    "line", ["declare double @of_nobody(double)", '@".numba.unresolved$f" = external global i8']
)
def test_code_that_would_end_the_process_is_refused(line, monkeypatch):
    monkeypatch.setattr(registries, "prepare", lambda context: None)
    with pytest.raises(RuntimeError, match=r"of_nobody|calls itself"):
        registries.prepare_for(Quiet(), library(line))


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")
@pytest.mark.skipif(
    numba.version_info.short > registries._KNOWN, reason="not known to do without them"
)
def test_a_kernel_that_was_compiled_before_needs_no_registries(tmp_path):
    for kept, hits in ((False, 0), (True, 1)):
        code = READS_NOTHING.format(kept=kept)
        folders = [PACKAGE.parent, *sys.path]
        printed = run_python(code, folders=folders, NUMBA_CACHE_DIR=tmp_path)
        assert printed.split() == ["5.0", str(hits)]
