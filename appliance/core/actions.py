"""What the core asks of a line. A line does it in its own way and answers with events.

Numbers are E.164 (`+49…`), checked when they were set; a line turns them into what it dials.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """Anything the core asks for."""


@dataclass(frozen=True, slots=True)
class Answer(Action):
    """Lift, if the caller is still there. → Answered | CallerGone"""


@dataclass(frozen=True, slots=True)
class Deflect(Action):
    """Pass the ringing call on without lifting (27.007 +CTFR). → Joined | JoinRefused | CallerGone"""

    number: str


@dataclass(frozen=True, slots=True)
class Dial(Action):
    """Call the target, with the caller of this line, if there is one, on hold.
    → TargetRinging, TargetAnswered | TargetGone | CallerGone

    `patience`: seconds the target may ring at most, so that the line does not give up before the core does.
    `by_bridge`: over the line that `bridge_over` names, the caller staying connected to this one; → JoinRefused, too
    """

    number: str
    patience: float = 25.0
    by_bridge: bool = False


@dataclass(frozen=True, slots=True)
class Join(Action):
    """Connect caller and target by this method. → Joined | JoinRefused | TargetGone | CallerGone"""

    method: str


@dataclass(frozen=True, slots=True)
class FetchBack(Action):
    """Release the target if it is still there, take the caller off hold. → CallerBack | CallerGone"""


@dataclass(frozen=True, slots=True)
class HangUp(Action):
    """Release every leg. → LineFree"""


@dataclass(frozen=True, slots=True)
class Confirm(Action):
    """Ask the target who has answered to press 1. → Confirmed | CannotAsk | TargetGone | CallerGone

    `sound`: what is played to him (see core/sound), `within`: seconds he has.
    """

    sound: str
    within: float = 15.0


@dataclass(frozen=True, slots=True)
class KeepWaiting(Action):
    """Let the caller, who is connected to the line, hear this over and over until the next action. No event."""

    sound: str


@dataclass(frozen=True, slots=True)
class Say(Action):
    """Play this to the caller, who is connected to the line, to its end. → Said | SaidNothing | CallerGone"""

    sound: str


@dataclass(frozen=True, slots=True)
class TakeMessage(Action):
    """Beep, then record the caller. → MessageTaken; never asked for but after Said"""

    path: str
    most: float = 120.0


@dataclass(frozen=True, slots=True)
class EndMessage(Action):
    """Keep what has been said of the message under way: we have to go. → MessageTaken"""


@dataclass(frozen=True, slots=True)
class OpenSound(Action):
    """Open the stream of the leg that is up, for the bridge. → SoundOpened | SoundRefused"""


@dataclass(frozen=True, slots=True)
class SendText(Action):
    """Send a text, from part `skip_parts` on. → TextSent | TextFailed | TextUnknown | TextDeferred"""

    uid: str
    to: str
    text: str
    skip_parts: int = 0


@dataclass(frozen=True, slots=True)
class AskTime(Action):
    """Ask the mobile network what time it is. → NetworkTime, or nothing"""


@dataclass(frozen=True, slots=True)
class AskNetwork(Action):
    """Send a code of the operator, e.g. for a card's balance. → NetworkAnswer, or nothing"""

    code: str


@dataclass(frozen=True, slots=True)
class CheckDiversions(Action):
    """Ask the network which diversions are set, and set the safety net's. → DiversionsChecked, unless a call comes

    `erase`: first take back every one there is, whoever set it.
    """

    erase: bool = False


@dataclass(frozen=True, slots=True)
class ForgetRefusals(Action):
    """Take every way to forward for possible again."""


@dataclass(frozen=True, slots=True)
class DeleteTexts(Action):
    """These received texts have been kept: the module may forget them."""

    indexes: tuple[int, ...]
