"""The studio's heart, sans-I/O: wishes and bytes in, events and bytes out, time as an argument.

What must not wait for a card (a sound fetched, a message kept) is done by the `Executor` it is given; results are
looked for with every tick.
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor, Future
from typing import Final

from appliance.audio import sounds, wav
from appliance.audio.bridge import Bridge
from appliance.audio.coding import FRAME, RATE, Samples
from appliance.audio.leg import Leg
from appliance.audio.player import Player
from appliance.audio.recorder import Recorder
from appliance.audio.stream import SOUNDLESS
from appliance.core import sound
from appliance.core.errors import UserError

log = logging.getLogger(__name__)

_LOOK_EVERY: Final = 0.02
"""Seconds between two looks at what the executor does."""
_MESSAGE_WITHIN: Final = 3.0
"""Seconds the end of a stream is not told while its message is on its way to the card."""


class Desk:
    """All lines whose sound is dealt with."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._legs: dict[str, Leg] = {}
        self._bridges: dict[str, Bridge] = {}
        self._ending: dict[str, tuple[Leg, float]] = {}
        """Streams that have ended and whose messages are being kept; until when that is waited for."""
        self._events: list[tuple[str, sound.SoundEvent]] = []
        self._looked_at = float("-inf")

    # --- the outside -----------------------------------------------------------------------------

    def is_open(self, line: str) -> bool:
        """The line's port is ours."""
        return line in self._legs

    def bridged_to(self, line: str) -> str | None:
        """The line that hears it."""
        bridge = self._bridges.get(line)
        return None if bridge is None else bridge.other(line)

    def receive(self, line: str, data: bytes, now: float) -> None:
        """Bytes of the line's port. Nothing is answered yet: what has come of other lines belongs into the answer."""
        leg = self._legs.get(line)
        if leg is None:
            return
        frames, heard = leg.receive(data, now)
        self._events += [(line, event) for event in heard]
        if bridge := self._bridges.get(line):
            for frame in frames:
                bridge.carry(line, frame, now)
            if leg.waits_for_ears:
                for each in bridge.lines:
                    self._events += [(each, event) for event in self._legs[each].listen()]
        self._serve(line, leg, now)

    def data_to_send(self, line: str, now: float) -> bytes:
        """Bytes for the line's port; asked for when it has taken what there was before."""
        leg = self._legs.get(line)
        if leg is None:
            return b""
        self._fill(line, leg, now)
        return leg.stream.data_to_send()

    def port_lost(self, line: str, now: float) -> None:
        """The line's port is gone."""
        if leg := self._legs.get(line):
            leg.stream.port_lost()
            self._serve(line, leg, now)

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing comes before."""
        times = [due for leg in self._legs.values() if (due := leg.deadline()) is not None]
        if any(leg.loading or leg.keeping for leg in self._legs.values()) or self._ending:
            times.append(self._looked_at + _LOOK_EVERY)
        return min(times, default=None)

    def tick(self, now: float) -> None:
        """Time has passed."""
        self._looked_at = now
        for line, leg in list(self._legs.items()):
            leg.stream.tick(now)
            self._fill(line, leg, now)
            self._serve(line, leg, now)
        for line, (leg, until) in list(self._ending.items()):
            self._look(line, leg)
            if not leg.keeping or now >= until:
                self._tell_end(line, leg)

    def take_events(self) -> list[tuple[str, sound.SoundEvent]]:
        """What there is to say, once."""
        events, self._events = self._events, []
        return events

    @property
    def has_news(self) -> bool:
        """take_events() would give something."""
        return bool(self._events)

    # --- wishes ----------------------------------------------------------------------------------

    def wish(self, line: str, wish: sound.SoundWish, now: float) -> None:
        """What a line asks for; never raises."""
        leg = self._legs.get(line)
        if isinstance(wish, sound.Open):
            self._open(line, wish, now)
        elif leg is None:
            self._without_stream(line, wish)
        elif isinstance(wish, sound.Close):
            self._close(line, leg, now)
        elif isinstance(wish, sound.Play):
            self._play(line, leg, wish)
        elif isinstance(wish, sound.Quiet):
            leg.quiet()
        elif isinstance(wish, sound.Record):
            self._record(line, leg, wish)
        elif isinstance(wish, sound.Bridge):
            self._bridge(line, wish)
        elif isinstance(wish, sound.Unbridge):
            self._part(line)
        if leg := self._legs.get(line):
            self._serve(line, leg, now)

    def _without_stream(self, line: str, wish: sound.SoundWish) -> None:
        if isinstance(wish, sound.Play | sound.Record | sound.Bridge):
            self._say(line, sound.SoundFailed("the line has no stream"))

    def _open(self, line: str, wish: sound.Open, now: float) -> None:
        if line in self._legs:
            log.warning("%s: opened anew", line)
            self._forget(line)
        if (ending := self._ending.pop(line, None)) is not None:
            self._tell_end(line, ending[0])
        self._legs[line] = Leg(wish.stream, now)
        if wish.early:
            self.receive(line, wish.early, now)

    def _close(self, line: str, leg: Leg, now: float) -> None:
        leg.quiet()
        self._part(line)
        if leg.recorder:
            leg.recorder.stop()
        leg.stream.ask_end(now)

    def _play(self, line: str, leg: Leg, wish: sound.Play) -> None:
        leg.quiet()
        if not leg.stream.form.sends:
            self._say(line, sound.SoundFailed("the stream takes no sound"))
            return
        built_in = sounds.built_in(wish.sound)
        if built_in is not None:
            leg.start(Player(wish.sound, built_in, wish.loop))
        else:
            leg.loading = (wish, self._executor.submit(wav.read, wish.sound))

    def _record(self, line: str, leg: Leg, wish: sound.Record) -> None:
        if not leg.stream.form.receives:
            self._say(line, sound.SoundFailed("the stream brings no sound"))
        elif leg.recorder:
            self._say(line, sound.SoundFailed("a message is being recorded already"))
        else:
            leg.recorder = Recorder(wish)

    def _bridge(self, line: str, wish: sound.Bridge) -> None:
        one, other = self._legs[line], self._legs.get(wish.other)
        if other is None or wish.other == line:
            self._say(line, sound.SoundFailed(f"{wish.other} has no stream"))
            return
        if not all(form.sends and form.receives for form in (one.stream.form, other.stream.form)):
            self._say(line, sound.SoundFailed("a stream goes one way only"))
            return
        bridge = self._bridges.get(line)
        if bridge is None or bridge.other(line) != wish.other:
            self._part(line)
            self._part(wish.other)
            safe = all(leg.canceller.able for leg in (one, other) if leg.canceller)
            self._bridges[line] = self._bridges[wish.other] = Bridge(line, wish.other, may_boost=safe)
            for leg in (one, other):
                leg.quiet()
                leg.train()
                leg.bridge(True)
        self._say(line, sound.BridgeUp(wish.other))

    # --- what goes on ----------------------------------------------------------------------------

    def _serve(self, line: str, leg: Leg, now: float) -> None:
        self._look(line, leg)
        if leg.played and now >= leg.played[1]:
            self._say(line, sound.Played(leg.played[0]))
            leg.played = None
        if leg.recorder and leg.stream.ended is not None:
            leg.recorder.stop()
        if leg.recorder and leg.recorder.ended_by is not None:
            self._keep(leg, leg.recorder)
            leg.recorder = None
            self._look(line, leg)
        if leg.stream.ended is not None:
            self._end(line, leg, now)

    def _fill(self, line: str, leg: Leg, now: float) -> None:
        bridge = self._bridges.get(line)
        frames, late = leg.stream.frames_due(now)
        if late and bridge:
            bridge.catch_up(line, frames)
        for following in range(frames - 1, -1, -1):
            # a sound that is played is heard before the other line
            heard = bridge and not leg.player
            leg.send(bridge.frame(line, FRAME, now, following) if bridge and heard else leg.play(FRAME, now))

    def _look(self, line: str, leg: Leg) -> None:
        if leg.loading and leg.loading[1].done():
            wish, future = leg.loading
            leg.loading = None
            try:
                leg.start(Player(wish.sound, future.result(), wish.loop))
            except UserError as error:
                self._say(line, sound.SoundFailed(str(error)))
        for recorder, kept in leg.keeping[:]:
            if kept.done():
                leg.keeping.remove((recorder, kept))
                self._tell_kept(line, recorder, kept)

    def _keep(self, leg: Leg, recorder: Recorder) -> None:
        leg.keeping.append((recorder, self._executor.submit(_write, recorder.wish.path, recorder.message())))

    def _tell_kept(self, line: str, recorder: Recorder, kept: Future[float]) -> None:
        assert recorder.ended_by is not None
        try:
            self._say(line, sound.Recorded(recorder.wish.path, kept.result(), recorder.ended_by))
        except OSError as error:
            log.warning("%s: a message was lost: %s", line, error)
            self._say(line, sound.SoundFailed(f"the message cannot be kept: {error.strerror}"))

    def _part(self, line: str) -> None:
        if bridge := self._bridges.get(line):
            for each in bridge.lines:
                self._bridges.pop(each, None)
                if leg := self._legs.get(each):
                    leg.bridge(False)
                log.info("%s: %d gaps, %d slips in the bridge", each, bridge.ways[each].gaps, bridge.ways[each].slips)

    def _end(self, line: str, leg: Leg, now: float) -> None:
        if leg.stream.soundless:
            log.warning("%s: its modem has brought no sound for %.0f s", line, SOUNDLESS)
        self._forget(line)
        if leg.keeping:
            self._ending[line] = (leg, now + _MESSAGE_WITHIN)
        else:
            self._tell_end(line, leg)

    def _tell_end(self, line: str, leg: Leg) -> None:
        self._ending.pop(line, None)
        self._say(line, sound.StreamEnded(leg.stream.ended or "failed", leg.stream.rest))

    def _forget(self, line: str) -> None:
        self._part(line)
        self._legs.pop(line, None)

    def _say(self, line: str, event: sound.SoundEvent) -> None:
        self._events.append((line, event))


def _write(path: str, samples: Samples) -> float:
    """Keep a message, unless nobody spoke; how many seconds of it. Raises OSError."""
    if len(samples):
        wav.write(path, samples)
    return round(len(samples) / RATE, 2)
