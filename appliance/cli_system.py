"""The commands about the box itself: a bundle for whoever helps."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli_shared import state_option
from appliance.ports.clock import wall


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@state_option
def support(file: Path, state: Path) -> None:
    """Write FILE (.zip or .tar.gz) for somebody who helps: no secrets, no whole number, no texts."""
    from appliance import support as bundle

    at = wall()
    bundle.write(bundle.bundle(state, at), file, at)
    click.echo(f"{file}: send it to whoever helps you; it holds no secrets and no whole phone number.")


COMMANDS = (support,)
