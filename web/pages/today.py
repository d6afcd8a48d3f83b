"""Today: is it working, who rings now, what was, what needs the owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import stats, timetable
from appliance.core.settings import Settings
from appliance.store.changes import ClearOverride, MarkDone, SetOverride
from web import people, words
from web.box import Box, the_box
from web.catalogues import _
from web.fragments import pulse_fragment
from web.standing import matters, standing

blueprint = Blueprint("today", __name__)

LATELY = dt.timedelta(minutes=1)
"""How long ago a call ended of which screen readers are told what became of it."""
SHOWN = 8
"""Calls that Today shows; the page Calls has all."""
STEPS = {
    "deflecting": "answering",
    "confirming": "calling",
    "joining": "calling",
    "fetching": "calling",
    "left alone": "here",
}
"""Which step of a live call (core/call) Today shows, where it is not named after the state itself."""


@blueprint.get("/")
def show() -> str | AnyResponse:
    """The page; while the box is being set up, that."""
    here = the_box()
    if here.progress.is_under_way:
        return redirect(url_for("setup.start"))
    override = here.override
    is_away = override is not None and override.plan == here.settings.timetable.away
    return render_template("today/show.html", **_facts(here), settings=here.settings, is_away=is_away)


@blueprint.get("/today/live")
def live() -> Response:
    """The part that changes by itself."""
    return pulse_fragment(lambda: render_template("today/_live.html", **_facts(the_box())))


def _facts(here: Box) -> dict[str, Any]:
    settings = here.settings
    midnight = here.local.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = (midnight - dt.timedelta(days=midnight.weekday())).replace(tzinfo=here.zone)
    week = here.store.hours(since=monday)
    today = stats.Tally.of([hour for hour in week if hour.hour * 3600 >= midnight.timestamp()]).figures()
    share = stats.Tally.of(week).figures()["missed_share"]
    return {
        "local": here.local,
        "standing": standing(here),
        "matters": list(matters(here)),
        "live_calls": _live_calls(here, settings),
        "today": today,
        "share": share,
        "usual": stats.USUAL_MISSED_SHARE,
        "calls": people.named(here, here.store.calls(limit=SHOWN)),
        "lately": here.now - LATELY,
        "override": here.override,
        "can_leave": settings.timetable.away is not None or len(settings.plan) > 1,
        "waiting": here.store.message_counts()["queued"],
    }


def _live_calls(here: Box, settings: Settings) -> list[dict[str, Any]]:
    calls = [(line, line["call"]) for line in here.lines or () if isinstance(line.get("call"), dict)]
    numbers = [call.get("caller") for _line, call in calls]
    book = people.book_of(here, (number for number in numbers if isinstance(number, str)))
    shown = []
    for line, call in calls:
        caller, plan = call.get("caller"), settings.plan_named(str(call.get("plan")))
        state = str(call.get("state"))
        shown.append(
            {
                "caller": caller if isinstance(caller, str) else None,
                "name": book.name(caller) if isinstance(caller, str) else None,
                "line": line.get("name"),
                "rings": call["rings"] if isinstance(call.get("rings"), int) else 0,
                "of": plan.answer_after_rings if plan else None,
                "state": state,
                "step": STEPS.get(state, state),
                "target": call.get("target"),
            }
        )
    return shown


# --- what can be done here ---------------------------------------------------------------------


@blueprint.post("/today/away")
def away() -> AnyResponse:
    """Another plan from now on, or the timetable again."""
    here = the_box()
    settings = here.settings
    if request.form.get("do") == "back":
        here.store.write(ClearOverride())
        flash(_("The timetable decides again."), "good")
        return redirect(url_for("today.show"))
    plan = request.form.get("plan") or settings.timetable.away
    if plan is None or settings.plan_named(plan) is None:
        abort(400)
    until, chosen = None, request.form.get("until", "")
    if chosen == "time":
        until = timetable.until(request.form.get("time", "")[:40], here.local)
        if until is None or until.astimezone(dt.UTC) <= here.now:
            flash(_("Please give a time that is still to come, like 15:00."), "bad")
            return redirect(url_for("today.show"))
    elif chosen == "today":
        until = timetable.until("24:00", here.local)
    here.store.write(SetOverride(plan, until, "page", here.now))
    if until:
        said = _("“%(plan)s” applies until %(until)s.", plan=plan, until=words.moment(until))
    else:
        said = _("“%(plan)s” applies until you end it.", plan=plan)
    flash(said, "good")
    return redirect(url_for("today.show"))


@blueprint.post("/today/done")
def done() -> AnyResponse:
    """A missed call is dealt with."""
    number = request.form.get("call", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        abort(400)
    here = the_box()
    here.store.write(MarkDone((int(number),), here.now))
    return redirect(url_for("today.show"))
