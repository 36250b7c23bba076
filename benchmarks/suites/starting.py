"""How long a fresh process waits. Starting Python itself is not timed."""

from __future__ import annotations

import os
import subprocess
import sys

_FIRST_EPOCH = """
from fastnn import mnist_loader, network2
training, _, _ = mnist_loader.load_data_wrapper()
network2.Network([784, 30, 10]).SGD(training, 1, 10, 0.1, 5.0, verbose=False)
"""

# What comes after `net` and `training` in a first call, by the option that differs from the base.
_OPTIONS = {
    "base": "1, 10, 0.1, 5.0, verbose=False",
    "evaluation": "1, 10, 0.1, 5.0, test, True, True, verbose=False",
    "adam": "1, 10, 0.001, 5.0, optimizer='adam', verbose=False",
    "dropout": "1, 10, 0.1, 5.0, dropout=0.5, verbose=False",
    "layer speeds": "1, 10, 0.1, 5.0, monitor_layer_speeds=True, verbose=False",
    "mini-batch of 200": "1, 200, 0.1, 5.0, verbose=False",
    "float32": "1, 10, 0.1, 5.0, verbose=False",
    "own activation": "1, 10, 0.1, 5.0, verbose=False",
    "own cost": "1, 10, 0.1, 5.0, verbose=False",
}
_SETTINGS = {
    "float32": "dtype='float32'",
    "own activation": "activation=Leaky",
    "own cost": "cost=FourthPower",
}
_FIRST_CALL = """
import numpy as np
from fastnn import mnist_loader, network2

class Leaky:
    fn = staticmethod(lambda z: z if z > 0.0 else 0.1 * z)
    prime = staticmethod(lambda z: 1.0 if z > 0.0 else 0.1)

class FourthPower:
    fn = staticmethod(lambda a, y: np.sum((a - y) ** 4) / 4)
    delta = staticmethod(lambda z, a, y: (a - y) ** 3 * a * (1 - a))

training, _, test = mnist_loader.load_data_wrapper()
network2.Network([784, 30, 10], {settings}).SGD(training, {options})
"""

_EMPTY_CACHE = """
import os, tempfile
folder = tempfile.TemporaryDirectory()
os.environ["NUMBA_CACHE_DIR"] = folder.name
"""


class Start:
    """Imports, and the whole way from there to a trained epoch of MNIST."""

    timeout = 300.0
    warmup_time = 0.0

    def setup_cache(self) -> str:
        """A folder of kept kernels, filled by a process that trains."""
        folder = os.path.abspath("kernels")
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        subprocess.run([sys.executable, "-c", _FIRST_EPOCH], check=True, env=environment)
        return folder

    def timeraw_import_numba(self, folder: str) -> str:
        """numba alone, which fastnn cannot do without."""
        return "import numba"

    def timeraw_import_fastnn(self, folder: str) -> str:
        """fastnn and all that it imports."""
        return "import fastnn"

    def timeraw_first_epoch_cold(self, folder: str) -> tuple[str, str]:
        """Import, load MNIST, compile, train one epoch."""
        return _FIRST_EPOCH, _EMPTY_CACHE

    def timeraw_first_epoch_cached(self, folder: str) -> tuple[str, str]:
        """The same with the kernels that an earlier process kept."""
        return _FIRST_EPOCH, f"import os\nos.environ['NUMBA_CACHE_DIR'] = {folder!r}"


class FirstCall:
    """The first call of all with an empty cache, option by option.

    With a store in the package (`fastnn compile`) nothing of the kernels is compiled.
    """

    timeout = 300.0
    warmup_time = 0.0
    params = tuple(_OPTIONS)
    param_names = ("option",)

    def timeraw_first_call(self, option: str) -> tuple[str, str]:
        """Import, load MNIST, train one epoch."""
        settings, options = _SETTINGS.get(option, ""), _OPTIONS[option]
        return _FIRST_CALL.format(settings=settings, options=options), _EMPTY_CACHE
