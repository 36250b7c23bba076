"""What only kernels call is compiled as part of them, and compiling disturbs nobody."""

import compileall
import gc
import shutil
import signal
from pathlib import Path

import numba
import pytest
from house import PACKAGE
from numba.core.caching import NullCache
from numba.core.codegen import JITCodeLibrary
from processes import run_python

from fastnn.kernels import compiling
from fastnn.kernels.compiling import OfOneKind, helper, implements, inlined, kernel

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


@helper
def _doubled(x):
    return 2 * x


@inlined
def _sum_of_doubled(x, y):
    return _doubled(x) + _doubled(y)


def _compute(x):
    return _sum_of_doubled(x, 1) + _doubled(x)


def not_kept(function):
    """A kernel that is compiled in every process."""
    compiled = kernel(function)
    compiled._cache = NullCache()
    return compiled


@pytest.fixture(params=[True, False], ids=["with garbage collected", "without"])
def collecting(request):
    """Whether this process collects garbage just now."""
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_a_kernel_may_reach_a_helper_in_several_ways():
    assert not_kept(_compute)(5) == 22


def test_functions_that_numba_compiles_on_its_own_may_call_helpers_too():
    assert numba.njit(_compute)(5) == 22


def test_numba_itself_optimises_neither_helpers_nor_kernels(monkeypatch):
    def refuse(library):
        raise AssertionError(f"{library} is optimised by itself")

    @helper
    def halved(x):
        return x / 2

    monkeypatch.setattr(JITCodeLibrary, "_optimize_final_module", refuse)
    assert not_kept(lambda x: halved(x))(5) == 2.5


def test_functions_that_numba_compiles_on_its_own_may_stand_between_helpers():
    between = numba.njit(lambda x: _doubled(x) + 1)

    @helper
    def tripled(x):
        return between(x) + x - 1

    assert not_kept(lambda x: tripled(x))(5) == 15


def test_no_part_of_a_kernel_is_known_by_its_name_outside():
    """LLVM would take one kernel's for another's of the same name from a file."""

    @helper
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    whole = not_kept(lambda n: fibonacci(n) + fibonacci(n + 1))
    assert whole(5) == 13
    (result,) = whole.overloads.values()
    parts = [part for part in result.library._final_module.functions if "fibonacci" in part.name]
    assert parts
    assert {part.linkage.name for part in parts} == {"internal"}


def test_a_helper_may_raise_what_it_has_computed():
    @helper
    def refuse(x):
        raise ValueError("not a number to have", x)

    with pytest.raises(ValueError, match="not a number to have") as caught:
        not_kept(lambda x: refuse(x))(5)
    assert caught.value.args == ("not a number to have", 5)


def test_no_garbage_is_collected_while_a_kernel_is_compiled(collecting):
    found = []

    def stand_in(x):
        """Compiled as another function, which is chosen in the course of compiling."""

    @implements(stand_in)
    def _choose(x):
        found.append(gc.isenabled())
        return lambda x: x

    assert not_kept(lambda x: stand_in(x))(5) == 5
    assert found == [False]
    assert gc.isenabled() == collecting


def test_garbage_is_collected_again_after_a_kernel_that_cannot_be_compiled(collecting):
    with pytest.raises(numba.TypingError):
        not_kept(lambda x: x.no_such_thing)(5)
    assert gc.isenabled() == collecting


# Kernels kept on disk -------------------------------------------------------------------------

PROBE = """
from .compiling import kernel
from .{folder}probe_constant import answer

@kernel
def ask():
    return answer()
"""
PROBE_CONSTANT = """
from fastnn.kernels.compiling import helper

ANSWER = {}

@helper
def answer():
    return ANSWER
"""
ASK = """
from fastnn.kernels.probe import ask
print(ask(), "kept" if ask.stats.cache_hits else "compiled")
"""


@pytest.fixture(params=["", "simd"], ids=["of the same folder", "of a folder within"])
def ask(tmp_path, request):
    """A function that runs a kernel of a copy of the package; the answer is in another file."""
    copy = tmp_path / "fastnn"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    folder = f"{request.param}." if request.param else ""
    (copy / "kernels" / "probe.py").write_text(PROBE.format(folder=folder))

    def run(answer):
        (copy / "kernels" / request.param / "probe_constant.py").write_text(
            PROBE_CONSTANT.format(answer)
        )
        return run_python(
            ASK,
            folders=[tmp_path],
            NUMBA_CACHE_DIR=tmp_path / "cache",
            NUMBA_DISABLE_JIT="0",
            PYTHONDONTWRITEBYTECODE="1",  # files of one size and second look alike to Python
        ).split()

    return run


@pytest.mark.thorough
def test_an_edit_of_any_file_of_the_kernels_makes_kept_kernels_stale(ask):
    assert ask(41) == ["41", "compiled"]
    assert ask(41) == ["41", "kept"]
    assert ask(42) == ["42", "compiled"]


@pytest.mark.thorough
def test_damaged_files_of_kept_kernels_are_compiled_anew(ask, tmp_path):
    ask(41)
    files = list((tmp_path / "cache").rglob("*.nbc"))
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:20])
    assert ask(41) == ["41", "compiled"]


WITHOUT_SOURCES = """
import numpy as np
from fastnn.kernels import sums
print(sums.norm(np.ones(4)), sums.__file__.endswith("pyc") or ".zip" in sums.__file__)
"""


def as_zip(tree):
    return Path(shutil.make_archive(tree / "zipped", "zip", tree, "fastnn"))


def as_compiled_files(tree):
    """Leave nothing but what Python makes of sources, beside where they were."""
    compileall.compile_dir(tree, quiet=2, legacy=True)
    for path in tree.rglob("*.py"):
        path.unlink()
    return tree


@pytest.mark.thorough
@pytest.mark.parametrize("form", [as_zip, as_compiled_files])
def test_where_there_are_no_sources_no_kernel_is_kept(tmp_path, form):
    """Kernels of an earlier version would look the same."""
    copy = tmp_path / "tree" / "fastnn"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "stored"))
    printed = run_python(
        WITHOUT_SOURCES,
        folders=[tmp_path, form(copy.parent)],
        NUMBA_DISABLE_JIT="0",
        NUMBA_CACHE_DIR=tmp_path / "cache",
        XDG_CACHE_HOME=tmp_path / "user",
    )
    assert printed == "2.0 True\n"
    assert not list(tmp_path.rglob("*.nb?"))


# Another version of Numba ---------------------------------------------------------------------

OTHER_NUMBA = {
    "whose parts have moved": "import numba.core.codegen as c; del c.JITCodeLibrary",
    "whose parts work otherwise": """
import fastnn.kernels.numba_parts.compiler as parts
parts._Part.finalize = None
""",
}
TRAIN = """
import hashlib, random
import numpy as np
from fastnn import network2
from fastnn.kernels import compiling

class Leaky:
    fn = staticmethod(lambda z: z if z > 0.0 else 0.1 * z)
    prime = staticmethod(lambda z: 1.0 if z > 0.0 else 0.1)

random.seed(1)
np.random.seed(1)
pairs = [(np.random.rand(5, 1), np.eye(3)[:, [i % 3]]) for i in range(20)]
net = network2.Network([5, 4, 3], activation=Leaky)
net.SGD(pairs, 2, 4, 0.5, 0.1, verbose=False)
parameters = b"".join(array.tobytes() for array in net.weights + net.biases)
parts = compiling.compiler
print(parts is not None and parts.fits(), hashlib.sha256(parameters).hexdigest())
"""


@pytest.mark.thorough
def test_a_numba_with_other_inner_parts_gives_the_same_bits(tmp_path):
    how = {"folders": [PACKAGE.parent], "NUMBA_DISABLE_JIT": "0"}
    as_we_know_it, bits = run_python(TRAIN, **how).split()
    assert as_we_know_it == "True"
    for which, change in OTHER_NUMBA.items():
        folder = tmp_path / which.replace(" ", "-")
        assert run_python(change + TRAIN, NUMBA_CACHE_DIR=folder, **how).split() == ["False", bits]


def test_a_kernel_of_one_kind_looks_at_types_until_that_is_worth_a_look_up():
    compiled = not_kept(_compute)
    looks = []

    class Watched:
        overloads = compiled.overloads

        def __call__(self, x):
            looks.append(x)
            return compiled(x)

    quick = OfOneKind(Watched())
    numbers = list(range(2 * compiling._CALLS_AT_FIRST))
    assert [quick(x) for x in numbers] == [compiled(x) for x in numbers]
    assert looks == numbers[: compiling._CALLS_AT_FIRST - 1]


def test_a_kernel_without_compiled_code_is_called_as_it_is():
    quick = OfOneKind(lambda x: x + 1)
    assert [quick(x) for x in range(100)] == list(range(1, 101))


def test_a_signal_is_heard_when_a_kernel_is_compiled(monkeypatch):
    done = []

    def fail(*_):
        raise TimeoutError

    def with_signal(function, argument):
        signal.raise_signal(signal.SIGTERM)
        done.append(function(argument))
        return done[-1]

    monkeypatch.setattr("fastnn.kernels.numba_parts.compiler._with_room", with_signal)
    compiled = not_kept(_compute)
    before = signal.signal(signal.SIGTERM, fail)
    try:
        with pytest.raises(TimeoutError):
            compiled(1.0)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done
    monkeypatch.undo()
    assert compiled(1.0) == 6.0
