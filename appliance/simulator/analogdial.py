"""What an analog modem sends into the line: ATD's dial string (V.250 6.3.1) and +VTS's tones (V.253 10.4.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from appliance.simulator.registry import Answer, ok
from appliance.simulator.sounds import KEYS, Tone, keyed

if TYPE_CHECKING:
    from appliance.simulator.analog import AnalogModem

LOOK_EVERY = 0.25
DIAL_TONE_PATIENCE = 5.0
DIAL_TONE_SURE = 1.0
"""Seconds of dial tone a modem wants to hear before it dials."""
GAP = 0.08
SURE_OF_BUSY = 2.0
_TONES = re.compile(
    r"\{\s*([0-9A-D*#!])\s*,\s*(\d+)\s*\}"  # a key or a flash with its own length
    r"|\[\s*(\d*)\s*,\s*(\d*)\s*(?:,\s*(\d+))?\s*\]"  # one or two frequencies
    r"|([0-9A-D*#!])",
    re.IGNORECASE,
)


def send_tones(modem: AnalogModem, text: str) -> float:
    """Begin to send what +VTS names; the seconds it takes. Raises ValueError for what cannot be read."""
    if _TONES.sub("", text).strip(" ,"):
        raise ValueError(text)
    at, default = 0.05, modem.settings.tone_time / 100
    for item in _TONES.finditer(text):
        key = (item[1] or item[6] or "").upper()
        lasts = default if not (item[2] or item[5]) else int(item[2] or item[5]) / 100
        if key == "!":
            lasts = lasts if item[2] else modem.settings.registers[29] / 100 if item[6] else modem.family.flash
            modem.later(at, partial(modem.flash, lasts))
        elif key:
            modem.voice.play_tones(keyed(key, modem.now + at, on=lasts))
        else:
            pair = tuple(float(part) for part in (item[3], item[4]) if part and int(part))
            modem.voice.play_tones([Tone(pair, -9.0, modem.now + at, lasts)] if pair else [])
        at += lasts + GAP
    return at


class Dialling:
    """ATD under way: it waits, sends, flashes, and says at last what came of it."""

    def __init__(self, modem: AnalogModem, text: str) -> None:
        self._modem = modem
        self._back_to_command = text.rstrip().endswith(";")
        self._todo = [c for c in text.rstrip("; ").upper() if c not in " -()"]
        settings = modem.settings
        was_off = modem.off_hook
        modem.lift()
        modem.on_abort = self._abort
        if was_off:
            self._next()
        elif settings.result_level in (2, 4):
            self._await_dial_tone(DIAL_TONE_PATIENCE)
        else:
            self._later(settings.registers[6], self._next)

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        self._modem.later(seconds, self._modem.unless_done(action))

    def _abort(self) -> None:
        self._end("NO CARRIER")

    def _end(self, word: str) -> None:
        self._modem.hang_up()
        self._modem.finish(Answer(final=word))

    def _await_dial_tone(self, patience: float, heard: float = 0.0) -> None:
        heard = heard + LOOK_EVERY if self._modem.line.tone_name == "dial" else 0.0
        if heard >= DIAL_TONE_SURE:
            self._next()
        elif patience <= 0:
            self._end("NO DIALTONE")
        else:
            self._later(LOOK_EVERY, lambda: self._await_dial_tone(patience - LOOK_EVERY, heard))

    def _next(self) -> None:
        modem = self._modem
        if not self._todo:
            self._sent()
            return
        character = self._todo.pop(0)
        pause = 0.0
        if character in KEYS:
            on = modem.settings.registers[11] / 1000
            modem.voice.play_tones(keyed(character, modem.now, on=on))
            pause = 2 * on
        elif character == ",":
            pause = float(modem.settings.registers[8])
        elif character == "!":
            pause = modem.settings.registers[29] / 100
            modem.flash(pause)
            pause += 0.1
        elif character == "@":
            pause = 5.0
        elif character == "W":
            self._await_dial_tone(float(modem.settings.registers[7]))
            return
        if pause:
            self._later(pause, self._next)
        else:
            self._next()

    def _sent(self) -> None:
        modem = self._modem
        if self._back_to_command:
            if modem.settings.fclass == 8:
                modem.settings.source = modem.family.line
            modem.finish(ok())
            return
        self._watch(0.0, 0.0)

    def _watch(self, waited: float, busy: float) -> None:
        modem, line = self._modem, self._modem.line
        tells_busy = modem.settings.result_level >= 3
        busy = busy + LOOK_EVERY if line.tone_name in ("busy", "congestion") else 0.0
        if busy >= SURE_OF_BUSY and tells_busy:
            self._end("BUSY")
        elif modem.settings.fclass == 8 and line.state.value == "talking":
            modem.settings.source = modem.family.line
            modem.finish(Answer(final="VCON"))
        elif waited >= modem.settings.registers[7]:
            self._end("NO ANSWER" if modem.settings.fclass == 8 else "NO CARRIER")
        else:
            self._later(LOOK_EVERY, lambda: self._watch(waited + LOOK_EVERY, busy))
