"""What lines tell the core. One frozen dataclass an event; `line` is always the line's name in the settings.

Every kind of line (GSM, analog, a patch of two) speaks these words, so the call table knows no AT command.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LineEvent:
    """Anything a line reports."""

    line: str


# --- the caller's leg --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ring(LineEvent):
    """The line rang once more (two RINGs within 2 s are one)."""


@dataclass(frozen=True, slots=True)
class CallerId(LineEvent):
    """Who calls: E.164, or digits that are no public number, or None when withheld or unavailable."""

    number: str | None
    withheld: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Answered(LineEvent):
    """The line has lifted and the caller is connected to it."""


@dataclass(frozen=True, slots=True)
class AnsweredHere(LineEvent):
    """Somebody has lifted, and it was not the box: the call is theirs. LineFree follows when it is over."""


@dataclass(frozen=True, slots=True)
class CallerGone(LineEvent):
    """The caller hung up, at whatever stage. `perhaps_answered`: or somebody here has lifted; the line can't tell."""

    reason: str
    perhaps_answered: bool = False


@dataclass(frozen=True, slots=True)
class SecondCaller(LineEvent):
    """Somebody else called while a call was on the line and was given the busy tone."""

    number: str | None
    withheld: bool = False


# --- the target's leg --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TargetRinging(LineEvent):
    """The target's phone rings."""


@dataclass(frozen=True, slots=True)
class TargetAnswered(LineEvent):
    """The target lifted."""


@dataclass(frozen=True, slots=True)
class TargetGone(LineEvent):
    """The target's leg ended or could not be set up; `result` is busy, no_answer, refused or failed."""

    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallerBack(LineEvent):
    """The target's leg is gone and the caller, no longer on hold, is connected to the line."""


@dataclass(frozen=True, slots=True)
class Confirmed(LineEvent):
    """The target has pressed 1: a human."""


@dataclass(frozen=True, slots=True)
class CannotAsk(LineEvent):
    """This line hears no digits: whoever answered is taken for a human."""

    reason: str


# --- sound -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said(LineEvent):
    """The caller has heard it to its end."""


@dataclass(frozen=True, slots=True)
class SaidNothing(LineEvent):
    """It could not be played: this line, or this modem, cannot."""

    reason: str


@dataclass(frozen=True, slots=True)
class MessageTaken(LineEvent):
    """The recording has ended. `seconds`: how much the caller said; 0: nothing was kept."""

    seconds: float
    ended_by: str


@dataclass(frozen=True, slots=True)
class SoundOpened(LineEvent):
    """The leg's stream is open and can be bridged."""


@dataclass(frozen=True, slots=True)
class SoundRefused(LineEvent):
    """The leg's stream cannot be had."""

    reason: str


# --- both together -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Joined(LineEvent):
    """Caller and target are connected. `stays`: the line carries the call (conference, bridge)."""

    method: str
    stays: bool


@dataclass(frozen=True, slots=True)
class JoinRefused(LineEvent):
    """This method did not connect them; the legs are as they were before."""

    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class PartyLeft(LineEvent):
    """A joined call is over: `who` (caller, target or bridge) did what is said by `how`."""

    who: str
    how: str = "hung up"


@dataclass(frozen=True, slots=True)
class LineFree(LineEvent):
    """No leg is left: the line can take the next call."""


# --- the line itself ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineReady(LineEvent):
    """Start-up is done; `ringing` says that a call was already ringing then."""

    ringing: bool


@dataclass(frozen=True, slots=True)
class LineLost(LineEvent):
    """Unplugged, hung or rebooted; whatever call it had is over."""

    reason: str


@dataclass(frozen=True, slots=True)
class LineChanged(LineEvent):
    """Something `status` shows has changed."""


@dataclass(frozen=True, slots=True)
class SimEvent(LineEvent):
    """What the store must know of a SIM, or has to tell about it."""


@dataclass(frozen=True, slots=True)
class SimKnown(SimEvent):
    """The SIM has given its IMSI: what the network refused it before is of interest now."""

    sim: str


@dataclass(frozen=True, slots=True)
class PinTried(SimEvent):
    """A SIM PIN is about to be tried: to be written down before the bytes leave."""

    pin: str


@dataclass(frozen=True, slots=True)
class PinAccepted(SimEvent):
    """The SIM took the PIN that was tried."""

    pin: str


@dataclass(frozen=True, slots=True)
class MethodRefused(SimEvent):
    """The network refused a forwarding method for this SIM; others go first until it is probed again."""

    sim: str
    method: str


@dataclass(frozen=True, slots=True)
class DiversionsChecked(LineEvent):
    """The network has said which diversions are set; the line's facts have them."""


@dataclass(frozen=True, slots=True)
class SafetyNetChecked(LineEvent):
    """The network diversions were read back; `confirmed`: all that should stand do; `lapsed`: they did before."""

    confirmed: bool
    lapsed: bool
    reason: str


# --- texts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextEvent(LineEvent):
    """What became of a text."""

    uid: str


@dataclass(frozen=True, slots=True)
class TextLeaving(TextEvent):
    """The modem asks for the body: to be written down before it leaves, since from then on it may have gone out."""


@dataclass(frozen=True, slots=True)
class TextSent(TextEvent):
    """The network took every part of the text. `reference`: TP-MR of the last part, for its status report."""

    reference: int | None = None


@dataclass(frozen=True, slots=True)
class TextFailed(TextEvent):
    """The text was refused. `final`: trying again is pointless. `parts_sent` parts did go out."""

    error: str
    final: bool
    parts_sent: int


@dataclass(frozen=True, slots=True)
class TextUnknown(TextEvent):
    """The modem took the text and never said what became of it."""


@dataclass(frozen=True, slots=True)
class TextDeferred(TextEvent):
    """The text did not leave because a call came: it costs no try. `parts_sent` parts did go out."""

    parts_sent: int


@dataclass(frozen=True, slots=True)
class TextReport(LineEvent):
    """A status report: the text with this reference to this number was delivered, or the network gave up."""

    reference: int
    number: str | None
    delivered: bool


@dataclass(frozen=True, slots=True)
class TextReceived(LineEvent):
    """A text came, all parts of it. `sender`: E.164, or a name; `indexes`: where it lies in the module."""

    sender: str | None
    text: str
    sent_at: datetime | None
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NetworkTime(LineEvent):
    """The mobile network says that it is `at` (aware, UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class NetworkAnswer(LineEvent):
    """What the operator says to a code, in its own words."""

    text: str
