"""Runs beside the page: `SGD`'s numbers, seen while they grow; ended by the next choice."""

import queue
import random
import threading
import time

import numpy as np
import pytest
from builders import state_of_numpy
from pace import QUIET, seconds_alone

from fastnn.chapter5.live.runs import Runner
from fastnn.chapter5.live.settings import Settings
from fastnn.model.bare_model import network_of

SHORT = {"epochs": 6, "width": 12, "depth": 2}
CHOICES = {
    "full batch": {},
    "chapter": {"depth": 4, "width": 30},
    "mini-batches": {"mini_batch_size": 32},
    "momentum": {"momentum": 0.5, "mini_batch_size": 100},
    "nesterov": {"momentum": 0.5, "optimizer": "nesterov"},
    "adam": {"optimizer": "adam", "eta": 0.003, "mini_batch_size": 100},
    "tanh": {"activation": "tanh", "initializer": "glorot"},
    "relu": {"activation": "relu", "initializer": "he", "eta": 0.02, "seed": 5},
    "large": {"initializer": "large", "lmbda": 0.0},
}


@pytest.fixture
def frames():
    return queue.Queue()


@pytest.fixture
def runner(frames):
    runner = Runner(frames.put, pause=0.0)
    yield runner
    runner.close()


def shown(frames):
    """Return the frames that have been shown, and forget them."""
    return [frames.get() for _ in range(frames.qsize())]


def last_of(runner, frames, settings):
    runner.start(settings)
    assert runner.wait(120)
    return shown(frames)[-1]


def executed(code):
    """Run the Python of the page; return what it leaves."""
    names = {}
    exec(code, names)
    return names


def test_a_run_is_stopped_and_another_may_follow(runner, frames):
    runner.start(Settings(epochs=2000, mini_batch_size=1, width=12))
    frames.get(timeout=120)
    runner.stop()
    assert runner.wait(120)
    assert not any(frame.ended for frame in shown(frames))
    assert last_of(runner, frames, Settings(**SHORT)).ended


@pytest.mark.parametrize("choice", CHOICES)
def test_curves_are_those_of_the_python_that_is_shown(choice, runner, frames, capsys):
    settings = Settings(**{**SHORT, **CHOICES[choice]})
    frame = last_of(runner, frames, settings)
    names = executed(settings.code())
    history, net = names["history"], names["net"]
    assert frame.ended
    assert frame.problem is None
    np.testing.assert_array_equal(frame.speeds, history.layer_speeds)
    assert frame.measured.epochs == [1, 2, 3, 4, 5, 6]
    assert frame.measured.cost == history.training_cost
    assert frame.measured.training_accuracy == [n / 10 for n in history.training_accuracy]
    assert frame.measured.validation_accuracy == [n / 10 for n in history.evaluation_accuracy]
    for mine, own in zip(frame.network.weights, net.weights, strict=True):
        np.testing.assert_array_equal(mine, own)
    assert capsys.readouterr().out  # the script prints its last figures


def test_bars_and_slopes_are_those_of_gradients(runner, frames):
    from fastnn import gradients, network2
    from fastnn.chapter5.networks import training_images

    frame = last_of(runner, frames, Settings(**SHORT))
    net = network_of(network2.Network, frame.network)
    nabla_b, _ = gradients.average_gradient(net, training_images(1000))
    for mine, own in zip(frame.gradient, nabla_b, strict=True):
        np.testing.assert_array_equal(mine, own)
    slopes = gradients.mean_slopes(net, training_images(1000))
    np.testing.assert_allclose(frame.measured.slopes[-1], slopes, rtol=1e-12)


def test_a_run_is_seen_from_its_first_epoch_and_while_it_goes_on(runner, frames):
    last_of(runner, frames, Settings(**SHORT))  # compiles
    runner.start(Settings(**{**SHORT, "epochs": 50}))
    assert runner.wait(60)
    seen = shown(frames)
    assert [frame.epoch for frame in seen] == [*range(1, 50), 50]
    assert [len(frame.speeds) for frame in seen] == [*range(1, 50), 50]
    assert [frame.ended for frame in seen] == [False] * 49 + [True]
    assert len(seen[0].measured.epochs) == 1  # what was shown does not grow afterwards
    assert len(seen[-1].measured.epochs) == 26


def test_frames_wait_for_the_pause(frames):
    runner = Runner(frames.put, pause=1e6)
    try:
        runner.start(Settings(**SHORT))
        assert runner.wait(120)
    finally:
        runner.close()
    assert [frame.epoch for frame in shown(frames)] == [1, 6]


def test_a_new_choice_ends_the_run_before_it(runner, frames):
    endless = Settings(epochs=10**7, depth=8, width=100, mini_batch_size=1)
    first = runner.start(endless)
    second = runner.start(endless)
    assert frames.get(timeout=120).number in (first, second)
    started = time.process_time()
    third = runner.start(Settings(**SHORT))
    assert runner.wait(300)
    assert time.process_time() - started < 30
    seen = shown(frames)
    assert seen[-1].ended
    assert seen[-1].number == third
    numbers = [frame.number for frame in seen]
    assert numbers == sorted(numbers)


def test_only_the_last_of_many_choices_is_trained_to_its_end(runner, frames):
    for seed in range(20):
        runner.start(Settings(**SHORT, seed=seed))
    assert runner.wait(60)
    seen = shown(frames)
    assert seen[-1].settings.seed == 19
    assert seen[-1].ended


def test_divergence_is_told_and_the_next_run_is_sound(runner, frames):
    wrong = Settings(depth=1, eta=100.0, lmbda=100.0)
    frame = last_of(runner, frames, wrong)
    assert frame.ended
    assert frame.epoch < wrong.epochs
    assert f"training diverged in epoch {frame.epoch + 1}: " in frame.problem  # counted from 1
    assert all(np.isfinite(w).all() for w in frame.network.weights)
    assert last_of(runner, frames, Settings(**SHORT)).problem is None


PLACES = ("Network", "Evaluator", "Meter", "check_options", "Run", "_Training._measure")


@pytest.mark.parametrize("place", [*PLACES, "_Training._frame"])
def test_any_other_failure_is_told_too_and_the_next_run_is_sound(
    place, runner, frames, monkeypatch
):
    def fail(*_, **__):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(f"fastnn.chapter5.live.runs.{place}", fail)
        frame = last_of(runner, frames, Settings(**SHORT))
    assert (frame.ended, frame.problem) == (True, "MemoryError: no room")
    assert last_of(runner, frames, Settings(**SHORT)).problem is None


def test_a_run_that_cannot_be_shown_leaves_the_next_one_sound(frames, capsys):
    def show(frame):
        if frame.settings.seed == 1:
            raise MemoryError("no room")
        frames.put(frame)

    runner = Runner(show)
    try:
        runner.start(Settings(**SHORT, seed=1))
        assert runner.wait(120)
        assert "MemoryError: no room" in capsys.readouterr().err
        assert last_of(runner, frames, Settings(**SHORT)).problem is None
    finally:
        runner.close()


def test_visitors_share_no_random_numbers(frames):
    """Two runners at once give the curves of each alone, and leave the global generators alone."""
    states = random.getstate(), state_of_numpy()
    settings = [Settings(**SHORT, mini_batch_size=10, seed=seed) for seed in (1, 2)]
    alone = []
    runner = Runner(frames.put)
    for each in settings:
        runner.start(each)
        assert runner.wait(60)
        alone.append(shown(frames)[-1])
    together = [queue.Queue() for _ in settings]
    runners = [runner, *(Runner(q.put) for q in together)]
    try:
        for own, each in zip(runners[1:], settings, strict=True):
            own.start(each)
        assert all(own.wait(60) for own in runners)
    finally:
        for own in runners:
            own.close()
    for each, mine in zip(alone, together, strict=True):
        np.testing.assert_array_equal(shown(mine)[-1].speeds, each.speeds)
    assert (random.getstate(), state_of_numpy()) == states


def test_a_closed_runner_trains_no_more_and_leaves_no_thread(frames):
    before = threading.active_count()
    runner = Runner(frames.put)
    runner.start(Settings(epochs=10**7))
    assert frames.get(timeout=120)
    runner.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="closed"):
        runner.start(Settings())


@pytest.mark.timed
@pytest.mark.compiled
def test_the_chapters_run_takes_half_a_second_and_is_seen_at_once(frames):
    """In time of the processor: other programs may be at work. On slow ones it takes longer.

    What shares a core with us from outside makes the same code faster and slower from second to
    second. So the run takes turns with the same training alone, until two turns of at most eight
    are fast enough.
    """
    alone, shares, runner = [], [], Runner(frames.put)
    try:
        while len(shares) < 8 and sum(share < 0.6 / QUIET for share in shares) < 2:
            alone.append(seconds_alone())
            started = time.process_time()
            runner.start(Settings())
            assert runner.wait(60)
            shares.append((time.process_time() - started) / max(QUIET, alone[-1]))
    finally:
        runner.close()
    assert sorted(shares)[1] < 0.6 / QUIET
    slow = max(1.0, min(alone) / QUIET)
    assert min(frame.seconds for frame in shown(frames) if frame.epoch == 1) < 0.1 * slow
