"""One line with an open stream: what it hears, what it plays, what is kept of it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

import numpy as np

from appliance.audio import dle
from appliance.audio.coding import FRAME, RATE, Samples, silence
from appliance.audio.echo import Canceller
from appliance.audio.listener import Listener
from appliance.audio.player import Player
from appliance.audio.recorder import Recorder
from appliance.audio.stream import LiveStream
from appliance.core import sound

_AUDIBLE: Final = FRAME * 10 ** (-60 / 10)
"""A frame's energy, of ours, whose echo could be taken for somebody: -60 dBFS."""
_ECHOES_FOR: Final = 15
"""Frames for which it may come back: 0.3 s."""
LISTENED_AT_ONCE: Final = 5
"""Frames of a bridged line that are listened to at once, every 0.1 s: then much is done only once."""
_TRAINED_FOR: Final = 20
_TRAINING: Final = (np.random.default_rng(1).standard_normal(_TRAINED_FOR * FRAME) * 10 ** (-30 / 20)).astype(
    np.float32
)


class Leg:
    """Sans-I/O; `Desk` carries sound from one to another."""

    def __init__(self, form: sound.Stream, now: float) -> None:
        self.stream = LiveStream(form, now)
        self.listener = Listener(form.country)
        self.canceller = Canceller() if form.two_wire and form.sends and form.receives else None
        self.recorder: Recorder | None = None
        self.loading: tuple[sound.Play, Future[Samples]] | None = None
        """A sound that is being fetched."""
        self.keeping: list[tuple[Recorder, Future[float]]] = []
        """Messages on their way to the card; the result is how many seconds."""
        self.player: Player | None = None
        self.played: tuple[str, float] | None = None
        """What has been sent to its end, and when the modem will have played it."""
        self._bridged = False
        self._unheard: list[Samples] = []
        self._training: list[Samples] = []
        self._trained = False
        self._echoing = 0

    def receive(self, data: bytes, now: float) -> tuple[list[Samples], list[sound.SoundEvent]]:
        """Bytes of the port → frames, without our echo, and what is heard in them."""
        heard: list[sound.SoundEvent] = []
        frames = self.stream.receive(data, now)
        for event in self.stream.events:
            if isinstance(event, dle.Digit):
                heard += self._press(self.listener.told(event.digit))
            else:
                heard.append(sound.ModemSays(event.code))
        self.stream.events.clear()
        clean = frames if self.canceller is None else [self.canceller.clean(frame) for frame in frames]
        self._unheard += clean
        if not self._bridged or self.recorder:
            heard += self.listen()
        return clean, heard

    @property
    def waits_for_ears(self) -> bool:
        """There is enough to listen to; until then it costs less to wait."""
        return len(self._unheard) >= LISTENED_AT_ONCE

    def listen(self) -> list[sound.SoundEvent]:
        """What is heard in what has come since."""
        heard: list[sound.SoundEvent] = []
        frames, self._unheard = self._unheard, []
        if self.recorder is None and len(frames) > 1:
            frames = [np.concatenate(frames)]
        for samples in frames:
            heard += self._press(self.listener.hear(samples, ours=self._may_be_ours()))
            if self.recorder:
                self.recorder.hear(samples, self.listener.speaking)
        return heard

    def start(self, player: Player) -> None:
        """Play this. The modem is given more of it at once, so that a late turn is not heard."""
        self.player = player
        self._pace()

    def play(self, count: int, now: float) -> Samples:
        """The next frame of what is played."""
        if self.player is None:
            return silence(count)
        frame = self.player.frame(count)
        if self.player.done:
            self.played = (self.player.name, now + self.stream.pacer.lead + count / RATE)
            self.player = None
            self._pace()
        return frame

    def train(self) -> None:
        """Let the canceller learn the line's echo before anybody has said a word: by 0.4 s of soft noise, once."""
        if self.canceller and self.canceller.able and not self._trained:
            self._trained = True
            self._training = np.split(_TRAINING, _TRAINED_FOR)

    def send(self, frame: Samples) -> None:
        """20 ms for the modem."""
        if self._training:
            if self.canceller and len(self._training) == _TRAINED_FOR:
                self.canceller.train(_TRAINED_FOR)
            frame = frame + self._training.pop()
        if self.stream.form.two_wire:
            audible = float(np.dot(frame, frame)) > _AUDIBLE
            self._echoing = _ECHOES_FOR if audible else max(0, self._echoing - 1)
        if self.canceller:
            self.canceller.sent(frame)
        self.stream.send(frame)

    def bridge(self, bridged: bool) -> None:
        """It hears another line, and what it says goes there; or no more."""
        self._bridged = bridged
        self.listener.between_parties(bridged)
        self._pace()

    def quiet(self) -> None:
        """Stop playing."""
        self.player = self.loading = self.played = None
        self._pace()

    def _pace(self) -> None:
        self.stream.hurry(self._bridged or self.player is None)

    def deadline(self) -> float | None:
        """When something is due by the clock."""
        due = self.stream.deadline()
        if self.played is None:
            return due
        return self.played[1] if due is None else min(due, self.played[1])

    def _press(self, heard: list[sound.Heard]) -> list[sound.SoundEvent]:
        for event in heard:
            if self.recorder and event.digit:
                self.recorder.press(event.digit)
        return list(heard)

    def _may_be_ours(self) -> bool:
        """What comes may be the echo of what we send: on two wires, until the canceller has learnt it."""
        if not self.stream.form.two_wire or not self._echoing:
            return False
        return self.canceller is None or not self.canceller.trusted
