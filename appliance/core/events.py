"""What lines tell the core. One frozen struct an event; `line` is always the line's name in the settings.

Every kind of line (GSM, analog, a patch of two) speaks these words, so the call table knows no AT command.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class LineEvent(Struct, frozen=True):
    """Anything a line reports."""

    line: str


# --- the caller's leg --------------------------------------------------------------------------


class Ring(LineEvent, frozen=True):
    """The line rang once more (two RINGs within 2 s are one)."""


class CallerId(LineEvent, frozen=True):
    """Who calls: E.164, or digits that are no public number, or None when withheld or unavailable."""

    number: str | None
    withheld: bool = False
    name: str | None = None


class Answered(LineEvent, frozen=True):
    """The line has lifted and the caller is connected to it."""


class AnsweredHere(LineEvent, frozen=True):
    """Somebody has lifted, and it was not the box: the call is theirs. LineFree follows when it is over."""


class CallerGone(LineEvent, frozen=True):
    """The caller hung up, at whatever stage. `perhaps_answered`: or somebody here has lifted; the line can't tell."""

    reason: str
    perhaps_answered: bool = False


class SecondCaller(LineEvent, frozen=True):
    """Somebody else called while a call was on the line and was given the busy tone."""

    number: str | None
    withheld: bool = False


# --- the target's leg --------------------------------------------------------------------------


class TargetRinging(LineEvent, frozen=True):
    """The target's phone rings."""


class TargetAnswered(LineEvent, frozen=True):
    """The target lifted."""


class TargetGone(LineEvent, frozen=True):
    """The target's leg ended or could not be set up; `result` is busy, no_answer, refused or failed."""

    result: str
    reason: str


class CallerBack(LineEvent, frozen=True):
    """The target's leg is gone and the caller, no longer on hold, is connected to the line."""


class Confirmed(LineEvent, frozen=True):
    """The target has pressed 1: a human."""


class CannotAsk(LineEvent, frozen=True):
    """This line hears no digits: whoever answered is taken for a human."""

    reason: str


# --- sound -------------------------------------------------------------------------------------


class Said(LineEvent, frozen=True):
    """The caller has heard it to its end."""


class SaidNothing(LineEvent, frozen=True):
    """It could not be played: this line, or this modem, cannot."""

    reason: str


class MessageTaken(LineEvent, frozen=True):
    """The recording has ended. `seconds`: how much the caller said; 0: nothing was kept."""

    seconds: float
    ended_by: str


class SoundOpened(LineEvent, frozen=True):
    """The leg's stream is open and can be bridged."""


class SoundRefused(LineEvent, frozen=True):
    """The leg's stream cannot be had."""

    reason: str


# --- both together -----------------------------------------------------------------------------


class Joined(LineEvent, frozen=True):
    """Caller and target are connected. `stays`: the line carries the call (conference, bridge)."""

    method: str
    stays: bool


class JoinRefused(LineEvent, frozen=True):
    """This method did not connect them; the legs are as they were before."""

    method: str
    reason: str


class PartyLeft(LineEvent, frozen=True):
    """A joined call is over: `who` (caller, target or bridge) did what is said by `how`."""

    who: str
    how: str = "hung up"


class LineFree(LineEvent, frozen=True):
    """No leg is left: the line can take the next call.

    `is_seen`: that became so just now; else it is concluded later, from what else happens on the line or from time.
    """

    is_seen: bool = True


# --- the line itself ---------------------------------------------------------------------------


class LineReady(LineEvent, frozen=True):
    """Start-up is done; `ringing` says that a call was already ringing then."""

    ringing: bool


class LineLost(LineEvent, frozen=True):
    """Unplugged, hung or rebooted; whatever call it had is over."""

    reason: str


class LineChanged(LineEvent, frozen=True):
    """Something `status` shows has changed."""


class SimEvent(LineEvent, frozen=True):
    """What the store must know of a SIM, or has to tell about it."""


class SimKnown(SimEvent, frozen=True):
    """The SIM has given its IMSI: what the network refused it before is of interest now."""

    sim: str


class PinTried(SimEvent, frozen=True):
    """A SIM PIN is about to be tried: to be written down before the bytes leave."""

    pin: str


class PinAccepted(SimEvent, frozen=True):
    """The SIM took the PIN that was tried."""

    pin: str


class MethodRefused(SimEvent, frozen=True):
    """The network refused a forwarding method for this SIM; others go first until it is probed again."""

    sim: str
    method: str


class DiversionsChecked(LineEvent, frozen=True):
    """The network has said which diversions are set; the line's facts have them."""


class SafetyNetChecked(LineEvent, frozen=True):
    """The network diversions were read back; `confirmed`: all that should stand do; `lapsed`: they did before."""

    confirmed: bool
    lapsed: bool
    reason: str


# --- texts -------------------------------------------------------------------------------------


class TextEvent(LineEvent, frozen=True):
    """What became of a text."""

    uid: str


class TextLeaving(TextEvent, frozen=True):
    """The modem asks for the body: to be written down before it leaves, since from then on it may have gone out."""


class TextSent(TextEvent, frozen=True):
    """The network took every part of the text. `reference`: TP-MR of the last part, for its status report."""

    reference: int | None = None


class TextFailed(TextEvent, frozen=True):
    """The text was refused. `final`: trying again is pointless. `parts_sent` parts did go out."""

    error: str
    final: bool
    parts_sent: int


class TextUnknown(TextEvent, frozen=True):
    """The modem took the text and never said what became of it."""


class TextDeferred(TextEvent, frozen=True):
    """The text did not leave because a call came: it costs no try. `parts_sent` parts did go out."""

    parts_sent: int


class TextReport(LineEvent, frozen=True):
    """A status report: the text with this reference to this number was delivered, or the network gave up."""

    reference: int
    number: str | None
    delivered: bool


class TextReceived(LineEvent, frozen=True):
    """A text came, all parts of it. `sender`: E.164, or a name; `indexes`: where it lies in the module."""

    sender: str | None
    text: str
    sent_at: datetime | None
    indexes: tuple[int, ...]


class NetworkTime(LineEvent, frozen=True):
    """The mobile network says that it is `at` (aware, UTC)."""

    at: datetime


class NetworkAnswer(LineEvent, frozen=True):
    """What the operator says to a code, in its own words."""

    text: str
