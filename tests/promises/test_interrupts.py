"""Ctrl-C and kill -9 at any moment lose nothing but the present epoch, and act at once."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sys
import time

import pytest
from builders import assert_same_bits, digits, labelled, seed_generators, seeded_network
from processes import finish, start
from waiting import wait_until

import fastnn
from fastnn import network2

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")

# Ctrl-C again and again: a timer sends the signal at a random moment of every round.
INTERRUPTED = """
import hashlib, json, random, signal, sys, time
from builders import ALL_MONITORS, digits, labelled, parameters, seed_generators
import fastnn

rounds, sizes, mini_batch_size, n, seed, longest = json.loads(sys.argv[1])
data = digits(n, sizes[0], sizes[-1], seed=1)
held_out = labelled(data[: n // 4])
places = {id(pair): place for place, pair in enumerate(data)}

def interrupt(number, frame):
    raise KeyboardInterrupt

def again(lost):  # Python drops what is raised as a generator is deleted: press Ctrl-C again
    if lost.exc_type is KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
    else:
        sys.__unraisablehook__(lost)

signal.signal(signal.SIGALRM, interrupt)
sys.unraisablehook = again

def train(epochs, delay=0.0, sizes=sizes):
    seed_generators(2)
    net, examples = fastnn.Network(sizes), list(data)
    due = time.perf_counter() + delay
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        net.SGD(examples, epochs, mini_batch_size, 0.01, 1.0, held_out, **ALL_MONITORS,
                momentum=0.5, verbose=False)
    except KeyboardInterrupt:
        pass
    return net, examples, time.perf_counter() - due

def state(net, examples):
    digest = hashlib.sha256()
    for array in parameters(net):
        digest.update(array.tobytes())
    digest.update(repr(random.getstate()).encode())
    digest.update(repr([places[id(pair)] for pair in examples]).encode())
    epochs = 0 if net.history is None else len(net.history.epoch_seconds)
    return epochs, digest.hexdigest(), net.history or ([], [], [], [])

train(4, sizes=[sizes[0], 5, sizes[-1]])  # compiles, also what long trainings begin with
moments = random.Random(seed)
found, late = [], []
for _ in range(rounds):
    net, examples, after = train(10**6, moments.uniform(0.001, longest))
    late.append(after)
    found.append(state(net, examples))
counts = {left[0] for left in found}
for epochs in counts:
    wanted = state(*train(epochs)[:2])
    assert all(left == wanted for left in found if left[0] == epochs), epochs
print(max(late), len(counts))
"""


def interrupt_often(rounds, sizes, mini_batch_size, n, seed, longest):
    [line] = finish(start(INTERRUPTED, [rounds, sizes, mini_batch_size, n, seed, longest]))
    latest, different = line.split()
    return float(latest), int(different)


@pytest.mark.timed
@pytest.mark.compiled
@pytest.mark.parametrize("mini_batch_size", [10, 150])
def test_ctrl_c_at_25_moments_leaves_the_last_whole_epoch(mini_batch_size):
    latest, different = interrupt_often(25, [30, 20, 5], mini_batch_size, 400, 3, 0.1)
    assert latest < 0.3
    assert different > 1


@pytest.mark.timed
@pytest.mark.compiled
def test_ctrl_c_is_heard_soon_by_a_large_network():
    latest, _ = interrupt_often(3, [784, 2000, 2000, 10], 50, 50, 4, 0.3)
    assert latest < 0.3


@pytest.mark.timed
@pytest.mark.long
@pytest.mark.parametrize("sizes", [[30, 20, 5], [784, 100, 10], [784, 2000, 2000, 10]])
@pytest.mark.parametrize("mini_batch_size", [1, 10, 150])
def test_ctrl_c_at_50_moments_whatever_the_size(sizes, mini_batch_size):
    n = 400 if max(sizes) < 1000 else 150
    latest, _ = interrupt_often(50, sizes, mini_batch_size, n, 5, 1.0)
    assert latest < 0.3


# --- a real SIGINT --------------------------------------------------------------------------------

ENDLESS = """
import signal
from builders import digits, seed_generators
import fastnn
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in background jobs
seed_generators(2)
data = digits(400, 30, 5, seed=1)
net = fastnn.Network([30, 20, 5])
net.SGD(data, 1, 10, 0.5, verbose=False)
print("ready", flush=True)
try:
    net.SGD(data, 10**6, 10, 0.5, verbose=False)
except KeyboardInterrupt:
    print("interrupted", len(net.history.epoch_seconds), flush=True)
"""


@pytest.mark.timed
def test_a_real_sigint_ends_training_with_the_history_so_far():
    process = start(ENDLESS)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    [line] = finish(process)
    assert line.startswith("interrupted ")
    assert int(line.split()[1]) > 0


COMPILING = """
import signal, sys
from builders import digits, parameters, seed_generators
import fastnn

class Slow(fastnn.QuadraticCost):  # a user's class is compiled in every process
    @staticmethod
    def fn(a, y):
        return ((a - y) ** 2).sum()
    @staticmethod
    def delta(z, a, y):
        return (a - y) * a * (1 - a)

data = digits(40, 30, 5, seed=1)
def train():
    seed_generators(2)
    net = fastnn.Network([30, 20, 5], Slow)
    net.SGD(list(data), 2, 10, 0.5, verbose=False)
    return b"".join(array.tobytes() for array in parameters(net))

def interrupt(number, frame):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
interrupted = 0
for delay in (0.2, 0.5, 1.0):
    signal.setitimer(signal.ITIMER_REAL, delay)
    try:
        train()
    except KeyboardInterrupt:
        interrupted += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
assert train() == train()
print(interrupted)
"""


@pytest.mark.long
def test_ctrl_c_while_kernels_are_compiled_does_not_harm_later_training():
    [interrupted] = finish(start(COMPILING))
    assert int(interrupted) > 0


# --- kill -9 --------------------------------------------------------------------------------------


def train_for_ever(file, saved):
    """Train with checkpoints, and save after every epoch; go on from a checkpoint that is there."""

    def save(epoch, network, history):
        network.save(saved)

    data = digits(100, 30, 5, seed=1)
    if file.exists():
        fastnn.resume(file, data, 10**6, verbose=False, callback=save)
    else:
        net = seeded_network(network2, [30, 20, 5])
        seed_generators(2)
        net.SGD(data, 10**6, *HOW, momentum=0.5, verbose=False, checkpoint=file, callback=save)


HOW = (10, 0.01, 1.0)


def kill_often(tmp_path, times):
    """Kill training at random moments; each time the next process goes on from its checkpoint."""
    file, saved = tmp_path / "run.npz", tmp_path / "net.json"
    seeded_network(network2, [30, 20, 5]).SGD(
        digits(100, 30, 5, seed=1), 1, *HOW, momentum=0.5, verbose=False
    )  # so that no killed process spends its time on compiling
    context = multiprocessing.get_context("fork")
    moments = random.Random(6)
    epochs = 0
    for killed in range(times):
        process = context.Process(target=train_for_ever, args=(file, saved), daemon=True)
        process.start()
        if killed == times // 2:  # a checkpoint exists by then, even on a slow machine
            wait_until(file.exists)
        time.sleep(moments.uniform(0.0, 0.15))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        if saved.exists():
            fastnn.load(saved)
        if file.exists():
            done = resumed(file, 0)[1]
            assert len(done.epoch_seconds) >= epochs
            epochs = len(done.epoch_seconds)
    return file, epochs


def resumed(file, more):
    """Resume a copy of a checkpoint for some epochs; return the network and its history."""
    copy = file.with_name("copy.npz")
    copy.write_bytes(file.read_bytes())
    data = digits(100, 30, 5, seed=1)
    return fastnn.resume(copy, data, more, verbose=False)


def assert_killed_runs_end_as_whole_ones(tmp_path, times):
    file, epochs = kill_often(tmp_path, times)
    assert epochs > 0
    net, _ = resumed(file, epochs + 2)
    whole = seeded_network(network2, [30, 20, 5])
    seed_generators(2)
    whole.SGD(digits(100, 30, 5, seed=1), epochs + 2, *HOW, momentum=0.5, verbose=False)
    assert_same_bits(net, whole)


def test_a_run_killed_at_20_moments_ends_as_one_that_was_not(tmp_path):
    assert_killed_runs_end_as_whole_ones(tmp_path, 20)


@pytest.mark.long
def test_a_run_killed_at_200_moments_ends_as_one_that_was_not(tmp_path):
    assert_killed_runs_end_as_whole_ones(tmp_path, 200)


def sweep_for_ever(file, **settings):
    """Train the networks of a sweep that are not in its file yet."""
    return fastnn.train_many(
        [30, 20, 5],
        digits(100, 30, 5, seed=1),
        **{
            **{"seeds": range(1000), "grid": {"eta": [0.01, 0.1]}, "epochs": 3, "lmbda": 1.0},
            **{"mini_batch_size": 10, "evaluation_data": labelled(digits(40, 30, 5, seed=2))},
            **{"results": file, "progress": False},
            **settings,
        },
    )


def lines_of(file):
    return file.read_bytes().count(b"\n") if file.exists() else 0


def assert_a_killed_sweep_ends_as_a_whole_one(file, seed):
    """Kill a sweep at 20 random moments, let the next one go on each time, compare all rows."""
    context = multiprocessing.get_context("fork")
    moments = random.Random(seed)
    lines = 0
    for _ in range(20):
        process = context.Process(target=sweep_for_ever, args=(file,), daemon=True)
        process.start()
        # Count rows, so that a slow machine gets as far as a fast one.
        wanted = lines + moments.randrange(6)
        wait_until(lambda wanted=wanted: lines_of(file) >= wanted)
        time.sleep(moments.uniform(0.0, 0.03))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        before, lines = lines, lines_of(file)
        assert lines >= before
    assert lines > 20
    seeds = range(lines // 2 + 2)  # a few more than the file holds
    resumed, whole = (sweep_for_ever(results, seeds=seeds) for results in (file, None))
    for mine, theirs in zip(resumed, whole, strict=True):
        assert (mine.settings, mine.seed, mine.error) == (theirs.settings, theirs.seed, None)
        assert tuple(mine.history) == tuple(theirs.history)


def test_a_sweep_killed_at_20_moments_ends_as_one_that_was_not(tmp_path):
    sweep_for_ever(None, seeds=range(2))  # compiles the kernels
    assert_a_killed_sweep_ends_as_a_whole_one(tmp_path / "sweep.jsonl", 7)


@pytest.mark.long
def test_sweeps_killed_at_200_moments_end_as_those_that_were_not(tmp_path):
    sweep_for_ever(None, seeds=range(2))
    for seed in range(10):
        assert_a_killed_sweep_ends_as_a_whole_one(tmp_path / f"sweep{seed}.jsonl", seed)
