"""Texts: what goes out, in which parts, and what becomes of it when the network, the module or a call is in the way."""

import time

import pytest

from .box import DESK, OWNER, SECOND, always, settings, until
from .calls import Make, Target, terse
from .pdu import GSM7_CHARACTERS, submitted, whole


def texts(modem):
    return [submitted(pdu, length) for _, length, pdu in modem.pdus]


def missed(modem):
    """A call that ends with nobody reached."""
    modem.targets |= {DESK: Target(ends="BUSY", after=0.1), SECOND: Target(ends="BUSY", after=0.1)}
    call = modem.call_in()
    until(lambda: call.gone, 12, "the call ended")
    return call


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse(), Make(latency=0.2)], ids=["full", "terse", "slow"])
def test_a_test_text(up, make):
    box, modem = up(make)
    box.ok("send-test")
    sent = box.message("sent", kind="test")
    assert whole(texts(modem)) == sent["text"]
    assert (texts(modem)[0].to, sent["to"], sent["tries"]) == (OWNER, OWNER, 1)


@pytest.mark.long
def test_a_test_text_to_somebody(up):
    box, modem = up()
    box.ok("send-test", "--to", "0176 123456-79")
    assert box.message("sent", kind="test")["to"] == "+4917612345679"
    assert texts(modem)[0].to == "+4917612345679"


@pytest.mark.long
def test_a_test_text_waits_for_the_engine(stage):
    modem = stage.module()
    stage.box.provisioned(settings(modem.link))
    stage.box.ok("send-test")
    assert stage.box.message("queued", kind="test")["sent_at"] is None
    assert stage.box.json("status")["messages"]["queued"] == 1
    stage.box.start()
    stage.box.message("sent", within=25, kind="test")
    assert len(modem.pdus) == 1


@pytest.mark.long
@pytest.mark.parametrize(("language", "word"), [("de", "nruf"), ("en", "call")])
def test_the_text_speaks_the_language_of_the_settings(stage, language, word):
    modem = stage.module()
    toml = settings(modem.link, chain=("desk", "second")).replace('language = "de"', f'language = "{language}"')
    stage.box.provisioned(toml)
    stage.box.start()
    stage.box.ready()
    missed(modem)
    text = stage.box.message("sent")["text"]
    begun = stage.box.call()["started_at"][11:16]
    assert word in text
    assert begun in text, "the text does not say when"
    assert "desk" in text and "second" in text, "the text does not say what was tried"


NAMES = {
    "umlauts": {"Büro Süd": DESK, "Grüße & Söhne ß": SECOND},
    "typographic": {"„Büro“ – Süd": DESK, "l’école…": SECOND},
    "beyond the alphabet": {"工作室": DESK, "Łódź": SECOND},
    "emoji": {"Werkstatt 🔧🔧": DESK},
    "brackets and euro": {"[A] {B} €uro | ~ ^ \\\\": DESK},
    "many and long": {f"Außenstelle Nummer {n} hinter dem Gütergleis": f"+4930111112{n:02}" for n in range(8)},
    "many, beyond the alphabet": {f"Außenstelle {n} 工作室工作室工作室": f"+4930111112{n:02}" for n in range(8)},
}


@pytest.mark.long
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_any_name_survives_the_way(up, names):
    """What the log shows is what went out, in as few parts as it needs."""
    chain = tuple(name.replace("\\\\", "\\") for name in names)
    box, modem = up(make=None, chain=chain, numbers=names)
    modem.targets |= {number: Target(ends="BUSY", after=0.05, alerts=0.05) for number in names.values()}
    call = modem.call_in()
    until(lambda: call.gone, 30, "the call ended")
    assert call.end == "local"
    sent = box.message("sent", within=30)
    parts = texts(modem)
    text = whole(parts)
    if parts[0].alphabet == "gsm7":
        assert set(text) <= GSM7_CHARACTERS
        assert "ü" not in sent["text"] or "ü" in text, "an umlaut was lost"
        assert text == sent["text"] or len(text) >= len(sent["text"]), "the text was cut"
    else:
        assert text == sent["text"]
        assert not set(text) <= GSM7_CHARACTERS, "UCS-2 for a text that GSM-7 holds"
    size = sum(2 if character in "^{}\\[~]|€\f" else 1 for character in text)
    fits = -(-size // 153) if size > 160 else 1
    if parts[0].alphabet == "gsm7":
        assert len(parts) <= fits + (len(parts) > 1)
    assert sent["tries"] == 1


@pytest.mark.long
@pytest.mark.parametrize("code", [38, 41, 42, 47, 192, 331, 332, 500, 512])
def test_retryable_codes_are_tried_again_after_five_seconds(up, code):
    box, modem = up(chain=("desk", "second"))
    modem.when("<PDU>", [f"+CMS ERROR: {code}"])
    missed(modem)
    until(lambda: len(modem.pdus) == 2, 15, "a second try")
    assert 4.5 <= modem.pdus[1][0] - modem.pdus[0][0] <= 8
    assert modem.pdus[0][2] == modem.pdus[1][2] or texts(modem)[0].text == texts(modem)[1].text
    assert box.message("sent")["tries"] == 2


@pytest.mark.long
def test_the_pauses_grow(up):
    box, modem = up()
    modem.when("<PDU>", ["+CMS ERROR: 38"], times=2)
    missed(modem)
    until(lambda: len(modem.pdus) == 2, 15, "a second try")
    row = box.message("queued")
    assert (row["tries"] == 2 and "38" in str(row["error"])) or row["error"]
    until(lambda: len(modem.pdus) == 3, 30, "a third try")
    assert 19 <= modem.pdus[2][0] - modem.pdus[1][0] <= 26
    assert box.message("sent")["tries"] == 3


@pytest.mark.long
@pytest.mark.parametrize("code", [1, 8, 10, 28, 29, 30, 50, 69, 95, 96, 97, 304, 305])
def test_final_codes_fail_at_once(up, code):
    box, modem = up()
    modem.when("<PDU>", [f"+CMS ERROR: {code}"])
    missed(modem)
    row = box.message("failed")
    assert row["tries"] == 1 and row["error"]
    always(lambda: len(modem.pdus) == 1, 7, "a text that failed was tried again")
    assert box.json("status")["messages"]["failed"] == 1


@pytest.mark.long
def test_a_refusal_instead_of_the_prompt(up):
    box, modem = up()
    modem.when("AT+CMGS", ["+CMS ERROR: 500"])
    missed(modem)
    box.message("sent", within=20)
    assert len(modem.pdus) == 1


@pytest.mark.long
def test_lost_confirmation_is_unknown_and_never_sent_again(up):
    box, modem = up()
    modem.when("<PDU>", [])
    missed(modem)
    until(lambda: modem.pdus, 8, "the text handed over")
    always(lambda: len(modem.pdus) == 1, 55, "sent again while the module had 60 s to confirm")
    row = box.message("unknown", within=25)
    assert row["sent_at"] is None or row["sent_at"] >= row["created_at"]
    box.ready(15)
    again = modem.call_in()
    until(lambda: again.gone, 15, "the next call handled")
    box.ok("send-test")
    box.message("sent", kind="test")
    assert len(modem.pdus) == 2
    assert modem.pdus[0][2] != modem.pdus[1][2], "the unknown text was sent again"


@pytest.mark.long
def test_stuck_prompt_gives_way_to_a_call(up):
    """Ctrl-Z is swallowed; everything lands in the prompt until ESC."""
    box, modem = up(rings=2)
    modem.swallow = True
    missed(modem)
    until(lambda: modem.prompt and b"\x1a" in modem.prompt[1], 8, "the text handed over")
    modem.violations.clear()
    modem.targets[DESK] = Target(answers=0.5)
    call = modem.call_in()
    until(lambda: call.gone, 15, "the next call given away")
    assert call.end == "transfer"
    assert len(call.rings) <= 3
    modem.violations.clear()  # what went into the prompt before the ESC
    assert box.calls(2)[0]["outcome"] == "forwarded"


@pytest.mark.long
def test_stuck_prompt_by_itself_is_left_in_time(up):
    box, modem = up()
    modem.swallow = True
    missed(modem)
    until(lambda: modem.prompt, 8, "the prompt")
    until(lambda: modem.prompt is None, 75, "ESC")
    modem.swallow = False
    box.ready(20)
    modem.violations.clear()


@pytest.mark.long
def test_a_ring_before_the_prompt_sends_the_text_away(up):
    """ESC, the call first, then the text, once."""
    box, modem = up(rings=2)
    calls = []

    def ring_first(_):
        calls.append(modem.call_in())

    modem.when("AT+CMGS", ring_first)
    missed(modem)
    modem.targets[DESK] = Target(answers=0.5)
    until(lambda: calls and calls[0].gone, 15, "the second call given away")
    assert calls[0].end == "transfer" and len(calls[0].rings) == 2
    box.message("sent", within=20)
    assert len(modem.pdus) == 1
    assert modem.pdus[0][0] > calls[0].gone or modem.pdus[0][0] < calls[0].rings[1]


@pytest.mark.long
def test_a_ring_after_the_text_was_handed_over(up):
    """At ring N the wait is given up; a +CMGS that comes late still confirms."""
    box, modem = up(rings=2)
    modem.sms_after = 9.0
    missed(modem)
    until(lambda: modem.pdus, 8, "the text handed over")
    modem.targets[DESK] = Target(answers=0.5)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    until(lambda: modem.sent("ATA", call.rings[1]), 1, "ATA on the second ring though the text is not confirmed")
    until(lambda: call.gone, 8, "the call given away")
    assert call.end == "transfer"
    box.message("sent", within=15)
    always(lambda: len(modem.pdus) == 1, 3, "a confirmed text was sent again")


@pytest.mark.long
def test_urcs_between_prompt_and_confirmation(up):
    box, modem = up()

    def chatter(_):
        modem.urc("+CREG: 1", "^RSSI:18", "+CUSD: 0", "RSSI: OK")

    modem.when("<PDU>", chatter)
    modem.when("AT+CMGS", chatter)
    missed(modem)
    box.message("sent")
    assert len(modem.pdus) == 1


@pytest.mark.long
def test_no_text_during_a_call(up):
    box, modem = up(chain=("desk",))
    modem.targets[DESK] = Target(answers=0.5)
    modem.when("AT+CHLD=4", ["ERROR"])
    call = modem.call_in()
    until(lambda: call.mpty, 10, "a conference")
    box.ok("send-test")
    always(lambda: not modem.sent("AT+CMGS"), 3, "a text during a call")
    modem.leaves(call)
    box.message("sent", kind="test")
    assert modem.pdus[0][0] > call.gone


@pytest.mark.long
def test_many_texts_in_a_row(up):
    box, modem = up()
    for _ in range(6):
        box.ok("send-test")
    until(lambda: len(modem.pdus) == 6, 30, "six texts")
    until(lambda: {row["state"] for row in box.messages("test")} == {"sent"}, 5, "six texts sent")
    ids = [row["id"] for row in box.messages("test")]
    assert len(set(ids)) == 6
    created = [row["created_at"] for row in box.messages()]
    assert created == sorted(created, reverse=True), "newest first"


@pytest.mark.long
@pytest.mark.parametrize("killed", [False, True], ids=["running on", "killed between"])
def test_missed_calls_of_two_minutes_share_a_text(up, killed):
    """The first is told at once, the others together, each exactly once; a power cut between changes nothing."""
    box, modem = up()
    modem.targets[DESK] = Target(ends="BUSY", after=0.1)
    callers = ("+498955512345", "+498955567890", "+498955511111")
    for caller in callers:
        call = modem.call_in(caller)
        until(lambda call=call: call.gone, 12, "the call ended")
        time.sleep(1.5)
    if killed:
        box.calls(3)
        box.kill()
        box.start()
        box.ready()
    until(lambda: len(modem.pdus) == 2, 150, "the second text")
    always(lambda: len(modem.pdus) == 2, 8, "a third text")
    first, second = ("".join(part.text.split()) for part in texts(modem))
    assert [caller[3:] in first for caller in callers] == [True, False, False]
    assert [caller[3:] in second for caller in callers] == [False, True, True]


@pytest.mark.long
def test_a_down_line_keeps_its_texts(up):
    box, modem = up()
    modem.unplug()
    until(lambda: box.line()["state"] == "down", 20, "the line down")
    box.ok("send-test")
    time.sleep(2)
    assert box.message("queued", kind="test")["tries"] == 0
    modem.plug()
    box.message("sent", within=25, kind="test")


@pytest.mark.long
def test_no_line_can_send_texts(box):
    toml = settings("/dev/null").replace('kind = "gsm"', 'kind = "analog"')
    toml = toml.replace('forward_by = ["transfer", "conference"]', 'forward_by = ["flash"]\nsite = "fritzbox"')
    done = box.provision(toml)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip(), "no warning"
