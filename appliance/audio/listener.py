"""Everything that is listened for on one line, frame by frame."""

from __future__ import annotations

from typing import Final

from appliance.audio.bank import Bank
from appliance.audio.coding import FRAME, RATE, Samples
from appliance.audio.dtmf import FREQUENCIES as KEY_FREQUENCIES
from appliance.audio.dtmf import Keypad
from appliance.audio.tones import SIT_FREQUENCIES, SpecialInformation, ToneEar
from appliance.audio.voice import VoiceEar
from appliance.core.sound import Heard

_KEYS: Final = len(KEY_FREQUENCIES)
_ONCE: Final = 0.6
"""Seconds within which the modem and we may tell of the same press."""


class Listener:
    """One line's ears. `country`: whose tones."""

    def __init__(self, country: str) -> None:
        self._tones = ToneEar(country)
        self._bank = Bank((*KEY_FREQUENCIES, *SIT_FREQUENCIES), self._tones.frequencies)
        self._no_shares = [0.0] * len(self._tones.frequencies)
        self._keypad = Keypad()
        self._special = SpecialInformation()
        self._voice = VoiceEar()
        self._at = 0
        self._presses: list[tuple[str, bool, int]] = []
        """Key, by the modem's word, at which frame: the recent ones."""

    @property
    def speaking(self) -> bool:
        """A voice is being heard."""
        return self._voice.speaking

    def between_parties(self, connected: bool) -> None:
        """Two who are connected are not silent while one of them sends a tone, or lets a machine be heard."""
        self._voice.steady_is_silence = not connected

    def hear(self, samples: Samples, ours: bool = False) -> list[Heard]:
        """A frame of 20 ms more, or several at once. `ours`: it may be the echo of what we send."""
        bank = self._bank
        bank.hear(samples)
        energies = bank.energies()
        self._at += len(energies)
        if bank.quiet:
            return self._hear_nothing(samples, energies, ours)
        short, long = bank.short(), bank.long()
        pressed = self._keypad.hear(short[:, :_KEYS], bank.off)
        heard = [Heard("digit", digit=key) for key in pressed if self._is_new(key, by_modem=False)]
        heard += self._special.hear(short[:, _KEYS:])
        for shares, energy in zip(long, bank.long_energies(), strict=True):
            heard += self._tones.hear(shares, energy)
        known = ours or self._keypad.down or self._tones.on or self._special.on
        heard += self._voice.hear(samples, energies, known)
        return heard

    def _hear_nothing(self, samples: Samples, energies: list[float], ours: bool) -> list[Heard]:
        heard: list[Heard] = []
        for _ in energies:
            self._keypad.pause()
            self._special.pause()
            heard += self._tones.hear(self._no_shares, 0.0)
        heard += self._voice.hear(samples, energies, ours or self._tones.on)
        return heard

    def told(self, key: str) -> list[Heard]:
        """The modem says that a key was pressed."""
        return [Heard("digit", digit=key)] if self._is_new(key, by_modem=True) else []

    def _is_new(self, key: str, by_modem: bool) -> bool:
        """Each press is told once, though both may have noticed it."""
        within = self._at - _ONCE * RATE / FRAME
        self._presses = [press for press in self._presses if press[2] >= within]
        for press in self._presses:
            if press[0] == key and press[1] != by_modem:
                self._presses.remove(press)
                return False
        self._presses.append((key, by_modem, self._at))
        return True
