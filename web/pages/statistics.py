"""Statistics: how many calls ended how, by hour, weekday and day; from counts that hold no numbers."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template

from appliance.core import stats
from web import asked, plots, rules, words
from web.box import Box, the_box
from web.catalogues import _
from web.plots import Bar, Plot
from web.tallies import NONE, Figures, Kept, Tallies

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")

SPANS = {"month": 28, "quarter": 91, "year": 364}
"""Days, whole weeks, that end with today."""
_kept = Kept()


@blueprint.get("/")
def show() -> str:
    """The page."""
    here = the_box()
    span = asked.one_of("span", SPANS) or "month"
    first = here.local.date() - dt.timedelta(days=SPANS[span] - 1)
    found = _kept.since(here, first)
    by_week = span != "month"
    series = _weeks(found, first, here) if by_week else _days(found, first, here)
    hours = [(f"{hour:02}:00", one) for hour, one in enumerate(found.hours)]
    weekdays = list(zip(rules.day_names(), found.weekdays, strict=True))
    usual = stats.USUAL_MISSED_SHARE
    return render_template(
        "statistics/show.html",
        span=span,
        spans=[("month", _("4 weeks")), ("quarter", _("3 months")), ("year", _("1 year"))],
        first=first,
        by_week=by_week,
        total=found.total,
        usual=usual,
        share_plot=_shares(series),
        usual_height=round(plots.height_of(usual, 1.0), 1),
        plots=[
            ("hours", _("By hour of the day"), _("Hour"), _counts(hours, 3), hours),
            ("weekdays", _("By weekday"), _("Weekday"), _counts(weekdays, 1), weekdays),
        ],
        series=series,
        targets=found.targets,
    )


def _days(found: Tallies, first: dt.date, here: Box) -> list[tuple[str, Figures]]:
    """Each day, also those without calls."""
    days = [first + dt.timedelta(days=nth) for nth in range((here.local.date() - first).days + 1)]
    return [(words.day(day), found.days.get(day, NONE)) for day in days]


def _weeks(found: Tallies, first: dt.date, here: Box) -> list[tuple[str, Figures]]:
    """Each week, also those without calls, by the number people give it."""
    weeks, day = [], first - dt.timedelta(days=first.weekday())
    while day <= here.local.date():
        year, week, _weekday = day.isocalendar()
        weeks.append((_("Week %(number)d", number=week), found.weeks.get((year, week), NONE)))
        day += dt.timedelta(weeks=1)
    return weeks


def _counts(rows: list[tuple[str, Figures]], label_every: int) -> Plot:
    """Calls: those that met a human or a machine, and on top those that were missed."""
    bars = []
    for nth, (name, one) in enumerate(rows):
        missed = one["missed"]
        others = one["calls"] - missed - one["blocked"]
        title = _("%(name)s: %(calls)d calls, %(missed)d missed", name=name, calls=one["calls"], missed=missed)
        label = name.removesuffix(":00") if nth % label_every == 0 else ""
        bars.append(Bar(title, label, (others, missed)))
    return plots.plot(bars)


def _shares(rows: list[tuple[str, Figures]]) -> Plot:
    """The share of calls that were missed; where there were none, no bar."""
    every = max(len(rows) // 4, 1)
    bars = []
    for nth, (name, one) in enumerate(rows):
        share = one["missed_share"]
        title = f"{name}: {words.percent(share)}" if share is not None else f"{name}: –"
        bars.append(Bar(title, name if nth % every == every // 2 else "", (share or 0.0,)))
    return plots.plot(bars, top=1.0)
