"""What forms that change a table of the settings have in common: the version they speak of, and what is said after."""

from __future__ import annotations

from collections.abc import Callable, Collection

from flask import flash

from web import asked, changes
from web.box import the_box
from web.catalogues import _
from web.changes import Data, Result


def change(edit: Callable[[Data], object], done: str, warned_at: Collection[str] = ()) -> Result:
    """Change the settings the form was made from, and say so: `done`. If somebody else has changed them meanwhile, that
    is said and nothing is stored. `warned_at`: beginnings of the places whose warnings concern this form.

    Raises NoSettings, StoreError.
    """
    result = changes.change(edit, version=asked.whole("version"))
    if result.is_stale:
        flash(
            _("The settings have changed meanwhile. Please look at the page again and repeat your change."), "careful"
        )
    elif result.is_stored:
        flash(done, "good")
        for place, texts in result.warnings.items():
            if any(place.startswith(beginning) for beginning in warned_at):
                for text in texts:
                    flash(text, "careful")
    return result


def version() -> int:
    """Of the settings a form is made from."""
    stored = the_box().stored
    return stored[0] if stored else 0


def is_over(result: Result) -> bool:
    """Whether there is nothing to correct: the form is left."""
    return result.is_stored or result.is_stale
