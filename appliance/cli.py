"""The command line, `rufweiche`. Exit status: 0 done, 1 failed, 2 wrong input. Errors go to stderr, one line each.

Each command imports what it needs when it is called: the engine stays small, and a status is quickly said.
"""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, NoReturn
from zoneinfo import ZoneInfo

import click

from appliance import __version__, reports
from appliance.core import obeyed, texts
from appliance.core.errors import RufweicheError, UserError
from appliance.core.numbers import as_written
from appliance.core.plan import decide
from appliance.core.records import Message
from appliance.core.settings import Settings, from_json
from appliance.ports.clock import monotonic, wall
from appliance.store.database import Store

FAILED, WRONG_INPUT = 1, 2
LARGEST_FILE = 1_000_000
"""Bytes of a settings file; real ones have a few thousand."""

Command = Callable[..., None]


def state_option(command: Command) -> Command:
    """`--state DIR`, or RUFWEICHE_STATE."""
    return click.option(
        "--state",
        required=True,
        envvar="RUFWEICHE_STATE",
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder that holds settings, calls and texts.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.datetime | None:
    """An option's value as a point in time, ISO 8601; naive where no offset was given."""
    try:
        return dt.datetime.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r:.40} is no time; write it like 2026-12-24T10:00", ctx, param) from None


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

    content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise UserError(f"{file.name} is no settings file: it is larger than {LARGEST_FILE} bytes")
    checked = check_file(content)
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
        _echo_exactly(to_toml(_settings(store), with_secrets))


# --- what is and what was ----------------------------------------------------------------------


@cli.command()
@state_option
@json_option
def status(state: Path, as_json: bool) -> None:
    """Lines, diversions, the plan that applies now, waiting texts."""
    from appliance.status import engine_lines
    from appliance.status import status as describe

    with Store.open(state) as store:
        said = describe(_settings(store), engine_lines(state, monotonic()), store.message_counts(), wall())
    if as_json:
        _echo_exactly(reports.as_json(said))
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
        zone = _zone(store)
        found = store.calls(since=_aware(since, zone) if since else None, limit=limit)
    if as_json:
        _echo_exactly(reports.as_json([reports.call_row(call, zone) for call in found]))
    else:
        click.echo(reports.calls_text(found, zone))


@cli.command()
@state_option
@json_option
def messages(state: Path, as_json: bool) -> None:
    """The texts, newest first: queued, sent, failed."""
    with Store.open(state) as store:
        zone, found = _zone(store), store.messages()
    if as_json:
        _echo_exactly(reports.as_json([reports.message_row(message, zone) for message in found]))
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
    with Store.open(state) as store:
        settings = _settings(store)
    if line is not None and settings.line_named(line) is None:
        names = ", ".join(line.name for line in settings.line)
        raise UserError(f"there is no line {line!r}; there are: {names}")
    withheld = caller == "withheld"
    number = None if withheld else as_written(caller, settings.dial_plan)
    if number is None and not withheld:
        raise UserError(f"{caller[:40]!r} is no phone number; give one, or the word withheld")
    when = _aware(at, ZoneInfo(settings.business.timezone)) if at else wall()
    decision, missing = decide(settings, number, withheld, when, line=line), obeyed.not_yet(settings)
    if as_json:
        _echo_exactly(reports.as_json(reports.explain_row(decision, missing)))
    else:
        click.echo(reports.explain_text(decision, missing))


@cli.command("send-test")
@state_option
@click.option("--to", metavar="NUMBER", help="A mobile; else the owner's.")
def send_test(state: Path, to: str | None) -> None:
    """Queue a test text."""
    with Store.open(state) as store:
        settings = _settings(store)
        number = _mobile(to, settings) if to is not None else settings.business.owner_mobile
        text = texts.test(settings.business.language, settings.business.name)
        store.queue_message(Message(uid=uuid.uuid4().hex, kind="test", to=number, text=text, created_at=wall()))
    if settings.texting_line() is None:
        click.echo("warning: no line can send texts", err=True)
    click.echo(f"Test text to {number} queued.")


# --- the engine --------------------------------------------------------------------------------


@cli.command()
@state_option
def run(state: Path) -> None:
    """The call engine: the only process that opens modems."""
    from appliance.engine import run_engine

    run_engine(state)


@cli.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Of the web page.")
@click.option(
    "--state",
    envvar="RUFWEICHE_STATE",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what happens in this folder; else it is forgotten afterwards.",
)
def demo(port: int, state: Path | None) -> None:
    """The whole product on simulated lines."""
    from appliance.demo import run_demo

    run_demo(state, port)


@cli.command()
@state_option
def doctor(state: Path) -> None:
    """Find modems, ask what they can do, say what is wrong and what to do about it."""
    from appliance.doctor import run_doctor

    raise click.exceptions.Exit(run_doctor(state))


# --- shared ------------------------------------------------------------------------------------


def _echo_exactly(text: str) -> None:
    """Print what programs read: UTF-8 whatever the terminal is said to know, so that nothing is lost."""
    click.echo(text.encode(errors="replace"), nl=False)


def _stored(store: Store) -> Settings | None:
    stored = store.load_settings()
    return from_json(stored[1]) if stored else None


def _settings(store: Store) -> Settings:
    settings = _stored(store)
    if settings is None:
        raise RufweicheError("there are no settings yet: store some with rufweiche provision FILE.toml --state DIR")
    return settings


def _zone(store: Store) -> dt.tzinfo:
    settings = _stored(store)
    return ZoneInfo(settings.business.timezone) if settings else dt.UTC


def _aware(at: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _mobile(written: str, settings: Settings) -> str:
    from appliance.core.dialable import Refusal, text_number
    from appliance.core.mistakes import sentence

    number = text_number(written, settings.business.country, settings.own_numbers())
    if isinstance(number, Refusal):
        raise UserError(f"--to: {sentence(number.value, settings.business.language)}")
    return number


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
