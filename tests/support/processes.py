"""Run programs in their own processes, to be interrupted, killed or starved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def start(code, *arguments, folder=None, **environment):
    """Start Python on some code; what it prints comes through pipes.

    `folder` is where fastnn is looked for first; an environment variable of None is unset.
    """
    path = os.pathsep.join(str(entry) for entry in (folder, FOLDER, *sys.path) if entry)
    variables = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={name: str(value) for name, value in variables.items() if value is not None},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Wait for a process that has to succeed; return the lines it printed."""
    with process:
        try:
            out, err = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()  # it would disturb the tests that follow
            raise
    assert process.returncode == 0, err
    return out.splitlines()


def run_python(code, *, folders, options=(), **environment):
    """Run code in a new process that finds modules in `folders`; return what it prints.

    An environment variable of None is unset.
    """
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), **environment}
    finished = subprocess.run(
        [sys.executable, *options, "-c", code],
        env={name: str(value) for name, value in variables.items() if value is not None},
        capture_output=True,
        text=True,
        cwd=folders[0],
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout
