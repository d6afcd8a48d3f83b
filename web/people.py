"""Who numbers belong to, and whether they are blocked: asked for the few that a page shows, whatever the book holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from appliance.core import blocklist
from appliance.core.callers import CallerBook, Known
from appliance.core.contacts import Contact
from appliance.core.numbers import DialPlan, as_written, prefix_as_written
from appliance.core.records import CallRecord
from appliance.core.settings import BLOCKED
from web import changes, words
from web.box import Box

BY_HAND = "block"
"""The source of contacts that somebody blocked one by one; the command line's, too."""


def meant(written: str, plan: DialPlan) -> str | None:
    """The number that is meant, or the beginning of numbers with a final `*`, as the store has it; None: neither, or a
    beginning that everybody's number has."""
    written = written.strip()
    if not written.endswith("*"):
        return as_written(written, plan)
    prefix = prefix_as_written(written[:-1], plan)
    return None if prefix is None or f"+{plan.country_code}".startswith(prefix) else f"{prefix}*"


def shown(box: Box, number: str) -> str:
    """A number, or a beginning of numbers, as people read it: "089 77712345", "089777…"."""
    if not number.endswith("*"):
        return words.number(number)
    plan, digits = box.settings.dial_plan, number.removesuffix("*")
    national = digits.removeprefix(f"+{plan.country_code}")
    return f"{plan.trunk}{national}…" if national != digits else f"{digits}…"


def book_of(box: Box, numbers: Iterable[str | None]) -> CallerBook:
    """A book that knows of these numbers what the whole one does."""
    return CallerBook(box.settings.caller, box.store.contacts_about(filter(None, numbers)))


def named(box: Box, calls: Sequence[CallRecord]) -> list[CallRecord]:
    """Calls with the names their callers have now; those that nobody knows keep the name the network gave."""
    book = book_of(box, (call.caller for call in calls))
    return [replace(call, caller_name=book.name(call.caller) or call.caller_name) for call in calls]


def block(box: Box, number: str, name: str) -> Known | None:
    """Never forward this number (or beginning with `*`) again; what says otherwise, if something does.

    Raises StoreError.
    """
    box.store.put_contact(Contact(number, name, BLOCKED, source=BY_HAND))
    if number.endswith("*"):
        return None
    known = book_of(box, [number]).find(number)
    return None if known is None or known.is_blocked else known


def unblock(box: Box, number: str) -> Known | None:
    """Take back every block of exactly this number, by hand, list, address book or settings; what blocks it still, if
    something does: a rule for a whole range. Raises StoreError.
    """
    for contact in box.store.contacts_about([number]):
        if contact.number != number or contact.group != BLOCKED:
            continue
        if contact.source in (BY_HAND, blocklist.SOURCE):
            box.store.remove_contact(number, contact.source)
        else:
            box.store.put_contact(replace(contact, group=""))
    if any(caller.number == number and caller.group == BLOCKED for caller in box.settings.caller):
        changes.change(lambda data: _release(data, number))
    known = book_of(box, [number]).find(number)
    return known if known is not None and known.is_blocked else None


def _release(data: changes.Data, number: str) -> None:
    kept = []
    for caller in data["caller"]:
        if caller["number"] == number and caller.get("group") == BLOCKED:
            caller.pop("group")
            if not caller.get("name") and not caller.get("plan"):
                continue  # it said nothing else
        kept.append(caller)
    data["caller"] = kept
