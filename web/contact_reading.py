"""What is done with a file of contacts: read, compared with who is known, stored. Large files in a process of its own
(`importing`), for ten thousand contacts leave 6 MB behind in the one that has had them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.core import blocklist
from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.contacts import Contact
from appliance.core.settings import BLOCKED, Settings, from_json
from appliance.store.database import Store

KEPT = "uploaded-contacts.json"
"""In the state directory: what was read and is not decided on."""
MOST_REMARKS = 200
"""Remarks that are kept: more are only counted."""
FIRST = 20
"""Contacts and remarks of a file that its preview shows."""


class Reading(msgspec.Struct, frozen=True):
    """What a file holds. `source`: what it replaces, if it is stored. `remarks`: entry and sentence of what was left
    out; `more_remarks`: how many besides."""

    source: str
    contacts: list[Contact]
    remarks: list[tuple[int, str]]
    more_remarks: int = 0


class Preview(msgspec.Struct, frozen=True):
    """What storing it would change, in numbers, and the first of it: what is new or changed, else what there is.

    `mark`: of what was read, as `mark_of` gives it."""

    mark: str
    source: str
    total: int
    new: int
    changed: int
    gone: int
    same: int
    blocks: int
    left_out: int
    remarks: list[tuple[int, str]]
    first: list[Contact]


class Difference(Struct, frozen=True):
    """What storing it would change: contacts that come, that change, that go, and how many stay as they are."""

    new: Sequence[Contact]
    changed: Sequence[Contact]
    gone: Sequence[Contact]
    same: int


def receive(state: Path, settings: Settings, content: bytes, is_blocklist: bool) -> str | None:
    """Read a file, and keep what it holds; nothing is stored yet. Why it cannot be read, in the owner's language; None:
    it was. Raises OSError where it cannot be kept."""
    language = settings.business.language
    try:
        if is_blocklist:
            contacts, found = blocklist.read(content, _dialling(settings))
            source = blocklist.SOURCE
        else:
            from appliance.core import contact_import  # CSV, XML and vCard, for half a megabyte

            found = contact_import.read(content, _dialling(settings))
            contacts, source = found.contacts, found.source
        if not contacts:
            raise UnreadableFile("no_numbers")
    except UnreadableFile as error:
        return error.in_language(language)
    remarks = [(one.entry, one.in_language(language)) for one in found.remarks[:MOST_REMARKS]]
    reading = Reading(source, contacts, remarks, len(found.remarks) - len(remarks))
    file = state / KEPT
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
            kept.write(msgspec.json.encode(reading))
    except OSError:
        file.unlink(missing_ok=True)
        raise
    return None


def preview(state: Path, store: Store) -> Preview | None:
    """What storing what was read would change; None: nothing was. Raises StoreError."""
    content, reading = _kept(state)
    if reading is None:
        return None
    found = difference(reading, store.contacts())
    return Preview(
        mark=mark_of(content),
        source=reading.source,
        total=len(reading.contacts),
        new=len(found.new),
        changed=len(found.changed),
        gone=len(found.gone),
        same=found.same,
        blocks=sum(one.group == BLOCKED for one in reading.contacts),
        left_out=len(reading.remarks) + reading.more_remarks,
        remarks=reading.remarks[:FIRST],
        first=([*found.new[:FIRST], *found.changed[:FIRST]] or reading.contacts)[:FIRST],
    )


def keep(state: Path, store: Store, mark: str) -> int | None:
    """Store what was read; how many contacts; None: nothing was, or not what has this mark. Raises StoreError."""
    content, reading = _kept(state)
    if reading is None or mark_of(content) != mark:
        return None
    return store.replace_contacts(reading.source, reading.contacts)


def mark_of(content: bytes) -> str:
    """What tells files that were read from one another: somebody else may bring one while this one is looked at."""
    return hashlib.sha256(content).hexdigest()[:16]


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


def _kept(state: Path) -> tuple[bytes, Reading | None]:
    try:
        content = (state / KEPT).read_bytes()
        return content, msgspec.json.decode(content, type=Reading)
    except (OSError, msgspec.MsgspecError):
        return b"", None


def _dialling(settings: Settings) -> Dialling:
    """Numbers without an area code are of the place where the first line with one is."""
    from appliance.core.dialable import area_code  # brings the number library

    areas = filter(None, map(area_code, settings.own_numbers()))
    return Dialling(settings.dial_plan, next(areas, None), [plan.name for plan in settings.plan])


def main() -> None:
    """The process of its own: `JOB STATE [block | MARK]`, a file comes in where there is one, JSON goes out."""
    job, state = sys.argv[1], Path(sys.argv[2])
    answer: object
    with Store.open(state) as store:
        stored = store.load_settings()
        if job == "receive" and stored is not None:
            answer = receive(state, from_json(stored[1]), sys.stdin.buffer.read(), "block" in sys.argv[3:])
        else:
            answer = preview(state, store) if job == "preview" else keep(state, store, sys.argv[3])
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
