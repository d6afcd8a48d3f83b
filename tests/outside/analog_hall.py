"""The box with a landline, and with GSM modules that have sound: what is plugged in, and the settings for it."""

import json
import os
import signal
from pathlib import Path

from .analog import AnalogModem
from .analog_kinds import CONEXANT, Kind
from .analog_pcm import PcmModem
from .analog_port import Caller, Site
from .box import DESK, OWNER, SECOND, Box, until
from .wire import all_on_time

# the targets as they are dialled within Germany
NATIONAL, NATIONAL_SECOND = "0301111111", "0892223344"
ANALOG, STICK = "landline", "stick"


class Hall:
    def __init__(self, folder: Path):
        self.folder, self.box, self.modems = folder, Box(folder), []
        self.box.asked = lambda: all(modem.sent("AT", self.box.started) for modem in self.modems)

    def landline(self, kind: Kind = CONEXANT, site: Site | None = None, ppm: float = 0.0, **state) -> AnalogModem:
        modem = AnalogModem(self.folder / f"ttyLandline{len(self.modems)}", kind, site, ppm, **state)
        self.modems.append(modem)
        return modem

    def stick(self, ppm: float = 0.0, **state) -> PcmModem:
        modem = PcmModem(self.folder / f"ttyStick{len(self.modems)}", ppm=ppm, **state)
        self.modems.append(modem)
        return modem

    def settings(self, *, rings: int = 1, chain: tuple[str, ...] = ("desk",), otherwise: str = "hang-up",
                 site: str = '"fritzbox"', forward_by: tuple[str, ...] = ("flash",), ring_seconds: int = 25,
                 line: str = "", missed: str = "off", confirm: bool = False, more: str = "") -> str:  # fmt: skip
        """One line per modem: the landlines `landline`, `landline2`, the modules `stick`, `stick2`."""
        lines, counted = "", {ANALOG: 0, STICK: 0}
        for modem in self.modems:
            analog = isinstance(modem, AnalogModem)
            name = ANALOG if analog else STICK
            counted[name] += 1
            mine = forward_by if modem is self.modems[0] else ("transfer", "conference")
            if analog and modem is not self.modems[0]:
                mine = ("flash",)
            own = "+498912345" if analog else f"+49151700000{counted[name]}"
            lines += f'[[line]]\nname = "{name}{counted[name] if counted[name] > 1 else ""}"\nkind = '
            lines += f'"{"analog" if analog else "gsm"}"\nport = "{modem.link}"\nnumber = "{own}"\n'
            lines += f"forward_by = {json.dumps(mine)}\n"
            lines += f"site = {site}\n" if analog else f'audio_port = "{modem.pcm.link}"\n'
            lines += line + "\n" if modem is self.modems[0] else ""
        targets = "".join(
            f'[[target]]\nname = "{name}"\nnumber = "{number}"\nring_seconds = {ring_seconds}\n'
            f"confirm = {str(confirm).lower()}\n"
            for name, number in (("desk", DESK), ("second", SECOND))
        )
        return f"""
[business]
name = "Tischlerei Muster"
timezone = "Europe/Berlin"
country = "DE"
owner_mobile = "{OWNER}"
{lines}
{targets}
[[plan]]
name = "open"
answer_after_rings = {rings}
chain = {json.dumps(chain)}
otherwise = "{otherwise}"
[timetable]
otherwise = "open"
[messages]
missed = "{missed}"
{more}
"""

    def up(self, **changes) -> Box:
        self.box.provisioned(self.settings(**changes))
        self.box.start()
        self.ready()
        return self.box

    def ready(self, within: float = 25) -> None:
        until(
            lambda: self.box.asked() and all(line["state"] == "ready" for line in self.box.json("status")["lines"]),
            within,
            "every line ready",
        )
        all_on_time()

    def children(self) -> list[int]:
        """The engine's child processes."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except OSError:
                    continue
                if parent == self.box.engine.pid:
                    found.append(int(entry.name))
        return found

    def kill_children(self) -> list[int]:
        children = self.children()
        for child in children:
            os.kill(child, signal.SIGKILL)
        return children

    def down(self) -> None:
        self.box.stop_with(self.modems)


def gone(caller: Caller, within: float = 15) -> Caller:
    until(lambda: caller.gone, within, "the caller's call over")
    return caller


def talking(caller: Caller, within: float = 10, nth: int = 0) -> float:
    """The moment he was put through to the box, or back to it."""
    until(lambda: caller.states.count("talking") > nth, within, "answered")
    return caller.when("talking", nth)
