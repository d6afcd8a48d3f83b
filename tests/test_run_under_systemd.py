"""The engine as a process, with a socket of ours in systemd's place."""

import os
import signal
import socket
import subprocess
import sys

import pytest


@pytest.fixture
def systemd(tmp_path):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(tmp_path / "notify"))
    server.settimeout(20)
    yield server
    server.close()


@pytest.fixture
def engine(tmp_path, systemd):
    environment = {key: value for key, value in os.environ.items() if key != "RUNTIME_DIRECTORY"}
    environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
    program = [
        sys.executable,
        "-c",
        "from appliance.cli import main; main()",
        "run",
        "--state",
        str(tmp_path / "state"),
    ]
    process = subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def test_ready_alive_and_stopping(systemd, engine):
    said = [systemd.recv(999).decode() for _ in range(6)]
    assert said[:2] == ["READY=1", "STATUS=no lines set up"]
    assert said[2:] == ["WATCHDOG=1"] * 4
    engine.send_signal(signal.SIGSTOP)  # a loop that does not turn gives no sign of life
    systemd.settimeout(1.0)
    with pytest.raises(TimeoutError):
        while True:
            systemd.recv(999)
    engine.send_signal(signal.SIGCONT)
    systemd.settimeout(20)
    engine.send_signal(signal.SIGTERM)
    while (heard := systemd.recv(999).decode()) == "WATCHDOG=1":
        pass
    assert heard == "STOPPING=1"
    assert engine.wait(10) == 0
