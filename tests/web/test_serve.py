"""`rufweiche web` as a process: on a port of its own, on a socket handed over, and when something is in the way."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from appliance.store import migrations
from appliance.store.file import FILE_NAME
from appliance.store.page import PageStore
from tests.web import sample
from web import certificate, claim
from web.serve import handed_sockets

PROGRAM = Path(sys.executable).with_name("rufweiche")
AS_SYSTEMD = """
import fcntl, os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
given = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 20) for number in sys.argv[1].split(",")]
for number, one in enumerate(given, 3):
    os.dup2(one, number)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Puts the sockets where systemd puts them, and names the process it becomes."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**more: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "RUNTIME_DIRECTORY"} | more


@contextmanager
def serving(state: Path, port: int, *command: str, **more):
    command = command or (str(PROGRAM), "web", "--state", str(state), "--port", str(port))
    log = state.parent / "web.log"
    with log.open("wb") as said, subprocess.Popen(command, stderr=said, env=environment(), **more) as process:
        try:
            yield process
        finally:
            process.kill()


def get(port: int, path: str = "/", host: str = "127.0.0.1") -> http.client.HTTPResponse:
    until = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection(host, port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        except ConnectionRefusedError:
            assert time.monotonic() < until, "the page does not answer"
            time.sleep(0.05)
        finally:
            connection.close()


def test_new_box_says_its_code_and_ends_when_told(tmp_path):
    port = free_port()
    with serving(tmp_path / "state", port) as process:
        assert get(port).getheader("Location") == "/setup/"
        assert b"Deutsch" in get(port, "/setup/language").body
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    said = (tmp_path / "web.log").read_text()
    assert re.search(r"The set-up code is [A-Z2-9]{4}-[A-Z2-9]{4}", said)
    assert f"http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said


def test_code_is_the_same_after_a_restart_and_silent_once_there_is_an_owner(tmp_path):
    codes = []
    for _ in range(2):
        port = free_port()
        with serving(tmp_path / "state", port):
            get(port)
        codes += re.findall(r"code is (\S+):", (tmp_path / "web.log").read_text())
    assert len(codes) == 2
    assert codes[0] == codes[1]
    sample.fill(tmp_path / "state")
    port = free_port()
    with serving(tmp_path / "state", port):
        assert get(port).getheader("Location") == "/login"
    assert "code" not in (tmp_path / "web.log").read_text()


def loaded(process: subprocess.Popen) -> str:
    """What the process has of the machine's libraries and files."""
    return Path(f"/proc/{process.pid}/maps").read_text()


def test_it_is_lean(tmp_path):
    """What no page needs is not there, also on a box whose database is yet to be made; TLS comes with HTTPS."""
    port, secure = free_port(), free_port()
    with serving(tmp_path / "state", port) as process:
        assert get(port, "/setup/language").status == 200
        resident = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])
        assert not re.search("libssl|libcrypto|_hashlib", loaded(process))
    assert resident < 44_000
    command = (str(PROGRAM), "web", "--state", str(tmp_path / "state"), "--port", str(port))
    with serving(tmp_path / "state", port, *command, "--https-port", str(secure)) as process:
        get(port)
        with socket.create_connection(("127.0.0.1", secure)) as stranger, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(stranger, server_hostname="localhost")
        assert "libssl" in loaded(process)


def test_older_database_is_brought_into_shape(tmp_path):
    state = tmp_path / "state"
    sample.fill(state)
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'index_recordings'")
        db.execute("DROP INDEX calls_with_message")
        db.commit()
    port = free_port()
    with serving(state, port):
        assert get(port).getheader("Location") == "/login"
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        assert not migrations.pending(db)


def test_port_that_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        command = [PROGRAM, "web", "--state", tmp_path, "--port", str(other.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=20, check=False)
    assert done.returncode == 1
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr


def listening() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


@contextmanager
def handed(state: Path, *sockets: socket.socket, **environ: str):
    """The page on these sockets, numbered from 3 on."""
    given = [one.fileno() for one in sockets]
    command = [sys.executable, "-c", AS_SYSTEMD, ",".join(map(str, given))]
    command += [str(PROGRAM), "web", "--state", str(state)]
    told = environment(LISTEN_FDS=str(len(sockets)), **environ)
    with subprocess.Popen(command, pass_fds=given, env=told, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(10) == 0


def test_socket_handed_over(tmp_path):
    with listening() as one, handed(tmp_path / "state", one):
        assert get(one.getsockname()[1]).getheader("Location") == "/setup/"


@pytest.mark.parametrize("names", [["rufweiche-web.socket", "https"], ["https", "rufweiche-web.socket"]])
def test_sockets_are_told_by_their_names(tmp_path, names):
    state = tmp_path / "state"
    state.mkdir()
    certificate.switch_on(state, ["localhost"])
    trusting = ssl.create_default_context(cafile=certificate.pair(state))
    with listening() as one, listening() as other:
        ports = dict(zip(names, (one.getsockname()[1], other.getsockname()[1]), strict=True))
        with handed(state, one, other, LISTEN_FDNAMES=":".join(names)):
            assert get(ports["rufweiche-web.socket"]).getheader("Location") == "/setup/"
            connection = http.client.HTTPSConnection("localhost", ports["https"], timeout=10, context=trusting)
            connection.request("GET", "/")
            assert connection.getresponse().getheader("Location") == "/setup/"
            connection.close()


def test_https_by_hand(tmp_path):
    port, secure = free_port(), free_port()
    command = (str(PROGRAM), "web", "--state", str(tmp_path / "state"), "--port", str(port))
    with serving(tmp_path / "state", port, *command, "--https-port", str(secure)):
        get(port)
        trusting = ssl.create_default_context(cafile=certificate.pair(tmp_path / "state"))
        connection = http.client.HTTPSConnection("127.0.0.1", secure, timeout=10, context=trusting)
        connection.request("GET", "/")
        assert connection.getresponse().getheader("Location") == "/setup/"
        connection.close()
    assert f"https://127.0.0.1:{secure}/" in (tmp_path / "web.log").read_text()


def test_sockets_meant_for_another_process_are_left_alone(monkeypatch):
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert handed_sockets() == []


@pytest.mark.parametrize("state", ["file", "not/there"])
def test_state_that_cannot_be_one(tmp_path, state):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "x" if state == "file" else Path("/proc/nothing")
    command = [PROGRAM, "web", "--state", folder, "--port", str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_password_set_at_the_box(tmp_path):
    sample.fill(tmp_path / "state")
    command = [PROGRAM, "reset-password", "--state", tmp_path / "state"]

    def run(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, env=environment(), timeout=20, check=False
        )

    assert run("kurz\n").returncode == 2
    assert run("Linde und Ahorn\n").returncode == 0
    with PageStore.open(tmp_path / "state") as store:
        assert claim.is_password(store, "Linde und Ahorn")
        assert not claim.is_password(store, sample.PASSWORD)
        assert store.sessions() == []
