"""Serve the sample box, to look at: `python -m tests.web.serve_sample PORT [--as-owner] [--new] [--english]`.

By HTTPS it is at the next port. `--as-owner` asks for no password, for pictures; `--new` is a box nobody has set up.
Its engine lives as long as this.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path

from appliance.ports import clock
from tests.web import sample
from web import login, machine
from web.clock import Clock
from web.factory import create_app
from web.serve import open_secure_door, server_for


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for option in ("--as-owner", "--new", "--english"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("--run", type=Path, help="what a box made from the image says, in place of /run/rufweiche-box")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rufweiche-sample-") as folder:
        state = Path(folder)
        if chosen.new:
            (state / "setup-code").write_text(sample.CODE)
        else:
            sample.fill(state, sample.SETTINGS.replace('"de"', '"en"') if chosen.english else sample.SETTINGS)
        machine.RUN = chosen.run or machine.RUN
        watch = sample.FixedClock()
        app = create_app(state, Clock(lambda: watch.now, clock.monotonic, lambda: "boot"))
        if chosen.as_owner:
            owner = login.Session(1, "", watch.now, watch.now, "192.168.178.20", "Pictures")
            login._find = lambda: owner  # type: ignore[assignment]
        lines, more = ([], {"found": [sample.FOUND]}) if chosen.new else ([sample.LINE], {})
        stop = threading.Event()

        def live() -> None:
            while not stop.wait(2):
                sample.show_live(state, clock.monotonic(), lines, **more)

        sample.show_live(state, clock.monotonic(), lines, **more)
        threading.Thread(target=live, daemon=True).start()
        watched: dict[int, object] = {}
        server = server_for(app, "127.0.0.1", chosen.port, watched=watched)
        open_secure_door(app, state, server, watched, port=chosen.port + 1)
        try:
            server.run()
        finally:
            stop.set()


if __name__ == "__main__":
    main()
