"""Sums of products of numbers with vectors: the inner loop of every matrix product.

The loop is written in LLVM's own language, for a block of rows at a time whose sums stay in
registers. Numba would need a tenth of a second for each size of block.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ..numba_parts import has_avx512
from .llvm import splat_scalar

LINE = 64  # bytes of a cache line


def _rows_at_an_address() -> int:
    """How many rows of numbers share an address that moves on.

    The CPU adds the distance of a row to it in the load itself. Blocks of 12 rows have no registers
    for so many distances: there it adds once or twice the distance of the first.
    """
    return 3 if has_avx512() else 6


def _block_sizes(vector) -> tuple[int, ...]:
    """How many rows to take at a time: first as many as registers hold sums for, then fewer.

    Of 32 registers 24 hold sums. Two operations are begun in a cycle and each takes four or five,
    so ten sums are the fewest that keep the CPU busy.
    """
    size = vector.lanes * vector.dtype.bitwidth // 8
    most = 12 if has_avx512() and size <= 2 * LINE else 6
    return (12, 6, 4, 2, 1)[0 if most == 12 else 1 :]


@intrinsic
def sum_products(typingctx, like, numbers, vectors, count, sums, ahead):
    """Sums of `count` products each, one after the other: a row of vectors.

    Row r of `sums` is share * sums[r] + numbers[r, 0] vectors[0] + numbers[r, 1] vectors[1] + ...,
    one chain of fused multiply-adds in that order; without the first if the sums are not `begun`.
    If they are `apart`, what was there is added to that at the end.

    Parameters
    ----------
    like : Vector
        The type of the vectors.
    numbers : Numbers
        Number k of row r is at[r * across + k * along].
    vectors : Rows
        Vector k is at at[k * stride].
    count : int
    sums : Sums
        Vector r of `rows` is at at[r * stride].
    ahead : Ahead
        What to bring into the cache meanwhile: a line with every product, from at[b * step] on in
        block b of rows, as far as block `blocks`. If its list is `given`, then also a line at
        address list[k] + (begin + r) * size with product k of a block that begins with row r.
        Of blocks only those of the first size do so, and only where a vector is more than a
        register: loads limit the others.
    """
    memory = numbers.types[0]

    def codegen(context, builder, sig, args):
        _Loop(context, builder, like, args).emit(_block_sizes(like))
        return context.get_dummy_value()

    if memory.dtype != like.dtype:
        return None
    return types.void(like, numbers, vectors, types.intp, sums, ahead), codegen


class _Loop:
    """Writes the loop over rows where `builder` stands."""

    def __init__(self, context, builder, like, args):
        self.builder = builder
        _, numbers, vectors, self.count, sums, ahead = args
        part = builder.extract_value
        self.numbers, self.across, self.along = (part(numbers, k) for k in range(3))
        self.vectors, self.down = (part(vectors, k) for k in range(2))
        self.sums, self.pitch, self.rows, there = (part(sums, k) for k in range(4))
        begun, share, apart = (part(there, k) for k in range(3))
        self.ahead, self.step, self.blocks, listed = (part(ahead, k) for k in range(4))
        self.vector = context.get_value_type(like)
        self.item = like.dtype.bitwidth // 8
        self.number = self.across.type
        self.group = _rows_at_an_address()
        self.asks = like.lanes * self.item > LINE
        given, addresses, self.first, self.size = (part(listed, k) for k in range(4))
        self.given = cgutils.is_true(builder, given)
        self.listed = builder.bitcast(addresses, self.number.as_pointer())
        self.fma = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(self.vector, [self.vector] * 3),
            f"llvm.fma.v{like.lanes}f{like.dtype.bitwidth}",
        )
        self.begun = cgutils.is_true(builder, begun)
        self.share = splat_scalar(
            builder, context.cast(builder, share, types.float64, like.dtype), self.vector
        )
        self.apart = cgutils.is_true(builder, apart)

    def emit(self, sizes):
        """Take blocks of the first size as long as there are rows, then one of each that fits."""
        builder = self.builder
        row = cgutils.alloca_once_value(builder, self._int(0))
        for place, size in enumerate(sizes):
            begin = builder.append_basic_block("rows")
            work = builder.append_basic_block("block")
            end = builder.append_basic_block("fewer")
            builder.branch(begin)
            builder.position_at_end(begin)
            at = builder.load(row)
            left = builder.sub(self.rows, at)
            fits = builder.icmp_signed(">=", left, self._int(size))
            if size == 6 and place > 0:  # two blocks of four keep more sums going than six and two
                fits = builder.and_(fits, builder.icmp_signed("!=", left, self._int(8)))
            builder.cbranch(fits, work, end)
            builder.position_at_end(work)
            if place == 0 and self.asks:
                with builder.if_else(self.given) as (given, otherwise):
                    with given:
                        self._block(at, size, sizes[0], asking=True)
                    with otherwise:
                        self._block(at, size, sizes[0])
            else:
                self._block(at, size, sizes[0])
            builder.store(builder.add(at, self._int(size)), row)
            builder.branch(begin)
            builder.position_at_end(end)

    def _block(self, row, size, usual, asking=False):
        builder = self.builder
        lines = [self._int(r) for r in range(size)]
        groups = range(0, size, self.group)
        numbers = [
            builder.gep(self.numbers, [builder.mul(builder.add(row, lines[r]), self.across)])
            for r in groups
        ]
        places = [builder.mul(line, self.across) for line in lines[: self.group]]
        targets = [
            builder.bitcast(
                builder.gep(self.sums, [builder.mul(builder.add(row, line), self.pitch)]),
                self.vector.as_pointer(),
            )
            for line in lines
        ]
        begun = self._begin(targets)
        block = builder.sdiv(row, self._int(usual))
        block = builder.select(builder.icmp_signed("<", block, self.blocks), block, self.blocks)
        ahead = builder.gep(self.ahead, [builder.mul(block, self.step)])
        listed = [self.listed] if asking else []
        distance = builder.mul(builder.add(self.first, row), self.size)
        entry = builder.block
        head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        k = builder.phi(self.number)
        v, p = builder.phi(self.vectors.type), builder.phi(self.ahead.type)
        addresses = [builder.phi(address.type) for address in listed]
        at = [builder.phi(address.type) for address in numbers]
        sums = [builder.phi(self.vector) for _ in range(size)]
        phis = [k, v, p, *addresses, *at, *sums]
        begin = [self._int(0), self.vectors, ahead, *listed, *numbers, *begun]
        for phi, value in zip(phis, begin, strict=True):
            phi.add_incoming(value, entry)
        builder.cbranch(builder.icmp_signed("<", k, self.count), body, after)
        builder.position_at_end(body)
        self._prefetch(p)
        for address in addresses:
            asked = builder.add(builder.load(address), distance)
            self._prefetch(builder.inttoptr(asked, p.type))
        row_vector = builder.load(builder.bitcast(v, self.vector.as_pointer()), align=self.item)
        added = []
        for r, total in enumerate(sums):
            group, place = divmod(r, self.group)
            number = builder.load(builder.gep(at[group], [places[place]]))
            added.append(
                builder.call(
                    self.fma, [splat_scalar(builder, number, self.vector), row_vector, total]
                )
            )
        following = [
            builder.add(k, self._int(1)),
            builder.gep(v, [self.down]),
            builder.gep(p, [self._int(LINE // self.item)]),
            *(builder.gep(address, [self._int(1)]) for address in addresses),
            *(self._next(address) for address in at),
            *added,
        ]
        for phi, value in zip(phis, following, strict=True):
            phi.add_incoming(value, body)
        builder.branch(head)
        builder.position_at_end(after)
        self._end(targets, sums)

    def _begin(self, targets):
        """share * sums, or zeros."""
        builder = self.builder
        before = builder.block
        with builder.if_then(self.begun):
            shares = [
                builder.fmul(builder.load(target, align=self.item), self.share)
                for target in targets
            ]
            inside = builder.block
        begun = []
        for share in shares:
            phi = builder.phi(self.vector)
            phi.add_incoming(ir.Constant(self.vector, None), before)
            phi.add_incoming(share, inside)
            begun.append(phi)
        return begun

    def _end(self, targets, sums):
        """Store the sums, or what was there plus the sums."""
        builder = self.builder
        with builder.if_else(self.apart) as (apart, otherwise):
            with apart:
                for target, total in zip(targets, sums, strict=True):
                    total = builder.fadd(builder.load(target, align=self.item), total)
                    builder.store(total, target, align=self.item)
            with otherwise:
                for target, total in zip(targets, sums, strict=True):
                    builder.store(total, target, align=self.item)

    def _prefetch(self, address):
        builder = self.builder
        at = builder.bitcast(address, ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [at.type, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        read, next_level, data = (ir.Constant(number, value) for value in (0, 2, 1))
        builder.call(function, [at, read, next_level, data])

    def _next(self, address):
        """The address of the next product's number.

        LLVM would make an address of its own for most of six rows. It is not told how the next one
        follows: the loop has 26 instructions instead of 30 then, for 12 multiply-adds in AVX2.
        """
        following = self.builder.gep(address, [self.along])
        if has_avx512():
            return following
        kind = ir.FunctionType(following.type, [following.type])
        return self.builder.asm(kind, "", "=r,0", [following], side_effect=False)

    def _int(self, value):
        return ir.Constant(self.number, value)
