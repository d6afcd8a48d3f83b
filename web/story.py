"""One call as a story: what happened, one step after the other, with the reason for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from msgspec import Struct

from appliance.core.records import Attempt, CallRecord
from web import rules, words
from web.catalogues import _, ngettext

METERED = frozenset(["conference", "bridge"])
"""Ways of forwarding in which the box stays in the call, and knows when it ends."""


class Step(Struct, frozen=True):
    """What happened. `sign`: of ui/symbols.html. `kind`: good, careful, bad, quiet. `at`: where that is known."""

    text: str
    sign: str
    kind: str = "quiet"
    why: str = ""
    at: dt.datetime | None = None


def steps(call: CallRecord) -> Iterator[Step]:
    """The story of a call."""
    yield Step(_("A call on the line “%(line)s”", line=call.line), "ring", why=_number(call), at=call.started_at)
    why = rules.reason(call.decided_by, call.rule)
    if call.decided_by == "blocked":
        yield Step(_("Not forwarded"), "blocked", why=why)
    elif call.plan:
        yield Step(_("Plan “%(plan)s”", plan=call.plan), "week", why=why)
    if call.rings:
        yield Step(ngettext("rang once", "rang %(num)d times", call.rings), "ring")
    for attempt in call.attempts:
        yield _attempt(attempt)
    yield from _end(call)
    if call.told_at is not None:
        yield Step(_("You were told of it, or are being told"), "texts", at=call.told_at)
    if call.done_at is not None:
        yield Step(_("Dealt with"), "ok", "good", at=call.done_at)


def talk_seconds(call: CallRecord) -> float | None:
    """How long caller and target spoke; None: nobody knows, since the call was given away, or nobody did."""
    if call.outcome != "forwarded" or call.method not in METERED or not (call.answered_at and call.ended_at):
        return None
    return max((call.ended_at - call.answered_at).total_seconds(), 0.0)


def missed_because(call: CallRecord) -> str:
    """Why nobody spoke with the caller."""
    if call.reason == "gave_up_ringing":
        return ngettext("hung up after %(num)d ring", "hung up after %(num)d rings", call.rings)
    return {
        "gave_up_forwarding": _("hung up while being forwarded"),
        "nobody_reached": _("nobody picked up"),
        "line_lost": _("the line was lost"),
        "restart": _("the box was restarted"),
    }.get(call.reason or "", "")


def _number(call: CallRecord) -> str:
    if call.caller:
        return _("The number %(number)s was shown.", number=words.number(call.caller))
    if call.withheld:
        return _("The caller withheld the number.")
    return _("No number was shown.")


def _attempt(attempt: Attempt) -> Step:
    target = attempt.target or _("a number that was erased")
    seconds = round(attempt.seconds)
    result, sign, kind = {
        "answered": (_("%(target)s picked up", target=target), "here", "good"),
        "busy": (_("%(target)s was busy", target=target), "busy", "careful"),
        "no_answer": (_("%(target)s did not pick up", target=target), "missed", "careful"),
        "refused": (_("The network refused the call to %(target)s", target=target), "blocked", "bad"),
        "caller_gone": (_("The caller hung up while %(target)s was called", target=target), "missed", "bad"),
    }.get(attempt.result, (_("%(target)s could not be reached", target=target), "warn", "bad"))
    told = [words.number(attempt.number)] if attempt.number else []
    if seconds:
        told.append(ngettext("rang for %(num)d second", "rang for %(num)d seconds", seconds))
    if attempt.method:
        told.append(_way(attempt.method))
    if attempt.mailbox_like:
        told.append(_("it was perhaps a mailbox that answered"))
    return Step(result, sign, kind, " · ".join(told))


def _way(method: str) -> str:
    return {
        "deflect": _("by deflection while it rang"),
        "transfer": _("by transfer in the network"),
        "conference": _("by conference"),
        "bridge": _("through the box"),
        "flash": _("by hook-flash"),
    }.get(method, method)


def _end(call: CallRecord) -> Iterator[Step]:
    if call.outcome is None:
        yield Step(_("The call is still going on"), "busy", "busy")
        return
    if call.outcome == "forwarded":
        text = _("Connected with %(target)s", target=call.target or _("a number that was erased"))
        yield Step(text, "forwarded", "good", at=call.answered_at)
        spoken = talk_seconds(call)
        if spoken is not None:
            yield Step(_("They spoke for %(time)s", time=words.span(spoken)), "clock", at=call.ended_at)
        else:
            yield Step(_("Given away; the line was free again"), "clock", at=call.ended_at)
        return
    if call.outcome == "answered_here":
        yield Step(_("Somebody picked up here"), "here", "good", at=call.ended_at)
    elif call.outcome == "voicemail":
        long = words.span(call.message_seconds) if call.message_seconds else ""
        why = _("It is %(time)s long.", time=long) if long else ""
        yield Step(_("The caller left a message"), "voicemail", "careful", why, call.ended_at)
    elif call.outcome == "missed":
        perhaps = _("Perhaps somebody picked up here: this line cannot tell.") if call.perhaps_answered else ""
        because = missed_because(call)
        text = _("Missed: %(reason)s", reason=because) if because else _("Missed")
        yield Step(text, "missed", "bad", perhaps, call.ended_at)
    else:
        yield Step(_("The call was over"), "clock", at=call.ended_at)
