"""One line's sound: bytes of its port into frames and frames into bytes, until it has ended.

The end of a shielded stream is asked for and waited for. A modem that does not listen is asked in every way V.253
knows before it counts as wedged; what it says meanwhile is not lost. One that brings no sound any more has ended
without a word, or hangs: nobody would be heard to hang up.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from appliance.audio import dle
from appliance.audio.coding import FRAME, RATE, WIDTH, Samples, decode, encode, silence
from appliance.audio.pacing import LEAD, LEAD_PLAYING, Pacer
from appliance.core import sound

END_WITHIN: Final = 1.5
"""Seconds a modem has to end when first asked: it may have sound in its buffer."""
ASK_AGAIN_AFTER: Final = 1.0
SOUNDLESS: Final = 6.0
"""Seconds in which a stream that receives brings nothing, and is given up: whatever is heard or not, samples come.
Longer than the pauses of a ringback tone (E.180), for a modem that saves silence."""
_SURE_AFTER: Final = 0.1
"""Seconds from then on in which what has come is read, where this machine has stood still, and not the modem."""
_ASK_SOUNDLESS: Final = 0.5
"""Seconds such a modem has each time it is asked to end: two people hear nothing of each other meanwhile."""
_MOST_UNSENT: Final = 0.08
"""Seconds of sound beyond the lead kept for a modem that does not take it; more would only be late."""
_APART: Final = 0.015
"""Seconds between two transfers of a USB modem at least: half a sample that was left before belongs to no other."""
_UNDERRUN, _OVERRUN = "u", "o"


class LiveStream:
    """Between Open and StreamEnded."""

    def __init__(self, form: sound.Stream, now: float) -> None:
        self.form = form
        self.pacer = Pacer(form.receives, now, lead=LEAD if form.receives else LEAD_PLAYING)
        self.ended: str | None = None
        """The reason, once it has."""
        self.rest = b""
        self.events: list[dle.Event | dle.Digit] = []
        """What the modem reports, for the taking."""
        self.dropped = 0
        """Frames that were not sent because the modem took none."""
        # where no sound comes, every result code is the end
        self._decoder = dle.Decoder(asked=not form.receives) if form.shielded else None
        self._odd = b""
        self._received_at = now
        self._frames: list[Samples] = []
        self._part: Samples = silence(0)
        self._out = bytearray()
        self._asked: list[bytes] | None = None
        """What is left to ask with."""
        self._again_after = ASK_AGAIN_AFTER
        self._due: float | None = None
        self._doubted_at: float | None = None
        """When it was seen to be soundless."""
        self._reason = "asked"
        """What an end is told as, once it was asked for."""

    @property
    def soundless(self) -> bool:
        """It has brought nothing for so long that it is given up."""
        return self._doubted_at is not None

    @property
    def asked(self) -> bool:
        """It was told to end."""
        return self._asked is not None

    def receive(self, data: bytes, now: float) -> list[Samples]:
        """Frames of 20 ms that are complete with these bytes."""
        if self.ended is not None:
            self.rest += data
            return []
        raw = data if self._decoder is None else self._unshield(self._decoder, data, now)
        if not raw:
            return []
        if self._odd and now > self._received_at + _APART:
            self._odd = b""
        self._received_at, self._doubted_at = now, None
        raw = self._odd + raw
        over = len(raw) % WIDTH[self.form.coding]
        self._odd = raw[len(raw) - over :]
        samples = decode(raw[: len(raw) - over], self.form.coding)
        if self.form.receives:
            self.pacer.received(len(samples), now)
        if self.asked:
            return []
        return self._framed(samples)

    def send(self, samples: Samples) -> None:
        """Add to what goes out; what is not taken in time is dropped."""
        raw = encode(samples, self.form.coding)
        if len(self._out) > (self.pacer.lead + _MOST_UNSENT) * RATE * WIDTH[self.form.coding]:
            self.dropped += 1
            return
        self._out += dle.encode(raw) if self.form.shielded else raw

    def hurry(self, hurry: bool) -> None:
        """Somebody waits for an answer, or is only played something."""
        if self.form.receives and self.form.shielded:
            # a modem with codes has a buffer and says when it is full; of a module's nothing is known
            self.pacer.want(LEAD if hurry else LEAD_PLAYING)

    def frames_due(self, now: float) -> tuple[int, bool]:
        """How many frames to send now, and whether others were left out because they would have been too late."""
        if not self.form.sends or self.asked or self.ended is not None:
            return 0, False
        return self.pacer.take(now, FRAME)

    def data_to_send(self) -> bytes:
        """Bytes for the port; asked for when it has taken what there was before."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def ask_end(self, now: float) -> None:
        """Have it end, in the stream's own way first."""
        self._reason = "asked"
        if self.ended is None and not self.asked:
            self._ask(now, END_WITHIN, ASK_AGAIN_AFTER)

    def _ask(self, now: float, within: float, again_after: float) -> None:
        if self._decoder is None:
            self._finish(self._reason)
            return
        self._decoder.asked = True
        first = self.form.end or dle.END_DUPLEX
        self._asked = [ending for ending in dle.ENDINGS if ending != first]
        self._again_after = again_after
        self._say(first, now + within)

    def port_lost(self) -> None:
        """The port is gone."""
        if self.ended is None:
            self._finish("lost")

    def deadline(self) -> float | None:
        """When tick() or frames_due() wants to be asked, if nothing comes before."""
        if self.ended is not None:
            return None
        if self.asked:
            return self._due
        times = [self.pacer.deadline(FRAME)] if self.form.sends else []
        if self.form.receives:
            times.append(self._soundless_at())
        return min(times, default=None)

    def _soundless_at(self) -> float:
        return self._received_at + SOUNDLESS if self._doubted_at is None else self._doubted_at + _SURE_AFTER

    def tick(self, now: float) -> None:
        """Ask again, or give up."""
        if self.ended is not None:
            return
        if not self.asked and self.form.receives and now >= self._soundless_at():
            if self._doubted_at is not None:
                self._reason = "modem"
                self._ask(now, _ASK_SOUNDLESS, _ASK_SOUNDLESS)
            else:
                self._doubted_at = now
        if self._asked is None or self._due is None or now < self._due:
            return
        if self._asked:
            self._say(self._asked.pop(0), now + self._again_after)
        else:
            self._finish("wedged")

    def _say(self, ending: bytes, due: float) -> None:
        self._out.clear()  # whole frames: no code is cut in two
        self._out += ending
        self._due = due

    def _finish(self, reason: str) -> None:
        self.ended = reason
        self._out.clear()

    def _unshield(self, decoder: dle.Decoder, data: bytes, now: float) -> bytes:
        pieces = decoder.feed(data)
        if len(pieces) == 1 and isinstance(pieces[0], dle.Sound):
            return pieces[0].data  # as nearly always
        heard = bytearray()
        for piece in pieces:
            match piece:
                case dle.Sound(data=plain):
                    heard += plain
                case dle.End(rest=rest):
                    self.rest += rest
                    self._finish(self._reason if self.asked else "modem")
                case dle.Event(code=code) if code == _UNDERRUN:
                    self.pacer.underrun(now)
                case dle.Event(code=code) if code == _OVERRUN:
                    pass  # it lost what we sent too fast, or took none: nothing to mend
                case _:
                    self.events.append(piece)
        return bytes(heard)

    def _framed(self, samples: Samples) -> list[Samples]:
        if len(samples) == FRAME and not len(self._part):
            return [samples]  # as nearly always
        together = np.concatenate((self._part, samples)) if len(self._part) else samples
        whole = len(together) // FRAME * FRAME
        self._part = together[whole:]
        return [together[at : at + FRAME] for at in range(0, whole, FRAME)]
