"""Texts to and from others: replies to missed callers and STOP, the target's briefing, delivery reports, strangers."""

import datetime as dt

import pytest

from .box import DESK, OWNER, SECOND, always, now, settings, until
from .calls import Target
from .pdu import GSM7_CHARACTERS, status_report, submitted
from .week import CALLER, MOBILE, OTHER, digits, missed, next_text, sent_to

REPLY = "reply_to_caller = true\n"
ANNA = "+4917112345671"
FOREIGN_MOBILE = "+436641234567"


@pytest.mark.long
def test_nobody_is_replied_to_unless_it_is_switched_on(up):
    _, modem = up()
    missed(modem, MOBILE)
    next_text(modem, OWNER, 0)
    always(lambda: not sent_to(modem, MOBILE), 6, "a text to a caller that nobody asked for")


@pytest.mark.long
def test_the_reply_goes_to_mobiles_once_a_day(up):
    box, modem = up(missed="off", more=REPLY)
    missed(modem, MOBILE)
    text = next_text(modem, MOBILE, 0)
    assert "Tischlerei Muster" in text and "STOP" in text
    assert len(modem.pdus) == 1 and set(text) <= GSM7_CHARACTERS
    for caller in (MOBILE, CALLER, "+49800123456", OWNER, DESK, "+49901234567"):
        missed(modem, caller)
    missed(modem, "", 128, 1)
    box.kill()
    box.start()
    box.ready()
    missed(modem, MOBILE)
    always(lambda: len(modem.pdus) == 1, 6, f"a second reply, or one to somebody without a mobile: {modem.pdus}")
    assert [(row["kind"], row["to"]) for row in box.messages()] == [("reply", MOBILE)]


@pytest.mark.long
@pytest.mark.parametrize("wording", ["Hallo! Wir rufen zurück – Ihre Tischlerei. {name} %s \\\\ 100 %"])
def test_the_reply_in_the_owners_words(up, wording):
    """Sent as written, whatever looks like a placeholder in it."""
    _, modem = up(missed="off", more=REPLY + f'reply_text = "{wording}"\n')
    missed(modem, MOBILE)
    text = next_text(modem, MOBILE, 0)
    assert "{name} %s \\ 100 %" in text and "zurück" in text


@pytest.mark.long
def test_who_was_forwarded_or_blocked_gets_no_reply(up):
    box, modem = up(chain=("second",), missed="off",
                    more=REPLY + f'[[caller]]\nnumber = "{FOREIGN_MOBILE}"\ngroup = "blocked"\n')  # fmt: skip
    modem.targets[SECOND] = Target(answers=0.2)
    call = modem.call_in(MOBILE)
    until(lambda: call.gone, 15, "the call given away")
    pest = modem.call_in(FOREIGN_MOBILE)
    until(lambda: len(pest.rings) == 2, 10, "two rings")
    modem.leaves(pest)
    box.calls(2, within=15)
    always(lambda: not modem.pdus, 6, "a text to a caller who was not missed")


@pytest.mark.long
@pytest.mark.parametrize("word", ["STOP", "Stopp!", " stop "])
def test_stop_is_for_good(up, word):
    """Also after the number was erased and the box restarted, however the word is written; it is no one's command."""
    box, modem = up(missed="off", more=REPLY)
    modem.text_in(MOBILE, word)
    until(lambda: box.json("inbox"), 10, "STOP kept")
    missed(modem, MOBILE)
    box.ok("erase", MOBILE)
    box.kill()
    box.start()
    box.ready()
    missed(modem, MOBILE)
    box.set_clock(now() + dt.timedelta(days=2))
    box.kill()
    box.start()
    box.ready()
    missed(modem, MOBILE)
    always(lambda: not modem.pdus, 6, "a text after STOP")


@pytest.mark.long
def test_the_next_day_there_is_another_reply(up):
    box, modem = up(missed="off", more=REPLY)
    missed(modem, MOBILE)
    next_text(modem, MOBILE, 0)
    box.message("sent", kind="reply")
    box.kill()
    box.set_clock(now() + dt.timedelta(hours=25))
    box.start()
    box.ready()
    missed(modem, MOBILE)
    next_text(modem, MOBILE, 1)


# --- strangers ---


def test_a_strangers_text_is_kept_and_shown(up):
    """With who and when, and nothing in it is run or believed; no answer is paid for."""
    box, modem = up()
    text = "Hallo, Anna! Können Sie heute um 17:00 kommen? <b>=1+1</b> €"
    modem.text_in(CALLER, text)
    row = until(lambda: box.json("inbox"), 10, "the text kept")[0]
    assert (row["from"], row["text"]) == (CALLER, text)
    received = dt.datetime.fromisoformat(row["received_at"])
    assert abs(now() - received) < dt.timedelta(seconds=20)
    assert text[:20] in box.ok("inbox")
    assert text not in "".join(box.output) and CALLER[1:] not in "".join(box.output), "in the log"
    always(lambda: not modem.pdus, 3, "an answer")


# --- the target's briefing ---


def briefed(stage, method, second=None):
    """A call put through to somebody who is to be told; `second`: another module that can text."""
    modem = stage.module()
    more = f'[[caller]]\nnumber = "{CALLER}"\nname = "Frau Grün"\ngroup = "vip"\n'
    if second:
        more += f'[[line]]\nname = "stick"\nkind = "gsm"\nport = "{second.link}"\nnumber = "+4915170000001"\n'
    toml = settings(modem.link, chain=("second",), forward_by=(method,), numbers={"second": ANNA}, more=more)
    stage.box.provisioned(toml.replace(f'number = "{ANNA}"', f'number = "{ANNA}"\nbrief = true'))
    stage.box.start()
    stage.box.ready()
    if second:
        stage.box.ready(name="stick")
    modem.targets[ANNA] = Target(answers=3)
    call = modem.call_in(CALLER)
    until(lambda: call.mpty or call.gone, 15, "connected")
    assert modem.every_call[1].began - call.rings[0] < 2.5, "the text held up the call"
    return modem, call


def tells(text: str, row: dict) -> None:
    """Who called, when and by which plan: true before, while and after they speak."""
    assert "Grün" in text and CALLER[3:] in digits(text) and "open" in text
    assert row["started_at"][11:16] in text, text


@pytest.mark.long
def test_the_target_is_briefed_as_the_call_reaches_him(stage):
    """A call given away leaves the line free: the text goes at once."""
    modem, call = briefed(stage, "transfer")
    until(lambda: call.gone, 10, "given away")
    at = modem.every_call[1].when(0)
    text = next_text(modem, ANNA, 0, within=5)
    assert modem.pdus[0][0] - at < 3.5, "the briefing came long after the talk had begun"
    row = stage.box.call()
    tells(text, row)
    assert (row["outcome"], len(modem.pdus)) == ("forwarded", 1)
    assert stage.box.message("sent", kind="briefing")["to"] == ANNA


@pytest.mark.long
def test_the_only_line_carries_the_call(stage):
    """Nothing can be sent over it meanwhile: the text comes right after the talk, and says whom to call back."""
    modem, call = briefed(stage, "conference")
    always(lambda: not modem.pdus, 3, "a text into the call")
    modem.leaves(call)
    text = next_text(modem, ANNA, 0, within=8)
    tells(text, stage.box.call())
    assert len(modem.pdus) == 1


@pytest.mark.long
def test_a_second_line_tells_him_before_he_answers(stage):
    other = stage.module(name="ttyStick")
    modem, call = briefed(stage, "conference", other)
    text = next_text(other, ANNA, 0, within=8)
    assert other.pdus[0][0] < modem.every_call[1].when(0), "only when he had answered"
    modem.leaves(call)
    tells(text, stage.box.call())
    assert (len(other.pdus), len(modem.pdus)) == (1, 0)


@pytest.mark.long
def test_nobody_is_briefed_unless_wanted(up):
    _, modem = up(chain=("second",))
    modem.targets[SECOND] = Target(answers=0.5)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 15, "the call given away")
    always(lambda: not modem.pdus, 4, "a briefing")


# --- delivery reports ---


@pytest.mark.long
@pytest.mark.parametrize(
    ("status", "state"),
    [(0, "delivered"), (1, "delivered"), (2, "delivered"), (0x45, "failed"), (0x46, "failed"), (0x30, "sent"),
     (0x20, "sent")],
)  # fmt: skip
def test_a_delivery_report(up, status, state):
    """3GPP TS 23.040 9.2.3.15: 00-1F delivered, 20-3F still trying, 40-7F given up."""
    box, modem = up()
    missed(modem)
    box.message("sent")
    assert submitted(modem.pdus[0][2], modem.pdus[0][1]).report, "no report was asked for"
    assert modem.cnmi[3], "reports are not let through"
    modem.report_in(status=status)
    row = box.message(state, within=15)
    assert row["tries"] == 1
    always(lambda: len(modem.pdus) == 1, 6, "sent again")


@pytest.mark.long
def test_a_report_for_another_text_and_one_after_a_restart(up):
    """References are counted by the module and come round: only the text that went to that number is meant."""
    box, modem = up()
    missed(modem)
    box.message("sent")
    length, hexed = status_report(1, OTHER, 0, now())
    modem.arrived(modem.cnmi[3], "CDS", "CDSI", length, hexed)
    length, hexed = status_report(77, OWNER, 0, now())
    modem.arrived(modem.cnmi[3], "CDS", "CDSI", length, hexed)
    always(lambda: box.messages()[0]["state"] == "sent", 4, "a report for another text counted")
    box.kill()
    box.start()
    box.ready()
    modem.report_in()
    box.message("delivered")
