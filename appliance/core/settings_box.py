"""The [box] and [panel] tables of the settings file: the appliance itself, as it first starts, and its front panel."""

from __future__ import annotations

import base64
import binascii
import re

from appliance.core.settings import Box, FrontPanel, Wifi
from appliance.core.settings_reader import Reader, is_zone, shown

LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
"""A host name's part (RFC 1123, 2.1)."""
_EVERY_BOX = frozenset(["localhost", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-allrouters"])
"""Names by which each machine means itself, or all (RFC 6761, 6.3; Debian's hosts file)."""
HIGHEST_PIN = 27
"""Of the 40-pin header: BCM 0 to 27."""
_KEY = re.compile(r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9@.-]+) ([A-Za-z0-9+/]+=*)( .*)?")
"""A public key as in authorized_keys(5), without options: those could run commands."""
_ARGON2 = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=([0-9]{1,2})\$[A-Za-z0-9+/]{11,88}\$[A-Za-z0-9+/]{16,88}"
)
_MOST_MEMORY = 64 * 1024
"""KiB a password's hash may need to be checked: the smallest box has 512 MB."""
_CODE = re.compile(r"[A-Z0-9]{8,16}")


def box(reader: Reader) -> Box:
    """The table."""
    hostname = reader.text("hostname", "rufweiche")
    if hostname and not LABEL.fullmatch(hostname):
        reader.mistake("hostname", "hostname")
    elif hostname.lower() in _EVERY_BOX:
        reader.mistake("hostname", "hostname_taken", value=shown(hostname))
    wifi = reader.table("wifi", Wifi)
    return Box(
        hostname=hostname,
        wifi=_wifi(wifi) if wifi else None,
        timezone=_timezone(reader),
        web_password_hash=_hash(reader),
        setup_code=_setup_code(reader),
        ssh_key=_ssh_key(reader),
    )


def panel(reader: Reader) -> FrontPanel:
    """The table; no pin may be named twice."""
    default = FrontPanel()
    pins = {
        key: reader.whole(key, getattr(default, key), 0, HIGHEST_PIN) for key in ("ready_led", "call_led", "button")
    }
    buzzer = reader.optional_whole("buzzer", 0, HIGHEST_PIN)
    if buzzer is not None:
        pins["buzzer"] = buzzer
    for index, (key, pin) in enumerate(pins.items()):
        other = next((name for name, taken in list(pins.items())[:index] if taken == pin), None)
        if other:
            reader.mistake(key, "duplicate", value=pin, other=reader.at(other))
    return FrontPanel(
        enabled=reader.yes_no("enabled", True),
        ready_led=pins["ready_led"],
        call_led=pins["call_led"],
        button=pins["button"],
        buzzer=buzzer,
    )


def _wifi(reader: Reader) -> Wifi:
    name, password = reader.text("ssid", exact=True), reader.optional_text("password", longest=64, exact=True)
    if len(name.encode()) > 32:  # IEEE 802.11: octets, not characters
        reader.mistake("ssid", "ssid")
    # IEEE 802.11, J.4: a passphrase of 8 to 63 ASCII characters, or the key itself as 64 hexadecimal digits
    if password and not re.fullmatch(r"[ -~]{8,63}|[0-9A-Fa-f]{64}", password):
        reader.mistake("password", "wifi_password")
    return Wifi(ssid=name, password=password, hidden=reader.yes_no("hidden", False))


def _timezone(reader: Reader) -> str | None:
    name = reader.optional_text("timezone")
    if name is not None and not is_zone(name):
        reader.mistake("timezone", "box_timezone")
        return None
    return name


def _hash(reader: Reader) -> str | None:
    text = reader.optional_text("web_password_hash", longest=200)
    match = _ARGON2.fullmatch(text) if text else None
    if text and (match is None or not 8 <= int(match[1]) <= _MOST_MEMORY or not 1 <= int(match[2]) <= 10):
        reader.mistake("web_password_hash", "password_hash")
    return text


def _setup_code(reader: Reader) -> str | None:
    code = reader.optional_text("setup_code")
    plain = code.upper().replace("-", "").replace(" ", "") if code else ""
    if code and not _CODE.fullmatch(plain):
        reader.mistake("setup_code", "setup_code")
    return plain or None


def _ssh_key(reader: Reader) -> str | None:
    text = reader.optional_text("ssh_key", longest=4000)
    if text is None:
        return None
    match = _KEY.fullmatch(text)
    if match is None or not _is_key(match[1], match[2]):
        reader.mistake("ssh_key", "ssh_key")
    return text


def _is_key(kind: str, encoded: str) -> bool:
    """Whether the key says itself of which kind it is (RFC 4253, 6.6: a string, its length before it)."""
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return blob.startswith(len(kind).to_bytes(4) + kind.encode()) and len(blob) > len(kind) + 30
