"""When the owner hears of missed calls: at once, in a digest, not by night, not beyond the day's limit, until done."""

import re
import time

import pytest

from .box import OWNER, always, now, settings, until
from .calls import Target
from .week import AWAY, CALLER, MOBILE, OTHER, clock, digits, missed, next_text, says, sent_to, soon

QUIET = 'quiet = {{ from = "{}", to = "{}" }}\n'


@pytest.mark.long
def test_a_digest_at_its_time_grouped_by_caller(up):
    """Nothing before, one text at the full minute, each caller once, with how often and when last."""
    at, seconds = soon(2)
    begun = time.monotonic()
    box, modem = up(missed="digest", more=f'digest_at = ["{at}"]\n')
    for caller in (CALLER, OTHER, CALLER, CALLER):
        missed(modem, caller)
    missed(modem, "", 128, 1)
    last = box.calls(5)[1]["started_at"][11:16]
    always(lambda: not modem.pdus, max(0.0, seconds - (time.monotonic() - begun) - 2), "before its time")
    text = next_text(modem, OWNER, 0, within=20)
    assert now().strftime("%H:%M") == at
    assert digits(text).count(CALLER[3:]) == digits(text).count(OTHER[3:]) == 1, text
    assert "3×" in text or "3x" in text, text
    assert last in text, text
    assert len(modem.pdus) == 1, "an ordinary digest of more than one part"
    assert [row["kind"] for row in box.messages()] == ["digest"]
    always(lambda: len(modem.pdus) == 1, 5, "the digest a second time")


@pytest.mark.long
def test_both_and_what_is_done_is_not_told_again(up):
    """A text at once; `erledigt` closes the list, so the digest tells only what came after."""
    at, seconds = soon(3)
    begun = time.monotonic()
    box, modem = up(missed="both", more=f'digest_at = ["{at}"]\n')
    missed(modem, CALLER)
    assert CALLER[3:] in digits(next_text(modem, OWNER, 0))
    assert "1" in says(modem, OWNER, "Erledigt.")
    missed(modem, OTHER)
    digest = until(lambda: [row["text"] for row in box.messages("digest")], seconds + 30, "the digest")[0]
    assert time.monotonic() - begun > seconds - 2
    assert OTHER[3:] in digits(digest) and CALLER[3:] not in digits(digest)


@pytest.mark.long
def test_a_digest_of_nothing_is_none(up):
    """Nothing missed, or all done: no text, and it costs nothing."""
    at, seconds = soon(2)
    begun = time.monotonic()
    box, modem = up(missed="digest", more=f'digest_at = ["{at}"]\n')
    missed(modem)
    says(modem, OWNER, "done")
    count = len(modem.pdus)
    always(lambda: len(modem.pdus) == count, seconds - (time.monotonic() - begun) + 15, "a text about nothing")
    assert box.messages("digest") == []


@pytest.mark.long
def test_a_digest_of_a_box_that_was_off_at_its_time(up):
    """The power fails over noon: the digest comes late, once."""
    at, seconds = soon(1)
    begun = time.monotonic()
    if seconds < 25:
        at, seconds = soon(2)
    box, modem = up(missed="digest", more=f'digest_at = ["{at}"]\n')
    missed(modem)
    box.calls(1)
    box.kill()
    time.sleep(max(0.0, seconds - (time.monotonic() - begun)) + 2)
    box.start()
    box.ready()
    next_text(modem, OWNER, 0, within=20)
    box.message("sent", kind="digest")
    box.kill()
    box.start()
    box.ready()
    always(lambda: len(modem.pdus) == 1, 10, "the digest a second time")


@pytest.mark.long
def test_off_means_off(up):
    box, modem = up(missed="off")
    missed(modem)
    box.calls(1)
    always(lambda: not modem.pdus, 8, "a text")
    assert box.messages() == []


@pytest.mark.long
def test_quiet_hours(up):
    """Nothing by night, all of it in one text when the night is over; a command is still answered."""
    end, seconds = soon(2)
    begun = time.monotonic()
    box, modem = up(more=QUIET.format(clock(-90), end))
    missed(modem, CALLER)
    missed(modem, OTHER)
    says(modem, OWNER, "status")
    always(lambda: len(modem.pdus) == 1, max(0.0, seconds - (time.monotonic() - begun) - 2), "a text by night")
    text = next_text(modem, OWNER, 1, within=30)
    assert CALLER[3:] in digits(text) and OTHER[3:] in digits(text)
    assert now().strftime("%H:%M") >= end
    always(lambda: len(modem.pdus) == 2, 8, "more than one text in the morning")
    assert {row["state"] for row in box.messages()} == {"sent"}


@pytest.mark.long
def test_quiet_hours_that_begin_later_hold_up_nothing(up):
    _, modem = up(more=QUIET.format(clock(30), clock(-30)))
    missed(modem)
    next_text(modem, OWNER, 0)


@pytest.mark.long
def test_the_limit_of_a_day(up):
    """The last text that may go out says so; then none, also after a power cut; commands still count."""
    box, modem = up(timetable='away = "gone"', more="at_most_per_day = 4\n" + AWAY)
    for _ in range(3):
        box.ok("send-test")
    until(lambda: len(modem.pdus) == 3, 20, "three texts")
    missed(modem)
    last = next_text(modem, OWNER, 3)
    assert "4" in last and re.search("(?i)grenze|limit|letzte", last), last
    missed(modem, OTHER)
    box.ok("send-test")
    box.kill()
    box.start()
    box.ready()
    always(lambda: len(modem.pdus) == 4, 10, "beyond the limit")
    says(modem, OWNER, "weg")
    assert box.json("status")["override"]["plan"] == "gone", "a command is obeyed, and answered, all the same"
    assert box.json("status")["messages"]["failed"] + box.json("status")["messages"]["queued"] >= 1, "lost silently"


@pytest.mark.long
def test_who_was_forwarded_or_blocked_is_not_missed(up):
    box, modem = up(chain=("second",), more=f'[[caller]]\nnumber = "{OTHER}"\ngroup = "blocked"\n')
    modem.targets["+49892223344"] = Target(answers=0.2)
    first = modem.call_in(CALLER)
    until(lambda: first.gone, 15, "the first call given away")
    box.calls(1)
    pest = modem.call_in(OTHER)
    until(lambda: len(pest.rings) >= 3, 15, "three rings")
    modem.leaves(pest)
    rows = box.calls(2, within=15)
    assert [(row["outcome"], row["decided_by"]) for row in rows] == [("blocked", "blocked"), ("forwarded", "otherwise")]
    assert rows[0]["attempts"] == [] and rows[0]["answered_at"] is None
    always(lambda: not modem.pdus, 8, "a text about nobody missed")


@pytest.mark.long
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_same_caller_thrice(stage, language):
    """An impatient caller is told of once, and in one part."""
    modem = stage.module()
    stage.box.provisioned(settings(modem.link).replace('language = "de"', f'language = "{language}"'))
    stage.box.start()
    stage.box.ready()
    for _ in range(4):
        missed(modem, MOBILE)
    until(lambda: len(sent_to(modem, OWNER)) == 2, 150, "the second text")
    text = sent_to(modem, OWNER)[1]
    assert digits(text).count(MOBILE[3:]) == 1 and ("3×" in text or "3x" in text), text
    assert len(modem.pdus) == 2
    always(lambda: len(modem.pdus) == 2, 5, "a third text")
