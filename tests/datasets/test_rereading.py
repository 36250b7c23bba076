"""Data of users' own classes: those that give other examples when they are read again."""

from __future__ import annotations

import collections
from types import SimpleNamespace

import numpy as np
import pytest
from builders import Shelf, digits, seeded_network

from fastnn import network2
from fastnn.datasets.rereading import check_reread


@pytest.fixture
def pairs():
    return digits(5, 3, 2, seed=1)


def check(data):
    check_reread("training_data", data, list(data), only_measured=False)


def noisy(pair):
    x, y = pair
    return x + np.random.standard_normal(x.shape), y


class NoisyItems(Shelf):
    def __getitem__(self, place):
        taken = self.pairs[place]
        return taken if isinstance(place, slice) else noisy(taken)


class NoisySlices(Shelf):
    def __getitem__(self, place):
        taken = self.pairs[place]
        return list(map(noisy, taken)) if isinstance(place, slice) else taken


class NoisyIteration(Shelf):
    def __iter__(self):
        return map(noisy, self.pairs)


class Sample(Shelf):
    def __iter__(self):
        drawn = np.random.randint(len(self.pairs), size=np.random.randint(1, len(self.pairs)))
        return iter([self.pairs[place] for place in drawn])


class NoisyUserList(collections.UserList):
    def __getitem__(self, place):
        taken = self.data[place]
        return taken if isinstance(place, slice) else noisy(taken)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (NoisyItems, "items"),
        (NoisySlices, "slices"),
        (NoisyIteration, "iterator's items"),
        (NoisyUserList, "iterator's items"),
        (Sample, "iterator's items"),
    ],
)
def test_data_that_are_others_when_they_are_read_again_are_refused(kind, what, pairs):
    words = f"training_data is a {kind.__name__}, whose {what} are others when they are read again"
    with pytest.raises(TypeError, match=words):
        check(kind(pairs))


class Reordered(Shelf):
    """Its items go by labels, as a shuffled pandas.Series' do, and its iterator by places."""

    def __iter__(self):
        return iter(self.pairs[::-1])


def test_items_in_another_order_than_the_iterators_are_refused_as_such(pairs):
    words = "items are not those of its iterator: training_data.i. is not its i-th pair"
    with pytest.raises(TypeError, match=words):
        check(Reordered(pairs))


class ReadOnce:
    """Empty when it has been read."""

    def __init__(self, pairs):
        self.pairs = collections.deque(pairs)

    def __len__(self):
        return len(self.pairs)

    def __iter__(self):
        while self.pairs:
            yield self.pairs.popleft()


class Quiet(NoisyItems):
    def __iter__(self):
        return iter(self.pairs)


@pytest.mark.parametrize("kind", [Reordered, ReadOnce, Quiet])
def test_of_data_that_are_only_measured_the_iterator_counts_alone(kind, pairs):
    wanted, got = (
        seeded_network(network2, [3, 4, 2]).SGD(
            list(pairs), 2, 2, 0.1, 0.0, data, monitor_evaluation_cost=True, seed=1
        )
        for data in (pairs[:], kind(pairs))
    )
    np.testing.assert_allclose(got.evaluation_cost, wanted.evaluation_cost, rtol=1e-12)


class Counting(Shelf):
    """Counts how often a pair is read."""

    read = 0

    def __getitem__(self, place):
        self.read += len(self.pairs[place]) if isinstance(place, slice) else 1
        return super().__getitem__(place)


def test_of_many_pairs_a_sample_is_read_again(pairs):
    data = Counting(pairs * 400)
    first = list(data)
    data.read = 0
    check_reread("training_data", data, first, only_measured=False)
    assert 0 < data.read <= 200


@pytest.mark.parametrize("place", [0, -1])
def test_the_first_pair_and_the_last_are_in_the_sample(place, pairs):
    class NoisyInOnePlace(Shelf):
        def __getitem__(self, at):
            pair = self.pairs[at]
            return noisy(pair) if not isinstance(at, slice) and at == noisy_place else pair

    data = NoisyInOnePlace(pairs * 400)
    noisy_place = range(len(data))[place]
    with pytest.raises(TypeError, match="items are others"):
        check(data)


class OnlyNoisyIteration:
    """Without items, as what only measures may be."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def __iter__(self):
        return map(noisy, self.pairs)


def test_training_refuses_them_before_anything_changes(pairs):
    net = seeded_network(network2, [3, 4, 2])
    before = net.weights
    with pytest.raises(TypeError, match=r"evaluation_data is a Only.*, whose iterator's items are"):
        net.SGD(pairs, 1, 2, 0.1, 0.0, OnlyNoisyIteration(pairs), monitor_evaluation_accuracy=True)
    with pytest.raises(TypeError, match="training_data is a NoisyItems"):
        net.SGD(NoisyItems(pairs), 1, 2, 0.1)
    assert net.weights is before
    assert 0 <= net.accuracy(OnlyNoisyIteration(pairs)) <= 5  # which reads them once, as network2


class Example:
    """A pair that is no tuple."""

    def __init__(self, pair, change=lambda pair: pair):
        self.pair, self.change = pair, change

    def __iter__(self):
        return iter(self.change(self.pair))


def test_pairs_that_are_others_when_they_are_read_again_are_refused(pairs):
    check([Example(pair) for pair in pairs])
    words = r"training_data: a pair of the class Example gives other values.*give plain tuples"
    with pytest.raises(TypeError, match=words):
        check([*pairs[:4], Example(pairs[4], noisy)])


class Calculated(Shelf):
    """Each pair is made anew whenever it is asked for."""

    def __getitem__(self, place):
        taken = self.pairs[place]
        return list(map(copied, taken)) if isinstance(place, slice) else copied(taken)


def copied(pair):
    return tuple(part.copy() for part in pair)


class Columns(Shelf):
    """Its slices are two arrays, which network2 could not train on."""

    def __getitem__(self, place):
        taken = self.pairs[place]
        if isinstance(place, slice):
            return tuple(map(np.stack, zip(*taken, strict=True)))
        return taken


@pytest.mark.parametrize(
    "kind", [Shelf, Calculated, Columns, tuple, collections.deque, collections.UserList, iter]
)
def test_data_that_stay_the_same_are_taken(kind, pairs):
    check(kind(pairs))


def test_what_are_no_pairs_of_numbers_is_left_to_other_checks():
    for data in ("text", {"a": 1}, [SimpleNamespace()], [("a", "b")], np.array([["a"], [None]])):
        check(data)
