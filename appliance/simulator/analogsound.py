"""What an analog modem puts on the wires and hears from them, 20 ms at a time by its own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.analogvoice import Detector, VoiceStream
from appliance.simulator.sounds import FRAME, Played, Samples, Script, Tone, is_silent, scaled, silence

if TYPE_CHECKING:
    from appliance.simulator.analog import AnalogModem

EVENT_REPEAT = 4.0
"""Seconds of a tone after which the chip says so, again and again."""


class AnalogSound:
    """`stream`: voice data from and to the host, while there is any. `played`: what went out of late."""

    def __init__(self, modem: AnalogModem) -> None:
        self.stream: VoiceStream | None = None
        self.played = Played()
        self._modem = modem
        self._tones = Script()
        self._ticking = False
        self._next_tick = 0.0
        self._detector = Detector(modem.family.dtmf)
        self._tone_told: tuple[str | None, float] = (None, 0.0)

    def begin(self) -> None:
        """The modem has lifted."""
        self._detector = Detector(self._modem.family.dtmf)
        if not self._ticking:
            self._ticking = True
            self._next_tick = self._modem.now
            self._again()

    def end(self) -> None:
        """It hangs up: no voice mode without a line."""
        self.stream = None
        self._tones.parts.clear()

    def play_tones(self, tones: list[Tone]) -> None:
        """Put tones on the line; they carry their own times."""
        self._tones.parts += tones

    def begin_stream(self, sends: bool, receives: bool) -> None:
        """Voice data: everything the host sends from now on is sound or a DLE code."""
        modem = self._modem
        self.stream = VoiceStream(sends, receives, modem.family.codings[modem.settings.coding])
        modem.last_octet_at = modem.now

    def _again(self) -> None:
        modem = self._modem
        self._next_tick += FRAME * modem.step
        modem.exchange.agenda.at(self._next_tick, self._tick)

    def _tick(self) -> None:
        """20 ms by the modem's own clock: hear what was, play what comes."""
        modem = self._modem
        if not modem.off_hook:
            self._ticking = False
            return
        stream, start = self.stream, self._next_tick
        heard = modem.line.heard(modem, start - FRAME * modem.step, FRAME, modem.step)
        self._hear(stream, heard)
        sent = self._to_play(stream)
        self.played.add(start, modem.step, sent)
        modem.line.spoken(modem, start, sent, modem.step)
        if stream is not None and stream is self.stream:
            self._perhaps_end(stream)
        self._again()

    def _hear(self, stream: VoiceStream | None, heard: Samples) -> None:
        modem = self._modem
        if modem.faults.deaf_side == "receive":
            heard = silence(FRAME)
        gain = 10 ** ((modem.settings.receive_gain - 128) / 40)
        heard = heard if gain == 1.0 else scaled(heard, gain)
        interval = modem.settings.silence if stream is not None and stream.receives else 0.0
        if modem.settings.fclass == 8 and not self._tones.parts:
            for code in self._detector.hear(heard, modem.now, interval):
                modem.event(code)
            self._hear_tones()
        if stream is not None and stream.receives and not modem.faults.wedged.startswith("mute"):
            modem.emit(stream.encoded(heard))

    def _hear_tones(self) -> None:
        """The chip's own guess at busy and dial tone."""
        modem = self._modem
        name, (told, at) = modem.line.tone_name, self._tone_told
        if name not in ("busy", "congestion", "dial"):
            self._tone_told = (None, modem.now)
        elif told != name:
            self._tone_told = (name, modem.now)
        elif modem.now - at >= EVENT_REPEAT:
            self._tone_told = (name, modem.now)
            modem.event("d" if name == "dial" else "b")

    def _to_play(self, stream: VoiceStream | None) -> Samples:
        modem = self._modem
        tones = self._tones.samples(self._next_tick, FRAME, modem.step)
        if not is_silent(tones):
            return tones
        if stream is None:
            return silence(FRAME)
        before = stream.underrun
        if modem.faults.underruns:
            modem.faults.underruns -= 1
            stream.underrun, sent = True, silence(FRAME)
        else:
            sent = stream.frame()
        if stream.underrun and not before:
            modem.event("u")
        gain = 10 ** ((modem.settings.transmit_gain - 128) / 40)
        if modem.faults.deaf_side == "send":
            return silence(FRAME)
        return sent if gain == 1.0 else scaled(sent, gain)

    def _perhaps_end(self, stream: VoiceStream) -> None:
        modem = self._modem
        limit = modem.settings.inactivity / 10
        forgotten = limit and stream.sends and modem.now - modem.last_octet_at > limit
        if forgotten or (stream.drained and modem.faults.abort_end != "never"):
            self._end_stream(stream)

    def _end_stream(self, stream: VoiceStream) -> None:
        modem = self._modem
        how = modem.faults.abort_end
        self.stream = None
        if how != "no etx" and (stream.receives or how != "usual"):
            modem.emit(b"\x10\x03")
        usual = modem.family.transmit_end if not stream.receives else "OK"
        modem.stream_over({"vcon": "VCON", "bare etx": None}.get(how, usual))
        if how == "straggling":
            modem.emit(stream.coding.rest * 37 + b"\x10\x03")
