"""What a callback does to the history of its run: it counts, or it is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from builders import ALL_MONITORS, assert_same_bits, seed_generators
from checkpointed_runs import SIZES, examples, start

import fastnn
from fastnn import network2

EPOCHS = 4


def unmonitored(epochs=EPOCHS, **options):
    """Train a network of which nothing is monitored; return its history."""
    seed_generators(3)
    net = network2.Network(SIZES)
    return net.SGD(examples()[0], epochs, 7, 0.4, 0.3, verbose=False, **options)


def test_figures_that_a_callback_has_divided_are_the_same_after_resuming(tmp_path):
    def percent(epoch, network, history):
        history.evaluation_accuracy[-1] /= 40

    how = {"callback": percent, "early_stopping_n": 9}
    whole, wanted, _ = start(EPOCHS, **how)
    start(2, checkpoint=tmp_path / "run.npz", **how)
    data, held_out = examples()
    net, history = fastnn.resume(
        tmp_path / "run.npz", data, EPOCHS, held_out, verbose=False, callback=percent
    )
    assert history == wanted
    assert 0 < max(history.evaluation_accuracy) <= 1
    assert history.best_epoch == wanted.best_epoch
    assert_same_bits(net, whole)


@pytest.mark.parametrize(
    "kind", [np.int64, np.float32, np.float64, np.array, np.uint8], ids=lambda kind: kind.__name__
)
def test_numbers_of_numpys_are_kept_as_plain_ones(tmp_path, kind):
    def change(epoch, network, history):
        for figures in (*history, history.epoch_seconds):
            figures[-1] = kind(figures[-1])
        history.seconds["training"] = kind(history.seconds["training"])

    _, wanted, _ = start(EPOCHS, callback=change)
    start(2, callback=change, checkpoint=tmp_path / "run.npz")
    data, held_out = examples()
    _, history = fastnn.resume(
        tmp_path / "run.npz", data, EPOCHS, held_out, verbose=False, callback=change
    )
    assert history == wanted
    assert {type(figure) for figures in history for figure in figures[:2]} <= {int, float}


@pytest.mark.parametrize("name", ["evaluation_cost", "training_accuracy", "epoch_seconds"])
@pytest.mark.parametrize("figure", [None, "0.5", 1j, [0.5], np.zeros(2)], ids=str)
def test_what_is_no_number_is_refused_before_a_checkpoint_holds_it(tmp_path, name, figure):
    file = tmp_path / "run.npz"

    def change(epoch, network, history):
        if epoch == 1:
            getattr(history, name)[0] = figure

    with pytest.raises(ValueError, match=rf"^history\.{name} must hold numbers .* got "):
        start(EPOCHS, callback=change, checkpoint=file)
    data, held_out = examples()
    _, history = fastnn.resume(file, data, EPOCHS, held_out, verbose=False)
    assert history == start(EPOCHS)[1]  # from the epoch before, as if it had not been


def test_seconds_and_speeds_that_are_no_numbers_are_refused_by_name(tmp_path):
    def of_seconds(epoch, network, history):
        history.seconds["mine"] = "long"

    def of_speeds(epoch, network, history):
        history.layer_speeds[0] = [1.0]

    def of_best_epoch(epoch, network, history):
        history.best_epoch = 1

    for change, words in (
        (of_seconds, r"^history\.seconds\['mine'\] must hold numbers .* got 'long'$"),
        (of_speeds, r"^history\.layer_speeds must hold an array of 2 numbers .* got \[1.0\] of"),
        (of_best_epoch, r"^history\.best_epoch must be None without early_stopping_n, got 1$"),
    ):
        with pytest.raises(ValueError, match=words):
            start(2, callback=change, monitor_layer_speeds=True, checkpoint=tmp_path / "run.npz")


def test_figures_of_a_callbacks_own_are_kept_where_nothing_else_is_recorded(tmp_path):
    def note(epoch, network, history):
        history.evaluation_cost.append(epoch + 0.5)
        history.training_accuracy.append(epoch)

    wanted = unmonitored(callback=note)
    file = tmp_path / "run.npz"
    unmonitored(2, callback=note, checkpoint=file)
    _, history = fastnn.resume(file, examples()[0], EPOCHS, verbose=False, callback=note)
    assert history == wanted == ([0.5, 1.5, 2.5, 3.5], [], [], [0, 1, 2, 3])


def test_figures_of_no_epochs_are_refused_before_a_checkpoint_holds_them(tmp_path):
    def note(epoch, network, history):
        history.evaluation_cost.extend([0.5] * (1 + (epoch == 1)))

    file = tmp_path / "run.npz"
    words = r"^history\.evaluation_cost must be a list of one entry for each epoch, 2 by now, or "
    with pytest.raises(ValueError, match=f"{words}empty for a checkpoint, got a list of 3$"):
        unmonitored(callback=note, checkpoint=file)
    again = {"verbose": False, "callback": lambda e, n, h: h.evaluation_cost.append(0.5)}
    _, history = fastnn.resume(file, examples()[0], EPOCHS, **again)
    assert history.evaluation_cost == [0.5] * EPOCHS
    # Who keeps no checkpoint may note what they like in lists that nothing monitors.
    assert len(unmonitored(callback=note).evaluation_cost) == EPOCHS + 1
    assert len(unmonitored(callback=note, progress=True).evaluation_cost) == EPOCHS + 1


@pytest.mark.parametrize("options", [{}, {"early_stopping_n": 2}, {"momentum": 0.5}], ids=str)
@pytest.mark.parametrize("name", [*ALL_MONITORS, "monitor_layer_speeds", "epoch_seconds"])
def test_a_recorded_list_that_has_more_or_less_than_an_entry_an_epoch_is_refused(name, options):
    recorded = name.removeprefix("monitor_")
    epochs = []

    def cleared(epoch, network, history):
        epochs.append(epoch)
        assert len(epochs) <= EPOCHS
        if epoch == 1:
            getattr(history, recorded).clear()

    def doubled(epoch, network, history):
        getattr(history, recorded).append(getattr(history, recorded)[-1])

    speeds = {"monitor_layer_speeds": True}
    words = rf"^history\.{recorded} must be a list of one entry for each epoch, "
    with pytest.raises(ValueError, match=f"{words}2 by now, got a list of 0$"):
        start(EPOCHS, callback=cleared, **speeds, **options)
    assert epochs == [0, 1]
    with pytest.raises(ValueError, match=f"{words}1 by now, got a list of 2$"):
        start(EPOCHS, callback=doubled, **speeds, **options)


def test_a_schedule_cannot_turn_back_the_epochs_either():
    seed_generators(3)
    net, epochs = network2.Network(SIZES), []

    def schedule(epoch):
        epochs.append(epoch)
        assert len(epochs) <= EPOCHS
        net.history.epoch_seconds.clear()
        return 1.0

    with pytest.raises(ValueError, match=r"^history\.epoch_seconds must .* 2 by now, got .* of 1$"):
        net.SGD(examples()[0], EPOCHS, 7, 0.4, verbose=False, schedule=schedule)
    assert epochs == [0, 1]


def test_seconds_of_epochs_in_no_list_are_refused():
    def replaced(epoch, network, history):
        history.epoch_seconds = None

    with pytest.raises(ValueError, match=r"^history\.epoch_seconds must be a list .* got None$"):
        unmonitored(callback=replaced)


def test_a_run_goes_on_with_its_own_history_whatever_the_network_has(tmp_path):
    def forget(epoch, network, history):
        network.history = None
        history.stopped_because = object()

    whole, wanted, _ = start(EPOCHS)
    net, history, _ = start(EPOCHS, callback=forget, checkpoint=tmp_path / "run.npz")
    assert_same_bits(net, whole)
    assert history == wanted
    assert history.stopped_because == "all epochs are done"


def test_what_is_recorded_anew_in_place_of_what_was_is_no_matter():
    def anew(epoch, network, history):
        for figures in history:
            figures[:] = [0.5 for _ in figures]
        history.epoch_seconds = [0.0] * (epoch + 1)

    _, history, _ = start(EPOCHS, callback=anew)
    assert history == ([0.5] * EPOCHS,) * 4
