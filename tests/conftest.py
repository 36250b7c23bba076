"""Import paths: test files share builders of this folder, and one tests `benchmarks`.

And the program as a fixture, for all tests that run it.
"""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent

sys.path.insert(0, str(FOLDER))
# At the end: where fastnn is installed, the installed one is tested and not the checkout beside it.
sys.path.append(str(FOLDER.parent))


@pytest.fixture
def fastnn_program(capsys):
    """Run the program; return its exit status and the lines of both outputs."""

    from fastnn import cli

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out.splitlines(), printed.err.splitlines()

    return run
