"""Commands by text: the owner's override, who may give one, what comes back, and that it outlives a power cut."""

import datetime as dt
import re

import pytest

from .box import BERLIN, OWNER, SECOND, THIRD, now, settings, until
from .calls import Target
from .week import AWAY, CALLER, MOBILE, missed, next_text, says, sent_to, silent

WEEK = {"timetable": 'away = "gone"', "more": AWAY}
OTHERS = {
    "a stranger": CALLER,
    "a stranger's mobile": MOBILE,
    "one digit more": OWNER + "9",
    "one digit less": OWNER[:-1],
    "another country": "+43" + OWNER[3:],
    "a name": "Rufweiche",
    "a short code": "11833",
}


def override(box):
    return box.json("status")["override"]


def test_away_and_back_by_text(up):
    """The owner's word counts at once, is confirmed by a text, and the next call goes by it, whatever the roster."""
    box, modem = up(**WEEK)
    assert "gone" in says(modem, OWNER, "weg")
    assert override(box) == {"plan": "gone", "until": None}
    modem.targets[THIRD] = Target(answers=0.3)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 15, "the call given away")
    row = box.call()
    assert (row["plan"], row["decided_by"], row["target"]) == ("gone", "override", "third")
    confirmed = box.messages("reply")
    assert [(text["to"], text["state"]) for text in confirmed] == [(OWNER, "sent")]
    box.kill()
    box.start()
    box.ready()
    assert override(box) == {"plan": "gone", "until": None}, "lost in a power cut"
    says(modem, OWNER, "da")
    assert override(box) is None
    assert len(sent_to(modem, OWNER)) == 2, "confirmed again after the power cut"


WORDS = {
    "weg": ("gone", None), "WEG": ("gone", None), " Weg! ": ("gone", None), "away": ("gone", None),
    "Weg.": ("gone", None), "weg\n": ("gone", None), "weg bis {time}": ("gone", "time"),
    "Weg bis {time} Uhr": ("gone", "time"), "away until {time}": ("gone", "time"),
    "weg  bis   {dots}": ("gone", "time"),
    "da": (None, None), "Da!": (None, None), "back": (None, None),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("language", ["de", "en"])
def test_words_as_people_write_them(stage, language):
    """Both languages are understood whatever the settings' is; the answer is in that one, in one part."""
    modem = stage.module()
    stage.box.provisioned(settings(modem.link, **WEEK).replace('language = "de"', f'language = "{language}"'))
    stage.box.start()
    stage.box.ready()
    end = (now() + dt.timedelta(hours=2)).replace(second=0, microsecond=0)
    for words, (plan, until_when) in WORDS.items():
        stage.box.ok("override", "off" if plan else "gone")
        answer = says(modem, OWNER, words.format(time=end.strftime("%H:%M"), dots=end.strftime("%H.%M")))
        said = override(stage.box)
        assert (said and said["plan"]) == plan, words
        if until_when:
            assert dt.datetime.fromisoformat(said["until"]) == end, words
            assert end.strftime("%H:%M") in answer
        assert (
            ("Plan" in answer or "Zeitplan" in answer)
            if language == "de"
            else re.search(r"\b(plan|timetable)\b", answer)
        )
    assert len(modem.pdus) == len(WORDS), "an answer of more than one part"


@pytest.mark.long
def test_until_a_time_that_is_over_means_tomorrow(up):
    box, modem = up(**WEEK)
    then = now() - dt.timedelta(minutes=30)
    says(modem, OWNER, f"weg bis {then:%H:%M}")
    until_when = dt.datetime.fromisoformat(override(box)["until"]).astimezone(BERLIN)
    assert dt.timedelta(hours=22) < until_when - now() < dt.timedelta(hours=25)
    assert until_when.strftime("%H:%M") == then.strftime("%H:%M")


@pytest.mark.long
def test_the_override_ends_by_itself(up):
    """Also while the engine was dead at its end; the next call goes by the timetable again."""
    box, modem = up(**WEEK)
    end = now() + dt.timedelta(seconds=14)
    box.ok("override", "gone", "--until", end.isoformat())
    assert override(box)["plan"] == "gone"
    box.kill()
    box.start()
    box.ready()
    until(lambda: now() >= end, 20, "the end")
    assert override(box) is None
    assert missed(modem).end == "local"
    assert (box.call()["plan"], box.call()["decided_by"]) == ("open", "otherwise")


@pytest.mark.long
@pytest.mark.parametrize("words", ["weg bis 25:00", "weg bis gestern", "weg bis", "away until 99", "weg bsi 14:00",
                                   "away til 25"])  # fmt: skip
def test_a_time_that_is_none_is_told_and_changes_nothing(up, words):
    """Silence would leave the owner believing that he is away."""
    box, modem = up(**WEEK)
    says(modem, OWNER, words)
    assert override(box) is None


@pytest.mark.long
def test_others_command_nothing(up):
    """Nor do they get an answer that costs money; what they wrote is kept and shown."""
    box, modem = up(**WEEK)
    box.ok("override", "gone")
    for sender in OTHERS.values():
        silent(modem, sender, "da", box, during=1)
    assert override(box) == {"plan": "gone", "until": None}
    assert modem.pdus == []
    inbox = box.json("inbox")
    assert [(row["from"], row["text"]) for row in inbox] == [(who, "da") for who in reversed(OTHERS.values())]


@pytest.mark.long
def test_the_owner_in_another_spelling(up):
    """Networks show the own country's numbers nationally, too."""
    box, modem = up(**WEEK)
    before = len(sent_to(modem, OWNER))
    modem.text_in("0" + OWNER[3:], "weg")
    next_text(modem, OWNER, before)
    assert override(box)["plan"] == "gone"


@pytest.mark.long
def test_a_command_code(up):
    """A sender can be forged: without the code nothing is obeyed."""
    box, modem = up(timetable='away = "gone"', more='command_code = "4711"\n' + AWAY)
    for words in ("weg", "weg 4711", "4712 weg", "47110 weg", "471 1 weg"):
        modem.text_in(OWNER, words)
        until(lambda words=words: box.json("inbox") and box.json("inbox")[0]["text"] == words, 8, "the text kept")
        assert override(box) is None, words
    before = len(sent_to(modem, OWNER))
    silent(modem, MOBILE, "4711 weg", box)
    assert override(box) is None
    modem.text_in(OWNER, " 4711  Weg")
    next_text(modem, OWNER, before)
    assert override(box)["plan"] == "gone"
    assert "4711" not in "".join(sent_to(modem, OWNER)), "the code went out"
    assert "4711" not in "".join(box.output), "the code is in the log"
    says(modem, OWNER, "4711 da")
    assert override(box) is None


@pytest.mark.long
def test_away_without_a_plan_for_it(up):
    """No timetable.away: the owner is told, nothing changes."""
    box, modem = up(more=AWAY)
    says(modem, OWNER, "weg")
    assert override(box) is None
    done = box.run("override", "away")
    assert done.returncode == 2 and "timetable" in done.stderr


@pytest.mark.long
def test_texts_that_came_while_the_box_was_off(stage):
    """They wait on the SIM, are read once in their order, and leave it."""
    modem = stage.module()
    stage.box.provisioned(settings(modem.link, **WEEK))
    modem.text_in(OWNER, "weg")
    modem.text_in(CALLER, "Bitte um Rückruf, Grüße")
    assert len(modem.stored) == 2
    stage.box.start()
    stage.box.ready()
    next_text(modem, OWNER, 0)
    until(lambda: not modem.stored, 10, "the SIM emptied")
    assert override(stage.box)["plan"] == "gone"
    assert [row["text"] for row in stage.box.json("inbox")] == ["Bitte um Rückruf, Grüße", "weg"]
    stage.box.kill()
    stage.box.start()
    stage.box.ready()
    assert len(stage.box.json("inbox")) == 2


@pytest.mark.long
def test_a_text_in_parts_and_in_another_alphabet(up):
    """Parts come in any order; a lost one holds up nothing."""
    box, modem = up(**WEEK)
    first, second = "Sehr geehrte Damen und Herren, " * 4, "mit freundlichen Grüßen"
    modem.text_in(CALLER, second, part=(9, 2, 2))
    modem.text_in(OWNER, "weg")
    modem.text_in(CALLER, first, part=(9, 2, 1))
    modem.text_in(CALLER, "工作 🔧 <b>'; DROP TABLE--\x00")
    modem.text_in(MOBILE, "nur der Anfang", part=(3, 3, 1))
    next_text(modem, OWNER, 0)
    until(lambda: len(box.json("inbox")) >= 3, 10, "the texts kept")
    texts = {row["text"] for row in box.json("inbox")}
    assert first + second in texts
    assert any("工作 🔧 <b>'; DROP TABLE--" in text for text in texts)
    assert box.run("inbox").returncode == 0 and "\x00" not in box.ok("inbox")


@pytest.mark.long
def test_a_text_during_a_call_waits_for_its_end(up):
    box, modem = up(**WEEK, chain=("second",), forward_by=("conference",))
    modem.targets[SECOND] = Target(answers=0.3)
    call = modem.call_in(CALLER)
    until(lambda: call.mpty, 15, "a conference")
    modem.text_in(OWNER, "weg")
    modem.later(4, lambda: modem.leaves(call))
    next_text(modem, OWNER, 0, within=20)
    assert modem.pdus[0][0] > call.gone
    assert override(box)["plan"] == "gone"


@pytest.mark.long
@pytest.mark.parametrize("garbage", ["00", "FF" * 30, "0791", "07919471016700F0", "nothex", "", "0" * 400])
def test_a_text_that_is_none(up, garbage):
    """A broken message on the SIM holds up neither calls nor the texts behind it."""
    box, modem = up(**WEEK)
    with modem.lock:
        modem.stored[1] = [0, len(garbage) // 2, garbage]
        modem.urc('+CMTI: "SM",1')
    says(modem, OWNER, "status")
    missed(modem)
    box.ready()
