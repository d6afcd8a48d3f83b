"""What a request asks for, read from its address or form: whatever is sent, it is one of these or nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterable

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from appliance.core.timetable import FIRST_YEAR, LAST_YEAR
from web import login

LONGEST = 200
"""Characters that are read of a line of text; forms say so, too."""
MOST = 2**53 - 1
"""The largest number an id may be: what every part on the way can carry."""


def text(name: str, longest: int = LONGEST, fields: MultiDict[str, str] | None = None) -> str:
    """A line of text: no control characters, no more than so many; "" where there is none."""
    found = (request.values if fields is None else fields).get(name, "")[: 4 * longest]
    shown = "".join(one if one.isprintable() else " " for one in found)
    return " ".join(shown.split())[:longest].rstrip()


def exact(name: str, longest: int) -> str:
    """A password, or the name of a Wi-Fi: as it was typed, for blanks belong to it; "" where there is nothing else.

    What is too long is cut, but so that it still is.
    """
    found = request.form.get(name, "")[: longest + 1]
    return found if found.strip() else ""


def lines(name: str, longest: int) -> str:
    """A text of several lines."""
    found = request.values.get(name, "")[: 4 * longest].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in found if one.isprintable() or one == "\n").strip()[:longest].rstrip()


def whole(name: str) -> int | None:
    """A whole number from 0 on."""
    return as_whole(request.values.get(name, ""))


def as_whole(written: str) -> int | None:
    """The same, of a text."""
    written = written.strip() if len(written) < 40 else ""
    return int(written) if re.fullmatch(r"[0-9]{1,16}", written) and int(written) <= MOST else None


def date(name: str) -> dt.date | None:
    """A day, as a date field sends it."""
    written = request.values.get(name, "").strip()[:20]
    with contextlib.suppress(ValueError):
        found = dt.date.fromisoformat(written)
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


def moment(name: str) -> dt.datetime | None:
    """A local point in time without a zone, as a field of day and time sends it; to the minute."""
    written = request.values.get(name, "").strip()[:30]
    with contextlib.suppress(ValueError):
        found = dt.datetime.fromisoformat(written)
        if ":" in written and found.tzinfo is None and FIRST_YEAR <= found.year <= LAST_YEAR:
            return found.replace(second=0, microsecond=0)
    return None


def one_of(name: str, words: Iterable[str]) -> str | None:
    """One of some words."""
    found = request.values.get(name, "")
    return found if found in words else None


def back(otherwise: str) -> str:
    """Where a form wants to go on to, if that is a page of ours; else to this endpoint."""
    wanted = request.form.get("back", "")[:2000]
    return wanted if login.is_local_path(wanted) else url_for(otherwise)
