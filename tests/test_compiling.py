"""What only kernels call is compiled as part of them, and compiling disturbs nobody."""

import gc

import numba
import pytest
from numba.core.codegen import JITCodeLibrary

from fastnn.kernels.compiling import helper, implements, inlined, kernel, variant_for

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled then")


@helper
def _doubled(x):
    return 2 * x


@inlined
def _sum_of_doubled(x, y):
    return _doubled(x) + _doubled(y)


def _compute(x):
    return _sum_of_doubled(x, 1) + _doubled(x)


def _collecting(x):
    """Stands for what compiled code gets as a constant: whether garbage is collected meanwhile."""


@implements(_collecting)
def _collecting_overload(x):
    return (lambda x: 1) if gc.isenabled() else (lambda x: 0)


def not_kept(function):
    """A kernel that is compiled in every process."""
    return variant_for(kernel(function), function)


@pytest.fixture(params=[True, False], ids=["with garbage collected", "without"])
def collecting(request):
    """Whether this process collects garbage just now."""
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_a_helper_that_a_kernel_reaches_in_several_ways_is_part_of_it_once():
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


def test_a_kernel_is_compiled_while_no_garbage_is_collected(collecting):
    assert not_kept(lambda x: _collecting(x))(5) == 0
    assert gc.isenabled() == collecting


def test_garbage_is_collected_again_after_a_kernel_that_cannot_be_compiled(collecting):
    with pytest.raises(numba.TypingError):
        not_kept(lambda x: x.no_such_thing)(5)
    assert gc.isenabled() == collecting
