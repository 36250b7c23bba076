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
