"""What a call knows of itself: how far it has come and for how long, its record, whom it pursues, and its story.

What it does next is in `call`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

from appliance.core import actions
from appliance.core.plan import Decision
from appliance.core.pursuit import Pursuit
from appliance.core.records import CallRecord
from appliance.core.settings import Target
from appliance.core.sound import Sounds

Decide = Callable[[str | None, bool, datetime], Decision]
"""(caller, withheld, wall time) → what the settings say."""

SET_UP_SECONDS = 12.0
"""The least a target gets before it rings: a network needs up to 10 s to find a mobile."""

CONFIRM_WITHIN = 15.0
"""Seconds a target has for pressing 1: the sentence and a moment to find the key."""

LIMITS = {
    "DEFLECTING": 45.0,
    "ANSWERING": 60.0,
    "CONFIRMING": CONFIRM_WITHIN + 15.0,
    "JOINING": 45.0,
    "FETCHING": 30.0,
    "ANNOUNCING": 90.0,
    "RELEASING": 30.0,
}
"""Seconds after which a state that only waits for the line is given up."""


class State(Enum):
    """How far the call has come; `call` says what each means and what ends it."""

    RINGING = "ringing"
    DEFLECTING = "deflecting"
    ANSWERING = "answering"
    CALLING = "calling"
    CONFIRMING = "confirming"
    JOINING = "joining"
    FETCHING = "fetching"
    ANNOUNCING = "announcing"
    RECORDING = "recording"
    CONNECTED = "connected"
    LEFT_ALONE = "left alone"
    RELEASING = "releasing"
    ENDED = "ended"


class CallState:
    """The memory of a call, and how it changes its state."""

    def __init__(
        self,
        record: CallRecord,
        methods: Sequence[str],
        decide: Decide,
        max_seconds: float,
        now: float,
        at: datetime,
        sounds: Callable[[], Sounds | None] = lambda: None,
        mailbox: Callable[[str, float], bool] = lambda number, seconds: False,
        set_up_seconds: float = SET_UP_SECONDS,
    ) -> None:
        """methods: ways to forward in the order to be tried. max_seconds: of a call the line itself carries.

        sounds: what the caller can be told; None while the line is not known to have a voice: a call may begin before
        start-up has asked. mailbox: told of each answer (number, after so many seconds): is it likely a machine's?
        set_up_seconds: what this line needs from the first digit until the target rings, at most.
        """
        self.record = record
        self.state = State.RINGING
        self.unsaved = True
        self.story: list[str] = []
        """Every change with its reason, for the log: writing it out can wait until the line is served."""
        self._methods = list(methods)
        self._decide = decide
        self._max_seconds = max_seconds
        self._ask_sounds = sounds
        self._known_sounds: Sounds | None = None
        self._mailbox = mailbox
        self._set_up_seconds = set_up_seconds
        self._otherwise: str | None = "hang-up"
        self._limit = float("inf")
        self._chain: list[Target] = []
        self._pursuit: Pursuit | None = None
        self._given_up_on_targets = False
        self._now = now
        self._at = at

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing happens before."""
        return self._limit if self._limit < float("inf") else None

    def _go(self, state: State, reason: str, *todo: actions.Action) -> list[actions.Action]:
        self.story.append(f"{self.state.value} → {state.value}: {reason}")
        self.state = state
        self._limit = self._now + LIMITS.get(state.name, float("inf"))
        return list(todo)

    def _conclude(self, outcome: str, reason: str | None) -> None:
        if self.record.outcome is None:
            self.record.outcome, self.record.reason = outcome, reason

    @property
    def _pursued(self) -> Pursuit:
        assert self._pursuit is not None
        return self._pursuit

    def _tried(self, result: str, method: str | None = None) -> None:
        self.record.attempts.append(self._pursued.attempt(result, method, self._now, self._mailbox))

    @property
    def _sounds(self) -> Sounds | None:
        self._known_sounds = self._known_sounds or self._ask_sounds()
        return self._known_sounds

    def _put_last(self, method: str) -> None:
        """A method that was refused once goes last for the rest of this call."""
        if method in self._methods:
            self._methods.remove(method)
            self._methods.append(method)

    def _end(self, reason: str, is_known: bool = True) -> list[actions.Action]:
        """is_known: it ends just now; else when it did stays as the record has it."""
        if is_known or self.record.ended_at is None:
            self.record.ended_at = self._at
        return self._go(State.ENDED, reason)

    def _consult_plan(self) -> Decision:
        decision = self._decide(self.record.caller, self.record.withheld, self._at)
        record = self.record
        record.plan, record.decided_by, record.rule = decision.plan, decision.decided_by, decision.rule
        return decision
