"""The calls of a module as +CLCC lists them, less what is left over; and the rings that come before one is listed."""

from __future__ import annotations

from appliance.at.replies import Caller, Leg, Stat
from appliance.lines.scripts import Legs

RING_GAP = 2.0
"""Seconds: two RINGs closer than this are one (telephony: split, doubled, or RING beside +CRING)."""
RINGS_STOPPED = 10.0
"""Seconds without a RING after which the caller has given up; networks ring every 5 to 6."""


class LegList:
    """The legs there really are, by their part in the call."""

    def __init__(self) -> None:
        self.all: Legs = ()
        self.answered = False
        """The caller has been answered: an answered call never rings again, so that what does is another one's."""
        self._ghosts: set[Leg] = set()

    @property
    def caller(self) -> Leg | None:
        """The leg of the caller we are dealing with."""
        others = (Stat.WAITING, Stat.INCOMING) if self.answered else (Stat.WAITING,)
        return next((leg for leg in self.all if leg.incoming and leg.stat not in others), None)

    @property
    def ours(self) -> bool:
        """There is a leg of the call we are dealing with."""
        return self.caller is not None or self.target is not None

    @property
    def target(self) -> Leg | None:
        """The leg to the target."""
        return next((leg for leg in self.all if not leg.incoming), None)

    @property
    def waiting(self) -> Leg | None:
        """A second caller (stat 5)."""
        return next((leg for leg in self.all if leg.stat is Stat.WAITING), None)

    @property
    def in_conference(self) -> bool:
        """Caller and target are both in a multiparty call: by mpty, or since two calls are active only there."""
        caller, target = self.caller, self.target
        if caller is None or target is None:
            return False
        return (caller.mpty and target.mpty) or caller.stat is target.stat is Stat.ACTIVE

    def real(self, listed: Legs, only_ringing: bool) -> Legs:
        """What of a listing is no ghost.

        only_ringing: we have answered nobody, so what is listed as connected, and did not ring, is left over.
        A ghost that rings is believed again when nothing else does.
        """
        self._ghosts.intersection_update(listed)
        if only_ringing:
            rang = {leg.id for leg in self.all if leg.stat is Stat.INCOMING}
            self._ghosts.update(
                leg for leg in listed if leg.stat not in (Stat.INCOMING, Stat.WAITING) and leg.id not in rang
            )
            if not any(leg.stat is Stat.INCOMING for leg in listed if leg not in self._ghosts):
                self._ghosts = {leg for leg in self._ghosts if leg.stat is not Stat.INCOMING}
        return tuple(leg for leg in listed if leg not in self._ghosts)

    def bury(self, spare_ringing: bool = False) -> int:
        """Take what is still listed for ghosts, perhaps sparing one that rings; says how many there are."""
        ghosts = [leg for leg in self.all if not (spare_ringing and leg.stat is Stat.INCOMING)]
        self._ghosts.update(ghosts)
        self.all = ()
        return len(ghosts)

    def forget(self) -> None:
        """The module has started anew."""
        self.all = ()
        self.answered = False
        self._ghosts.clear()


class Rings:
    """Counts rings. A single RING may be noise: it counts once a caller's number, +CLCC or a second one proves it."""

    def __init__(self) -> None:
        self.caller: Caller | None = None
        self.proven = False
        self._last_sign_at = 0.0
        self._counted_at: float | None = None
        self._unproven = 0

    def begin(self, now: float) -> None:
        """A first sign of a call."""
        self.caller = None
        self.proven = False
        self._counted_at = None
        self._unproven = 0
        self.sign(now)

    def sign(self, now: float) -> None:
        """It still rings."""
        self._last_sign_at = now

    def ring(self, now: float) -> int:
        """RING came; gives how many rings count now that did not before."""
        self.sign(now)
        if self._counted_at is not None and now - self._counted_at < RING_GAP:
            return 0
        self._counted_at = now
        self._unproven += 1
        return self.prove() if self.proven or self._unproven > 1 else 0

    def prove(self) -> int:
        """It does ring; gives how many rings count now that did not before."""
        self.proven = True
        counted, self._unproven = self._unproven, 0
        return counted

    @property
    def over_at(self) -> float:
        """When the caller has given up, unless it rings again before."""
        return self._last_sign_at + RINGS_STOPPED
