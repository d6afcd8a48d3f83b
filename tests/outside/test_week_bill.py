"""A month's bill against figures made by hand: minutes and texts of each target, the forecast, the next month."""

import datetime as dt
import time

import pytest

from .box import BERLIN, DESK, OWNER, THIRD, always, settings, until
from .calls import Target
from .week import AWAY, CALLER, MOBILE, OTHER, missed, next_text, sent_to

ANNA = "+4917112345671"
NUMBERS = {"desk": DESK, "anna": ANNA, "third": THIRD}
WORDS = "Hier ist die Tischlerei Muster. Wir rufen heute noch zurueck. " * 3  # 186 characters, two parts


def up(stage, moment: dt.datetime, more: str, tariffs: dict[str, float], **changes):
    """The box at that time, with tariffs in ct a minute."""
    modem = stage.module()
    toml = settings(modem.link, numbers=NUMBERS, forward_by=("conference",), more=more, **changes)
    for name, ct in tariffs.items():
        toml = toml.replace(f'number = "{NUMBERS[name]}"', f'number = "{NUMBERS[name]}"\ntariff_ct = {ct}')
    stage.box.set_clock(moment)
    stage.box.provisioned(toml.replace(f'number = "{ANNA}"', f'number = "{ANNA}"\nbrief = true'))
    stage.box.start()
    stage.box.ready()
    return stage.box, modem


def talk(modem, target: str, caller: str = CALLER, seconds: float = 1.5) -> None:
    """Put through by conference, and so long on the phone."""
    modem.targets[target] = Target(answers=0.2)
    call = modem.call_in(caller)
    until(lambda: call.mpty, 15, "a conference")
    time.sleep(seconds)
    modem.leaves(call)
    until(lambda: not modem.calls, 12, "the line free")


@pytest.mark.long
def test_a_month_by_hand(stage):
    """Ten days of December: what was used, and three times as much by its end."""
    more = f"""reply_to_caller = true
reply_text = "{WORDS.strip()}"
[costs]
text_ct = 9
[[plan]]
name = "far"
answer_after_rings = 1
chain = ["third"]
[[caller]]
number = "{OTHER}"
plan = "far"
"""
    tariffs = {"anna": 12.5, "third": 60.0}
    box, modem = up(stage, dt.datetime(2026, 12, 11, 0, 1, tzinfo=BERLIN), more, tariffs, chain=("anna",), missed="off")
    talk(modem, ANNA)
    talk(modem, ANNA)
    talk(modem, THIRD, OTHER, 62)
    modem.targets[ANNA] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(MOBILE)
    until(lambda: call.gone, 12, "busy")
    box.ok("send-test")
    until(lambda: len(modem.pdus) == 6 and box.json("status")["messages"]["queued"] == 0, 60, "all texts")
    assert [len(sent_to(modem, number)) for number in (ANNA, MOBILE, OWNER)] == [3, 1, 1]
    costs = box.json("costs")
    rows = {row["target"]: (row["calls"], row["minutes"], row["texts"], row["ct"]) for row in costs["targets"]}
    assert rows == {
        "anna": (2, 2, 3, 52.0),  # 2 × 12.5 and 3 × 9: the busy one cost a text and no minute
        "third": (1, 2, 0, 120.0),  # 62 s are two minutes
    }
    assert (costs["other_texts"], costs["ct"]) == (3, 199.0)  # one to the owner, two parts to the missed caller
    days = (box.now() - dt.datetime(2026, 12, 1, tzinfo=BERLIN)) / dt.timedelta(days=1)
    assert costs["forecast_ct"] == pytest.approx(199 * 31 / days, abs=0.2)
    told = box.ok("costs")
    assert "1.99 €" in told and "6.1" in told, told


@pytest.mark.long
def test_a_call_given_away_is_estimated_and_said_to_be(stage):
    """Nobody sees a transferred call end; it is billed all the same."""
    box, modem = up(stage, dt.datetime(2026, 12, 11, 0, 1, tzinfo=BERLIN), "", {"third": 10.0}, chain=("third",))
    box.provisioned((box.folder / "settings.toml").read_text().replace('["conference"]', '["transfer"]'))
    time.sleep(2.5)
    modem.targets[THIRD] = Target(answers=0.2)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 15, "given away")
    box.calls(1)
    (row,) = [row for row in box.json("costs")["targets"] if row["calls"]]
    assert row["minutes"] == row["estimated"] > 0 and row["ct"] == 10 * row["minutes"]
    assert "estimated" in box.ok("costs")


@pytest.mark.long
def test_the_next_month_begins_anew(stage):
    """The cap is reached on the last day; from the first on the usual plan again, and the cap watches anew."""
    more = '[costs]\ntext_ct = 0\nmonthly_cap_eur = 0.50\ncap_plan = "gone"\n' + AWAY
    eve = dt.datetime(2026, 12, 31, 23, 50, tzinfo=BERLIN)
    box, modem = up(stage, eve, more, {"anna": 60.0, "third": 0.0}, chain=("anna",), missed="off")
    talk(modem, ANNA)
    assert "grenze" in next_text(modem, OWNER, 0, within=100).lower()
    until(lambda: box.json("status")["plan_now"] == "gone", 10, "the named plan")
    status = box.json("status")
    assert dt.datetime.fromisoformat(status["plan_changes_at"]) == dt.datetime(2027, 1, 1, tzinfo=BERLIN)
    assert (status["plan_next"], status["override"]["plan"]) == ("open", "gone")
    assert box.json("costs")["forecast_ct"] == pytest.approx(60, abs=0.1)
    box.kill()
    box.set_clock(dt.datetime(2027, 1, 1, 0, 5, tzinfo=BERLIN))
    box.start()
    box.ready()
    assert box.json("status")["plan_now"] == "open"
    costs = box.json("costs")
    assert (costs["ct"], costs["forecast_ct"]) == (0, None), "too early to foretell"
    assert box.json("costs", "--month", "2026-12")["ct"] == 60
    talk(modem, ANNA)
    assert "grenze" in next_text(modem, OWNER, 1, within=100).lower(), "the second month's cap was silent"
    until(lambda: box.json("status")["plan_now"] == "gone", 10, "the named plan")
    box.ok("override", "off")
    until(lambda: box.json("status")["plan_now"] == "open", 5, "as the owner says")
    always(lambda: box.json("status")["plan_now"] == "open", 65, "switched on again against his word")


@pytest.mark.long
def test_a_cap_reached_by_texts(stage):
    """Texts cost, too. While the owner's override is on, it stays; the cap is told all the same."""
    more = '[costs]\ntext_ct = 20\nmonthly_cap_eur = 0.60\ncap_plan = "gone"\n' + AWAY
    box, modem = up(stage, dt.datetime(2026, 12, 11, tzinfo=BERLIN), more, {}, chain=("desk",), missed="at-once")
    box.ok("override", "open")
    missed(modem)
    next_text(modem, OWNER, 0)
    box.ok("send-test")
    box.ok("send-test")
    until(lambda: any("grenze" in text.lower() for text in sent_to(modem, OWNER)), 130, "told")
    assert box.json("status")["plan_now"] == "open"
    box.ok("override", "off")
    until(lambda: box.json("status")["plan_now"] == "gone", 75, "the named plan once nothing else is switched on")
