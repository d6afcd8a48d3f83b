"""How far the set-up has come. Kept in the store, not in the browser: it goes on wherever somebody opens the page."""

from __future__ import annotations

import datetime as dt

import msgspec

from appliance.store.page import PageStore

NAME = "page.setup"
STEPS = ("language", "origin", "password", "business", "modem", "connection", "targets", "hours", "test")
"""In their order. The first three come before the box has an owner, and are over once it has."""
UNCLAIMED_STEPS = STEPS[:3]


class Progress(msgspec.Struct, kw_only=True):
    """What was answered and has no place in the settings yet.

    `done`: steps that were answered. `business`: the table of the settings, until there is a line to go with it.
    `test_from`: when the test call was begun; `test_text`: the uid of its text. `is_finished`: the page opens with
    Today from now on.
    """

    done: list[str] = []
    language: str | None = None
    business: dict[str, str] = {}
    recipe: str | None = None
    test_from: dt.datetime | None = None
    test_text: str | None = None
    is_finished: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it was begun and is not over. A box that was provisioned from a file never began it."""
        return bool(self.done) and not self.is_finished

    def next_step(self, is_claimed: bool) -> str:
        """The first step that is not done; the last one when all are."""
        steps = STEPS[len(UNCLAIMED_STEPS) :] if is_claimed else UNCLAIMED_STEPS
        return next((step for step in steps if step not in self.done), steps[-1])

    def has_done(self, step: str) -> None:
        """This step was answered."""
        if step not in self.done:
            self.done.append(step)


_KEPT = msgspec.json.Decoder(Progress)  # not by several threads at the same time: see core/settings.py


def load(store: PageStore) -> Progress:
    """How far it has come. Raises StoreError."""
    kept = store.kept(NAME)
    if kept is None:
        return Progress()
    try:
        return _KEPT.decode(kept.encode())
    except msgspec.MsgspecError:
        return Progress()  # of another version: the questions are asked again, what is set stays set


def save(store: PageStore, progress: Progress) -> None:
    """Keep it. Raises StoreError."""
    store.keep(**{NAME: msgspec.json.encode(progress).decode()})
