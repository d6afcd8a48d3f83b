"""When the box opens a Wi-Fi of its own, and when it tells its address. No I/O, no clock: times are monotonic seconds.

Without any network for a minute it opens its hotspot, whose only page is the set-up; with a network it closes it. One
radio cannot do both, so that every ten minutes the known networks are given another chance. Somebody in the hotspot
just then holds that back, for half an hour at most: a phone that was left in it must not keep the box out of the
workshop's Wi-Fi for ever, and a set-up goes on where it was once the hotspot is back, a minute later. A press of the
button opens it for a quarter of an hour, also beside a cable.

The address is told when it is new and has stayed for a while, and when somebody asks at the box.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

OPEN_AFTER = 60.0
"""Seconds without a network: routers and DHCP take half of that."""
TRY_AGAIN_AFTER = 600.0
TRY_FOR = 60.0
"""Seconds the known networks get each time."""
GUESTS_HOLD = 3 * TRY_AGAIN_AFTER
"""Seconds from the first guest's coming for which the known networks wait: the whole set-up takes less."""
ASKED_FOR = 900.0
"""Seconds a hotspot stays that somebody asked for at the box."""
SETTLED = 30.0
"""Seconds an address must stay before it is told."""
TELL_AT_MOST = 3
"""Addresses told by text in DAY."""
DAY = 24 * 3600.0


class Do(Enum):
    """What is to be done."""

    OPEN = "open the hotspot"
    CLOSE = "close the hotspot"
    TELL = "tell the address"
    """By text, and on the boot partition."""
    NOTE = "note the address"
    """On the boot partition alone."""


class Picture(Struct, frozen=True):
    """What NetworkManager says. `addresses`: of the box in other people's networks, the likeliest first.

    `has_radio`: there is a Wi-Fi device; `radio_in_use`: it is in somebody else's network. `is_open`: the hotspot
    stands; `guests`: devices in it. `knows_networks`: a Wi-Fi to join is set up.
    """

    addresses: tuple[str, ...] = ()
    has_radio: bool = False
    radio_in_use: bool = False
    is_open: bool = False
    guests: int = 0
    knows_networks: bool = False


class Hotspot:
    """Tell it what there is; it answers with what to do. `told`: the addresses last told, in an earlier life."""

    def __init__(self, now: float, told: tuple[str, ...] = ()) -> None:
        self._told = told
        self._noted: tuple[str, ...] | None = None
        self._seen: tuple[str, ...] = ()
        self._since = self._lonely_since = now
        self._opened_at = now
        self._guests_since: float | None = None
        self._asked_until = float("-inf")
        self._asked_to_tell = False
        self._texts: list[float] = []

    def ask(self, now: float) -> None:
        """Somebody at the box wants its address, and the hotspot."""
        self._asked_until = now + ASKED_FOR
        self._asked_to_tell = True

    def look(self, picture: Picture, now: float) -> list[Do]:
        """What is to be done now."""
        had = self._seen  # up to now, however long ago the last look was
        if picture.addresses != self._seen:
            self._seen, self._since = picture.addresses, now
        if picture.addresses or picture.is_open or had:
            self._lonely_since = now
        if not (picture.is_open and picture.guests):
            self._guests_since = None
        elif self._guests_since is None:
            self._guests_since = now
        todo = self._radio(picture, now)
        if picture.addresses and (self._asked_to_tell or now >= self._since + SETTLED):
            todo += self._tell(picture.addresses, now)
        return todo

    def deadline(self, now: float) -> float:
        """When look() is worth while although nothing has changed; inf if never."""
        times = [self._since + SETTLED, self._lonely_since + OPEN_AFTER, self._asked_until]
        times.append(self._opened_at + TRY_AGAIN_AFTER)
        if self._guests_since is not None:
            times.append(self._guests_since + GUESTS_HOLD)
        return min((at for at in times if at > now), default=float("inf"))

    def _radio(self, picture: Picture, now: float) -> list[Do]:
        asked = now < self._asked_until
        if picture.is_open:
            fruitless = picture.knows_networks and now >= self._opened_at + TRY_AGAIN_AFTER
            came = self._guests_since
            # With a cable in, nothing is lost by a guest who stays.
            held = came is not None and (bool(picture.addresses) or now < came + GUESTS_HOLD)
            if asked or held:
                return []
            if picture.addresses or fruitless:
                self._lonely_since = now + TRY_FOR - OPEN_AFTER  # the known networks get their time
                return [Do.CLOSE]
        elif picture.has_radio and not picture.radio_in_use:
            lonely = not picture.addresses and now >= self._lonely_since + OPEN_AFTER
            if asked or lonely:
                self._opened_at = now
                self._lonely_since = now  # should it not come up, the radio has time to join a network
                return [Do.OPEN]
        return []

    def _tell(self, addresses: tuple[str, ...], now: float) -> list[Do]:
        self._texts = [at for at in self._texts if now - at < DAY]
        is_new = addresses != self._told
        if (self._asked_to_tell or is_new) and len(self._texts) < TELL_AT_MOST:
            self._asked_to_tell = False
            self._told = self._noted = addresses
            self._texts.append(now)
            return [Do.TELL]
        self._asked_to_tell = False
        if addresses != self._noted:
            self._noted = addresses
            return [Do.NOTE]
        return []
