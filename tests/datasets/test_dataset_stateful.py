"""A Dataset and a list of the same pairs under any sequence of operations."""

from __future__ import annotations

import random

import numpy as np
from builders import arrays, assert_same_networks, digits, seeded_network
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fastnn import Dataset, network2, reference

INPUTS, CLASSES = 4, 3
PAIRS = digits(8, INPUTS, CLASSES, seed=1)
FOREIGN = digits(6, INPUTS, CLASSES, seed=2, dtype=np.float64)

places = st.integers(-10, 10)
slices = st.builds(slice, *[st.none() | places] * 2, st.none() | st.sampled_from([-2, -1, 1, 3]))


def outcome(function, *arguments):
    """What a function returns, or the type of its error."""
    try:
        return function(*arguments)
    except (IndexError, ValueError, TypeError) as error:
        return type(error)


class ListAndDataset(RuleBasedStateMachine):
    """What is done to `data` is done to `pairs`; neither may tell them apart."""

    def __init__(self):
        super().__init__()
        rows, labels = arrays(PAIRS)
        self.data = Dataset(rows, labels, classes=CLASSES)
        self.pairs = [(x.copy(), y.copy()) for x, y in PAIRS]
        self.foreign = [(x.copy(), y.copy()) for x, y in FOREIGN]

    def both(self, operation):
        got, wanted = outcome(operation, self.data), outcome(operation, self.pairs)
        if isinstance(wanted, type):
            assert got is wanted
        return got, wanted

    @rule(place=places)
    def pop(self, place):
        self.both(lambda d: d.pop(place))

    @rule(part=slices)
    def delete(self, part):
        self.both(lambda d: d.__delitem__(part))

    @rule(place=places, source=places)
    def insert_own(self, place, source):
        self.both(lambda d: d.insert(place, d[source]))

    @rule(place=places, source=places)
    def set_own(self, place, source):
        self.both(lambda d: d.__setitem__(place, d[source]))

    @rule(part=slices, source=slices)
    def set_slice(self, part, source):
        self.both(lambda d: d.__setitem__(part, d[source]))

    @rule(source=slices)
    def extend(self, source):
        self.both(lambda d: d.extend(d[source][:5]))

    @rule(which=st.integers(0, 5))
    def append_foreign(self, which):
        self.both(lambda d: d.append(self.foreign[which]))

    @rule()
    def reverse(self):
        self.both(lambda d: d.reverse())

    @rule(seed=st.integers(0, 9))
    def shuffle(self, seed):
        self.both(lambda d: random.Random(seed).shuffle(d))

    @rule()
    def sort(self):
        self.both(lambda d: d.sort(key=lambda pair: float(pair[0].sum())))

    @rule(part=slices)
    def go_on_with_a_slice(self, part):
        if self.pairs[part]:
            self.data, self.pairs = self.data[part], self.pairs[part]

    @rule(place=places, value=st.sampled_from([0.0, 0.25, 1.0]))
    def write_input(self, place, value):
        for examples in (self.data, self.pairs):
            if -len(examples) <= place < len(examples) and not self.is_foreign(examples[place]):
                examples[place][0][1] = value

    @rule(place=places, factor=st.sampled_from([0.5, 2.0]))
    def write_label(self, place, factor):
        for examples in (self.data, self.pairs):
            if -len(examples) <= place < len(examples) and not self.is_foreign(examples[place]):
                examples[place][1][:] *= factor

    def is_foreign(self, pair):
        """Both lists hold the same foreign pairs: they must not be written into twice."""
        return any(pair is other for other in self.foreign)

    @rule()
    def train(self):
        if self.pairs:
            nets = []
            for module, examples in ((network2, self.data), (reference, self.pairs)):
                net = seeded_network(module, [INPUTS, 3, CLASSES])
                random.seed(7)
                net.SGD(examples, 1, 3, 0.1, verbose=False)
                nets.append((net, random.getstate()))
            assert_same_networks(nets[0][0], nets[1][0])
            assert nets[0][1] == nets[1][1]

    @rule()
    def grow_too_long_no_further(self):
        del self.data[30:], self.pairs[30:]

    @invariant()
    def they_are_as_long(self):
        assert len(self.data) == len(self.pairs)

    @rule()
    def look(self):
        """Compare all pairs; not after each step, because looking makes pairs."""
        for (x, y), (wanted_x, wanted_y) in zip(self.data, self.pairs, strict=True):
            assert x.dtype == wanted_x.dtype
            assert np.array_equal(x, wanted_x)
            assert np.array_equal(y, wanted_y)
        assert all(self.data[place] is pair for place, pair in enumerate(self.data))

    def teardown(self):
        self.look()


TestListAndDataset = ListAndDataset.TestCase
TestListAndDataset.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
