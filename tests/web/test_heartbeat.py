"""The page's sign of life: there while it can answer, gone when its threads or its loop are not."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading

from flask import Flask

from appliance.ports.notify import Notifier
from tests.web.running import running
from tests.web.test_serve import PROGRAM, environment, free_port
from web.heartbeat import Heartbeat
from web.serve import THREADS, server_for

WITHIN = 0.2


class Systemd(Notifier):
    """Hears what is said, and wants a sign of life."""

    watchdog = WITHIN

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.another = threading.Event()

    def say(self, *assignments: str) -> None:
        self.heard += assignments
        self.another.set()

    def hears_more(self, seconds: float) -> bool:
        """Whether something is said from now on."""
        self.another.clear()
        return self.another.wait(seconds)


def ask(port: int) -> socket.socket:
    visitor = socket.create_connection(("127.0.0.1", port))
    visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return visitor


def test_it_is_given_while_a_thread_is_free():
    stuck, free = threading.Semaphore(0), threading.Event()
    page = Flask(__name__)
    page.config["MAX_CONTENT_LENGTH"] = 0

    @page.get("/")
    def _stuck():
        stuck.release()
        free.wait()
        return ""

    systemd, port, watched = Systemd(), free_port(), {}
    server = server_for(page, "127.0.0.1", port, watched=watched)
    with running(server, watched), contextlib.ExitStack() as visitors:
        Heartbeat(systemd, server.task_dispatcher, server.trigger.pull_trigger).begin()
        assert systemd.heard[0] == "READY=1"
        assert systemd.hears_more(5)
        for _ in range(THREADS):
            visitors.enter_context(ask(port))
            assert stuck.acquire(timeout=5)
        systemd.hears_more(WITHIN)  # what was on its way
        assert not systemd.hears_more(3 * WITHIN)
        free.set()
        assert systemd.hears_more(5)
    assert set(systemd.heard) == {"READY=1", "WATCHDOG=1"}


def test_without_a_watchdog_it_is_ready_and_says_no_more():
    systemd = Systemd()
    systemd.watchdog = None
    Heartbeat(systemd, None, None).begin()
    assert systemd.heard == ["READY=1"]


def test_the_page_as_systemd_hears_it(tmp_path):
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    systemd.settimeout(20)
    port = free_port()
    command = [str(PROGRAM), "web", "--state", str(tmp_path / "state"), "--port", str(port)]
    watched = environment(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000")
    with contextlib.closing(systemd), subprocess.Popen(command, env=watched, stderr=subprocess.DEVNULL) as process:
        try:
            assert systemd.recv(999) == b"READY=1"
            ask(port).close()  # it listens
            assert [systemd.recv(999) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        finally:
            process.kill()
