"""Threads, processes and pools of both: no deadlock, and the same bits."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import threading

import numpy as np
import pytest
from builders import assert_same_bits, copies, digits, parameters, seeded_network
from processes import finish, start

import fastnn
from fastnn import network2

SIZES = [30, 20, 5]


def trained(seed, data=None):
    """A network trained without Python's global generator, which threads share."""
    net = seeded_network(network2, SIZES, seed=seed)
    train(net, digits(120, 30, 5, seed=1) if data is None else data)
    return net


def train(net, data):
    net.SGD(data, 3, 10, 0.5, 1.0, shuffle=False, verbose=False)


def bits(seed):
    return [array.tobytes() for array in parameters(trained(seed))]


def bits_from_threads(seeds):
    """An executor inside the worker of another one."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        nets = [seeded_network(network2, SIZES, seed=seed) for seed in seeds]
        list(pool.map(train, nets, [digits(120, 30, 5, seed=1)] * len(nets)))
    return [[array.tobytes() for array in parameters(net)] for net in nets]


def test_ten_threads_train_ten_networks_on_one_data_set_to_the_same_bits():
    data = fastnn.Dataset.from_pairs(digits(120, 30, 5, seed=1))
    nets = [seeded_network(network2, SIZES, seed=seed) for seed in range(10)]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda net: train(net, data), nets, timeout=300))
    for seed, net in enumerate(nets):
        assert_same_bits(net, trained(seed))


def test_a_network_is_trained_by_one_thread_at_a_time():
    net = seeded_network(network2, SIZES)
    data = digits(120, 30, 5, seed=1)
    begun, go_on = threading.Event(), threading.Event()

    def wait(epoch, network, history):
        begun.set()
        return not go_on.wait(60)

    first = threading.Thread(target=lambda: net.SGD(data, 1, 10, 0.5, verbose=False, callback=wait))
    first.start()
    try:
        assert begun.wait(60)
        before = copies(net)
        for action in (
            lambda: net.SGD(data, 1, 10, 0.5, verbose=False),
            lambda: net.update_mini_batch(data[:5], 0.5, 0.0, 120),
        ):
            with pytest.raises(RuntimeError, match="the network is being trained already"):
                action()
        assert all((a == b).all() for a, b in zip(copies(net), before, strict=True))
    finally:
        go_on.set()
        first.join()
    net.SGD(data, 1, 10, 0.5, verbose=False)  # the other call has ended


def test_a_callback_may_not_train_the_network_that_is_being_trained():
    net, data = seeded_network(network2, SIZES), digits(20, 30, 5, seed=1)

    def again(epoch, network, history):
        network.SGD(data, 1, 10, 0.5, verbose=False)

    with pytest.raises(RuntimeError, match="whose callback or method this is"):
        net.SGD(data, 2, 10, 0.5, verbose=False, callback=again)
    net.SGD(data, 1, 10, 0.5, verbose=False)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_worker_processes_train_to_the_same_bits_after_use_in_this_one(method):
    wanted = [bits(seed) for seed in (1, 2)]
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        assert pool.submit(bits, 1).result(timeout=300) == wanted[0]
        assert pool.submit(bits_from_threads, [1, 2]).result(timeout=300) == wanted


LEAVE_A_CHILD = """
import os, sys
from builders import digits, seeded_network
from fastnn import network2

def callback(epoch, network, history):
    if epoch == 0:
        child = os.fork()
        if child == 0:
            sys.exit(3)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

net = seeded_network(network2, [30, 200, 5])
net.SGD(digits(120, 30, 5, 1), 2, 10, 0.5, verbose=False, callback=callback, threads=THREADS)
print(len(net.history.epoch_seconds))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked there")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_forked_child_may_leave_a_callback_and_ends(threads):
    code = LEAVE_A_CHILD.replace("THREADS", str(threads))
    assert finish(start(code, PYTHONWARNINGS="ignore")) == ["3", "2"]


IMPORT_IN_A_THREAD = """
import threading
done = []
def work():
    from builders import digits
    import fastnn
    net = fastnn.Network([30, 20, 5])
    net.SGD(digits(20, 30, 5, seed=1), 1, 10, 0.5, verbose=False)
    done.append(len(net.history.epoch_seconds))
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(done)
"""


def test_fastnn_may_be_imported_in_threads():
    assert finish(start(IMPORT_IN_A_THREAD)) == ["[1, 1, 1]"]


def test_networks_trained_in_several_threads_at_once_give_the_same_bits():
    data = digits(150, 20, 5, seed=10)
    nets = [seeded_network(network2, [20, 17, 3, 33, 5], seed=seed) for seed in range(4)]

    def take_steps(net):
        for _ in range(20):
            net.update_mini_batch(data, 0.5, 1.0, 150)
        return copies(net)

    starts = [copies(net) for net in nets]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        together = list(pool.map(take_steps, nets))
    for net, kept in zip(nets, starts, strict=True):
        net.biases, net.weights = kept[: len(net.biases)], kept[len(net.biases) :]
    for alone, threaded in zip(map(take_steps, nets), together, strict=True):
        for mine, theirs in zip(alone, threaded, strict=True):
            np.testing.assert_array_equal(mine, theirs)
