"""The commands about what was kept: statistics, costs, texts that came, everything about one number, shown or deleted;
and a duty handed over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from appliance import reports
from appliance.cli_shared import aware, echo_exactly, json_option, moment, month_of, settings_of, state_option, zone_of
from appliance.core.errors import UserError
from appliance.core.numbers import as_written
from appliance.core.records import Received
from appliance.core.roster import Handover
from appliance.core.settings import Settings
from appliance.ports.clock import wall
from appliance.store.changes import SaveHandover
from appliance.store.database import Store


@click.command()
@state_option
@json_option
@click.option("--since", callback=moment, help="Count calls from this time on; else those of a year.")
def stats(state: Path, as_json: bool, since: dt.datetime | None) -> None:
    """Calls by outcome, hour, weekday and target; the missed share."""
    from appliance.statistics_report import stats_report, stats_text

    with Store.open(state) as store:
        zone = zone_of(store)
        report = stats_report(store, aware(since, zone) if since else None, wall(), zone)
    echo_exactly(reports.as_json(report) if as_json else stats_text(report) + "\n")


@click.command()
@state_option
@json_option
@click.option("--month", "of", metavar="YYYY-MM", callback=month_of, help="Another month than this one.")
def costs(state: Path, as_json: bool, of: dt.datetime | None) -> None:
    """What forwarding and texts cost in a month, with the tariffs of the settings; this one, and what it will cost."""
    from appliance.core.costs import forecast, month
    from appliance.housekeeping import month_bill

    with Store.open(state) as store:
        settings, zone, now = settings_of(store), zone_of(store), wall()
        begin, _ = month(aware(of, zone) if of else now, zone)
        bill = month_bill(store, settings, begin)
    is_now = begin == month(now, zone)[0]
    expected = forecast(bill.ct, now, zone) if is_now else None
    report = reports.costs_row(bill, begin, expected)
    echo_exactly(reports.as_json(report) if as_json else reports.costs_text(report) + "\n")


@click.command()
@click.argument("number")
@state_option
@click.option("--csv", "as_csv", is_flag=True, help="One table for a spreadsheet instead of JSON.")
def export(number: str, state: Path, as_csv: bool) -> None:
    """Everything that is kept about a number."""
    from appliance.export import export_csv, export_json

    with Store.open(state) as store:
        meant = _number(number, settings_of(store))
        found = store.export(meant)
    echo_exactly(export_csv(meant, found) if as_csv else export_json(meant, found))


@click.command()
@click.argument("number")
@state_option
@json_option
def erase(number: str, state: Path, as_json: bool) -> None:
    """Delete everything about a number; what it had asked for with STOP stays in force."""
    with Store.open(state) as store:
        erased = store.erase(_number(number, settings_of(store)))
    if as_json:
        echo_exactly(reports.as_json(erased))
        return
    rows = [(kind.replace("_", " "), str(count)) for kind, count in erased.items() if count]
    click.echo(reports.table(rows) or "Nothing was kept about this number.")
    if erased.get("in_progress"):
        click.echo("A call or a text with it is under way: erase it once more when that has ended.")
    if erased.get("settings"):
        click.echo("The settings name it: only you can take it out there.")


def _number(written: str, settings: Settings) -> str:
    """One whole number; what is meant as a pattern would be looked for as it stands, and "nothing found" would lie."""
    number = as_written(written, settings.dial_plan)
    if number is None or number.endswith("*") or not any(map(str.isdigit, number)):
        raise UserError(f"{written!r:.40} is no phone number; give a whole one")
    return number


@click.command()
@state_option
@json_option
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
def inbox(state: Path, as_json: bool, limit: int | None) -> None:
    """The texts that came, newest first."""
    with Store.open(state) as store:
        zone, found = zone_of(store), store.inbox(limit)
    if as_json:
        echo_exactly(reports.as_json([_inbox_row(one, zone) for one in found]))
        return
    rows = [(f"{one.received_at.astimezone(zone):%Y-%m-%d %H:%M}", one.sender, one.kind, one.text) for one in found]
    click.echo(reports.table(rows) or "No texts.")


def _inbox_row(one: Received, zone: dt.tzinfo) -> dict[str, object]:
    return {
        "id": one.id,
        "line": one.line,
        "received_at": one.received_at.astimezone(zone).isoformat(timespec="milliseconds"),
        "sent_at": one.sent_at.astimezone(zone).isoformat(timespec="milliseconds") if one.sent_at else None,
        "from": one.sender,
        "text": one.text,
        "kind": one.kind,
    }


@click.command()
@click.argument("giver", metavar="FROM")
@click.argument("taker", metavar="TO")
@state_option
@click.option("--from", "starts", metavar="TIME", required=True, callback=moment, help="Like 2026-12-24T10:00.")
@click.option("--until", "ends", metavar="TIME", required=True, callback=moment, help="Like 2026-12-25T10:00.")
def swap(giver: str, taker: str, state: Path, starts: dt.datetime, ends: dt.datetime) -> None:
    """Let the target TO take over whenever the roster has FROM on call in that time."""
    with Store.open(state) as store:
        settings, zone, now = settings_of(store), zone_of(store), wall()
        for name in (giver, taker):
            if settings.target_named(name) is None:
                names = ", ".join(target.name for target in settings.target)
                raise UserError(f"there is no target {name[:40]!r}; there are: {names}")
        if giver == taker:
            raise UserError("FROM and TO are the same target")
        if all(shift.target != giver for shift in settings.roster):
            raise UserError(f"{giver} has no shift on the roster that could be taken over")
        begin, end = aware(starts, zone), aware(ends, zone)
        if end.astimezone(dt.UTC) <= max(begin.astimezone(dt.UTC), now):
            raise UserError("--until: it must come after --from, and not be past")
        store.write(SaveHandover(Handover(giver, taker, begin, end, now)))
    click.echo(f"{taker} takes over from {giver}: {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}.")


COMMANDS = (stats, costs, export, erase, inbox, swap)
