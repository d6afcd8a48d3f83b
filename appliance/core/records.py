"""What is kept: a call, its attempts, a text sent, a text received.

Wall times are aware datetimes in UTC; they name, never decide.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class Attempt(Struct, frozen=True):
    """One target tried for one call. `result`: answered busy no_answer refused failed caller_gone.

    `mailbox_like`: it answered as a machine would.
    """

    target: str
    number: str
    method: str | None
    result: str
    seconds: float
    mailbox_like: bool = False


class CallRecord(Struct):
    """One call as the log keeps it (the contract's `calls --json`). `outcome` is None while it lasts.
    `rule`: the place in the settings that decided, as `explain` names it. `perhaps_answered`: it stopped ringing, and
    the line can't tell whether somebody here has lifted. `message`: the WAV the caller left, so many seconds long.

    `done_at`: when somebody said that a missed call is dealt with. `told_at`: when its text or digest was queued.
    `note`: what the owner wrote about it. All three are set by changes of their own (MarkDone, MarkTold, WriteNote):
    saving a call leaves what is stored of them.
    """

    id: int
    line: str
    started_at: datetime
    caller: str | None = None
    caller_name: str | None = None
    withheld: bool = False
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    rings: int = 0
    plan: str | None = None
    decided_by: str | None = None
    outcome: str | None = None
    reason: str | None = None
    target: str | None = None
    method: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    rule: str | None = None
    perhaps_answered: bool = False
    message: str | None = None
    message_seconds: float | None = None
    done_at: datetime | None = None
    told_at: datetime | None = None
    note: str | None = None


class Message(Struct):
    """One text of the outbox (the contract's `messages --json`). `uid` names it before it has a row.

    `state`: queued sending sent delivered failed unknown. `parts_sent`: parts of a long text already out.
    `not_before`: when the next try is due. `channel`: sms email webhook. `reference`: TP-MR of the last part sent
    (23.040 clause 9.2.3.6, 0 to 255), by which a delivery report names it.
    """

    uid: str
    kind: str
    to: str
    text: str
    created_at: datetime
    state: str = "queued"
    tries: int = 0
    parts_sent: int = 0
    not_before: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    id: int | None = None
    channel: str = "sms"
    reference: int | None = None
    delivered_at: datetime | None = None


class Received(Struct):
    """One text that came in. `sender`: E.164, or the letters or digits the network gave.

    `sent_at`: the SMS centre's time, None where it gave none. `kind`: what was made of it, "text", "command" (obeyed),
    "help" (asked for), "unclear" (a command that could not be carried out) or "stop".
    """

    line: str
    sender: str
    text: str
    sent_at: datetime | None
    received_at: datetime
    kind: str = "text"
    id: int | None = None
