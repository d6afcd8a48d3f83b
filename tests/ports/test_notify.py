"""Datagrams to a socket of our own in systemd's place."""

import os
import socket

import pytest

from appliance.ports.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path, monkeypatch):
    name = str(tmp_path / "notify") if request.param == "path" else f"@rufweiche-test-{os.getpid()}"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(name.replace("@", "\0") if name.startswith("@") else name)
    server.settimeout(5)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield server
    server.close()


def test_what_is_said_arrives_in_one_datagram(systemd):
    notifier = Notifier()
    notifier.say("READY=1", "STATUS=1 ready\nMAINPID=1", "WATCHDOG=1")
    assert systemd.recv(999) == b"READY=1\nSTATUS=1 ready MAINPID=1\nWATCHDOG=1"
    notifier.close()
    notifier.say("READY=1")
    notifier.close()


@pytest.mark.parametrize("address", ["", "relative", "vsock:2:1"])
def test_without_a_socket_nothing_happens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    notifier = Notifier()
    notifier.say("READY=1")
    assert notifier.watchdog is None


def test_a_systemd_that_has_gone_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notifier = Notifier()
    notifier.say("WATCHDOG=1")
    notifier.close()


def test_a_systemd_that_does_not_read_holds_nobody_up(systemd):
    notifier = Notifier()
    for _ in range(2000):  # more than a socket's queue holds
        notifier.say("STATUS=" + "x" * 1000)
    notifier.close()


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("30000000", None, 30.0),
        ("30000000", "ours", 30.0),
        ("30000000", "1", None),
        ("0", None, None),
        ("-1", None, None),
        ("", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_how_often_a_sign_of_life_is_wanted(systemd, monkeypatch, usec, pid, seconds):
    if usec is not None:
        monkeypatch.setenv("WATCHDOG_USEC", usec)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "ours" else pid)
    notifier = Notifier()
    assert notifier.watchdog == seconds
    notifier.close()
