"""What counts as well, asked of a page and an engine's sign of life."""

import http.server
import json
import sys
import threading

import pytest

from appliance import cli, health
from appliance.ports.clock import boot_id, monotonic
from appliance.store.database import Store


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    Store.open(tmp_path, create=True).close()
    (tmp_path / "run").mkdir()
    return tmp_path


def heartbeat(state, **lines):
    shown = [{"name": name, "state": word} for name, word in lines.items()]
    beat = {"boot_id": boot_id(), "monotonic": monotonic(), "lines": shown}
    (state / "run/status.json").write_text(json.dumps(beat))


@pytest.fixture(params=[200, 302])
def page(request):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(request.param if self.path == "/" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_well(state, page):
    heartbeat(state, office="ready", stick="down")
    assert health.remember(state) == ["office"]
    assert health.complaints(state, "127.0.0.1", page) == []
    heartbeat(state, office="in_call", stick="down")
    assert health.complaints(state, "127.0.0.1", page) == []


def test_a_line_that_was_ready_before(state):
    heartbeat(state, office="ready", stick="ready", old="ready")
    health.remember(state)
    heartbeat(state, office="starting", stick="ready")  # "old" is in no settings any more
    assert health.complaints(state, "", 0) == ["line office was ready before and is starting now"]


def test_no_engine(state):
    assert health.complaints(state, "", 0) == ["the engine gives no sign of life"]


def test_no_page(state):
    heartbeat(state)
    (said,) = health.complaints(state, "127.0.0.1", 1)
    assert said.startswith("the page does not answer: ")


@pytest.mark.parametrize("damage", [b"x" * 5000, b""])
def test_a_damaged_database(state, damage):
    from appliance.store.database import FILE_NAME

    heartbeat(state, office="ready")
    (state / FILE_NAME).write_bytes(damage)
    assert bool(health.complaints(state, "", 0)) is bool(damage)


def test_waiting_until_it_is_well(state, monkeypatch):
    heartbeat(state, office="ready")
    health.remember(state)
    heartbeat(state, office="starting")
    slept, heard = [], []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            heartbeat(state, office="ready")

    monkeypatch.setattr(health.time, "sleep", sleep)
    assert health.wait(state, "", 0, 60, heard.append) == []
    assert len(slept) == 3
    assert heard == ["line office was ready before and is starting now"]


def test_the_command(state, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["rufweiche", "health", "--state", str(state), *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr()

    heartbeat(state, office="ready")
    assert run("--remember") == (0, ("In service: office.\n", ""))
    assert run("--port", "0") == (0, ("All is well.\n", ""))
    heartbeat(state, office="down")
    assert run("--port", "0") == (1, ("", "rufweiche: line office was ready before and is down now\n"))
