"""The foot of each table."""

import numpy as np

from benchmarks.support import machine


def test_the_machine_is_described_in_two_lines():
    processor, system = machine.describe_machine()
    assert processor.startswith(f"CPU: {machine.cpu_model()}, ")
    assert "Python" in system


def test_versions_are_those_installed():
    assert machine.version("numpy") == np.__version__
    assert machine.version("no-such-distribution") == "not installed"
