"""From the last ring of a landline to off-hook: the engine, and an analog voice modem that answers at once."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bench.box import callers, command, engine, settings, state_folder
from tests.bench.figures import Figure
from tests.bench.module import Heard, Module

BETWEEN_RINGS = 2.2
TALKS = 3.2
"""Seconds; what rings sooner after a call was taken is taken for a ring of that call, told late."""
PEER = "nearest peer 0.5, 99 %: 1.5; it reads no caller ID"
ANSWERS = {
    "AT+GMI": ["CONEXANT"],
    "AT+GMM": ["CX93001-EIS_V0.2013-V92"],
    "ATI0": ["56000"],
    "ATI3": ["CX93001-EIS_V0.2013-V92"],
    "AT+FCLASS=?": ["0,1,1.0,2,8"],
    "AT+VCID?": ["1"],
    "AT+VSM=?": ['0,"SIGNED PCM",8,0,8000,0,0', '1,"UNSIGNED PCM",8,0,8000,0,0'],
    "AT+VLS=?": ['0,"",B0000000,B0000000,B0000000', '1,"T",0B8418000,0B8418000,0B8418000'],
}
"""As a Conexant CX93001 has them (telephone line 1, unsigned samples 1)."""
CALLER_LEFT, ENDED = b"\x10l", b"\x10\x03\r\nOK\r\n"
"""V.253 table 8: no loop current; and the end of voice data."""
END = b"\x10^"


class Landline(Module):
    """In voice data it hears only its end."""

    def __enter__(self) -> Landline:
        self.streams = False
        super().__enter__()
        return self

    def leave(self) -> None:
        """The caller hangs up."""
        os.write(self.master, CALLER_LEFT)

    def _read(self, deadline: int) -> bytes:
        data = super()._read(deadline)
        if not self.streams:
            return data
        _, end, rest = data.partition(END)
        if end:
            self.streams = False
            os.write(self.master, ENDED)
        return rest

    def _answer(self, heard: Heard) -> None:
        if heard.text != "AT+VTR":
            super()._answer(heard)
            return
        self.heard.append(heard)
        self.streams = True
        heard.answered_ns = self.say("CONNECT")

    def _reply(self, text: str) -> list[str]:
        return ANSWERS.get(text, [])


def measure(count: int) -> list[Figure]:
    """So many calls; the second ring is the N-th."""
    times = []
    who = callers()
    with state_folder() as folder, Landline() as modem:
        state = Path(folder)
        file = state / "settings.toml"
        gsm = settings(modem.port, rings=2)
        forwards = '["flash"]\nsite = "fritzbox"'
        file.write_text(gsm.replace('"gsm"', '"analog"').replace('["transfer", "conference"]', forwards), "utf-8")
        command(state, "provision", str(file))
        with engine(state):
            modem.serve_until_quiet(1.5)
            for _ in range(count):
                times.append(_call(modem, next(who)))
    return [Figure("landline: ring 2 → off-hook", "ms", tuple(times), 0.5, 2.0, PEER)]


def _call(modem: Landline, caller: str) -> float:
    modem.heard.clear()
    modem.say("RING")
    modem.serve(0.4)
    modem.say("DATE = 1124", "TIME = 1015", f"NMBR = {caller}")
    modem.serve(BETWEEN_RINGS - 0.4)
    rang = modem.say("RING")
    lifted = modem.hear("AT+VLS=1", 2.0)
    own = modem.own_ns(rang, lifted) / 1e6
    modem.hear("AT+VTR", 3.0)
    modem.serve(TALKS)
    modem.leave()
    modem.hear("AT+VLS=0", 10.0)
    modem.serve(1.0)
    return own
