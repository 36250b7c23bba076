"""Arrays beside a page that nobody may touch: a read or write past the end kills the process."""

from __future__ import annotations

import ctypes
import mmap
import types

import numpy as np

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_NO_ACCESS = 0


def _closed(memory, page):
    """Forbid any access to a page of a memory map."""
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory, page * mmap.PAGESIZE))
    refused = _LIBRARY.mprotect(
        ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE), _NO_ACCESS
    )
    if refused:
        raise OSError(ctypes.get_errno(), "mprotect")


def before_the_edge(array):
    """Return a copy of an array that ends just before a forbidden page."""
    pages = -(-max(array.nbytes, 1) // mmap.PAGESIZE)
    memory = mmap.mmap(-1, (pages + 1) * mmap.PAGESIZE)
    _closed(memory, pages)
    start = pages * mmap.PAGESIZE - array.nbytes
    copy = np.frombuffer(memory, array.dtype, array.size, start).reshape(array.shape)
    copy[...] = array
    return copy


def after_the_edge(array):
    """Return a copy of an array that begins just after a forbidden page."""
    pages = -(-max(array.nbytes, 1) // mmap.PAGESIZE)
    memory = mmap.mmap(-1, (pages + 1) * mmap.PAGESIZE)
    _closed(memory, 0)
    copy = np.frombuffer(memory, array.dtype, array.size, mmap.PAGESIZE).reshape(array.shape)
    copy[...] = array
    return copy


def guard_everything(patch, edge):
    """Make every array that kernels take with `edge`, one of the functions above."""
    from fastnn.engine import packed_network, prepared, teams, trainer, two_way
    from fastnn.kernels import layout

    for name in ("kernel_inputs", "kernel_targets"):
        made = getattr(prepared, name)
        patch.setattr(prepared, name, lambda *data, made=made: _edged(made(*data), edge))
    order = prepared.kernel_order
    patch.setattr(prepared, "kernel_order", lambda data: edge(order(data)))

    def two_way_inputs(*arguments, made=two_way.by_input_too):
        return _edged(made(*arguments), edge)

    patch.setattr(trainer, "by_input_too", two_way_inputs)
    visit = two_way.visit_pairs

    def visit_pairs(inputs, order, block_size, *written, writing):
        copies = [edge(array) for array in written]
        visit(inputs, edge(order), block_size, *copies, writing)
        for array, copy in zip(written, copies, strict=True):
            array[...] = copy

    patch.setattr(two_way, "visit_pairs", visit_pairs)

    def build_table(*arguments):
        table, *counts = layout.build_table(*arguments)
        return edge(table), *counts

    def net(**fields):
        small = {"decay_scale": edge(fields["decay_scale"])}
        return layout.Net(**{**fields, **small})

    # The module itself stays as it is: kernels are compiled from its names.
    guarded = {
        "aligned_zeros": lambda count, dtype: edge(np.zeros(count, dtype)),
        "build_table": build_table,
        "Net": net,
        "Dropout": lambda rates, keys: layout.Dropout(edge(rates), edge(keys)),
        "Team": lambda size, rank, meeting, visits: layout.Team(size, rank, meeting, edge(visits)),
    }
    for module in (packed_network, teams):
        patch.setattr(module, "layout", types.SimpleNamespace(**{**vars(layout), **guarded}))


def _edged(arrays, edge):
    """The same named tuple with its arrays at the edge."""
    return arrays._replace(
        **{
            name: edge(value)
            for name, value in arrays._asdict().items()
            if isinstance(value, np.ndarray)
        }
    )
