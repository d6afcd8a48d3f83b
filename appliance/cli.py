"""The command line, `rufweiche`. Exit status: 0 done, 1 failed, 2 wrong input. Errors go to stderr, one line each.

Each command imports what it needs when it is called: the engine stays small, and a status is quickly said.
"""

from __future__ import annotations

import datetime as dt
import itertools
import sys
import uuid
from pathlib import Path
from typing import IO, NoReturn
from zoneinfo import ZoneInfo

import click

from appliance import __version__, cli_box, cli_contacts, cli_records, cli_sound, cli_system, cli_web, reports
from appliance.cli_shared import (
    aware,
    echo_exactly,
    json_option,
    moment,
    read_bounded,
    settings_of,
    state_option,
    zone_of,
)
from appliance.core import network_ways, textcommands, texts, timetable
from appliance.core.callers import CallerBook
from appliance.core.errors import RufweicheError, UserError
from appliance.core.numbers import as_written
from appliance.core.plan import decide
from appliance.core.records import Message
from appliance.core.settings import Settings
from appliance.ports.clock import monotonic, wall
from appliance.store.changes import ClearOverride, SetOverride
from appliance.store.database import Store

FAILED, WRONG_INPUT = 1, 2
LARGEST_FILE = 1_000_000
"""Bytes of a settings file; real ones have a few thousand."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rufweiche")
def cli() -> None:
    """Answers calls nobody takes, forwards them to a human, and texts what was missed."""


# --- settings ----------------------------------------------------------------------------------


@cli.command()
@click.argument("file", type=click.File("rb"))
@state_option
def provision(file: IO[bytes], state: Path) -> None:
    """Check a settings file and store it: all of it or nothing."""
    from appliance.core.settings import to_json
    from appliance.core.settings_check import check_file  # brings the number library

    checked = check_file(read_bounded(file, LARGEST_FILE, "settings file"))
    for mistake in checked.mistakes:
        click.echo(mistake, err=True)
    for warning in checked.warnings:
        click.echo(f"warning: {warning}", err=True)
    if checked.settings is None:
        raise click.exceptions.Exit(WRONG_INPUT)
    with Store.open(state, create=True) as store:
        version = store.save_settings(to_json(checked.settings))
    click.echo(f"Settings stored (version {version}).")


@cli.command("show-settings")
@state_option
@click.option("--with-secrets", is_flag=True, help="Include PINs and passwords.")
def show_settings(state: Path, with_secrets: bool) -> None:
    """Print the settings as TOML."""
    from appliance.core.settings_file import to_toml

    with Store.open(state) as store:
        echo_exactly(to_toml(settings_of(store), with_secrets))


# --- what is and what was ----------------------------------------------------------------------


@cli.command()
@state_option
@json_option
def status(state: Path, as_json: bool) -> None:
    """Lines, diversions, the plan that applies now, waiting texts."""
    from appliance.status import clock_known, engine_lines
    from appliance.status import status as describe

    now, at = monotonic(), wall()
    with Store.open(state) as store:
        counts, override, known = store.message_counts(), store.override(), clock_known(state, now, at)
        said = describe(settings_of(store), engine_lines(state, now), counts, at, override, known)
    if as_json:
        echo_exactly(reports.as_json(said))
    else:
        click.echo(reports.status_text(said))


@cli.command()
@state_option
@json_option
@click.option("--since", metavar="TIME", callback=moment, help="Only calls that began then or later.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the newest so many.")
def calls(state: Path, as_json: bool, since: dt.datetime | None, limit: int | None) -> None:
    """The call log, newest first."""
    with Store.open(state) as store:
        zone = zone_of(store)
        found = store.calls(since=aware(since, zone) if since else None, limit=limit)
    if as_json:
        echo_exactly(reports.as_json([reports.call_row(call, zone) for call in found]))
    else:
        click.echo(reports.calls_text(found, zone))


@cli.command()
@state_option
@json_option
def messages(state: Path, as_json: bool) -> None:
    """The texts, newest first: queued, sent, failed."""
    with Store.open(state) as store:
        zone, found = zone_of(store), store.messages()
    if as_json:
        echo_exactly(reports.as_json([reports.message_row(message, zone) for message in found]))
    else:
        click.echo(reports.messages_text(found, zone))


@cli.command()
@state_option
@json_option
@click.option("--caller", required=True, metavar="NUMBER|withheld", help="Who calls.")
@click.option("--at", metavar="TIME", callback=moment, help="When, like 2026-12-24T10:00; else now.")
@click.option("--line", metavar="NAME", help="On which line.")
def explain(state: Path, as_json: bool, caller: str, at: dt.datetime | None, line: str | None) -> None:
    """What would happen to a call, and which rule decides it; nothing is dialled."""
    from appliance.status import clock_known

    with Store.open(state) as store:
        settings, override, handovers = settings_of(store), store.override(), store.duties()
        book = CallerBook(settings.caller, store.contacts())
    if line is not None and settings.line_named(line) is None:
        names = ", ".join(line.name for line in settings.line)
        raise UserError(f"there is no line {line!r}; there are: {names}")
    withheld = caller == "withheld"
    number = None if withheld else as_written(caller, settings.dial_plan)
    if number is None and not withheld:
        raise UserError(f"{caller[:40]!r} is no phone number; give one, or the word withheld")
    when = aware(at, ZoneInfo(settings.business.timezone)) if at else wall()
    known = at is not None or clock_known(state, monotonic(), when)
    decision = decide(
        settings, number, withheld, when, override, line, book=book, handovers=handovers, clock_known=known
    )
    if as_json:
        echo_exactly(reports.as_json(reports.explain_row(decision)))
    else:
        click.echo(reports.explain_text(decision))


# --- what is to be -----------------------------------------------------------------------------


@cli.command()
@state_option
@click.argument("plan", metavar="PLAN|away|all|off")
@click.option("--until", "written", metavar="TIME", help="When it ends: 14:00, the next such time, or ISO 8601.")
def override(state: Path, plan: str, written: str | None) -> None:
    """Let a plan apply from now on, before timetable, closures and holidays; `off` ends that.

    `away` is the plan the timetable names for that; `all` forwards every call.
    """
    with Store.open(state) as store:
        settings, now = settings_of(store), wall()
        if plan == "off":
            if written is not None:
                raise UserError("--until does not go with off: the override ends now")
            store.write(ClearOverride())
            click.echo("No override: the timetable decides again.")
            return
        chosen = _plan(plan, settings)
        until = _until(written, now.astimezone(ZoneInfo(settings.business.timezone))) if written is not None else None
        store.write(SetOverride(chosen, until, "command", now))
    click.echo(f"Plan {chosen} applies until " + (f"{until:%Y-%m-%d %H:%M}." if until else "rufweiche override off."))


@cli.command("send-test")
@state_option
@click.option("--to", metavar="NUMBER", help="A mobile; else the owner's.")
def send_test(state: Path, to: str | None) -> None:
    """Queue a test text; one for the owner goes by e-mail and webhook, too, where they are set up."""
    with Store.open(state) as store:
        settings, at = settings_of(store), wall()
        number = _mobile(to, settings) if to is not None else settings.business.owner_mobile
        text = texts.test(settings.business.language, settings.business.name)
        others = network_ways.messages(settings.notify, "test", text, at) if to is None else ()
        for message in (Message(uuid.uuid4().hex, "test", number, text, at), *others):
            store.queue_message(message)
    if settings.texting_line() is None:
        click.echo("warning: no line can send texts", err=True)
    for to in (number, *(message.to for message in others)):
        click.echo(f"Test text to {to} queued.")


# --- the engine --------------------------------------------------------------------------------


@cli.command()
@state_option
def run(state: Path) -> None:
    """The call engine: the only process that opens modems."""
    from appliance.service import run_engine

    run_engine(state)


@cli.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Of the web page.")
@click.option(
    "--state",
    envvar="RUFWEICHE_STATE",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what happens in this folder; else it is forgotten afterwards.",
)
@click.option("--new", is_flag=True, help="Begin with a box that nobody has set up yet.")
def demo(port: int, state: Path | None, new: bool) -> None:
    """The whole product on simulated lines: a landline and a mobile stick, with the page and its panel."""
    from appliance.demo import run_demo

    run_demo(state, port, new)


@cli.command()
@state_option
@click.option("--try", "line", metavar="LINE", help="Guided test calls on an analog line.")
def doctor(state: Path, line: str | None) -> None:
    """Find modems, ask what they can do, say what is wrong and what to do about it."""
    if line is not None:
        from appliance.commissioning import Guide

        raise click.exceptions.Exit(0 if Guide(state, line).run() else FAILED)
    from appliance.doctor import run_doctor

    raise click.exceptions.Exit(run_doctor(state))


# --- shared --------------------------------------------------------------------------------------


def _plan(name: str, settings: Settings) -> str:
    """The plan of this name; "away" and "all" mean what they mean in a text, unless a plan is called so."""
    if settings.plan_named(name):
        return name
    if name == "all":
        everything = textcommands.forwarding_all(settings)
        if everything is None:
            raise UserError("no plan forwards anything: add targets to the chain of one in the settings")
        return everything.name
    if name != "away":
        names = ", ".join(plan.name for plan in settings.plan)
        raise UserError(f"there is no plan {name[:40]!r}; there are: {names}")
    if settings.timetable.away is None:
        raise UserError("which plan is meant by away is not set: add away to [timetable] in the settings")
    return settings.timetable.away


def _until(written: str, now: dt.datetime) -> dt.datetime:
    at = timetable.until(written, now)
    if at is None:
        raise UserError(f"--until: {written[:40]!r} is no time; write it like 14:00 or 2026-12-24T10:00")
    if at.astimezone(dt.UTC) <= now.astimezone(dt.UTC):
        raise UserError(f"--until: {at:%Y-%m-%d %H:%M} is past")
    return at


def _mobile(written: str, settings: Settings) -> str:
    from appliance.core.dialable import Refusal, text_number
    from appliance.core.mistakes import sentence

    number = text_number(written, settings.business.country, settings.own_numbers())
    if isinstance(number, Refusal):
        raise UserError(f"--to: {sentence(number.value, settings.business.language)}")
    return number


for command in itertools.chain.from_iterable(
    group.COMMANDS for group in (cli_box, cli_contacts, cli_records, cli_sound, cli_system, cli_web)
):
    cli.add_command(command)


def main() -> NoReturn:
    """The program's entry: runs a command and turns whatever a user can cause into one line and an exit status.

    A reader that closes the pipe early is click's affair: it ends us with 1, silently.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no umlauts still shows the rest
    try:
        status = cli.main(prog_name="rufweiche", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(WRONG_INPUT)
    except click.ClickException as error:
        _end(error.format_message(), WRONG_INPUT)
    except click.Abort:
        _end("interrupted", FAILED)
    except UserError as error:
        _end(str(error), WRONG_INPUT)
    except RufweicheError as error:
        _end(str(error), FAILED)
    except OSError as error:
        _end(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILED)


def _end(message: str, status: int) -> NoReturn:
    click.echo(f"rufweiche: {' '.join(message.split())}", err=True)
    sys.exit(status)
