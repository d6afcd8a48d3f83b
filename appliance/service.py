"""`rufweiche run`: the engine in the real world, under the service manager's eyes, until it is told to stop."""

from __future__ import annotations

import gc
import logging
import signal
from pathlib import Path

from appliance.announcer import Announcer, speaks
from appliance.engine import Engine
from appliance.heart import Heart
from appliance.panel_child import PanelChild
from appliance.recovery import before_start
from appliance.store.database import Store
from appliance.store.live import Live
from appliance.timekeeper import Timekeeper


def run_engine(state: Path) -> None:
    """`rufweiche run`: serve until SIGTERM or SIGINT. Raises StoreError, AlreadyRunning."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    from appliance.ports.clock import boot_id
    from appliance.ports.notify import Notifier
    from appliance.ports.timesource import MachineClock, set_clock
    from appliance.ports.world import RealWorld

    before_start(state)
    with Store.open(state, create=True, wait=0.02) as store:
        live = Live(state, boot_id())
        world, notifier = RealWorld(), Notifier()
        panel = PanelChild(state, world.now())
        try:
            engine = Engine(
                store,
                world,
                live,
                lambda kept, writer: Timekeeper(kept, writer, MachineClock(), set_clock, boot_id()),
                Announcer(state),
            )
            heart = Heart(notifier, lambda: engine.seats)

            def stop(*_: object) -> None:
                heart.stopping()
                engine.stop()

            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, stop)
            signal.set_wakeup_fd(world.wake_fd)
            gc.freeze()  # what is there now stays: no collection in a call has to look at it

            warm = False

            def beat(now: float) -> None:
                nonlocal warm
                heart.beat(now)
                panel.tick(now)
                if not warm and engine.settings and speaks(engine.settings):
                    warm = world.studio is not None  # it takes seconds to start on a small box: not in a call

            engine.run(beat)
        finally:
            panel.stop()
            signal.set_wakeup_fd(-1)
            notifier.close()
            live.close()
            world.close()
