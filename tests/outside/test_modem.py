"""The module by itself, so that a failure elsewhere is not its own: a plain client asks, and reads what comes."""

import os
import select
import time
import tty
from contextlib import suppress
from pathlib import Path

import pytest

from .calls import Make, Target, terse
from .modem import Modem
from .pdu import submitted, whole


class Client:
    def __init__(self, modem: Modem):
        self.port = os.open(modem.link, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.port)
        self.seen = b""

    def ask(self, command: str, end: bytes = b"OK\r\n", within: float = 3.0) -> str:
        self.seen = b""
        os.write(self.port, command.encode() + (b"" if command.endswith("\x1a") else b"\r"))
        return self.wait(end, within)

    def wait(self, end: bytes, within: float = 3.0) -> str:
        until = time.monotonic() + within
        while not self.seen.endswith(end):
            assert time.monotonic() < until, self.seen
            if select.select([self.port], [], [], 0.05)[0]:
                self.seen += os.read(self.port, 1024)
        return self.seen.decode()


@pytest.fixture
def module(tmp_path: Path):
    modems, clients = [], []

    def make(*args, **state) -> tuple[Modem, Client]:
        modems.append(Modem(tmp_path / "tty", *args, **state))
        clients.append(Client(modems[-1]))
        return modems[-1], clients[-1]

    yield make
    for client in clients:
        os.close(client.port)
    for modem in modems:
        modem.stop()


def test_echo_framing_and_unknown_commands(module):
    _, client = module()
    assert client.ask("AT") == "AT\r\r\nOK\r\n"
    assert client.ask("ATE0") == "ATE0\r\r\nOK\r\n"
    assert client.ask("AT+CMEE=1;+CLIP=1") == "\r\nOK\r\n"
    assert client.ask("AT+CREG?") == "\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    assert client.ask("AT+XYZ", b"\r\n", 1).startswith("\r\n")
    assert client.ask("ATE0V1&C1S0=0") == "\r\nOK\r\n"
    client.wait(b"OK\r\n")


def test_a_terse_module_knows_little(module):
    _, client = module(terse())
    for command in ('AT+CSCS="GSM"', "AT+CPINR", "AT+CIREG?", "ATZ", "ATI", "AT+CHLD=?", "AT^CPIN?"):
        assert client.ask(command, b"ERROR\r\n").endswith("\r\nERROR\r\n")
    assert "+CCFC: 0,7" in client.ask("AT+CCFC=3,2")


def test_answer_hold_dial_and_every_chld(module):
    modem, client = module(Make(urcs="huawei"))
    modem.targets["+4930"] = Target(answers=0.2)
    client.ask("ATE0"), client.ask("AT+CLIP=1")
    call = modem.call_in()
    client.wait(b"145\r\n")
    assert '+CLCC: 1,1,4,0,0,"+498955512345",145' in client.ask("AT+CLCC")
    client.ask("ATA"), client.ask("AT+CHLD=2")
    client.ask("ATD+4930;"), client.wait(b"^CONN:2,0\r\n")
    assert client.ask("AT+CLCC").count("+CLCC: ") == 2
    client.ask("AT+CHLD=3")
    assert [held.mpty for held in modem.calls] == [True, True]
    assert call.states == [4, 0, 1, 0]
    assert modem.every_call[1].states == [2, 3, 0]
    client.ask("AT+CHLD=12", b"OK\r\n")
    assert [held.mpty for held in modem.calls] == [False]
    client.ask("AT+CHUP")
    assert modem.calls == []


def test_texts_need_their_prompt_and_are_decoded(module):
    modem, client = module()
    client.ask("ATE0"), client.ask("AT+CMGF=0")
    # by hand: no centre, SUBMIT without validity, 13 digits, PID and DCS 0, five septets: Grüße
    pdu = "0001000D91945111325476F800000547B9DF5306"
    assert client.ask("AT+CMGS=19", b"> ") == "\r\n> "
    assert "+CMGS: 1\r\n\r\nOK" in client.ask(pdu + "\x1a")
    ((_, length, text),) = modem.pdus
    part = submitted(text, length)
    assert (part.to, part.alphabet, whole([part])) == ("+4915112345678", "gsm7", "Grüße")


def test_the_cable_can_be_pulled_and_put_back(module):
    modem, client = module()
    client.ask("AT")
    modem.unplug()
    assert not modem.link.exists()
    with suppress(OSError):
        assert os.read(client.port, 100) == b""
    modem.plug()
    again = Client(modem)
    assert again.ask("AT") == "AT\r\r\nOK\r\n"
    os.close(again.port)
