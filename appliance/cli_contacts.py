"""The commands about callers: who is known, who is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from msgspec.structs import asdict

from appliance import reports
from appliance.cli_shared import echo_exactly, json_option, settings_of, state_option
from appliance.core.callers import CallerBook
from appliance.core.contacts import Contact
from appliance.core.errors import UserError
from appliance.core.numbers import as_written, prefix_as_written
from appliance.core.settings import BLOCKED, Settings
from appliance.store.database import Store

if TYPE_CHECKING:
    from appliance.core.contact_files import Dialling, Gathered

BY_HAND = "block"
"""The source of contacts that somebody blocked one by one."""
_SHOWN = 20
_ENTRIES = {"vcard": "card", "fritzbox": "contact"}


@click.command("import-contacts")
@click.argument("file", type=click.File("rb"))
@state_option
@click.option("--preview", is_flag=True, help="Show what would be imported, and store nothing.")
def import_contacts(file: IO[bytes], state: Path, preview: bool) -> None:
    """Take contacts from a CSV file, vCards or a FRITZ!Box phone book.

    They replace those of the last file of the same kind.
    """
    from appliance.core import contact_import
    from appliance.core.contact_files import MOST_BYTES, UnreadableFile

    content = file.read(MOST_BYTES + 1)
    with Store.open(state) as store:
        settings = settings_of(store)
        try:
            found = contact_import.read(content, _dialling(settings))
            if not found.contacts:
                raise UnreadableFile("no_numbers")
        except UnreadableFile as error:
            raise UserError(f"{file.name}: {error.in_language(settings.business.language)}") from None
        _take(store, found.source, found.contacts, found, preview)


@click.command("import-blocklist")
@click.argument("file", type=click.File("rb"))
@state_option
@click.option("--preview", is_flag=True, help="Show what would be imported, and store nothing.")
def import_blocklist(file: IO[bytes], state: Path, preview: bool) -> None:
    """Block the numbers of a list: one a line, a beginning followed by *, or any file of contacts.

    They replace those of the last list.
    """
    from appliance.core import blocklist
    from appliance.core.contact_files import MOST_BYTES, UnreadableFile

    content = file.read(MOST_BYTES + 1)
    with Store.open(state) as store:
        settings = settings_of(store)
        try:
            contacts, found = blocklist.read(content, _dialling(settings))
        except UnreadableFile as error:
            raise UserError(f"{file.name}: {error.in_language(settings.business.language)}") from None
        _take(store, blocklist.SOURCE, contacts, found, preview)


@click.command()
@click.argument("number")
@state_option
@click.option("--name", default="", help="Who it is.")
def block(number: str, state: Path, name: str) -> None:
    """Never forward this caller again; NUMBER may be the beginning of numbers, followed by *."""
    with Store.open(state) as store:
        settings = settings_of(store)
        meant = _number(number, settings)
        name = " ".join(name.split())[:80]
        if not name.isprintable() and name:
            raise UserError("--name: please leave out control characters")
        store.put_contact(Contact(meant, name, BLOCKED, source=BY_HAND))
        known = CallerBook(settings.caller, store.contacts()).find(meant.removesuffix("*"))
    click.echo(f"{meant} is blocked.")
    if known and not known.is_blocked and not meant.endswith("*"):
        click.echo(f"warning: the settings decide otherwise: {known.rule}", err=True)


@click.command()
@click.argument("number")
@state_option
def unblock(number: str, state: Path) -> None:
    """Take back a block, also one of an imported list."""
    from appliance.core import blocklist

    with Store.open(state) as store:
        settings = settings_of(store)
        meant = _number(number, settings)
        removed = [store.remove_contact(meant, source) for source in (BY_HAND, blocklist.SOURCE)]
        known = CallerBook(settings.caller, store.contacts()).find(meant)
    if known and known.is_blocked:
        raise UserError(f"{meant} is still blocked, by {known.rule}")
    if not any(removed):
        raise UserError(f"{meant} is not blocked")
    click.echo(f"{meant} is not blocked any more.")


@click.command()
@state_option
@json_option
def contacts(state: Path, as_json: bool) -> None:
    """Who is known besides the callers in the settings, and from which source."""
    with Store.open(state) as store:
        found = store.contacts()
    if as_json:
        echo_exactly(reports.as_json([asdict(contact) for contact in found]))
    else:
        click.echo(reports.contacts_text(found))


COMMANDS = (import_contacts, import_blocklist, block, unblock, contacts)


def _take(store: Store, source: str, contacts: Sequence[Contact], found: Gathered, preview: bool) -> None:
    if preview:
        click.echo(reports.contacts_text(contacts[:_SHOWN]))
        more = f", of which these are the first {_SHOWN}" if len(contacts) > _SHOWN else ""
        click.echo(f"{len(contacts)} contacts{more}; nothing was stored.")
    else:
        count = store.replace_contacts(source, contacts)
        click.echo(f"{count} contacts stored, in place of the last ones of this kind ({source}).")
    language = settings_of(store).business.language
    entry = _ENTRIES.get(found.source, "line")
    for remark in found.remarks[:_SHOWN]:
        click.echo(f"warning: {entry} {remark.entry}: {remark.in_language(language)}", err=True)
    if len(found.remarks) > _SHOWN:
        click.echo(f"warning: and {len(found.remarks) - _SHOWN} more like these", err=True)


def _dialling(settings: Settings) -> Dialling:
    """Numbers without an area code are of the place where the first line with one is."""
    from appliance.core.contact_files import Dialling
    from appliance.core.dialable import area_code  # brings the number library

    areas = filter(None, map(area_code, settings.own_numbers()))
    return Dialling(settings.dial_plan, next(areas, None), [plan.name for plan in settings.plan])


def _number(written: str, settings: Settings) -> str:
    plan = settings.dial_plan
    if not written.endswith("*"):
        number = as_written(written, plan)
    else:
        prefix = prefix_as_written(written[:-1], plan)
        if prefix and f"+{plan.country_code}".startswith(prefix):
            raise UserError(f"{written[:40]!r} would concern everybody")
        number = f"{prefix}*" if prefix else None
    if number is None:
        raise UserError(f"{written[:40]!r} is no phone number")
    return number
