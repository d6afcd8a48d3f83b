"""Texts that came: listed, put together, handed on, and deleted only when whoever keeps them says so (27.005 3.4, 3.5).

Parts of a longer text stay in the module until all are there, so that nothing is lost between two of them.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from appliance.at import replies
from appliance.at.command import Command, Priority, Reply
from appliance.at.pdu import Received, decode_deliver, decode_report
from appliance.core import events
from appliance.core.errors import PduError
from appliance.lines.scripts import Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

log = logging.getLogger(__name__)

LIST_ALL = 4
"""27.005 4.1 `stat` in PDU mode: every text."""
_RECEIVED = (0, 1)
"""The same: unread and read. 2 and 3 are texts somebody wrote on this SIM: left alone."""
_Key = tuple[str | None, int, int]


def fetch(line: GsmLine) -> Script:
    """List what is stored; hand on whole texts, throw away what is none."""
    reply: Reply = yield Command(f"AT+CMGL={LIST_ALL}", limit=15.0, any_text=True, priority=Priority.TEXT)
    parts: dict[_Key, dict[int, tuple[int, Received]]] = defaultdict(dict)
    pdus: dict[int, str] = {}
    for index, pdu in _listed(reply.lines):
        if line.handed_on.get(index) == pdu:
            continue  # listed a second time before it could be deleted: two texts came in one breath
        try:
            received = decode_deliver(pdu)
        except PduError as error:
            log.warning("%s: deleting something stored that is no text: %s", line.name, error)
            yield _delete(index)
            continue
        if received.part is None:
            line.handed_on[index] = pdu
            _hand_on(line, (index,), [received])
        else:
            key = (received.number, received.part.reference, received.part.total)
            parts[key][received.part.number] = (index, received)
            pdus[index] = pdu
    for (_, _, total), found in parts.items():
        if len(found) == total:
            whole = [found[number] for number in sorted(found)]
            line.handed_on |= {index: pdus[index] for index, _ in whole}
            _hand_on(line, tuple(index for index, _ in whole), [received for _, received in whole])


def delete(line: GsmLine, indexes: tuple[int, ...]) -> Script:
    """These have been kept elsewhere."""
    for index in indexes:
        reply: Reply = yield _delete(index)
        if reply.ok:
            line.handed_on.pop(index, None)


def arrived_at_once(line: GsmLine, pdu: str) -> None:
    """+CMT: a text that the module does not store."""
    try:
        _hand_on(line, (), [decode_deliver(pdu)])
    except PduError as error:
        log.warning("%s: something came that is no text: %s", line.name, error)


def report(line: GsmLine, pdu: str) -> None:
    """+CDS: what became of a text that was sent."""
    try:
        told = decode_report(pdu)
    except PduError as error:
        log.warning("%s: something came that is no status report: %s", line.name, error)
        return
    if told.delivered is not None:
        number = line.e164(told.number, None) if told.number else None
        line.emit(events.TextReport(line.name, told.reference, number, told.delivered))


def _listed(lines: tuple[str, ...]) -> list[tuple[int, str]]:
    """+CMGL: index,stat,[alpha],length and the PDU on the next line, pair after pair."""
    found = []
    for head, pdu in pairwise(lines):
        if head.startswith("+CMGL:") and not pdu.startswith("+CMGL:"):
            index, stat = replies.index_and_stat(head)
            if index is not None and stat in _RECEIVED:
                found.append((index, pdu.strip()))
    return found


def _hand_on(line: GsmLine, indexes: tuple[int, ...], parts: list[Received]) -> None:
    first = parts[0]
    sender = line.e164(first.number, None) or first.number if first.number else None
    text = "".join(part.text for part in parts)
    if first.is_data:
        text = ""
    line.emit(events.TextReceived(line.name, sender, text, first.sent_at, indexes))


def _delete(index: int) -> Command:
    return Command(f"AT+CMGD={index}", limit=10.0, priority=Priority.TEXT)
