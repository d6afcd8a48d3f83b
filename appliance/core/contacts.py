"""Who may call: a person of the owner's address book, as imported or as blocked from the log."""

from __future__ import annotations

from msgspec import Struct


class Contact(Struct, frozen=True):
    """One number the owner knows.

    `number`: E.164, or as digits where it is none, or a prefix ending in `*` (block lists have those).
    `group`: a free word, or "blocked": never forwarded. `plan`: the name of the plan his calls go by, or None.
    `note`: for the owner's eyes and the briefing text. `source`: where he came from, such as "csv" or "block";
    an import replaces what its own source brought before, and nothing else.
    """

    number: str
    name: str = ""
    group: str = ""
    plan: str | None = None
    note: str = ""
    source: str = "manual"
