"""A file of contacts that was uploaded: read, and kept until the owner has seen what it would change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.core import blocklist, contact_import
from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.contacts import Contact
from appliance.core.errors import UserError
from web.box import Box

KEPT = "uploaded-contacts.json"
MOST_REMARKS = 200
"""Remarks that are kept: more are only counted."""


class Reading(msgspec.Struct, frozen=True):
    """What a file holds. `source`: what it replaces, if it is stored. `remarks`: entry and sentence of what was left
    out; `more_remarks`: how many besides."""

    source: str
    contacts: list[Contact]
    remarks: list[tuple[int, str]]
    more_remarks: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What storing it would change: contacts that come, that change, that go, and how many stay as they are."""

    new: Sequence[Contact]
    changed: Sequence[Contact]
    gone: Sequence[Contact]
    same: int


def receive(box: Box, content: bytes, is_blocklist: bool) -> Reading:
    """Read a file, and keep what it holds; nothing is stored yet. Raises UnreadableFile, UserError."""
    settings = box.settings
    if is_blocklist:
        contacts, found = blocklist.read(content, _dialling(box))
        source = blocklist.SOURCE
    else:
        found = contact_import.read(content, _dialling(box))
        contacts, source = found.contacts, found.source
    if not contacts:
        raise UnreadableFile("no_numbers")
    language = settings.business.language
    remarks = [(one.entry, one.in_language(language)) for one in found.remarks[:MOST_REMARKS]]
    reading = Reading(source, contacts, remarks, len(found.remarks) - len(remarks))
    file = _file(box)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
            kept.write(msgspec.json.encode(reading))
    except OSError as error:
        discard(box)
        raise UserError(f"no room for it: {error.strerror}") from error
    return reading


def waiting(box: Box) -> Reading | None:
    """What was read and is not decided on; None: nothing."""
    try:
        return msgspec.json.decode(_file(box).read_bytes(), type=Reading)
    except (OSError, msgspec.MsgspecError):
        return None


def discard(box: Box) -> None:
    """Forget it."""
    _file(box).unlink(missing_ok=True)


def difference(reading: Reading, now: Sequence[Contact]) -> Difference:
    """What storing it would change. `now`: everybody who is known."""
    before = {one.number: one for one in now if one.source == reading.source}
    after = {one.number: one for one in reading.contacts}
    changed = [one for number, one in after.items() if number in before and before[number] != one]
    return Difference(
        [one for number, one in after.items() if number not in before],
        changed,
        [one for number, one in before.items() if number not in after],
        len(after.keys() & before.keys()) - len(changed),
    )


def _dialling(box: Box) -> Dialling:
    """Numbers without an area code are of the place where the first line with one is."""
    from appliance.core.dialable import area_code  # brings the number library

    settings = box.settings
    areas = filter(None, map(area_code, settings.own_numbers()))
    return Dialling(settings.dial_plan, next(areas, None), [plan.name for plan in settings.plan])


def _file(box: Box) -> Path:
    return box.state / KEPT
