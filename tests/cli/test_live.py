"""`fastnn live`: where the page is, and how it ends."""

import re
import signal
import subprocess
import sys
import urllib.request

import pytest


def test_the_server_gets_what_is_typed(fastnn_program, monkeypatch):
    called = []
    monkeypatch.setattr(
        "fastnn.cli.live.serve", lambda *args, **options: called.append((args, options))
    )
    assert fastnn_program("live")[0] == 0
    assert fastnn_program("live", "--port", "8000", "--host", "0.0.0.0", "--no-browser")[0] == 0
    assert called == [
        ((0,), {"host": "127.0.0.1", "open_browser": True}),
        ((8000,), {"host": "0.0.0.0", "open_browser": False}),
    ]


def test_without_panel_it_says_what_to_install(fastnn_program, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, out, err = fastnn_program("live", "--no-browser")
    assert (status, out) == (1, [])
    assert err == ["fastnn: the live page needs panel: python -m pip install 'fastnn-jit[live]'"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "--port must be at most 65535, got 70000"),
        (["--host", "nowhere.invalid"], "--host 'nowhere.invalid' cannot be had: "),
        (["--host", "::1"], "--host must be a name, "),
    ],
    ids=str,
)
def test_a_wrong_address_is_refused_by_its_option(fastnn_program, arguments, words):
    pytest.importorskip("panel")
    status, _, err = fastnn_program("live", "--no-browser", *arguments)
    assert status == 1
    assert err[0].startswith(f"fastnn: {words}")
    assert len(err) == 1


LIVE = """
import signal, sys
from fastnn.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in background jobs
sys.exit(main(["live", "--no-browser"]))
"""


@pytest.mark.compiled
def test_it_prints_the_address_compiles_and_ends_with_ctrl_c():
    pytest.importorskip("panel")
    program = subprocess.Popen(
        [sys.executable, "-c", LIVE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        try:
            address = re.search(r"http://localhost:\d+/", program.stdout.readline())[0]
            assert "compiling (once) ... ready" in program.stdout.readline()
            assert urllib.request.urlopen(address, timeout=60).status == 200
            program.send_signal(signal.SIGINT)
            assert program.wait(60) == 130
            assert program.stderr.read() == "fastnn: interrupted\n"
        finally:
            program.kill()
