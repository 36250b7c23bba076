"""The same call gives the same bits on every CPU: kernels compiled for other targets.

This machine has its kernels as any user's has. The first of the other targets leaves a store, as a
wheel has it, and the next take the kernels from there.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys

import pytest

# Trains as its first argument says, then prints a digest of all weights, biases and figures. Takes
# kernels from the store in the folder that follows, if one does, or makes one there if it has none.
PROGRAM = """
import hashlib, json, pathlib, sys
import builders
from builders import labelled, parameters, seed_generators
from fastnn import network2
from fastnn.kernels.compiling import STORE
digest = hashlib.sha256()
collected = {}
for folder in sys.argv[2:]:
    STORE._folder = pathlib.Path(folder)
    collected = {} if STORE.path.exists() else STORE.begin()
for dtype, build, sizes, measures in json.loads(sys.argv[1]):
    data = getattr(builders, build)(150, 40, 5, seed=1, dtype="float32")
    monitors = (labelled(data), True, True) if measures else ()
    seed_generators(2)
    net = network2.Network([40, 33, 17, 5], dtype=dtype)
    for size in sizes:
        history = net.SGD(data, 4, size, 0.5, 1.0, *monitors, verbose=False)
        digest.update(repr(tuple(history)).encode())
    for array in parameters(net):
        digest.update(array.tobytes())
if collected:
    STORE.path.write_bytes(STORE.archive(collected))
    STORE.path.chmod(0o644)
print(digest.hexdigest())
"""

# Sparse and dense inputs, mini-batches smaller and larger than a block and of all examples, and
# whether costs and accuracies are measured. Each of these needs a kernel of its own for each type
# of numbers; of what kernels are made of, the short form leaves out nothing.
EVERYTHING = [
    (dtype, build, (7, 140, 150), True)
    for dtype in ("float64", "float32")
    for build in ("digits", "dense_digits")
]
EVERY_PART = [
    ("float64", "digits", (7, 140), True),
    ("float64", "dense_digits", (7, 150), False),
    ("float32", "digits", (7, 150), False),
    ("float32", "dense_digits", (7,), True),
]

# Numba's CPU: without fused multiply-add, with registers of 256 bits, and of 512.
TARGETS = {
    "this machine": {},
    "generic": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "AVX2": {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""},
    "AVX-512": {"NUMBA_CPU_NAME": "x86-64-v4", "NUMBA_CPU_FEATURES": ""},
    "one thread": {"NUMBA_NUM_THREADS": "1"},
    "two threads": {"NUMBA_NUM_THREADS": "2"},
}


def digest(trainings, *store, **environment):
    here = os.path.dirname(__file__)
    path = os.pathsep.join([here, *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(trainings), *map(str, store)],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGILL:
        pytest.skip("this processor cannot run such code")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(
    scope="module",
    params=[EVERY_PART, pytest.param(EVERYTHING, marks=pytest.mark.thorough)],
    ids=["every part", "everything"],
)
def trainings(request):
    return request.param


@pytest.fixture(scope="module")
def here(trainings):
    return digest(trainings)


@pytest.fixture(scope="module")
def store(trainings, tmp_path_factory):
    """The folder that the targets share."""
    return tmp_path_factory.mktemp("stored")


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="targets of x86")
@pytest.mark.parametrize("target", [name for name in TARGETS if TARGETS[name]])
def test_every_target_and_number_of_threads_gives_the_same_bits(here, store, trainings, target):
    assert digest(trainings, store, **TARGETS[target]) == here
