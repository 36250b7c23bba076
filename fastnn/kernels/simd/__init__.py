"""Vector registers: values of several numbers, so that kernels can say what stays in registers.

LLVM does not turn plain loops with run-time bounds into register-blocked code; kernels written with
these values do it themselves. A vector may be wider than any register of the machine: LLVM splits
32 doubles into four AVX-512, eight AVX2 or sixteen SSE2/NEON registers, so one source serves them
all, and every lane sees the same operations in the same order.

LLVM fuses, reorders and approximates nothing: `fma` rounds once, each of the four operators rounds.
That is why results have the same bits on every CPU.

Kernels read and write memory through bare pointers. These neither test bounds nor count references
to arrays, which would cost more than many a kernel. `index` counts elements from the pointer; the
caller keeps it inside the array and the array alive.

With `NUMBA_DISABLE_JIT=1` the same names are plain NumPy functions, so that kernels can be stepped
through; a pointer is then a slice of its array, and `fma` rounds twice.
"""

from numba import config

if config.DISABLE_JIT:
    from .uncompiled import (
        address_of,
        atomic_add,
        atomic_element,
        element,
        fma,
        give_way,
        item_size,
        keep_first,
        lanes_of,
        less_half_the_bits,
        load,
        load_first,
        load_from,
        offset,
        opaque,
        pointer,
        pointer_at,
        power_of_two,
        prefetch,
        put,
        put_address,
        select_greater,
        splat,
        splat_at,
        split_exponent,
        sqrt,
        square_of,
        start_flushing,
        stop_flushing,
        store,
        store_first,
        sum_products,
        tile_of,
        transpose_square,
        widen,
        zeros,
    )
else:
    from .bits import keep_first, less_half_the_bits, power_of_two, split_exponent
    from .llvm import fma, lanes_of, select_greater, splat, sqrt, tile_of, widen, zeros
    from .machine import (
        atomic_add,
        atomic_element,
        give_way,
        opaque,
        prefetch,
        start_flushing,
        stop_flushing,
    )
    from .memory import (
        address_of,
        element,
        item_size,
        load,
        load_first,
        load_from,
        offset,
        pointer,
        pointer_at,
        put,
        put_address,
        splat_at,
        store,
        store_first,
    )
    from .products import sum_products
    from .squares import square_of, transpose_square

__all__ = [
    "address_of",
    "atomic_add",
    "atomic_element",
    "element",
    "fma",
    "give_way",
    "item_size",
    "keep_first",
    "lanes_of",
    "less_half_the_bits",
    "load",
    "load_first",
    "load_from",
    "offset",
    "opaque",
    "pointer",
    "pointer_at",
    "power_of_two",
    "prefetch",
    "put",
    "put_address",
    "select_greater",
    "splat",
    "splat_at",
    "split_exponent",
    "sqrt",
    "square_of",
    "start_flushing",
    "stop_flushing",
    "store",
    "store_first",
    "sum_products",
    "tile_of",
    "transpose_square",
    "widen",
    "zeros",
]
