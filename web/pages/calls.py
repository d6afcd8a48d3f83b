"""Calls: the log, searched and filtered, one call's story, one caller's history, and what can be done about them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, stream_with_context, url_for
from msgspec import Struct
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.records import CallRecord
from appliance.store.calllist import Wanted
from appliance.store.changes import MarkDone, Reopen, WriteNote
from appliance.store.search import Search
from web import asked, people, story, words
from web.box import Box, the_box
from web.catalogues import _

blueprint = Blueprint("calls", __name__, url_prefix="/calls")

SHOWN = 50
"""Calls on a page."""
HISTORY = 20
"""Calls that the page of one caller shows; the list has all."""
AT_ONCE = 500
"""Calls that are read at a time for the table that is downloaded."""
LONGEST_NOTE = 500
OUTCOMES = ("open", "missed", "forwarded", "answered_here", "voicemail", "blocked")


class Chosen(Struct, frozen=True):
    """What the form above the list says."""

    q: str
    outcome: str
    line: str
    first: dt.date | None
    last: dt.date | None

    @classmethod
    def now(cls) -> Chosen:
        """What this request says."""
        return cls(
            asked.text("q", 80),
            asked.one_of("outcome", OUTCOMES) or "",
            asked.text("line", 80),
            asked.date("from"),
            asked.date("to"),
        )

    @property
    def narrows(self) -> bool:
        """Whether more than the search leaves something out."""
        return bool(self.outcome or self.line or self.first or self.last)

    def arguments(self) -> dict[str, Any]:
        """The same for an address."""
        given = {
            "q": self.q,
            "outcome": self.outcome,
            "line": self.line,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in given.items() if value}

    def wanted(self, box: Box) -> Wanted:
        """The same for the store."""
        search = Search.of(self.q, box.settings.dial_plan)
        callers: tuple[str, ...] = ()
        if search is not None and search.words:
            rules = [one for one in box.settings.caller if one.name]
            fitting = search.fitting([one.name for one in rules])
            callers = (*itertools.compress((one.number for one in rules), fitting), *box.store.contacts_named(search))
        return Wanted(
            outcome=None if self.outcome in ("", "open") else self.outcome,
            line=self.line or None,
            since=_midnight(box, self.first) if self.first else None,
            until=_midnight(box, self.last + dt.timedelta(days=1)) if self.last else None,
            is_open=self.outcome == "open",
            search=search,
            callers=callers,
        )


@blueprint.get("/")
def show() -> str | AnyResponse:
    """The log, newest first."""
    here, chosen = the_box(), Chosen.now()
    before, after = asked.whole("before"), asked.whole("after")
    wanted = chosen.wanted(here)
    found = here.store.find_calls(wanted, SHOWN + 1, before, after)
    if after is not None and len(found) <= SHOWN:
        return redirect(url_for("calls.show", **chosen.arguments()))  # the newest page, filled up
    has_newer = before is not None or after is not None
    has_older = len(found) > SHOWN or after is not None
    calls = people.named(here, found[1:] if after is not None and len(found) > SHOWN else found[:SHOWN])
    return render_template(
        "calls/show.html",
        chosen=chosen,
        days=_by_day(here, calls),
        calls=calls,
        newer=url_for("calls.show", **chosen.arguments(), after=calls[0].id) if has_newer and calls else None,
        older=url_for("calls.show", **chosen.arguments(), before=calls[-1].id) if has_older and calls else None,
        lines=[line.name for line in here.settings.line],
        is_empty=not calls and before is None and after is None and wanted.is_everything,
        talk_seconds=story.talk_seconds,
    )


@blueprint.get("/calls.csv")
def table() -> Response:
    """What the list shows, all pages of it, as a table for a spreadsheet."""
    here, chosen = the_box(), Chosen.now()
    answer = Response(stream_with_context(_table(here, chosen.wanted(here))), mimetype="text/csv")
    name = _("calls-%(day)s.csv", day=here.local.date().isoformat())
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/<int(max=9007199254740991):number>")
def one(number: int) -> str:
    """The story of a call."""
    return _call_page(number, {})


@blueprint.post("/<int(max=9007199254740991):number>/note")
def note(number: int) -> AnyResponse:
    """What the owner has to say about it."""
    here = the_box()
    if here.store.call(number) is None:
        abort(404)
    written = asked.lines("note", LONGEST_NOTE)
    here.store.write(WriteNote(number, written))
    flash(_("Your note is kept.") if written else _("The note is gone."), "good")
    return redirect(url_for("calls.one", number=number))


@blueprint.post("/<int(max=9007199254740991):number>/done")
def done(number: int) -> AnyResponse:
    """It is dealt with, or not after all."""
    here = the_box()
    if here.store.call(number) is None:
        abort(404)
    here.store.write(Reopen(number) if request.form.get("do") == "reopen" else MarkDone((number,), here.now))
    return redirect(asked.back("calls.show") if "back" in request.form else url_for("calls.one", number=number))


@blueprint.get("/caller")
def caller() -> str:
    """One caller's history."""
    here = the_box()
    number = _number(here)
    figures = here.store.caller_figures(number)
    known = people.book_of(here, [number]).find(number)
    if figures is None and known is None:
        abort(404)
    history = here.store.calls(limit=HISTORY, caller=number)
    notes = [call for call in history if call.note]
    return render_template(
        "calls/caller.html", number=number, figures=figures, known=known, calls=history, notes=notes, shown=HISTORY
    )


@blueprint.post("/block")
def block() -> AnyResponse:
    """A number is never forwarded again, or is after all."""
    here = the_box()
    number = _number(here)
    shown = people.shown(here, number)
    if request.form.get("do") == "release":
        still = people.unblock(here, number)
        if still is None:
            flash(_("%(number)s is not blocked any more.", number=shown), "good")
        else:
            flash(
                _("%(number)s is still blocked, by “%(rule)s”.", number=shown, rule=still.name or still.rule), "careful"
            )
    else:
        otherwise = people.block(here, number, asked.text("name", 80))
        if otherwise is None:
            flash(_("%(number)s is blocked and is never forwarded again.", number=shown), "good")
        else:
            rule = otherwise.name or otherwise.rule
            flash(_("The settings say something else of %(number)s: “%(rule)s”.", number=shown, rule=rule), "careful")
    return redirect(asked.back("calls.show"))


def _call_page(number: int, mistakes: dict[str, list[str]]) -> str:
    here = the_box()
    found = here.store.call(number)
    if found is None:
        abort(404)
    known = people.book_of(here, [found.caller]).find(found.caller)
    call = people.named(here, [found])[0]
    others = [one for one in here.store.calls(limit=4, caller=call.caller) if one.id != call.id] if call.caller else []
    return render_template(
        "calls/call.html",
        call=call,
        steps=list(story.steps(call)),
        known=known,
        others=others[:3],
        longest=LONGEST_NOTE,
        mistakes=mistakes,
    )


def _number(box: Box) -> str:
    """The number a request is about, as the log has it."""
    number = people.meant(asked.text("number", 60), box.settings.dial_plan)
    if number is None:
        abort(404 if request.method == "GET" else 400)
    return number


def _midnight(box: Box, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), box.zone)


def _by_day(box: Box, calls: Sequence[CallRecord]) -> list[tuple[str, list[CallRecord]]]:
    """Calls under the day they came, as it is called."""
    today = box.local.date()
    days = []
    for date, group in itertools.groupby(calls, lambda call: call.started_at.astimezone(box.zone).date()):
        name = {0: _("today"), 1: _("yesterday")}.get((today - date).days)
        days.append((f"{name}, {words.day(date)}" if name else words.day(date), list(group)))
    return days


# --- the table ---------------------------------------------------------------------------------


def _table(box: Box, wanted: Wanted) -> Iterator[str]:
    """The lines of the file: with a mark and semicolons, as spreadsheets of the country expect it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(
        [
            _("Day"), _("Time of day"), _("Line"), _("Number"), _("Name"), _("Outcome"), _("Reason"), _("Target"),
            _("Plan"), _("Rings"), _("Seconds spoken"), _("Dealt with"), _("Note"),
        ]
    )  # fmt: skip
    yield "\ufeff" + buffer.getvalue()
    outcomes = outcome_words()
    before = None
    while calls := box.store.find_calls(wanted, AT_ONCE, before):
        before = calls[-1].id
        buffer.seek(0)
        buffer.truncate()
        for call in people.named(box, calls):
            writer.writerow(map(_cell, _row(box, call, outcomes)))
        yield buffer.getvalue()


def _row(box: Box, call: CallRecord, outcomes: dict[str, str]) -> list[Any]:
    local = call.started_at.astimezone(box.zone)
    spoken = story.talk_seconds(call)
    return [
        f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}", call.line,
        words.number(call.caller) or (_("number withheld") if call.withheld else ""), call.caller_name or "",
        outcomes.get(call.outcome or "", call.outcome), story.missed_because(call), call.target or "", call.plan or "",
        call.rings, "" if spoken is None else round(spoken), _("yes") if call.done_at else "", call.note or "",
    ]  # fmt: skip


def _cell(value: object) -> object:
    """A text that a spreadsheet does not take for a formula, whoever wrote it."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def outcome_words() -> dict[str, str]:
    """What became of calls, in a word."""
    return {
        "missed": _("missed"),
        "forwarded": _("forwarded"),
        "answered_here": _("answered here"),
        "voicemail": _("left a message"),
        "blocked": _("blocked"),
    }
