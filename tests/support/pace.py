"""How fast this machine is at what the live page does, for promises made in seconds."""

from __future__ import annotations

import time

from fastnn import Network
from fastnn.chapter5.live.runs import compile_kernels
from fastnn.chapter5.live.settings import IMAGES, Settings
from fastnn.chapter5.networks import training_images


def seconds_alone():
    """The processor's time for the training that the page begins with, without the page.

    It is less than half a second on a core with AVX-512 and 4 GHz, for which the promises are made.
    """
    compile_kernels()
    settings, images = Settings(), training_images(IMAGES)
    taken = []
    for _ in range(3):
        net = Network(**settings.of_network())
        started = time.process_time()
        net.SGD(images, **settings.of_sgd(), threads=1, verbose=False)
        taken.append(time.process_time() - started)
    return min(taken)


def slowness():
    """How many times as long as half a second that takes; at least 1."""
    return max(1.0, seconds_alone() / 0.5)
