"""What the tests of a shop's week have in common: callers who are missed, and the texts that went to somebody."""

import datetime as dt
import time

from .box import DESK, Box, now, until
from .calls import Call, Target
from .modem import Modem
from .pdu import submitted, whole

CALLER, OTHER, MOBILE = "+498955512345", "+498955567890", "+4917155512345"
AWAY = '[[plan]]\nname = "gone"\nanswer_after_rings = 2\nchain = ["third"]\n'


def missed(modem: Modem, number: str = CALLER, kind: int = 145, validity: int | None = None) -> Call:
    """A call that ends with nobody reached at the desk."""
    modem.targets[DESK] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(number, kind, validity)
    until(lambda: call.gone, 12, "the call ended")
    return call


def sent_to(modem: Modem, number: str) -> list[str]:
    """Whole texts that went to `number`, in order."""
    found: list[list] = []
    with modem.lock:
        for _, length, pdu in modem.pdus:
            part = submitted(pdu, length)
            if part.to != number:
                continue
            if part.part and part.part[2] > 1:
                found[-1].append(part)
            else:
                found.append([part])
    return [whole(parts) for parts in found]


def next_text(modem: Modem, number: str, before: int, within: float = 15.0) -> str:
    """The text that follows the first `before` texts to `number`."""
    return until(lambda: sent_to(modem, number)[before:], within, f"text {before + 1} to {number}")[0]


def says(modem: Modem, sender: str, text: str, within: float = 15.0) -> str:
    """Somebody sends a text and gets one back."""
    before = len(sent_to(modem, sender))
    modem.text_in(sender, text)
    return next_text(modem, sender, before, within)


def silent(modem: Modem, sender: str, text: str, box: Box, during: float = 5.0) -> None:
    """Somebody sends a text and gets none back; the box keeps what came."""
    before, kept = len(sent_to(modem, sender)), len(box.json("inbox"))
    modem.text_in(sender, text)
    until(lambda: len(box.json("inbox")) > kept, 8, "the text kept")
    time.sleep(during)
    assert len(sent_to(modem, sender)) == before, sent_to(modem, sender)[before:]


def digits(text: str) -> str:
    """Without what stands between groups of digits."""
    return text.replace(" ", "").replace("-", "").replace("/", "")


def soon(minutes: int = 1) -> tuple[str, float]:
    """The full minute so many minutes from now, as local HH:MM, and the seconds until then; never within 5 s."""
    if now().second > 52:
        time.sleep(61 - now().second)
    then = now().replace(second=0, microsecond=0) + dt.timedelta(minutes=minutes)
    return then.strftime("%H:%M"), (then - now()).total_seconds()


def clock(offset_minutes: int) -> str:
    """Local HH:MM so many minutes from now."""
    return (now() + dt.timedelta(minutes=offset_minutes)).strftime("%H:%M")
