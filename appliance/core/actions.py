"""What the core asks of a line. A line does it in its own way and answers with events.

Numbers are E.164 (`+49…`), checked when they were set; a line turns them into what it dials.
"""

from __future__ import annotations

from msgspec import Struct


class Action(Struct, frozen=True):
    """Anything the core asks for."""


class Answer(Action, frozen=True):
    """Lift, if the caller is still there. → Answered | CallerGone"""


class Deflect(Action, frozen=True):
    """Pass the ringing call on without lifting (27.007 +CTFR). → Joined | JoinRefused | CallerGone"""

    number: str


class Dial(Action, frozen=True):
    """Call the target, with the caller of this line, if there is one, on hold.
    → TargetRinging, TargetAnswered | TargetGone | CallerGone

    `patience`: seconds the target may ring at most, so that the line does not give up before the core does.
    `by_bridge`: over the line that `bridge_over` names, the caller staying connected to this one; → JoinRefused, too
    """

    number: str
    patience: float = 25.0
    by_bridge: bool = False


class Join(Action, frozen=True):
    """Connect caller and target by this method. → Joined | JoinRefused | TargetGone | CallerGone"""

    method: str


class FetchBack(Action, frozen=True):
    """Release the target if it is still there, take the caller off hold. → CallerBack | CallerGone"""


class HangUp(Action, frozen=True):
    """Release every leg. → LineFree"""


class Confirm(Action, frozen=True):
    """Ask the target who has answered to press 1. → Confirmed | CannotAsk | TargetGone | CallerGone

    `sound`: what is played to him (see core/sound), `within`: seconds he has.
    """

    sound: str
    within: float = 15.0


class KeepWaiting(Action, frozen=True):
    """Let the caller, who is connected to the line, hear this over and over until the next action. No event."""

    sound: str


class Say(Action, frozen=True):
    """Play this to the caller, who is connected to the line, to its end. → Said | SaidNothing | CallerGone"""

    sound: str


class TakeMessage(Action, frozen=True):
    """Beep, then record the caller. → MessageTaken; never asked for but after Said"""

    path: str
    most: float = 120.0


class EndMessage(Action, frozen=True):
    """Keep what has been said of the message under way: we have to go. → MessageTaken"""


class OpenSound(Action, frozen=True):
    """Open the stream of the leg that is up, for the bridge. → SoundOpened | SoundRefused"""


class SendText(Action, frozen=True):
    """Send a text, from part `skip_parts` on. → TextSent | TextFailed | TextUnknown | TextDeferred"""

    uid: str
    to: str
    text: str
    skip_parts: int = 0


class AskTime(Action, frozen=True):
    """Ask the mobile network what time it is. → NetworkTime, or nothing"""


class AskNetwork(Action, frozen=True):
    """Send a code of the operator, e.g. for a card's balance. → NetworkAnswer, or nothing"""

    code: str


class CheckDiversions(Action, frozen=True):
    """Ask the network which diversions are set, and set the safety net's. → DiversionsChecked, unless a call comes

    `erase`: first take back every one there is, whoever set it.
    """

    erase: bool = False


class ForgetRefusals(Action, frozen=True):
    """Take every way to forward for possible again."""


class DeleteTexts(Action, frozen=True):
    """These received texts have been kept: the module may forget them."""

    indexes: tuple[int, ...]
