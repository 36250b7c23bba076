"""A plugin for asv, named in `asv.conf.json`: one thread in every process that asv starts.

A suite could not do this itself, because asv loads NumPy before it imports the suites.
"""

from benchmarks.support.threads import limit_threads


def setup() -> None:
    """Limit the threads; asv calls this after reading its settings."""
    limit_threads(1)
