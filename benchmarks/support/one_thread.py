"""A plugin that asv loads (see `asv.conf.json`): one thread in every process that it starts.

The benchmarks themselves could not see to it: asv has loaded NumPy before it imports them.
"""

from benchmarks.support.threads import limit_threads


def setup() -> None:
    """Called by asv when it has read its settings."""
    limit_threads(1)
