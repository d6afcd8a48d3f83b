"""What is said of the box's address: by text, and in a file on its boot partition. Name and number, for a name alone
(NAME.local) fails on some computers."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from appliance.core import wording
from appliance.core.settings import Settings

HOTSPOT_NAME = "Rufweiche"
"""The name of the box's own Wi-Fi."""

_TEXT = {
    "de": "Rufweiche: Die Seite des Geräts ist im Netz erreichbar unter {where}",
    "en": "Rufweiche: the page of the box can be reached in the network at {where}",
}
_FILE = {
    "de": ("Die Seite des Geräts", "Öffnen Sie eine dieser Adressen in einem Browser im selben Netz."),
    "en": ("The page of the box", "Open one of these addresses in a browser in the same network."),
}
_CODE_FILE = {
    "de": (
        "Der Einrichtungs-Code des Geräts: {code}",
        "Die Seite des Geräts fragt einmal danach. Haben Sie dort ein Passwort festgelegt, gilt er nicht mehr,",
        "und diese Datei verschwindet.",
    ),
    "en": (
        "The set-up code of the box: {code}",
        "The page of the box asks for it once. When a password has been chosen there, it is void, and this file goes.",
    ),
}
_SCREEN = {
    "de": (
        "Die Seite des Geräts:",
        "noch kein Netz: Kabel einstecken, oder das WLAN {hotspot}",
        "Einrichtungs-Code: {code}",
    ),
    "en": (
        "The page of the box:",
        "no network yet: plug in a cable, or join the Wi-Fi {hotspot}",
        "Set-up code: {code}",
    ),
}


def text(addresses: Sequence[str], hostname: str, language: str) -> str:
    """One part; `addresses`: at least one, the likeliest first."""
    links = _links(addresses, hostname)
    return wording.first_that_fits(
        _TEXT[language].format(where=", ".join([links[0], *links[1:count]])) for count in range(len(links), 0, -1)
    )


def file_text(addresses: Sequence[str], hostname: str, language: str) -> str:
    """For any editor, Windows' too."""
    title, what_to_do = _FILE[language]
    return "\r\n".join([title, "", *_links(addresses, hostname), "", what_to_do, ""])


def code_text(code: str, language: str) -> str:
    """The set-up code, for any editor."""
    return "\r\n".join([*(line.format(code=code) for line in _CODE_FILE[language]), ""])


def screen_text(code: str | None, addresses: Sequence[str], hostname: str, language: str) -> str:
    """For a screen at the box. No backslash in it, which agetty(8) would take for a command."""
    title, no_network, code_line = _SCREEN[language]
    links = _links(addresses, hostname) if addresses else [no_network.format(hotspot=HOTSPOT_NAME)]
    lines = ["Rufweiche", "", title, *(f"  {link}" for link in links), ""]
    if code:
        lines += [code_line.format(code=code), ""]
    return "\n".join([*lines, ""])


def zone(settings: Settings) -> ZoneInfo:
    """The business's."""
    return ZoneInfo(settings.business.timezone)


def _links(addresses: Sequence[str], hostname: str) -> list[str]:
    first, *others = [f"http://{address}" for address in addresses]
    return [first, f"http://{hostname}.local", *others]
