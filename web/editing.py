"""What forms that change a table of the settings have in common: the version they speak of, and what is said after.

If somebody else has changed the settings meanwhile, nothing is stored, and the form is drawn again with what was typed.
A form about one thing of several says by its mark (`was`) which one it means: in newer settings it may stand elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence

import msgspec
from flask import abort, flash, g, request

from web import asked, changes
from web.box import the_box
from web.catalogues import _
from web.changes import Data, Result

SECRETS = ("password", "pin", "webhook", "command_code")
"""Fields that are never shown again."""


def change(edit: Callable[[Data], object], done: str, warned_at: Collection[str] = ()) -> Result:
    """Change the settings the form was made from, and say so: `done`. If somebody else has changed them meanwhile, that
    is said and nothing is stored: the form is to be drawn again. `warned_at`: beginnings of the places whose warnings
    concern this form.

    Raises NoSettings, StoreError.
    """
    result = changes.change(edit, version=asked.whole("version"))
    if result.is_stale:
        g.is_told_stale = True
        said = _(
            "The settings have been changed in another browser meanwhile, so nothing is stored yet. What you entered "
            "is still here: please look at it and save again. The other fields are as they were, too: what has been "
            "changed in them meanwhile is overwritten."
        )
        if any(request.form.get(name) for name in SECRETS):
            said += " " + _("Please enter passwords, PINs, code word and web address once more.")
        flash(said, "careful")
    elif result.is_stored:
        flash(done, "good")
        for place, texts in result.warnings.items():
            if any(place.startswith(beginning) for beginning in warned_at):
                for text in texts:
                    flash(text, "careful")
    return result


def remove(edit: Callable[[Data], object], done: str) -> Result:
    """The same where there is nothing to draw again: what is removed was looked at before. Raises as `change` does."""
    result = changes.change(edit, version=asked.whole("version"))
    if result.is_stale:
        said = _("The settings have been changed in another browser meanwhile. Please look again and repeat it.")
        flash(said, "careful")
    elif result.is_stored:
        flash(done, "good")
    return result


def version() -> int:
    """Of the settings a form is made from: those there are; drawn again because of a mistake, still the same ones."""
    sent = asked.whole("version") if request.method == "POST" and not g.get("is_told_stale") else None
    return _current() if sent is None else sent


def is_stale() -> bool:
    """Whether a form was sent that was made from other settings."""
    return request.method == "POST" and asked.whole("version") not in (None, _current())


def mark(thing: object) -> str:
    """What one of several things without names is known by."""
    return hashlib.sha256(msgspec.json.encode(thing)).hexdigest()[:16]


def place(nth: int | None, marks: Sequence[str], gone: str = "") -> int | None:
    """Where the thing is now that the form is about, by the marks of all of them; None: it is gone, as is said (`gone`;
    else that saving adds what was typed anew)."""
    was = request.form.get("was", "")  # as it was sent: a name may hold two blanks
    if nth is None or not is_stale() or (nth < len(marks) and marks[nth] == was):
        return nth
    if was in marks:
        return marks.index(was)
    anew = _("What you were about to change is no longer there as it was. If you save, it is added anew.")
    flash(gone or anew, "careful")
    return None


def checked(nth: int, things: Sequence[object]) -> None:
    """There is no such page where there is no such thing; a form may be about one that somebody has removed."""
    if nth >= len(things) and not is_stale():
        abort(404)


def _current() -> int:
    stored = the_box().stored
    return stored[0] if stored else 0
