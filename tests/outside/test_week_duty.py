"""Who is on call: gaps named the day before, a duty handed over by text, a missed call that somebody must take."""

import datetime as dt

import pytest

from .box import OWNER, always, now, settings, until
from .calls import Target
from .week import CALLER, OTHER, digits, next_text, says, sent_to

ANNA, BERND, CLARA = "+4917112345671", "+4917112345672", "+4917112345673"
PEOPLE = {"anna": ANNA, "bernd": BERND, "clara": CLARA, "desk": "+49301111111"}
ON_CALL = {"numbers": PEOPLE, "chain": ("on-call",)}


def shift(target: str, start: dt.datetime, end: dt.datetime) -> str:
    return f'[[roster]]\ntarget = "{target}"\nfrom = {start:%Y-%m-%dT%H:%M:%S}\nto = {end:%Y-%m-%dT%H:%M:%S}\n'


def roster(*shifts: tuple[str, float, float]) -> str:
    """Shifts from and to so many hours from now, all in local time."""
    hour = dt.timedelta(hours=1)
    return "".join(shift(target, now() + start * hour, now() + end * hour) for target, start, end in shifts)


def on_call(box) -> list[str]:
    return [step["target"] for step in box.json("explain", "--caller", CALLER)["chain"]]


@pytest.mark.long
def test_a_gap_is_named_the_day_before(up):
    """Once, with its times, and not again after a restart."""
    tomorrow = (now() + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    at = dt.timedelta(hours=1)
    shifts = shift("anna", now().replace(tzinfo=None) - at, tomorrow + 9 * at)
    shifts += shift("bernd", tomorrow + 11 * at, tomorrow + dt.timedelta(days=20))
    box, modem = up(**ON_CALL, more=shifts)
    text = next_text(modem, OWNER, 0, within=90)
    assert "09:00" in text and "11:00" in text and f"{tomorrow:%d.%m.}" in text, text
    assert [row["kind"] for row in box.messages()] == ["alarm"]
    box.kill()
    box.start()
    box.ready()
    always(lambda: len(modem.pdus) == 1, 20, "the gap a second time")


@pytest.mark.long
def test_no_gap_no_text(up):
    _, modem = up(**ON_CALL, more=roster(("anna", -1, 12), ("bernd", 12, 24 * 20)))
    always(lambda: not modem.pdus, 40, "an alarm")


@pytest.mark.long
def test_the_duty_is_handed_over_by_text(up):
    """By whoever has it, to the next, who is told; the next call goes there; also after a power cut."""
    box, modem = up(**ON_CALL, more=roster(("anna", -1, 9), ("bernd", 9, 24), ("clara", 24, 48)))
    assert on_call(box) == ["anna"]
    assert "bernd" in says(modem, ANNA, "frei")
    assert "anna" in next_text(modem, BERND, 0)
    assert on_call(box) == ["bernd"]
    modem.targets[BERND] = Target(answers=0.2)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 15, "the call given away")
    assert box.call()["target"] == "bernd"
    box.kill()
    box.start()
    box.ready()
    assert on_call(box) == ["bernd"]


@pytest.mark.long
def test_only_who_has_the_duty_hands_it_over(up):
    box, modem = up(**ON_CALL, more=roster(("anna", -1, 9), ("bernd", 9, 100)))
    says(modem, BERND, "frei")
    assert on_call(box) == ["anna"]
    modem.text_in(CALLER, "frei")
    modem.text_in("+4917199999999", "off")
    until(lambda: len(box.json("inbox")) == 3, 10, "the texts kept")
    assert on_call(box) == ["anna"]
    assert len(modem.pdus) == 1
    says(modem, ANNA, "Off!")
    assert on_call(box) == ["bernd"]
    says(modem, BERND, "frei")
    assert on_call(box) in (["bernd"], []), "handed round for ever"


@pytest.mark.long
def test_swapped_by_command(box):
    shifts = roster(("anna", -1, 9), ("bernd", 9, 24))
    box.provisioned(settings("/dev/ttyNone", **ON_CALL, more=shifts))
    start, end = now() + dt.timedelta(hours=2), now() + dt.timedelta(hours=4)
    box.ok("swap", "anna", "clara", "--from", f"{start:%Y-%m-%dT%H:%M}", "--until", f"{end:%Y-%m-%dT%H:%M}")

    def at(hours):
        moment = (now() + dt.timedelta(hours=hours)).isoformat()
        return [step["target"] for step in box.json("explain", "--caller", CALLER, "--at", moment)["chain"]]

    assert [at(hours) for hours in (1, 3, 5, 10)] == [["anna"], ["clara"], ["anna"], ["bernd"]]
    for wrong in (("nobody", "clara"), ("anna", "nobody"), ("anna", "anna")):
        done = box.run("swap", *wrong, "--from", f"{start:%Y-%m-%dT%H:%M}", "--until", f"{end:%Y-%m-%dT%H:%M}")
        assert done.returncode == 2 or wrong == ("anna", "anna"), wrong
    assert box.run("swap", "anna", "clara", "--from", f"{end:%Y-%m-%dT%H:%M}", "--until",
                   f"{start:%Y-%m-%dT%H:%M}").returncode == 2  # fmt: skip


@pytest.mark.long
def test_an_unacknowledged_call_goes_to_the_next(up):
    """After the set time, once; `ok` ends it, and the owner's list with it."""
    more = "escalate_minutes = 1\n" + roster(("anna", -1, 9), ("bernd", 9, 24), ("clara", 24, 48))
    _, modem = up(**ON_CALL, more=more)
    modem.targets[ANNA] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 12, "the call ended")
    text = next_text(modem, ANNA, 0)
    assert CALLER[3:] in digits(text) and "OK" in text
    always(lambda: not sent_to(modem, BERND), 45, "too early")
    text = next_text(modem, BERND, 0, within=40)
    assert CALLER[3:] in digits(text)
    assert CALLER[3:] in digits(says(modem, BERND, "Ok, danke"))
    always(lambda: not sent_to(modem, CLARA), 75, "to the third, though somebody takes care")
    assert len(sent_to(modem, ANNA)) == 1
    assert "keine" in says(modem, OWNER, "erledigt"), "still open for the owner"


@pytest.mark.long
def test_ok_of_a_stranger_ends_nothing(up):
    more = "escalate_minutes = 1\n" + roster(("anna", -1, 9), ("bernd", 9, 24))
    box, modem = up(**ON_CALL, more=more)
    modem.targets[ANNA] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(OTHER)
    until(lambda: call.gone, 12, "the call ended")
    next_text(modem, ANNA, 0)
    modem.text_in("+4917199999999", "ok")
    box.kill()
    box.start()
    box.ready()
    next_text(modem, BERND, 0, within=75)


@pytest.mark.long
def test_nobody_on_call_and_nobody_else(up):
    """An empty chain with hang-up: never answered, missed, nobody reached."""
    box, modem = up(**ON_CALL, more=roster(("anna", 1, 9)))
    call = modem.call_in(CALLER)
    until(lambda: len(call.rings) == 4, 15, "four rings")
    modem.leaves(call)
    row = box.calls(within=15)[0]
    assert (row["outcome"], row["reason"], row["answered_at"], row["attempts"]) == (
        "missed",
        "nobody_reached",
        None,
        [],
    )
    assert modem.sent("ATA") == modem.sent("ATD") == []
    next_text(modem, OWNER, 0)
