"""The examples of a run: what is made of them, and whose order and numbers they have."""

from __future__ import annotations

import numpy as np
import pytest
from builders import digits

from fastnn.training.options import DEFAULTS, Options
from fastnn.training.run_data import RunData

SIZES = [3, 4, 2]
ORDER = np.array([2, 0, 4, 1, 3])


@pytest.fixture
def pairs():
    return digits(5, 3, 2, seed=1)


def data_of(training, evaluation=None, speed=None, *, monitors=(), **given):
    options = {**DEFAULTS, "epochs": 1, "mini_batch_size": 2, "eta": 0.1}
    options = Options(**{**options, **dict.fromkeys(monitors, True)})
    return RunData(options, SIZES, training, evaluation, speed, **given)


def test_what_is_not_monitored_is_not_looked_at(pairs):
    data = data_of(pairs, "no examples", "no examples")
    assert (len(data.training), data.evaluation, data.speed) == (5, None, None)


def test_all_sets_are_arranged_by_the_names_of_their_arguments(pairs):
    names = []

    def reverse(name, dataset):
        names.append(name)
        return dataset[::-1]

    monitors = ("monitor_evaluation_cost", "monitor_layer_speeds")
    data = data_of(pairs, pairs[:3], pairs[:2], monitors=monitors, arrange=reverse)
    assert names == ["training_data", "evaluation_data", "speed_data"]
    for dataset, given in ((data.training, pairs), (data.evaluation, pairs[:3])):
        np.testing.assert_array_equal(dataset[0][0], given[-1][0])


def test_what_is_written_into_a_shared_pair_is_read_again_in_both_sets(pairs):
    data = data_of(pairs, pairs[:3], monitors=["monitor_evaluation_cost"])
    assert not data.read_again()
    pairs[1][0][:] = 0.25
    assert data.read_again()
    assert (data.training[1][0] == data.evaluation[1][0]).all()
    assert (data.training[1][0] == 0.25).all()
    assert not data.read_again()


@pytest.mark.parametrize("which", [0, 1], ids=["training", "evaluation"])
def test_what_is_written_into_one_set_is_read_again(pairs, which):
    sets = pairs, digits(3, 3, 2, seed=2)
    data = data_of(*sets, monitors=["monitor_evaluation_cost"])
    sets[which][1][0][:] = 0.25
    assert data.read_again()
    assert ((data.training, data.evaluation)[which][1][0] == 0.25).all()


@pytest.mark.parametrize("which", [0, 1], ids=["training_data", "evaluation_data"])
def test_a_set_that_is_reordered_or_gets_examples_is_refused(which):
    for change in (list.reverse, lambda given: given.append(given[0])):
        sets = digits(5, 3, 2, seed=1), digits(3, 3, 2, seed=2)
        data = data_of(*sets, monitors=["monitor_evaluation_cost"])
        data.check_unchanged()
        change(sets[which])
        name = ("training_data", "evaluation_data")[which]
        with pytest.raises(ValueError, match=f"{name} cannot get, lose, exchange or reorder"):
            data.check_unchanged()


def test_a_list_that_is_both_sets_may_get_the_order_of_an_epoch(pairs):
    data = data_of(pairs, pairs, monitors=["monitor_evaluation_cost"])
    assert data.callers_pairs("training", ORDER) is pairs
    data.check_unchanged()
    data.reorder_callers(np.arange(5))
    data.check_unchanged()
    pairs.reverse()
    with pytest.raises(ValueError, match="training_data cannot get, lose"):
        data.check_unchanged()


def test_the_callers_list_gets_the_order_of_an_epoch(pairs):
    wanted = [id(pairs[i]) for i in ORDER]
    data_of(pairs).reorder_callers(ORDER)
    assert [id(pair) for pair in pairs] == wanted


def test_the_callers_list_keeps_its_order_if_weights_belong_to_that(pairs):
    wanted = [id(pair) for pair in pairs]
    data = data_of(pairs, sample_weight=[1, 2, 3, 4, 5])
    data.reorder_callers(ORDER)
    assert [id(pair) for pair in pairs] == wanted
    assert data.sample_weight.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_list_that_somebody_has_changed_stays_as_it_is(pairs):
    data = data_of(pairs)
    pairs.reverse()
    wanted = [id(pair) for pair in pairs]
    data.reorder_callers(ORDER)
    assert [id(pair) for pair in pairs] == wanted


def test_other_training_data_take_the_place_of_what_was_let_go(pairs):
    data = data_of(pairs)
    data.let_go()
    data.replace_training(pairs[:2], SIZES)
    assert len(data.training) == 2
    assert data.callers_pairs("training", np.arange(2))[1][0] is pairs[1][0]
