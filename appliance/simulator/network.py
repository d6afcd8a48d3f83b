"""The public network: it routes, diverts, connects and parts calls. Time is an argument, nothing here sleeps.

Call control follows 24.008 as far as subscribers notice it; diversions 22.082, explicit transfer 22.091, deflection
22.072, call waiting 22.083. Causes are those of 24.008 annex H.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from appliance.simulator.agenda import Agenda, Due
from appliance.simulator.exchange_tones import tone
from appliance.simulator.journal import Called, Connected, Diverted, Ended, Happened, Journal
from appliance.simulator.numbers import Number, e164
from appliance.simulator.phones import Phone, Target
from appliance.simulator.smscentre import Inbox, SmsCentre
from appliance.simulator.sounds import Samples, silence

UNASSIGNED, NORMAL, BUSY, NO_ANSWER, ABSENT, REJECTED, OUT_OF_ORDER, RADIO_LOST = 1, 16, 17, 19, 20, 21, 27, 41

UNCONDITIONAL, IF_BUSY, NO_REPLY, UNREACHABLE = 0, 1, 2, 3
"""Reasons of a diversion as 27.007 7.11 +CCFC counts them."""

REASONS = ("unconditional", "busy", "no reply", "unreachable")
MOST_DIVERSIONS = 5
"""A call is sent on so often and no more (22.082 leaves the number to the network)."""


class Party(Protocol):
    """Whoever can be in a call: a phone outside, or a module with a SIM."""

    number: str

    def willing(self, call: Call) -> str:
        """`free`, `busy` or `unreachable`, when a call wants to ring here."""

    def called(self, call: Call) -> None:
        """A call rings here now."""

    def alerting(self, call: Call) -> None:
        """The call made from here rings at the other end."""

    def answered(self, call: Call) -> None:
        """The call made from here was answered."""

    def ended(self, call: Call, cause: int) -> None:
        """The other party or the network ended it."""

    def moved(self, old: Call, new: Call) -> None:
        """A transfer put this party into another call."""

    def held(self, call: Call, on: bool) -> None:
        """The other party put this one on hold, or took it off."""

    def speaks(self, other: Party, means: str) -> None:
        """Connected with another party, by whatever means."""

    def sound(self, call: Call, start: float, count: int, step: float) -> Samples:
        """What this party sends into the call: `count` samples from `start` on, `step` seconds apart."""

    def hears(self, call: Call, start: float, samples: Samples, step: float) -> None:
        """What a modem at the other end plays, as it plays it."""

    def pressed(self, call: Call, key: str) -> None:
        """A key was pressed at the other end (mobile networks carry keys beside the voice, 24.008 5.5.7)."""


@dataclass(eq=False, slots=True)
class Call:
    """One connection between two parties. `destination` is None while the network looks for it.

    `shown` is the number presented to the destination; None with `validity` 1 (withheld) or 2 (unavailable),
    as in 27.007 7.6 +CLIP. `state`: routing alerting answered ended.
    """

    origin: Party
    dialled: str
    shown: Number | None
    validity: int = 0
    destination: Party | None = None
    state: str = "routing"
    means: str = "call"
    hops: int = 0
    timers: list[Due] = field(default_factory=list)
    alerting_since: float = 0.0

    def other(self, party: Party) -> Party | None:
        """Who is at the far end, seen from a party."""
        return self.destination if party is self.origin else self.origin

    def stop_timers(self) -> None:
        """Nothing waits for this call any longer."""
        for due in self.timers:
            due.cancel()
        self.timers.clear()


@dataclass(slots=True)
class Diversion:
    """One registered diversion (22.082). `seconds` counts for no-reply only: 5 to 30 in steps of 5."""

    number: Number
    active: bool = True
    seconds: int = 20


@dataclass(eq=False, slots=True)
class Subscriber:
    """What the network keeps about a SIM, whether its module lives or not."""

    number: str
    party: Party
    inbox: Inbox | None = None
    diversions: dict[int, Diversion] = field(default_factory=dict)
    call_waiting: bool = True

    def diverts(self, reason: int) -> Diversion | None:
        """The diversion that acts for a reason, if any; while unconditional is on, the others rest (22.082 1.4)."""
        found = self.diversions.get(reason)
        return found if found is not None and found.active else None


class Exchange:
    """The network and its time (seconds, from `now` on).

    `setup_seconds`: from dialling to ringing. `patience_seconds`: after so long unanswered the network ends a call.
    Known numbers are the subscribers' and the targets'; any other is unassigned.
    """

    def __init__(self, now: float = 0.0, *, setup_seconds: float = 1.0, patience_seconds: float = 120.0) -> None:
        self.agenda = Agenda(now)
        self.journal = Journal()
        self.setup_seconds = setup_seconds
        self.patience_seconds = patience_seconds
        self.subscribers: dict[str, Subscriber] = {}
        self.phones: dict[str, Phone] = {}
        self.calls: list[Call] = []
        self.sms = SmsCentre(self)

    # --- time -------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """The time of what is happening."""
        return self.agenda.now

    def deadline(self) -> float | None:
        """When `advance` wants to be called again; None: nothing is under way."""
        return self.agenda.deadline()

    def advance(self, now: float) -> None:
        """Let everything happen that is due by `now`."""
        self.agenda.advance(now)

    def note(self, who: str, what: str) -> None:
        """Write into the journal that something was done to a module."""
        self.journal.add(Happened(self.now, who, what))

    def talking(self) -> list[Phone]:
        """The phones outside that are in a call which is up."""
        parties = [
            party for call in self.calls if call.state == "answered" for party in (call.origin, call.destination)
        ]
        return [party for party in parties if isinstance(party, Phone)]

    def forget(self) -> None:
        """Drop the journal and the texts so far (long runs)."""
        self.journal.clear()
        self.sms.texts.clear()
        self.sms.submissions.clear()

    # --- who there is -----------------------------------------------------------------------------

    def subscribe(self, number: str, party: Party, inbox: Inbox | None = None) -> Subscriber:
        """Give a module a number."""
        known = Subscriber(e164(number), party, inbox)
        self.subscribers[known.number] = known
        return known

    def set_target(self, target: Target) -> Phone:
        """A phone outside and how it behaves from its next call on."""
        number = e164(target.number)
        phone = self.phones.get(number)
        if phone is None:
            phone = self.phones[number] = Phone(self, number)
        phone.target = target
        return phone

    def call(
        self,
        to: str,
        caller: str | None,
        *,
        type_octet: int | None = None,
        validity: int = 1,
        gives_up_after: float | None = None,
        patience: float | None = None,
        talks_for: float | None = 60.0,
    ) -> Phone:
        """Somebody outside calls a number; the phone they hold is returned.

        `caller`: as the network presents it (`+49…` is sent as type 145, else 129, or as `type_octet` says);
        None: not presented, for the reason `validity` (1 withheld, 2 unavailable). `gives_up_after`: seconds it may
        ring; `patience`: seconds after the answer without a human; `talks_for`: seconds with one (None: for ever).
        """
        shown = None if caller is None else Number.of(caller, type_octet)
        phone = Phone(self, shown.e164 if shown else "withheld")
        phone.gives_up_after, phone.patience, phone.talks_for = gives_up_after, patience, talks_for
        phone.take(self.place(phone, to, shown, 0 if shown else validity))
        return phone

    # --- a call's life ----------------------------------------------------------------------------

    def place(self, origin: Party, dialled: str, shown: Number | None, validity: int = 0) -> Call:
        """Begin a call; it rings after `setup_seconds`, or ends."""
        call = Call(origin, e164(dialled), shown, validity)
        self.calls.append(call)
        self.journal.add(Called(self.now, shown.e164 if shown else None, call.dialled))
        call.timers.append(self.agenda.after(self.setup_seconds, lambda: self._route(call)))
        return call

    def _route(self, call: Call) -> None:
        """Find the destination, obeying its diversions in the order of 22.082: CFU, CFNRc, CFB, then it rings."""
        call.stop_timers()
        subscriber = self.subscribers.get(call.dialled)
        party: Party | None = subscriber.party if subscriber else self.phones.get(call.dialled)
        if party is None or party is call.origin:
            self._fail(call, UNASSIGNED)
            return
        if subscriber and self._divert(call, subscriber, UNCONDITIONAL):
            return
        state = party.willing(call)
        if state != "free":
            reason, cause = (IF_BUSY, BUSY) if state == "busy" else (UNREACHABLE, ABSENT)
            if not (subscriber and self._divert(call, subscriber, reason)):
                self._fail(call, cause)
            return
        call.destination, call.state, call.alerting_since = party, "alerting", self.now
        call.timers.append(self.agenda.after(self.patience_seconds, lambda: self._fail(call, NO_ANSWER)))
        if subscriber and (diversion := subscriber.diverts(NO_REPLY)):
            call.timers.append(self.agenda.after(diversion.seconds, lambda: self._no_reply(call, subscriber)))
        party.called(call)
        if call.state == "alerting":
            call.origin.alerting(call)

    def _divert(self, call: Call, subscriber: Subscriber, reason: int) -> bool:
        diversion = subscriber.diverts(reason)
        if diversion is None or call.hops >= MOST_DIVERSIONS:
            return False
        self._send_on(call, diversion.number.e164, REASONS[reason], "diversion")
        return True

    def _send_on(self, call: Call, to: str, why: str, means: str) -> None:
        caller = call.shown.e164 if call.shown else None
        self.journal.add(Diverted(self.now, caller, call.dialled, to, why))
        call.stop_timers()
        call.hops += 1
        call.dialled, call.destination, call.state, call.means = to, None, "routing", means
        call.timers.append(self.agenda.after(self.setup_seconds, lambda: self._route(call)))

    def _no_reply(self, call: Call, subscriber: Subscriber) -> None:
        left = call.destination
        if call.state == "alerting" and self._divert(call, subscriber, NO_REPLY) and left is not None:
            left.ended(call, NORMAL)

    def _fail(self, call: Call, cause: int) -> None:
        """The network itself ends a call: both parties hear of it."""
        origin, destination = call.origin, call.destination
        if self._close(call, "network", cause):
            origin.ended(call, cause)
            if destination is not None:
                destination.ended(call, cause)

    def _close(self, call: Call, by: str, cause: int) -> bool:
        if call.state == "ended":
            return False
        call.stop_timers()
        answered, call.state = call.state == "answered", "ended"
        self.calls.remove(call)
        far = call.destination.number if call.destination else call.dialled
        self.journal.add(Ended(self.now, call.origin.number, far, by, cause, answered))
        return True

    def answer(self, call: Call) -> bool:
        """The destination lifts. False when the call is gone already."""
        if call.state != "alerting" or call.destination is None:
            return False
        call.stop_timers()
        call.state = "answered"
        call.origin.answered(call)
        self._connected(call.origin, call.destination, call.means)
        return True

    def hang_up(self, call: Call, by: Party, cause: int = NORMAL) -> None:
        """A party leaves; the other one hears of it. Nothing happens when the call is over already."""
        other = call.other(by)
        if self._close(call, by.number, cause) and other is not None:
            other.ended(call, cause)

    def reject(self, call: Call, by: Party, cause: int) -> None:
        """A ringing call is not wanted. "User busy" counts as busy for diversions (22.082 2.2), other causes do not."""
        subscriber = self.subscribers.get(by.number)
        if cause == BUSY and call.state == "alerting" and subscriber and self._divert(call, subscriber, IF_BUSY):
            return
        self.hang_up(call, by, cause)

    def sound_for(self, call: Call, party: Party, start: float, count: int, step: float) -> Samples:
        """What a party of a call hears from the network: ringback while it rings, then the far end."""
        other = call.other(party)
        if call.state == "alerting" and party is call.origin:
            return tone("ringback", call.alerting_since).samples(start, count, step)
        if call.state != "answered" or other is None:
            return silence(count)
        return other.sound(call, start, count, step)

    # --- supplementary services ---------------------------------------------------------------------

    def deflect(self, call: Call, to: str) -> bool:
        """Send a ringing call elsewhere (22.072). False when it no longer rings."""
        if call.state != "alerting":
            return False
        self._send_on(call, e164(to), "deflected", "deflection")
        return True

    def transfer(self, first: Call, second: Call, by: Party) -> bool:
        """Connect the far ends of two calls and leave both (22.091); the second may still be ringing."""
        near, far = first.other(by), second.other(by)
        if near is None or far is None or first.state != "answered" or second.state not in ("answered", "alerting"):
            return False
        first.stop_timers()
        first.state = "ended"
        self.calls.remove(first)
        if second.origin is by:
            second.origin = near
        else:
            second.destination = near
        second.means = "transfer"
        near.moved(first, second)
        if second.state == "answered":
            self._connected(near, far, "transfer")
        return True

    def conference(self, first: Call, second: Call, by: Party) -> None:
        """Both far ends hear each other through `by` (22.084)."""
        near, far = first.other(by), second.other(by)
        if near is not None and far is not None:
            self._connected(near, far, "conference")

    def hold(self, call: Call, by: Party, on: bool) -> None:
        """Put the far end on hold or take it off (22.083)."""
        other = call.other(by)
        if other is not None:
            other.held(call, on)

    def _connected(self, a: Party, b: Party, means: str) -> None:
        self.journal.add(Connected(self.now, a.number, b.number, means))
        a.speaks(b, means)
        b.speaks(a, means)
