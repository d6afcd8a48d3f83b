"""The commands about what callers hear."""

from __future__ import annotations

import json
from pathlib import Path

import click

from appliance.announcer import FOLDER
from appliance.cli_shared import settings_of, state_option
from appliance.core.errors import UserError
from appliance.core.spoken import NAMES, sentence
from appliance.store.database import Store

name_argument = click.argument("name", type=click.Choice(NAMES))


@click.group()
def announcement() -> None:
    """What callers and targets hear: sentences that are spoken here, or WAV files of your own."""


@announcement.command("list")
@state_option
def show(state: Path) -> None:
    """Each of them, and whether it is spoken or your own."""
    from appliance.audio import prompts

    with Store.open(state) as store:
        settings = settings_of(store)
    waiting = prompts.stale(state / FOLDER, settings)
    for name in NAMES:
        own = name not in waiting and prompts.is_own(state / FOLDER, name)
        spoken = f"“{sentence(name, settings)}”" + (" (not made yet)" if name in waiting else "")
        click.echo(f"{name:<14}{'your own WAV' if own else spoken}")


@announcement.command("set")
@state_option
@name_argument
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what came of it, also where it is refused.")
def bring(state: Path, name: str, file: Path, as_json: bool) -> None:
    """Use this WAV; it is checked, converted to 8 kHz and brought to the usual level.

    One for `voicemail` must say that a recording is made: recording anybody who was not told is a crime.
    """
    from appliance.audio import prompts

    with Store.open(state) as store:
        settings_of(store)
    try:
        seconds = prompts.bring(state / FOLDER, name, file)
    except UserError as error:
        if as_json:
            click.echo(json.dumps({"refused": getattr(error, "code", None)}))
        raise
    click.echo(json.dumps({"seconds": seconds}) if as_json else f"{name}: {seconds:.1f} s of your own.")


@announcement.command("forget")
@state_option
@name_argument
def forget(state: Path, name: str) -> None:
    """Do without your own WAV: the sentence is spoken again."""
    from appliance.audio import prompts

    with Store.open(state) as store:
        settings = settings_of(store)
    prompts.forget(state / FOLDER, name)
    prompts.ensure(state / FOLDER, settings)
    click.echo(f"{name}: spoken.")


COMMANDS = (announcement,)
