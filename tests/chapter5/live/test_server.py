"""The server of the live page: on this machine only, one page a visitor, refused first."""

import http.client
import logging
import socket
import subprocess
import sys
import urllib.request

import pytest

import fastnn
from fastnn.chapter5 import live

panel = pytest.importorskip("panel")


@pytest.fixture(scope="module")
def page():
    page = live.explorer()
    yield page
    page.stop()


def port_of(page):
    return int(page.url.rstrip("/").rpartition(":")[2])


def test_the_package_has_it_as_an_attribute_and_imports_panel_only_to_serve():
    code = "\n".join(
        [
            "import sys, fastnn",
            "from fastnn import live",
            "assert fastnn.live is live and live.explorer and live.serve",
            "assert not {'panel', 'bokeh', 'tornado'} & set(sys.modules)",
        ]
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_package_has_no_other_attribute():
    with pytest.raises(AttributeError, match="no attribute 'lively'"):
        fastnn.lively  # noqa: B018 - to read it is the test


def test_it_serves_the_page_and_a_notebook_shows_it_in_a_frame(page):
    with urllib.request.urlopen(page.url, timeout=60) as answer:
        text = answer.read().decode()
    assert "why are deep neural networks hard to train?" in text
    assert f'<iframe src="{page.url}"' in page._repr_html_()
    assert page.url in repr(page)


def test_it_answers_on_loopback_only(page):
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    others = [each for each in addresses if not each.startswith(("127.", "::1", "fe80"))]
    with socket.create_connection(("127.0.0.1", port_of(page)), timeout=10):
        pass
    for address in others:
        with pytest.raises(OSError):
            socket.create_connection((address, port_of(page)), timeout=2)


@pytest.mark.parametrize(
    ("origin", "status"), [("http://localhost:{port}", 101), ("http://evil.example", 403)]
)
def test_pages_of_other_sites_cannot_use_it(page, origin, status):
    port = port_of(page)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    text = connection.getresponse().read().decode()
    token = text.partition('"token":"')[2].partition('"')[0]
    connection.request(
        "GET",
        "/ws",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": origin.format(port=port),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol": f"bokeh, {token}",
        },
    )
    assert connection.getresponse().status == status
    connection.close()


def test_a_stopped_server_answers_no_more():
    page = live.explorer()
    page.stop()
    page.wait(10)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port_of(page)), timeout=2)


def test_a_server_that_cannot_begin_closes_its_loop(monkeypatch):
    loops = []

    def fail(*_, loop, **__):
        loops.append(loop.asyncio_loop)
        raise OSError("the port was taken meanwhile")

    monkeypatch.setattr(panel, "serve", fail)
    with pytest.raises(OSError, match="taken meanwhile"):
        live.explorer()
    assert [loop.is_closed() for loop in loops] == [True]


@pytest.mark.usefixtures("page")
def test_a_visitor_who_leaves_is_no_error_and_all_else_is(caplog):
    from bokeh.server.connection import ServerConnection

    def fail():
        raise AssertionError("news")

    gone = ServerConnection.__new__(ServerConnection)
    gone._session = None  # as after `detach_session`
    log = logging.getLogger("tornado.application")
    for problem in (lambda: gone.session, fail):
        try:
            problem()
        except AssertionError:
            log.error("Uncaught exception", exc_info=True)
    log.error("without a traceback")
    [news, rest] = caplog.records
    assert str(news.exc_info[1]) == "news"
    assert rest.getMessage() == "without a traceback"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"port": -1}, ValueError, "port must be an integer of at least 0, got -1"),
        ({"port": 65536}, ValueError, "port must be at most 65535, got 65536"),
        ({"port": "80"}, TypeError, "port must be an integer"),
        ({"host": ""}, TypeError, "host must be an address"),
        ({"host": 1}, TypeError, "host must be an address"),
        ({"host": "192.0.2.1"}, OSError, "host '192.0.2.1' cannot be had: .*assign"),
        ({"host": "nowhere.invalid"}, OSError, "host 'nowhere.invalid' cannot be had"),
        ({"host": "::1"}, ValueError, "host must be a name, .* got '::1'"),
        ({"host": "[::1]"}, ValueError, "host must be a name"),
    ],
)
def test_wrong_addresses_are_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        live.explorer(**arguments)


def test_a_port_that_is_taken_is_refused():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match=r"(?i)^port \d+ .*address already in use"):
            live.explorer(other.getsockname()[1])


def test_without_panel_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'fastnn-jit\[live\]'"):
        live.explorer()
