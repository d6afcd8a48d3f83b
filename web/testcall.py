"""The test call of the set-up: what has happened so far, step by step, each with a verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from appliance.core.plan import Decision
from appliance.core.records import Attempt, CallRecord, Message
from web import undelivered, words
from web.catalogues import _, ngettext

RINGING = frozenset({"ringing", "deflecting", "answering"})
"""States of a live call (core/call) in which the caller still hears it ring."""
AT_THE_TARGET = frozenset({"calling", "confirming", "joining"})


class Verdict(Struct, frozen=True):
    """One step. `kind`: good, careful, bad, busy (happening), quiet (to come)."""

    kind: str
    text: str
    advice: str | None = None


class Test(Struct, frozen=True):
    """What is known of the call: it is going on (`call`, as the live file shows it) or over (`record`).

    `decision`: what its plan does with it. `has_voice`: whether its line can say something to the caller."""

    call: Mapping[str, Any] | None
    record: CallRecord | None
    text: Message | None
    decision: Decision
    has_voice: bool

    @property
    def rings(self) -> int:
        """After how many the box picks up, if it does."""
        return self.decision.answer_after_rings or 1

    @property
    def first_target(self) -> str | None:
        """Who is called first; None: nobody."""
        return next((target.name for target in self.decision.chain), None)

    @property
    def is_answered(self) -> bool:
        """Whether the box picks up: for somebody to call, or for something to say."""
        return bool(self.decision.chain) or (self.has_voice and self.decision.otherwise != "hang-up")

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.record is not None and (self.text is None or self.text.state not in ("queued", "sending"))

    def verdicts(self) -> list[Verdict]:
        """The steps in their order."""
        steps = [self._seen(), self._rings()]
        if self.decision.chain or (self.record and self.record.attempts):
            steps += [self._tried(), self._connected()]
        else:
            steps.append(self._nobody())
        steps.append(self._ended())
        return [*steps, self._texted()] if self.text is not None else steps

    # --- the steps -------------------------------------------------------------------------------

    def _seen(self) -> Verdict:
        caller = self.record.caller if self.record else self.call.get("caller") if self.call else None
        if caller:
            return Verdict("good", _("Call noticed, your number seen: %(number)s", number=_number(str(caller))))
        if self.record is not None:
            return Verdict(
                "careful",
                _("Call noticed, but without your number"),
                _("Your phone withholds its number, or the operator does not pass it on. Ask for “CLIP”."),
            )
        if self.call:
            return Verdict("busy", _("Call noticed, your number is still to come"))
        return Verdict("quiet", _("Call noticed, your number seen"))

    def _rings(self) -> Verdict:
        state = str(self.call.get("state")) if self.call else ""
        count = self.record.rings if self.record else int(self.call.get("rings") or 0) if self.call else 0
        if self.record is None and (not self.call or state in RINGING):
            if not self.is_answered:
                text = ngettext("%(num)d ring, not answered", "%(num)d rings, not answered", count)
                return Verdict("busy", text) if count else Verdict("quiet", _("It rings, and the box does not answer"))
            if not count:
                return Verdict(
                    "quiet", ngettext("%(num)d ring, then answered", "%(num)d rings, then answered", self.rings)
                )
            return Verdict("busy", _("Ring %(count)d of %(rings)d", count=count, rings=self.rings))
        if self._was_not_answered(count):
            text = ngettext("%(num)d ring, not answered", "%(num)d rings, not answered", count)
            if not self.is_answered and self.record and self.record.outcome == "missed":
                return Verdict("good", text)  # as the plan wants it
            return Verdict(
                "careful",
                text,
                _("You hung up before ring %(rings)d, or somebody picked up. Please try again.", rings=self.rings),
            )
        return Verdict("good", ngettext("%(num)d ring, answered", "%(num)d rings, answered", count))

    def _was_not_answered(self, count: int) -> bool:
        if self.record is None or self.record.attempts or self.record.outcome not in ("missed", "answered_here"):
            return False
        told = not self.decision.chain and self.is_answered and count >= self.rings  # heard an announcement
        return not (told and self.record.outcome == "missed")

    def _nobody(self) -> Verdict:
        plan = self.decision.plan
        if self.record is None:
            said = _("Plan “%(plan)s” applies now: nobody is called", plan=plan)
        else:
            said = _("Plan “%(plan)s” applied: nobody was called", plan=plan)
        return Verdict(
            "careful", said, _("Please test again when another plan applies, or enter somebody in this plan.")
        )

    def _tried(self) -> Verdict:
        attempts = self.record.attempts if self.record else []
        if not attempts:
            state = str(self.call.get("state")) if self.call else ""
            if state in AT_THE_TARGET:
                target = self.call.get("target") if self.call else None
                return Verdict("busy", _("%(target)s is being called", target=target or self.first_target or "…"))
            if state == "connected":
                return Verdict("good", _("somebody has picked up"))  # who, the call tells when it is over
            return Verdict("quiet", _("%(target)s is called", target=self.first_target or "…"))
        told = ", ".join(attempt_in_words(one) for one in attempts)
        if any(one.result == "answered" for one in attempts):
            return Verdict("good", told)
        if all(one.result in ("busy", "no_answer") for one in attempts):
            return Verdict("good", _("%(what)s; the call came back to you", what=told))
        return Verdict("bad", told, _("The network does not let the call through. The page “Device” shows why."))

    def _connected(self) -> Verdict:
        if self.record is None:
            if self.call and self.call.get("state") == "connected":
                return Verdict("busy", _("connected"))
            return Verdict("quiet", _("connected"))
        if self.record.outcome == "forwarded":
            return Verdict("good", _("connected with %(target)s", target=self.record.target or ""))
        return Verdict("careful", _("not connected"), _("Nobody picked up. Ask somebody to, and try again."))

    def _ended(self) -> Verdict:
        if self.record is None:
            return Verdict("quiet", _("end noticed, line free again"))
        if self.record.reason in ("line_lost", "restart"):
            return Verdict("bad", _("The line was lost during the call"), _("Please check the modem and its plug."))
        return Verdict("good", _("end noticed, line free again"))

    def _texted(self) -> Verdict:
        assert self.text is not None
        number = _number(self.text.to)
        if self.text.state == "delivered":
            return Verdict("good", _("text to your mobile %(number)s delivered", number=number))
        if self.text.state == "sent":
            return Verdict("good", _("text to your mobile %(number)s sent", number=number), _("Has it arrived?"))
        if self.text.state == "failed":
            why = undelivered.in_words(self.text.error)
            return Verdict("bad", _("text to your mobile %(number)s not sent", number=number), why)
        if self.text.state == "unknown":
            return Verdict("careful", _("text to your mobile %(number)s: not confirmed", number=number))
        return Verdict("busy", _("text to your mobile %(number)s on its way", number=number))


def attempt_in_words(attempt: Attempt) -> str:
    """ "Büro Berlin besetzt", "Anna nimmt ab (11 s)"."""
    facts: dict[str, object] = {"target": attempt.target, "seconds": round(attempt.seconds)}
    return {
        "answered": _("%(target)s picks up after %(seconds)d s", **facts),
        "busy": _("%(target)s is busy", **facts),
        "no_answer": _("%(target)s does not pick up in %(seconds)d s", **facts),
        "refused": _("the network refuses %(target)s", **facts),
        "failed": _("%(target)s cannot be reached", **facts),
        "caller_gone": _("the caller hangs up while %(target)s is called", **facts),
    }.get(attempt.result, f"{attempt.target}: {attempt.result}")


def current(
    since: dt.datetime,
    lines: Sequence[Mapping[str, Any]] | None,
    calls: Sequence[CallRecord],
    text: Message | None,
    decided: Callable[[str | None, dt.datetime | None], Decision],
    voices: Collection[str],
    otherwise_on: str,
) -> Test:
    """The test that was begun at `since`: its call is the live one, else the last that ended since.

    `decided`: what is done with a call, by the name of its plan and when it began, each None where there is none yet.
    `voices`: the names of the lines that can say something. `otherwise_on`: the line, while there is no call.
    """
    live = next((line for line in lines or () if line.get("call")), None)
    if live is not None:
        call = live["call"]
        return Test(call, None, text, decided(call.get("plan"), None), live.get("name") in voices)
    record = next((call for call in calls if call.started_at >= since), None)
    if record is not None:
        return Test(None, record, text, decided(record.plan, record.started_at), record.line in voices)
    return Test(None, None, text, decided(None, None), otherwise_on in voices)


def _number(number: str) -> str:
    """As people write it, on one line."""
    return words.number(number).replace(" ", "\N{NO-BREAK SPACE}")
