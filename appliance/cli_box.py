"""The commands that set a box up: settings from the boot partition, and images filled before they are written."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from appliance.cli_shared import state_option
from appliance.core.errors import RufweicheError, UserError

_WRONG_INPUT = 2
_LARGEST_SETTINGS, _LARGEST_TABLE = 1_000_000, 10_000_000
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@state_option
@click.option("--boot", type=click.Path(path_type=Path, file_okay=False, exists=True), help="The boot partition.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default="/",
    help="Of the system to set up.",
)
def firstboot(state: Path, boot: Path | None, root: Path) -> None:
    """Take in rufweiche.toml from the boot partition, and remove it from there."""
    from appliance.firstboot import boot_folder, take_in
    from appliance.machine import Machine

    where = boot or boot_folder()
    if where is None:
        raise UserError("there is no boot partition here; name it with --boot")
    rename = socket.sethostname if root == Path("/") else lambda name: None
    try:
        outcome = take_in(where, state, Machine(root), rename)
    except OSError as error:
        raise RufweicheError(f"{error.filename or where}: {error.strerror}") from error
    for mistake in outcome.mistakes:
        click.echo(mistake, err=True)
    if outcome.mistakes:
        raise click.exceptions.Exit(_WRONG_INPUT)
    click.echo("Done: " + ", ".join(outcome.done) if outcome.done else "There is no rufweiche.toml to take in.")


@click.command()
@state_option
def settle(state: Path) -> None:
    """Give the box the name and the Wi-Fi that were entered on the page."""
    from appliance.firstboot import boot_folder
    from appliance.machine import Machine
    from appliance.ports.network import NetworkManager
    from appliance.settling import carry_out

    try:
        told = carry_out(state, Machine(), NetworkManager(), boot=boot_folder())
    except OSError as error:
        raise RufweicheError(f"{error.filename or state}: {error.strerror}") from error
    click.echo(told or "Nothing is wished for.")


@click.command("image-prepare")
@click.argument("image", type=_FILE)
@click.option("--settings", "settings_file", type=_FILE, required=True, help="The settings, as for provision.")
@click.option(
    "--table", type=_FILE, help="A CSV file: a customer a row, a setting a column (business.name, line[0].pin)."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="The card to write; with --table, a folder for all of them."
)
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Also a sheet to print (HTML).")
def image_prepare(image: Path, settings_file: Path, table: Path | None, out: Path | None, sheet: Path | None) -> None:
    """Fill an image with settings before it is written to a card.

    Without --out the image itself is changed. With --table the folder gets a card and a sheet for each customer.
    """
    from appliance import cardsheet, imageprep

    if table is not None and out is None:
        raise UserError("--table needs --out FOLDER for the cards and sheets")
    if image.suffix == ".xz" and out is None:
        raise UserError("a packed image is not changed itself; say with --out where the card goes")
    rows = _bounded(table, _LARGEST_TABLE) if table is not None else None
    found, mistakes = imageprep.prepare(_bounded(settings_file, _LARGEST_SETTINGS), rows)
    for mistake in mistakes:
        click.echo(mistake, err=True)
    if mistakes:
        raise click.exceptions.Exit(_WRONG_INPUT)
    for one in found:
        card = image
        if out is not None and table is not None:
            out.mkdir(parents=True, exist_ok=True)
            card, sheet = out / f"card-{one.name}.img", out / f"sheet-{one.name}.html"
        elif out is not None:
            card = out
        if card != image:
            imageprep.copy_image(image, card)
        imageprep.fill(card, one.toml)
        if sheet is not None:
            sheet.write_text(cardsheet.sheet(one.settings, one.setup_code), encoding="utf-8")
        code = f", set-up code {one.setup_code}" if one.setup_code else ""
        click.echo(f"{card}: {one.settings.business.name or one.name}{code}")


def _bounded(file: Path, most: int) -> bytes:
    if file.stat().st_size > most:
        raise UserError(f"{file} is larger than {most} bytes")
    return file.read_bytes()


COMMANDS = (firstboot, settle, image_prepare)
