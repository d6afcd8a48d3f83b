"""Sending a text: part by part, each AT+CMGS a transaction, never while a call rings or is up (27.005 3.5.1, 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at import replies
from appliance.at.command import Command, End, Priority, Reply
from appliance.at.pdu import encode_submit
from appliance.core import actions, events
from appliance.core.errors import PduError
from appliance.core.outbox import Verdict, cms_verdict
from appliance.lines.scripts import LateAnswer, Part, Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

CONFIRM_WITHIN = 60.0
"""Seconds the network has to take a text (contract: then it is `unknown`)."""


def send(line: GsmLine, action: actions.SendText) -> Script:
    """Send the parts still to go; one event tells how it ended."""
    try:
        pdus = encode_submit(action.to, action.text, reference=sum(action.uid.encode()) % 256)
    except PduError as error:
        line.emit(events.TextFailed(line.name, action.uid, str(error), final=True, parts_sent=action.skip_parts))
        return
    sent = action.skip_parts
    command: Command | None = None
    unconfirmed = False
    try:
        for pdu in pdus[sent:]:
            if not line.idle or not line.started:
                line.emit(events.TextDeferred(line.name, action.uid, sent))
                return
            command = Command(
                f"AT+CMGS={pdu.length}",
                limit=CONFIRM_WITHIN,
                prefixes=("+CMGS:",),
                body=pdu.hex,
                priority=Priority.TEXT,
            )
            line.last_text = (command, action.uid, sent == len(pdus) - 1)
            reply: Reply = yield command
            unconfirmed = reply.body_sent and not reply.answered
            if not (yield from _went(line, action.uid, reply, sent)):
                return
            unconfirmed = False
            line.last_reference = _reference(reply)
            sent += 1
        line.emit(events.TextSent(line.name, action.uid, line.last_reference))
    except GeneratorExit:
        # the modem is gone: before the body left it is as if nothing had been, afterwards nobody knows
        if unconfirmed or (command and line.session.body_was_sent(command)):
            line.emit(events.TextUnknown(line.name, action.uid))
        else:
            line.emit(events.TextDeferred(line.name, action.uid, sent))
        raise


def leaving(line: GsmLine, command: Command) -> None:
    """The body of a text is among the bytes that go out next."""
    if line.last_text and line.last_text[0] is command:
        line.emit(events.TextLeaving(line.name, line.last_text[1]))


def late(line: GsmLine, command: Command) -> None:
    """+CMGS after we had stopped waiting: the text, if that was its last part, did go out."""
    if line.last_text and line.last_text[0] is command and line.last_text[2]:
        line.emit(events.TextSent(line.name, line.last_text[1]))


def _reference(reply: Reply) -> int | None:
    """+CMGS: mr, the number a status report will bear (27.005 4.3); None where its answer came late."""
    return replies.first_number(reply.lines[-1]) if reply.lines else None


def _went(line: GsmLine, uid: str, reply: Reply, sent: int) -> Part:
    """Did this part go out? If not, the event has been said."""
    if reply.ok and reply.body_sent:
        return True
    if reply.body_sent and not reply.answered:
        if reply.result == End.GIVEN_UP and (yield LateAnswer(reply.command, CONFIRM_WITHIN)):
            return True
        line.emit(events.TextUnknown(line.name, uid))
    elif reply.result == End.GIVEN_UP and not line.idle:
        line.emit(events.TextDeferred(line.name, uid, sent))
    else:
        verdict = cms_verdict(reply.cms)
        if verdict is Verdict.MEND_STORAGE:
            line.fetch_texts()  # each is deleted once it has been kept
        error = reply.result if reply.answered else "the modem did not ask for the text"
        line.emit(events.TextFailed(line.name, uid, error, verdict is Verdict.FINAL, sent))
    return False
