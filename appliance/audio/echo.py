"""The echo of a two-wire line: what we send comes back, and is taken away again.

The canceller is speexdsp's, which comes with pyaec. It learns an echo of 64 ms; the modem's buffers delay ours by up
to half a second, so the delay is sought first, in what was sent and what came back. Where the library is not there,
sound passes as it is, and that is said once.
"""

from __future__ import annotations

import ctypes
import logging
from collections import deque
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from appliance.audio.coding import FRAME, FULL, RATE, Samples, silence

log = logging.getLogger(__name__)

_TAIL: Final = 320
"""Samples of echo that are learnt: a hybrid's takes 8 to 16 ms (G.168); the fewer, the sooner it is learnt."""
_BEFORE: Final = 48
"""Samples by which the learnt stretch begins before the strongest echo."""
_SOUGHT: Final = 4096
"""Samples of what came back in which our own sound is sought: 0.5 s."""
_LONGEST: Final = 4096
"""The longest delay there may be, in samples. Where samples that came were lost before they were counted, as at the
beginning of a stream, it is negative; but what comes back was sent before."""
_SENT: Final = _SOUGHT + _LONGEST + 4096
_LOUD: Final = 10 ** (-45 / 10)
"""Mean square of what is worth a search, or a judgement."""
_SILENT: Final = 10 ** (-65 / 10)
_COME_BACK: Final = 5
"""Frames in which noise that was sent has come back from most lines."""
_SURE: Final = 9.0
"""The correlation's peak is so many times its mean: a delay was found."""
_ALIKE: Final = 0.6
"""So much of one tone correlates with another; then every period is as good a delay."""
_SEEK_EVERY: Final = 12
"""Frames between two searches while none was found."""
_DOUBT_AFTER: Final = 40
"""Loud frames that came through nearly whole, after which the delay is sought anew."""
_DOUBT_ABOVE: Final = 0.25
_PROVEN: Final = 10
"""Loud frames of which little was left: then the echo is known."""
_LEFT_OVER: Final = 0.1
"""Where so little is left of what came, it was all echo, and what is left of it is turned down."""
_TURNED_DOWN: Final = 0.25
_LIKE_ECHO: Final = 4.0
"""What comes while keys are sent, and is no louder than so many times the echo's usual power, is all echo.

Two who press keys at once send the same frequencies now and then: what is learnt meanwhile is wrong for a while.
"""
_SHUT: Final = 0.05
_RETURN_OVER: Final = 10
"""Frames over which the echo's usual power is taken."""
_KEYS_ONLY: Final = 0.8
"""Part of the energy at two frequencies: that is a key."""
_ECHO_AT_MOST: Final = 0.4
"""Part of our sound's power that comes back over a hybrid (4 dB); who is louder than that speaks himself."""
_STRICT_FOR: Final = 60
"""Loud frames for which that is held against what comes: where both talk all the time it proves nothing."""
_ECHOES_FOR: Final = (_LONGEST + _TAIL) // FRAME
_FULL, _HALF, _STEP = np.float32(FULL), np.float32(FULL / 2), np.float32(1 / FULL)
_FADE: Final = np.linspace(0, 1, FRAME, dtype=np.float32)
_FADE_OUT: Final = np.minimum(_FADE * 8, np.float32(1))
_HANN: Final = np.hanning(2 * FRAME).astype(np.float32)


@cache
def _library() -> Any:  # noqa: ANN401 - a ctypes library
    try:
        import pyaec  # loads a shared library: only where a two-wire line is bridged

        return pyaec.lib
    except (ImportError, AttributeError, OSError) as error:
        log.warning("no echo is cancelled, the library is missing: %s", error)
        return None


class Canceller:
    """One two-wire line. `sent` what goes out, `clean` what comes in, in the order in which they do."""

    def __init__(self) -> None:
        self._library = _library()
        self._handle: Any = None
        self._frames = np.zeros((3, FRAME), np.int16)
        """What came, what was sent, what is left: where the library looks for them."""
        kind = ctypes.POINTER(ctypes.c_int16)
        self._pointers = [frame.ctypes.data_as(kind) for frame in self._frames]
        self._sent = _Tape(_SENT)
        self._came = _Tape(_SOUGHT)
        self._ahead = 0
        """How many samples more were sent than came."""
        self._delay: int | None = None
        self._countdown = _SEEK_EVERY
        self._doubt = 0
        self._proof = 0
        self._trained_in = 0
        self._strict = _STRICT_FOR
        self._gain = 1.0
        self._return = 0.0
        """Part of our sound's power that usually comes back."""
        self._echoed_before = 0.0
        self._powers: deque[float] = deque([0.0] * _ECHOES_FOR, maxlen=_ECHOES_FOR)
        """Mean squares of the frames that were sent and may still come back."""

    def __del__(self) -> None:
        self._forget()

    @property
    def able(self) -> bool:
        """There is a canceller at all."""
        return self._library is not None

    @property
    def trusted(self) -> bool:
        """What is left is not ours."""
        return self._proof >= _PROVEN

    def train(self, frames: int) -> None:
        """So many frames of noise are on their way: when they have come back all of them are learnt from once more.

        What was learnt from a tone before, such as a caller hears while he waits, says little of all other sounds.
        """
        self._trained_in = frames + _COME_BACK
        self._proof, self._strict = 0, _STRICT_FOR

    def sent(self, frame: Samples) -> None:
        """20 ms that go out."""
        self._sent.add(frame)
        self._ahead += FRAME
        self._powers.append(float(np.dot(frame, frame)) / FRAME)

    def clean(self, frame: Samples) -> Samples:
        """20 ms that came, without the echo."""
        self._ahead -= FRAME
        if self._library is None:
            return frame
        self._came.add(frame)
        loudest = max(self._powers)
        if loudest <= _SILENT:
            return frame
        power = float(np.dot(frame, frame)) / FRAME
        if self._trained_in:
            self._trained_in -= 1
            if not self._trained_in:
                delay = self._found()
                self._learn(self._delay if delay is None else delay)
        self._countdown -= 1
        if self._countdown <= 0 and power > _LOUD and (self._delay is None or self._doubt > _DOUBT_AFTER):
            self._countdown = _SEEK_EVERY
            self._seek()
        rest = frame if self._handle is None else self._cancel(frame, power)
        if self._strict and not self.trusted and loudest > _LOUD:
            self._strict -= 1
            if power < loudest * _ECHO_AT_MOST:
                return silence(FRAME)  # until the echo is learnt only one of the two is let through
        return rest

    def _cancel(self, frame: Samples, power: float) -> Samples:
        assert self._delay is not None
        echoed = self._echoed(self._delay)
        clean = self._take_away(frame, echoed)
        rest = float(np.dot(clean, clean)) / FRAME
        ours = float(np.dot(echoed, echoed)) / FRAME
        all_echo = rest < power * _LEFT_OVER
        if power > _LOUD and ours > _LOUD:
            # keys are alike at many a delay: they are no reason to seek it anew
            doubtful = rest > power * _DOUBT_ABOVE and not self._sends_a_key()
            self._doubt = self._doubt + 1 if doubtful else 0
            self._proof += all_echo
            if all_echo:
                self._return += (power / ours - self._return) / _RETURN_OVER
        loudest, self._echoed_before = max(ours, self._echoed_before), ours
        gain = _TURNED_DOWN if all_echo else 1.0
        if rest > power:
            clean = frame  # what was learnt is wrong, and adds to the echo
        like_echo = not all_echo and power < loudest * self._return * _LIKE_ECHO
        if like_echo and (self._gain == _SHUT or self._sends_a_key()):
            gain = _SHUT
        before, self._gain = self._gain, gain
        if gain == before == 1.0:
            return clean
        fade = _FADE if gain > before else _FADE_OUT
        faded: Samples = clean * (np.float32(gain) if gain == before else before + (gain - before) * fade)
        return faded

    def _sends_a_key(self) -> bool:
        """What may come back now are two frequencies and nothing else."""
        assert self._delay is not None
        spectrum = np.abs(np.fft.rfft(self._sent.back(self._ahead + self._delay, 2 * FRAME) * _HANN)) ** 2
        whole = float(spectrum.sum())
        for _ in range(2):
            peak = int(spectrum.argmax())
            spectrum[max(0, peak - 2) : peak + 3] = 0
        return float(spectrum.sum()) <= (1 - _KEYS_ONLY) * whole

    def _echoed(self, delay: int) -> Samples:
        """What was sent so many samples before the frame that came."""
        return self._sent.back(self._ahead + delay, FRAME)

    def _seek(self) -> None:
        """Find the delay, and learn the echo, where it is another than was thought."""
        delay = self._found()
        if delay is None:
            return
        if self._delay is not None and abs(delay - self._delay) < _BEFORE:
            self._doubt = 0
            return
        self._learn(delay)

    def _found(self) -> int | None:
        """The delay at which what came looks most like what was sent, and some samples less; None: at none."""
        ahead = max(0, min(self._ahead, _LONGEST))
        came, sent = self._came.back(0, _SOUGHT), self._sent.back(0, _SOUGHT + _LONGEST + ahead)
        if float(np.dot(sent, sent)) < _LOUD * _SOUGHT / 4:
            return None
        size = 2 * len(sent)
        spectrum = np.conj(np.fft.rfft(came, size)) * np.fft.rfft(sent, size)
        # no pitch outdoes the rest
        place = _sure_place(spectrum / (np.sqrt(np.abs(spectrum)) + 1e-6), _LONGEST + ahead)
        if place is None:
            place = _place_of_tone(spectrum, came, sent, _LONGEST + ahead)
        # came[i] is like sent[i + place], and the one window ends so many samples after the other
        if place is None:
            return None
        return max(_LONGEST + ahead - place - self._ahead - _BEFORE, -ahead)  # no further than to what was sent

    def _learn(self, delay: int | None) -> None:
        if delay is None:
            return
        log.debug("an echo some %d samples after %d", _BEFORE, delay)
        came = self._came.back(0, _SOUGHT)
        self._forget()
        self._delay, self._doubt, self._proof, self._strict = delay, 0, 0, _STRICT_FOR
        self._handle = self._library.AecNew(FRAME, _TAIL, RATE, False)
        # the last half second is gone through once more: then most is learnt already
        for at in range(0, _SOUGHT - FRAME, FRAME):
            back = _SOUGHT - FRAME - at
            self._take_away(came[at : at + FRAME], self._echoed(delay + back))

    def _take_away(self, frame: Samples, echoed: Samples) -> Samples:
        came, played, left = self._frames
        came[:] = frame * _FULL  # it came as so many steps, and is within full scale
        played[:] = echoed * _HALF  # it may be over full scale; an echo twice as loud is learnt as well
        self._library.AecCancelEcho(self._handle, *self._pointers, FRAME)
        clean: Samples = left * _STEP
        return clean

    def _forget(self) -> None:
        if self._handle is not None:
            self._library.AecDestroy(self._handle)
            self._handle = None


def _sure_place(spectrum: npt.NDArray[np.complexfloating[Any, Any]], last: int) -> int | None:
    likeness = _likeness(spectrum, last)
    place = int(likeness.argmax())
    return place if likeness[place] > _SURE * likeness.mean() else None


def _place_of_tone(
    spectrum: npt.NDArray[np.complexfloating[Any, Any]], came: Samples, sent: Samples, last: int
) -> int | None:
    likeness = _likeness(spectrum, last)
    place = int(likeness.argmax())
    part = sent[place : place + _SOUGHT]
    most = float(np.sqrt(np.dot(came, came) * np.dot(part, part)))
    return place if likeness[place] > _ALIKE * most else None


def _likeness(spectrum: npt.NDArray[np.complexfloating[Any, Any]], last: int) -> npt.NDArray[np.floating[Any]]:
    """At each place from the first to the last."""
    likeness: npt.NDArray[np.floating[Any]] = np.abs(np.fft.irfft(spectrum))[: last + 1]
    return likeness


class _Tape:
    """The last so many samples, moved to the front but now and then."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._tape = silence(3 * count)
        self._end = count

    def add(self, frame: Samples) -> None:
        if self._end + len(frame) > len(self._tape):
            self._tape[: self._count] = self._tape[self._end - self._count : self._end]
            self._end = self._count
        self._tape[self._end : self._end + len(frame)] = frame
        self._end += len(frame)

    def back(self, ago: int, count: int) -> Samples:
        """So many samples up to so many ago; silence where they are not there yet, or any more."""
        if ago < 0:
            known = max(0, count + ago)
            return np.concatenate((self.back(0, known), silence(count - known)))
        if ago + count > self._count:
            return silence(count)
        return self._tape[self._end - ago - count : self._end - ago]
