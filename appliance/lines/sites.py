"""What an analog line's modem is plugged into, and how calls are handed on there: hook-flash and keys, as data.

A flash is the line opened for a moment: a PBX or router takes 50 to 150 ms for one, the public exchange 170 to 310 ms
(1 TR 110); more than half a second hangs up. Which key does what differs from maker to maker and from firmware to
firmware: a preset is what to begin with, and the guided test call shows whether it is so.
"""

from __future__ import annotations

import re

from msgspec import Struct

from appliance.core.numbers import DialPlan
from appliance.core.settings import Site

ON_HOOK = "on-hook"

_FLASH = re.compile(r"flash(?: ([0-9*#]{1,4}))?")


class Keys(Struct, frozen=True):
    """What is done to the hook, and then dialled: `flash`, and the digits after it; neither: hang up."""

    flash: bool
    digits: str = ""


def keys(written: str) -> Keys:
    """`on-hook`, `flash` or `flash 4`, as checked when it was set; anything else is the digits of a code."""
    if written == ON_HOOK:
        return Keys(flash=False)
    match = _FLASH.fullmatch(written)
    return Keys(flash=True, digits=match[1] or "") if match else Keys(flash=False, digits=written)


PRESETS: dict[str, Site] = {
    # R 1 ends the consultation and R 4 connects the other two; so does hanging up, and without a reply to wait for
    # (AVM FRITZ!Box manual, telephone features). Its ports take a flash of 50 to 400 ms.
    "fritzbox": Site(flash_ms=90, complete=ON_HOOK, fetch_back="flash 1"),
    # R 1 ends the consultation; there is no R 4, hanging up connects those two who talk (Telekom Speedport manual).
    "speedport": Site(flash_ms=90, complete=ON_HOOK, fetch_back="flash 1"),
    # Auerswald COMpact, AGFEO AS: flash 50 to 150 ms; a bare flash returns to the held caller; hanging up connects;
    # 0 seizes an outside line, unless the installer has made that automatic.
    "pbx": Site(flash_ms=90, complete=ON_HOOK, fetch_back="flash", prefix="0"),
    # A line of the public exchange: 1 TR 110 wants 170 to 310 ms. Hanging up during a consultation has the exchange
    # ring back; R 4 (ECT, ETSI EN 300 367) connects, where the operator offers it.
    "exchange": Site(flash_ms=240, complete="flash 4", fetch_back="flash 1"),
}


def site_of(setting: str | Site | None) -> Site:
    """What the settings name; a site nobody has named is taken for the contract's defaults."""
    if isinstance(setting, str):
        return PRESETS[setting]
    return setting or Site()


def flash_string(milliseconds: int) -> str:
    """A flash as +VTS takes it: tens of milliseconds (V.253 10.1.5.1)."""
    return f"{{!,{max(1, round(milliseconds / 10))}}}"


def tones(digits: str) -> str:
    """Digits as +VTS takes them, one element each."""
    return ",".join(digits)


def dialled(number: str, plan: DialPlan, prefix: str = "") -> str:
    """An E.164 number as it is dialled within the country: prefix, then 0 and the national number, or 00 and abroad."""
    plain = number.removeprefix("+")
    if plain.startswith(plan.country_code):
        return prefix + plan.trunk + plain.removeprefix(plan.country_code)
    return prefix + plan.international + plain
