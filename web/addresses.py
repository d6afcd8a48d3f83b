"""Where this page is found: the addresses the box has told, its name, and the one this browser has used."""

from __future__ import annotations

import ipaddress
import json

from flask import request

from web.box import Box

TOLD = "network.told"
"""In the store: the addresses the box's network service has told, a JSON list."""


def of(box: Box) -> list[str]:
    """Each as one types it, the likeliest first: numbers, for a name alone fails on some phones; then the name."""
    port = request.host.rpartition(":")[2]
    end = f":{port}" if port.isdigit() and not request.host.endswith("]") and port not in ("80", "443") else ""
    here = request.host.removesuffix(end) if end else request.host
    numbers = [one for one in _told(box) if _is_reachable(one)]
    if _is_reachable(here):
        numbers.insert(0, here)
    hosts = [*numbers, f"{box.settings.box.hostname}.local"]
    return [f"{request.scheme}://{host}{end}/" for host in dict.fromkeys(hosts)]


def qr(address: str) -> str:
    """An SVG to scan: dark on white whatever the theme, or cameras fail."""
    import segno  # only here

    return str(segno.make(address, error="m").svg_inline(border=3, light="#fff", dark="#000", omitsize=True))


def _told(box: Box) -> list[str]:
    try:
        found = json.loads(box.store.kept(TOLD) or "[]")
    except ValueError:
        return []
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _is_reachable(host: str) -> bool:
    """Whether it is an address that others can use."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_link_local)
