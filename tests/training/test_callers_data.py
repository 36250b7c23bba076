"""A caller's own data, put in the order of an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from builders import Shelf, digits

from fastnn import Dataset
from fastnn.training.callers_data import CallersData

SIZES = [3, 4, 2]
ORDER = np.array([2, 0, 4, 1, 3])


@pytest.fixture
def pairs():
    return digits(5, 3, 2, seed=1)


def data_of(given):
    return CallersData("training_data", given, SIZES)


def identities(pairs):
    return [id(pair) for pair in pairs]


def test_a_list_is_itself_in_another_order(pairs):
    wanted = [id(pairs[i]) for i in ORDER]
    data = data_of(pairs)
    assert data.as_given() is pairs
    assert data.in_order(ORDER) is pairs
    assert identities(pairs) == wanted
    data.reorder(np.arange(5))
    assert [identities(pairs)[i] for i in ORDER] == wanted


def test_a_dataset_is_itself_in_another_order(pairs):
    given = Dataset.from_pairs(pairs)
    data = data_of(given)
    assert data.as_given() is given
    assert data.in_order(ORDER) is given
    assert [x.tobytes() for x, _ in given] == [pairs[i][0].tobytes() for i in ORDER]


@pytest.mark.parametrize("kind", [tuple, iter, Shelf], ids=["tuple", "iterator", "shelf"])
def test_of_other_data_there_is_a_list_of_the_callers_pairs(kind, pairs):
    given = kind(pairs)
    data = data_of(given)
    assert identities(data.as_given()) == identities(pairs)
    in_order = data.in_order(ORDER)
    assert type(in_order) is list
    assert identities(in_order) == [id(pairs[i]) for i in ORDER]
    if kind is Shelf:
        assert identities(given.pairs) == identities(in_order)


@pytest.mark.parametrize("kind", [list, tuple, Dataset.from_pairs])
def test_a_shuffle_is_given_the_present_order_and_told_the_next(kind, pairs):
    data, seen = data_of(kind(pairs)), []

    def rotate(examples):
        seen.extend(x.tobytes() for x, _ in examples)
        first = examples[0]
        for i in range(4):
            examples[i] = examples[i + 1]
        examples[4] = first

    assert data.shuffled_by(rotate, ORDER).tolist() == [0, 4, 1, 3, 2]
    assert seen == [pairs[i][0].tobytes() for i in ORDER]


def test_pairs_that_are_there_twice_are_told_apart(pairs):
    data = data_of([pairs[0], pairs[1], pairs[0]])
    shuffled = data.shuffled_by(list.reverse, np.arange(3))
    assert sorted(shuffled.tolist()) == [0, 1, 2]
    assert shuffled[1] == 1


@pytest.mark.parametrize(
    "shuffle",
    [
        list.pop,
        list.clear,
        lambda pairs: pairs.append(pairs[0]),
        lambda pairs: pairs.insert(0, pairs.pop()[:1]),
        lambda pairs: pairs.__setitem__(0, pairs[1]),
    ],
    ids=["one less", "none", "one more", "another", "one twice"],
)
def test_what_is_no_shuffle_is_refused(shuffle, pairs):
    with pytest.raises(ValueError, match=r"random\.shuffle has been replaced"):
        data_of(pairs).shuffled_by(shuffle, np.arange(5))


def test_a_shuffle_that_fails_leaves_a_list_that_can_be_put_back(pairs):
    before = identities(pairs)
    data = data_of(pairs)

    def reverse_and_fail(examples):
        examples.reverse()
        raise OSError

    with pytest.raises(OSError):
        data.shuffled_by(reverse_and_fail, np.arange(5))
    assert not data.is_changed()
    data.reorder(np.arange(5))
    assert identities(pairs) == before


def test_data_that_do_not_fit_are_refused_by_their_name(pairs):
    with pytest.raises(ValueError, match="evaluation_data must have 4 inputs"):
        CallersData("evaluation_data", pairs, [4, 2])


def brighter(taken):
    return [(2 * x, y) for x, y in taken] if isinstance(taken, list) else (2 * taken[0], taken[1])


class BrightSlices(list):
    def __getitem__(self, place):
        taken = super().__getitem__(place)
        return brighter(taken) if isinstance(place, slice) else taken


class BrightItems(list):
    def __getitem__(self, place):
        taken = super().__getitem__(place)
        return taken if isinstance(place, slice) else brighter(taken)


class BrightIteration(list):
    def __iter__(self):
        return map(brighter, super().__iter__())


class Half(list):
    def __len__(self):
        return super().__len__() // 2


class BrightDataset(Dataset):
    def __getitem__(self, place):
        taken = super().__getitem__(place)
        return taken if isinstance(place, slice) else brighter(taken)


class Named(list):
    """A list whose slices have its class."""

    def __getitem__(self, place):
        taken = super().__getitem__(place)
        return Named(taken) if isinstance(place, slice) else taken


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (BrightSlices, "slices"),
        (BrightItems, "items"),
        (BrightIteration, "iterator's items"),
        (Half, "items"),
    ],
)
def test_a_list_that_gives_other_pairs_than_it_holds_is_refused(kind, what, pairs):
    with pytest.raises(TypeError, match=f"training_data is a {kind.__name__}, whose {what}"):
        data_of(kind(pairs))


def test_a_dataset_that_gives_other_pairs_than_it_holds_is_refused(pairs):
    given = BrightDataset([x.ravel() for x, _ in pairs], [y.ravel() for _, y in pairs])
    with pytest.raises(TypeError, match="training_data is a BrightDataset, whose items"):
        data_of(given)


def test_a_list_whose_slices_hold_its_own_pairs_is_taken(pairs):
    given = Named(pairs)
    assert data_of(given).in_order(np.arange(5)) is given
