"""The safety net: diversions in the network that take calls while the box is off, busy or hung (27.007 7.11, 22.082).

An OK to +CCFC proves nothing: each diversion is read back, and counts only as it is read. A diversion that is
not ours, usually the operator's mailbox, is shown and left alone, unless the net needs its place.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec import Struct

from appliance.at import replies
from appliance.at.command import Command
from appliance.at.replies import Forwarding
from appliance.core import events
from appliance.lines.scripts import Part, Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

log = logging.getLogger(__name__)

FIRST_AFTER = 3.0
"""Seconds after start-up: a call that waits for the box comes first."""
DAILY = 24 * 3600.0
AGAIN_SOON = 20.0
"""Seconds until the next attempt after one that a call or a missing network cut short."""
UNCONFIRMED_AGAIN = (60.0, 600.0, 3600.0)
"""Seconds until the next attempt while the net is not confirmed; then hourly."""
CCFC_WITHIN = 30.0
"""Seconds; it asks the network, and 25 have been seen."""
NO_REPLY_SECONDS = 30
"""The longest no-reply time there is (22.082 3.2.1): the box answers well before."""
VOICE = 1

REASONS = {"always": 0, "busy": 1, "no_reply": 2, "unreachable": 3}
"""27.007 7.11 `reason`."""


class Diversion(Struct, frozen=True):
    """One diversion as the network has it. `confirmed`: read back as active. `ours`: to the safety net."""

    when: str
    to: str | None
    confirmed: bool
    ours: bool


def check(line: GsmLine, former: str | None = None) -> Script:
    """Read all four, set what the safety net needs and lacks, erase what it no longer wants (also `former`'s)."""
    if not line.facts.registered:
        line.plan_diversions(AGAIN_SOON)
        return
    net = line.config.safety_net
    found: list[Diversion] = []
    for when in REASONS:
        row = yield from _query(line, when)
        wanted = when in line.config.wanted_diversions
        if wanted and not _stands(line, row, net, when):
            yield _ccfc(f'{REASONS[when]},3,"{net}",145,1' + (f",,,{NO_REPLY_SECONDS}" if when == "no_reply" else ""))
            row = yield from _query(line, when)
        elif not wanted and row and _number(line, row) in (line.config.our_numbers | {former} - {None}):
            yield _ccfc(f"{REASONS[when]},4")
            row = yield from _query(line, when)
        if not line.idle:
            line.plan_diversions(AGAIN_SOON)
            return
        if wanted:
            found.append(Diversion(when, net, _stands(line, row, net, when), ours=True))
        elif row:
            found.append(Diversion(when, _number(line, row), confirmed=True, ours=False))
    _conclude(line, found)


def erase_all(line: GsmLine) -> Script:
    """Take back every diversion, whoever set it (reason 4: all of them), then set ours again."""
    yield _ccfc("4,4")
    yield from check(line)


def erase(line: GsmLine, when: str) -> Script:
    """Erase a diversion (27.007 7.11, mode 4); check() then says whether it is gone."""
    yield _ccfc(f"{REASONS[when]},4")


def _conclude(line: GsmLine, found: list[Diversion]) -> None:
    facts = line.facts
    missing = [diversion.when for diversion in found if diversion.ours and not diversion.confirmed]
    lapsed = facts.net_confirmed is True and bool(missing)
    facts.diversions = found
    facts.net_confirmed = not missing if line.config.safety_net else None
    if missing:
        pauses = UNCONFIRMED_AGAIN
        line.plan_diversions(pauses[min(line.net_tries, len(pauses) - 1)])
        line.net_tries += 1
    else:
        line.net_tries = 0
        line.plan_diversions(DAILY)
    if line.config.safety_net:
        reason = "not active: " + ", ".join(missing) if missing else "all read back"
        log.info("%s: safety net %s", line.name, reason)
        line.emit(events.SafetyNetChecked(line.name, not missing, lapsed, reason))
    line.emit(events.DiversionsChecked(line.name))
    line.changed()


def _query(line: GsmLine, when: str) -> Part:
    """The active voice diversion for this case, None if there is none (or the network did not say)."""
    if not line.idle:
        return None
    reply = yield _ccfc(f"{REASONS[when]},2")
    rows = replies.ccfc(reply.lines)
    return next((row for row in rows if row.active and row.classes & VOICE), None)


def _stands(line: GsmLine, row: Forwarding | None, net: str | None, when: str) -> bool:
    """Is it active, to the net, and, without reply, not earlier than the box needs?"""
    if row is None or _number(line, row) != net:
        return False
    return when != "no_reply" or row.seconds in (None, NO_REPLY_SECONDS)


def _number(line: GsmLine, row: Forwarding) -> str | None:
    return line.e164(row.number, row.number_type)


def _ccfc(arguments: str) -> Command:
    return Command(f"AT+CCFC={arguments}", limit=CCFC_WITHIN, prefixes=("+CCFC:",))
