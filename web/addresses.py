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
    return [f"{request.scheme}://{host}{end}/" for host in hosts(box)]


def secure(box: Box, port: int) -> list[str]:
    """The same by HTTPS, whose door has this port."""
    return [_address("https", host, port) for host in hosts(box)]


def secure_here(port: int) -> str:
    """By HTTPS, at the host this browser has used."""
    return _address("https", _here(), port)


def plain_here(port: int) -> str:
    """Without encryption, at the host this browser has used."""
    return _address("http", _here(), port)


def hosts(box: Box) -> list[str]:
    """What the box is reached by, without a port: numbers, then its name."""
    numbers = [one for one in (_here(), *_told(box)) if _is_reachable(one)]
    return list(dict.fromkeys([*numbers, f"{box.settings.box.hostname}.local"]))


def _here() -> str:
    """The host this browser has used, without a port."""
    name, _colon, port = request.host.rpartition(":")
    return name if name and port.isdigit() else request.host  # [fd00::44]:8080, and [fd00::44] as it is


def _address(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}/" if (scheme, port) in (("http", 80), ("https", 443)) else f"{scheme}://{host}:{port}/"


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
