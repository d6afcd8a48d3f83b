"""What it costs and what stops it: tariffs, the cap, the prepaid card, the callers who call too often, the loop."""

import re

import pytest

from .box import DESK, OWNER, SECOND, THIRD, always, settings, until
from .calls import Target
from .week import AWAY, CALLER, OTHER, next_text, sent_to

CONFERENCE = {"chain": ("second",), "forward_by": ("conference",)}
COSTS = "[costs]\ntext_ct = 9.0\n"


def started(stage, more, tariff=60.0, **changes):
    modem = stage.module()
    toml = settings(modem.link, more=more, **CONFERENCE | changes)
    toml = toml.replace(f'number = "{SECOND}"', f'number = "{SECOND}"\ntariff_ct = {tariff}')
    stage.box.provisioned(toml)
    stage.box.start()
    stage.box.ready()
    return stage.box, modem


def talk(modem, caller=CALLER, target=SECOND):
    """A conference of a few seconds."""
    modem.targets[target] = Target(answers=0.2)
    call = modem.call_in(caller)
    until(lambda: call.mpty, 15, "a conference")
    modem.later(1.5, lambda: modem.leaves(call))
    until(lambda: not modem.calls, 12, "the line free")
    return call


@pytest.mark.long
def test_minutes_and_texts_are_counted(stage):
    """A started minute counts whole; texts by their tariff; to the target, and to the others."""
    box, modem = started(stage, COSTS, missed="off")
    talk(modem)
    talk(modem, OTHER)
    box.calls(2)
    box.ok("send-test")
    box.message("sent", kind="test")
    costs = box.json("costs")
    (row,) = [row for row in costs["targets"] if row["target"] == "second"]
    assert (row["calls"], row["minutes"], row["ct"]) == (2, 2, 120)
    assert (costs["other_texts"], costs["ct"]) == (1, 129)
    stats = box.json("stats")
    assert (stats["total"]["calls"], stats["total"]["forwarded"], stats["total"]["missed_share"]) == (2, 2, 0)
    assert stats["by_target"][0]["target"] == "second"


@pytest.mark.long
def test_the_cap_is_told_and_the_named_plan_takes_over(stage):
    """Never silently; an explicit override of the owner's still comes first; it outlives a power cut."""
    more = COSTS + 'monthly_cap_eur = 0.50\ncap_plan = "gone"\n' + AWAY
    box, modem = started(stage, more, missed="off")
    talk(modem)
    text = next_text(modem, OWNER, 0, within=100)
    assert "grenze" in text.lower(), text
    assert box.messages("alarm")[0]["to"] == OWNER
    for _ in range(2):
        assert box.json("status")["plan_now"] == "gone"
        assert box.json("explain", "--caller", OTHER)["plan"] == "gone"
        box.kill()
        box.start()
        box.ready()
    talk(modem, OTHER, THIRD)
    row = box.calls(2)[0]
    assert (row["plan"], row["target"]) == ("gone", "third")
    always(lambda: len(sent_to(modem, OWNER)) == 1, 8, "told twice")


@pytest.mark.long
def test_near_the_cap_there_is_a_warning_only(stage):
    box, modem = started(stage, COSTS + 'monthly_cap_eur = 0.70\ncap_plan = "gone"\n' + AWAY, missed="off")
    talk(modem)
    assert "grenze" in next_text(modem, OWNER, 0, within=100).lower()
    assert box.json("status")["plan_now"] == "open"


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "warned"),
    [
        ('+CUSD: 0,"Ihr Guthaben betraegt 3,20 EUR.",15', True),
        ('+CUSD: 2,"Prepaid-Guthaben: 12,80 EUR. Gueltig bis 24.12.2027.",15', False),
        (f'+CUSD: 0,"{"Guthaben: 3,20 EUR".encode("utf-16-be").hex().upper()}",72', True),
        ('+CUSD: 0,"Bitte waehlen Sie: 1 Aufladen 2 Tarife",15', None),
        ("+CUSD: 4", None),
    ],
)
def test_the_balance_of_a_prepaid_card(stage, answer, warned):
    """Asked by USSD; under the limit the owner is told what is left. What is not understood warns of nothing."""
    modem = stage.module(ussd={"*100#": [answer]})
    more = '[costs]\nbalance_ussd = "*100#"\nbalance_warn_eur = 5.0\n'
    stage.box.provisioned(settings(modem.link, more=more))
    stage.box.start()
    stage.box.ready()
    until(lambda: modem.sent("AT+CUSD=1"), 120, "the question for the balance")
    if warned:
        assert re.search("3[.,]20", next_text(modem, OWNER, 0, within=30))
    else:
        always(lambda: not modem.pdus, 10, "a warning")
    stage.box.ready()
    assert len(modem.sent("AT+CUSD=1")) == 1


@pytest.mark.long
def test_so_many_forwarded_calls_per_caller_and_hour(stage):
    """One caller's third call reaches nobody, and costs nothing; another's does; none is lost from the log."""
    box, modem = started(stage, "[guard]\nforwards_per_hour = 2\n", missed="off")
    talk(modem)
    talk(modem)
    before = len(modem.sent("ATD"))
    third = modem.call_in(CALLER)
    until(lambda: len(third.rings) >= 3 or third.gone, 15, "three rings")
    modem.leaves(third)
    row = box.calls(3, within=15)[0]
    assert (row["outcome"], row["target"], row["attempts"]) == ("missed", None, [])
    assert len(modem.sent("ATD")) == before
    talk(modem, OTHER)
    assert box.calls(4)[0]["outcome"] == "forwarded"


@pytest.mark.long
@pytest.mark.parametrize("shown", [CALLER, SECOND, "+498912345"])
def test_a_forwarding_loop_is_ended(stage, shown):
    """The target diverts to the box: the call comes back while it is being made, with the first caller's number on it,
    the diverting one's, or the box's own. It is released, not forwarded again; the caller is told about once."""
    box, modem = started(stage, "", missed="at-once", ring_seconds=8)
    modem.targets[SECOND] = Target()
    call = modem.call_in(CALLER)
    until(lambda: modem.having(3), 10, "the target rings")
    back = modem.call_in(shown)
    until(lambda: back.gone, 10, "the loop ended")
    assert back.end == "local"
    assert not call.gone, "the first caller was released instead"
    modem.leaves(call)
    until(lambda: not modem.calls, 15, "the line free")
    assert len(modem.sent("ATD")) == 1, "forwarded round and round"
    box.calls(1)
    box.ready()
    assert next_text(modem, OWNER, 0)


REFUSED = ["110", "112", "0900 1234567", "0137 123456", "0180 5123456", "11833", "01049", "+881612345678", "*21*0301#",
           "+498912345", "0190 123456", "032 12345678", "+870773111222", "116117", "19222", "+4990091234567",
           "0800 0", "abc", "089 110", "030 19222"]  # fmt: skip


@pytest.mark.parametrize("number", REFUSED[::5])
def test_what_is_never_dialled_is_refused_as_a_target(box, number):
    refused(box, number)


@pytest.mark.long
@pytest.mark.parametrize("number", [number for number in REFUSED if number not in REFUSED[::5]])
def test_what_is_never_dialled_is_refused_as_a_target_too(box, number):
    refused(box, number)


def refused(box, number):
    done = box.provision(settings("/dev/null").replace(f'number = "{DESK}"', f'number = "{number}"'))
    assert done.returncode == 2 and "target[0].number" in done.stderr, done.stderr
