"""The commands about the box itself: backups, the nightly round, its health, a bundle for whoever helps, its front
panel and its network."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from appliance.cli_shared import state_option, stored_settings
from appliance.core.errors import RufweicheError, StoreDamaged, UserError
from appliance.core.requests import RESTART
from appliance.ports.clock import monotonic, wall
from appliance.store.database import Store
from appliance.store.live import AlreadyRunning

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@state_option
@click.option("--without-secrets", is_flag=True, help="Leave out PINs, passwords and code words.")
def backup(file: Path, state: Path, without_secrets: bool) -> None:
    """Write a consistent copy of everything to FILE (.zip), also while the engine runs."""
    from appliance.store.backup import save

    save(state, file, wall(), secrets=not without_secrets)
    click.echo(f"{file}: {file.stat().st_size // 1024} kB.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@state_option
def restore(file: Path, state: Path) -> None:
    """Check a backup and put it in place; while the engine runs, at its next start."""
    from appliance.store import backup as backups

    try:
        contents = backups.restore(file, state, wall())
        done = "Restored"
    except AlreadyRunning:
        contents = backups.leave(file, state)
        with Store.open(state) as store:
            store.ask(RESTART, {}, wall())
        done = "Checked; the engine restores it when it starts anew, which it was asked to do"
    made = contents.made_at.astimezone(
        ZoneInfo(contents.settings.business.timezone) if contents.settings else contents.made_at.tzinfo
    )
    click.echo(f"{done}: {contents.calls} calls, {contents.contacts} contacts, made {made:%Y-%m-%d %H:%M}.")


@click.command()
@state_option
@click.option(
    "--copy-to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also keep the newest backup there, without secrets: a place that any PC can read.",
)
def maintain(state: Path, copy_to: Path | None) -> None:
    """The nightly round: check the database, delete what is old, keep a dated backup."""
    from appliance.maintenance import Maintenance
    from appliance.status import clock_known

    at = wall()
    try:
        with Store.open(state) as store:
            settings = stored_settings(store)
    except (StoreDamaged, UserError):
        settings = None  # what the round is for; that only dates the backup, of which there is none then
    local = at.astimezone(ZoneInfo(settings.business.timezone)) if settings else at
    maintenance = Maintenance(state, click.echo)
    if not maintenance.run(local, clock_known(state, monotonic(), at), copy_to):
        raise RufweicheError("; ".join(maintenance.problems))


@click.command()
@state_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page is.")
@click.option("--port", default=80, show_default=True, type=click.IntRange(0, 65535), help="Of the page; 0: not asked.")
@click.option("--within", default=0.0, metavar="SECONDS", type=click.FloatRange(0, 3600), help="Wait so long for it.")
@click.option("--remember", is_flag=True, help="Note the lines in service instead, to compare with after an update.")
def health(state: Path, host: str, port: int, within: float, remember: bool) -> None:
    """Is the box well: engine alive, page answers, lines as before? Exit status 0 if so, else 1."""
    from appliance import health as check

    if remember:
        names = check.remember(state)
        click.echo(f"In service: {', '.join(names) or 'no line'}.")
        return
    if found := check.wait(state, host, port, within, click.echo):
        raise check.Unwell("; ".join(found))
    click.echo("All is well.")


@click.command()
@click.argument("file", type=_FILE)
@state_option
def support(file: Path, state: Path) -> None:
    """Write FILE (.zip or .tar.gz) for somebody who helps: no secrets, no whole number, no texts."""
    from appliance import support as bundle

    at = wall()
    bundle.write(bundle.bundle(state, at), file, at)
    click.echo(f"{file}: send it to whoever helps you; it holds no secrets and no whole phone number.")


@click.command()
@state_option
def panel(state: Path) -> None:
    """The lights and the button: a process beside the engine, where there are pins."""
    from appliance.front_panel import run_panel

    raise click.exceptions.Exit(run_panel(state))


@click.command()
@state_option
def network(state: Path) -> None:
    """The hotspot, the address, the clock: a process beside the engine, on the box."""
    from appliance.network_watch import run_network

    raise click.exceptions.Exit(run_network(state))


COMMANDS = (backup, restore, maintain, health, support, panel, network)
