"""What the commands have in common: their options, and what they ask of a store first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import click

from appliance.core.errors import RufweicheError, UserError
from appliance.core.settings import Settings, from_json
from appliance.core.timetable import FIRST_YEAR, LAST_YEAR
from appliance.store.database import Store

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
    if value is None:
        return None
    try:
        at = dt.datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r:.40} is no time; write it like 2026-12-24T10:00", ctx, param) from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise click.BadParameter(f"{value!r:.40} is not within the years {FIRST_YEAR} to {LAST_YEAR}", ctx, param)
    return at


def month_of(ctx: click.Context, param: click.Parameter, value: str | None) -> dt.datetime | None:
    """An option's value as a month: its first moment, naive."""
    if value is None:
        return None
    try:
        at = dt.datetime.strptime(value, "%Y-%m")  # noqa: DTZ007 - local to the business
    except ValueError:
        raise click.BadParameter(f"{value!r:.40} is no month; write it like 2026-12", ctx, param) from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise click.BadParameter(f"{value!r:.40} is not within the years {FIRST_YEAR} to {LAST_YEAR}", ctx, param)
    return at


def echo_exactly(text: str) -> None:
    """Print what programs read: UTF-8 whatever the terminal is said to know, so that nothing is lost."""
    click.echo(text.encode(errors="replace"), nl=False)


def read_bounded(file: IO[bytes], most: int, what: str) -> bytes:
    """The content of a file the user named. Raises UserError where it is larger than `most` bytes."""
    content = file.read(most + 1)
    if len(content) > most:
        raise UserError(f"{file.name} is no {what}: it is larger than {most} bytes")
    return content


def stored_settings(store: Store) -> Settings | None:
    """The settings, None before there are any."""
    stored = store.load_settings()
    return from_json(stored[1]) if stored else None


def settings_of(store: Store) -> Settings:
    """The settings. Raises RufweicheError before there are any."""
    settings = stored_settings(store)
    if settings is None:
        raise RufweicheError("there are no settings yet: store some with rufweiche provision FILE.toml --state DIR")
    return settings


def zone_of(store: Store) -> dt.tzinfo:
    """The time zone of the business; UTC before there are settings."""
    settings = stored_settings(store)
    return ZoneInfo(settings.business.timezone) if settings else dt.UTC


def aware(at: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """A point in time the user gave; without an offset it is local to the business."""
    return at if at.tzinfo else at.replace(tzinfo=zone)
