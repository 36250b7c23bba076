"""How kernels find what lies where `layout` says: pointers into parameters and scratch.

`net` is a bare network, but for the one that `bare` takes.
"""

from __future__ import annotations

from .compiling import ZERO, inlined
from .dense import TRANSPOSED_ROWS
from .inputs import Halves
from .layout import (
    ACTIVATIONS,
    BIAS,
    BIASES,
    BIASES_END,
    BY_COLUMNS,
    COLUMNS,
    DELTAS,
    END,
    FAN_IN,
    FIRST_LAYER,
    HALF,
    HALVES_END,
    OWN,
    PITCH,
    ROW,
    ROWS_END,
    SCALED,
    SLOPES,
    STRIDE,
    SUMS,
    WEIGHTS,
    Area,
    Dropout,
    Net,
    Plan,
    Team,
    Work,
)
from .panels import WIDE, Panels, Rows
from .simd import element, offset, pointer


@inlined
def bare(net):
    """The same network with pointers for arrays."""
    plan, work, team = net.plan, net.work, net.team
    return Net(
        Plan(plan.layers, pointer(plan.table), plan.capacity, plan.room, plan.gathered),
        pointer(net.parameters),
        pointer(net.decay_scale),
        Work(pointer(work.exchange), pointer(work.own)),
        Dropout(pointer(net.dropout.rates), pointer(net.dropout.keys)),
        Team(team.size, team.rank, pointer(team.meeting), pointer(team.visits)),
    )


@inlined
def with_parameters(net, values):
    """A bare network with other values, an array, for its parameters."""
    return Net(net.plan, pointer(values), net.decay_scale, net.work, net.dropout, net.team)


@inlined
def entry(net, layer, column):
    """An entry of the table."""
    return element(net.plan.table, layer * COLUMNS + column)


@inlined
def weights_of(net, layer):
    """The weights of a layer, one row an input."""
    at = offset(net.parameters, entry(net, layer, WEIGHTS))
    return Panels(at, entry(net, layer, FAN_IN), entry(net, layer, STRIDE), tiles_room_of(net))


@inlined
def own_weights_of(net, layer):
    """The columns of a layer's weights that this thread owns; see `own_rows_of`."""
    w, own = weights_of(net, layer), entry(net, layer, OWN)
    return Panels(offset(w.at, own * w.rows), w.rows, entry(net, layer, END) - own, w.room)


@inlined
def own_rows_of(net, layer):
    """From which row to before which other this thread owns a layer's weights."""
    return entry(net, layer, ROW), entry(net, layer, ROWS_END)


@inlined
def transposed_room_of(net):
    """Room for a panel of transposed weights."""
    return offset(net.work.own, net.plan.capacity * net.plan.gathered)


@inlined
def tiles_room_of(net):
    """Room behind that for a panel whose tiles lie side by side."""
    return offset(transposed_room_of(net), TRANSPOSED_ROWS * WIDE)


@inlined
def biases_of(net, layer):
    """The biases of a layer."""
    return offset(net.parameters, entry(net, layer, BIASES))


@inlined
def own_biases_of(net, layer):
    """Where the biases are that only this thread changes, and how many."""
    begin, end = entry(net, layer, BIAS), entry(net, layer, BIASES_END)
    return offset(biases_of(net, layer), begin), end - begin


@inlined
def area_of(net, layer, examples):
    """What this thread works out of a block in a layer: its columns, or its examples."""
    if entry(net, layer, BY_COLUMNS) > 0:
        own = entry(net, layer, OWN)
        area = Area(ZERO, examples, own, entry(net, layer, END) - own)
    else:
        team = net.team
        first = examples * team.rank // team.size
        end = examples * (team.rank + 1) // team.size
        area = Area(first, end - first, ZERO, entry(net, layer, STRIDE))
    return area


@inlined
def within(area, matrix):
    """The part of a layer's matrix, one row an example, that lies in an area."""
    return Rows(offset(matrix.at, area.first * matrix.stride + area.column), matrix.stride)


@inlined
def own_columns(net, layer, matrix):
    """A layer's matrix, one row an example, from the columns on whose weights this thread owns."""
    return Rows(offset(matrix.at, entry(net, layer, OWN)), matrix.stride)


@inlined
def inputs_of(net):
    """Room for the inputs of a block of dense examples."""
    return Rows(net.work.own, net.plan.gathered)


@inlined
def _block_of(net, layer, column):
    place = net.plan.capacity * entry(net, layer, column)
    return Rows(offset(net.work.exchange, place), entry(net, layer, PITCH))


@inlined
def halves_of(net):
    """The halves of the first layer's inputs that this thread works on."""
    return Halves(entry(net, FIRST_LAYER, HALF), entry(net, FIRST_LAYER, HALVES_END))


@inlined
def sums_of(net, half):
    """The first layer's sums over its inputs, or those over one half where threads have one each.

    Alone, a thread puts them where the activations will be: the errors of one block are still
    needed for the update when the sums of the next block are taken.
    """
    sums = _block_of(net, FIRST_LAYER, SUMS)
    return Rows(offset(sums.at, half * net.plan.capacity * sums.stride), sums.stride)


@inlined
def scaled_errors_of(net):
    """The first layer's errors as they change its stored weights; alone, those of `deltas_of`."""
    return _block_of(net, FIRST_LAYER, SCALED)


@inlined
def activations_of(net, layer):
    """The outputs a of a layer for the block at hand; zero in the padding."""
    return _block_of(net, layer, ACTIVATIONS)


@inlined
def deltas_of(net, layer):
    """First the weighted inputs z of a layer for the block at hand, later its errors delta."""
    return _block_of(net, layer, DELTAS)


@inlined
def slopes_of(net, layer):
    """The slopes f'(z) of a layer for the block at hand, where they are kept."""
    return _block_of(net, layer, SLOPES)


@inlined
def targets_of(net):
    """The desired outputs y of the block at hand; zero in the padding."""
    pitch = entry(net, net.plan.layers - 1, PITCH)
    return Rows(offset(net.work.exchange, net.plan.capacity * (net.plan.room - pitch)), pitch)
