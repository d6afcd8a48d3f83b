"""`rufweiche health`: is this box well? Asked after an update, which is taken back where the answer is no.

Well is: the engine gives its sign of life and has taken the settings, the page answers, and every line that was ready
before the update is ready again. A line that was down before is no reason to take anything back.
"""

from __future__ import annotations

import http.client
import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from appliance.core.errors import RufweicheError, StoreError
from appliance.ports import clock
from appliance.status import engine_lines
from appliance.store.changes import Keep
from appliance.store.database import Store

log = logging.getLogger(__name__)

BEFORE = "health.before"
"""In the store: the lines that were in service, as a JSON list of their names, when `remember` was called."""
IN_SERVICE = frozenset({"ready", "ringing", "in_call"})
LOOK_EVERY = 1.0
PAGE_WITHIN = 5.0


def remember(state: Path) -> list[str]:
    """Note the lines in service, for the comparison after an update; their names. Raises StoreError."""
    lines = engine_lines(state, clock.monotonic()) or []
    ready = [str(line["name"]) for line in lines if line["state"] in IN_SERVICE]
    with Store.open(state) as store:
        store.write(Keep(BEFORE, json.dumps(ready)))
    return ready


def complaints(state: Path, host: str, port: int) -> list[str]:
    """What is wrong now, a line each; empty: all is well. `port` 0: no page is asked."""
    found: list[str] = []
    lines = engine_lines(state, clock.monotonic())
    if lines is None:
        found.append("the engine gives no sign of life")
    else:
        found += _lines_missing(state, lines)
    if port and (problem := _page(host, port)):
        found.append(f"the page does not answer: {problem}")
    return found


def wait(state: Path, host: str, port: int, within: float, say: Callable[[str], None]) -> list[str]:
    """The same, once all is well or `within` seconds have passed. `say` hears of what is still awaited."""
    until, before = clock.monotonic() + within, None
    while (found := complaints(state, host, port)) and clock.monotonic() < until:
        if found != before:
            say("; ".join(found))
            before = found
        time.sleep(min(LOOK_EVERY, max(0.0, until - clock.monotonic())))
    return found


def _lines_missing(state: Path, lines: list[dict[str, object]]) -> list[str]:
    try:
        with Store.open(state) as store:
            kept, loaded = store.kept(BEFORE), store.load_settings()
        names = json.loads(kept or "[]")
    except (StoreError, ValueError) as error:
        return [f"the database cannot be read: {error}"]
    states: Mapping[str, object] = {str(line.get("name")): line.get("state") for line in lines}
    if loaded is not None and not lines:
        return ["the engine has not taken the settings"]
    missing = [name for name in names if name in states and states[name] not in IN_SERVICE]
    return [f"line {name} was ready before and is {states[name]} now" for name in missing]


def _page(host: str, port: int) -> str | None:
    """Why it does not answer as a page; None: it does (a login is an answer)."""
    connection = http.client.HTTPConnection(host, port, timeout=PAGE_WITHIN)
    try:
        connection.request("GET", "/", headers={"Host": "localhost" if host.startswith("127.") else host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        with suppress(OSError):
            connection.close()
    return f"status {status}" if status >= 400 else None


class Unwell(RufweicheError):
    """The box is not well; the text says why."""
