"""The commands about the page: serving it, and letting its owner in again."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from appliance.cli_shared import state_option
from appliance.core.errors import UserError
from appliance.ports import clock
from appliance.ports.notify import Notifier


@click.command()
@state_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option(
    "--https-port",
    type=click.IntRange(1, 65535),
    help="Serve the page by HTTPS, too, on this port, with a certificate made here.",
)
def web(state: Path, host: str, port: int, https_port: int | None) -> None:
    """The web page. On sockets that systemd hands over, --host and the ports do not count."""
    from web import lean

    lean.leave_out()  # before anything imports Flask
    from web.clock import Clock
    from web.serve import serve

    serve(state, Clock(clock.wall, clock.monotonic, clock.boot_id), Notifier(), host, port, https_port)


@click.command("reset-password")
@state_option
def reset_password(state: Path) -> None:
    """Set a new password for the page; whoever is logged in there is logged out. Reads it from stdin, unseen."""
    from appliance.store.page import PageStore
    from web import claim

    password = getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if claim.weakness(password):
        raise UserError(f"please choose a password of {claim.SHORTEST} to {claim.LONGEST} characters, not a simple one")
    with PageStore.open(state, create=True) as store:
        claim.set_password(store, password)
        store.end_sessions()
    click.echo("Password stored.")


COMMANDS = (web, reset_password)
