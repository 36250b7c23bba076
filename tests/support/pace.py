"""How fast this machine is at what the live page does, for promises made in seconds."""

from __future__ import annotations

import time

from fastnn import Network
from fastnn.chapter5.live.runs import compile_kernels
from fastnn.chapter5.live.settings import IMAGES, Settings
from fastnn.chapter5.networks import training_images

QUIET = 0.5
"""A core with AVX-512 and 4 GHz, for which the promises are made, takes less to train alone."""


def seconds_alone():
    """The processor's time for the training that the page begins with, without the page."""
    compile_kernels()
    settings, images = Settings(), training_images(IMAGES)
    net = Network(**settings.of_network())
    started = time.process_time()
    net.SGD(images, **settings.of_sgd(), threads=1, verbose=False)
    return time.process_time() - started


def slowness():
    """How many times as long as `QUIET` that takes, the best of three; at least 1."""
    return max(1.0, min(seconds_alone() for _ in range(3)) / QUIET)
