"""The network's diversions: set, read back, shown; OK alone proves nothing."""

import pytest

from .box import DESK, SECOND, settings, until
from .calls import Make, terse

UNCONDITIONAL, BUSY, NO_REPLY, UNREACHABLE = range(4)
NET = 'safety_net = "desk"'


def diversions(box):
    return {entry["when"]: entry for entry in box.line()["diversions"]}


def shown(box, when="unreachable", **expected):
    return until(
        lambda: (entry := diversions(box).get(when)) and entry.items() >= expected.items() and entry,
        20,
        f"{when} shown as {expected}",
    )


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse()], ids=["full", "terse"])
def test_set_read_back_and_shown(up, make):
    box, modem = up(make, line=NET, rings=4)
    shown(box, "unreachable", to=DESK, confirmed=True, ours=True)
    shown(box, "busy", to=DESK, confirmed=True, ours=True)
    shown(box, "no_reply", to=DESK, confirmed=True, ours=True)
    assert modem.diversions[UNREACHABLE][:2] == (DESK, 145)
    assert modem.diversions[BUSY][:2] == (DESK, 145)
    assert modem.diversions[NO_REPLY] == (DESK, 145, "30")
    assert UNCONDITIONAL not in modem.diversions
    assert modem.sent("AT+CCFC=3,2"), "not read back"
    last_set, last_read = modem.sent("AT+CCFC=3,3")[-1], modem.sent("AT+CCFC=3,2")[-1]
    assert last_set < last_read


@pytest.mark.long
def test_ok_without_effect_is_shown_as_not_confirmed(stage):
    modem = stage.module(divert_lie=True)
    stage.up(modem=modem, line=NET, rings=1)
    until(lambda: modem.sent("AT+CCFC=3,3"), 20, "the diversion set")
    entry = shown(stage.box, "unreachable", confirmed=False)
    assert entry["to"] in (DESK, None)


@pytest.mark.long
@pytest.mark.parametrize("answer", [["+CME ERROR: 30"], ["ERROR"]])
def test_a_refused_diversion_is_not_confirmed(stage, answer):
    modem = stage.module()
    modem.when("AT+CCFC=3,3", answer, times=9)
    modem.when("AT+CCFC=1,3", answer, times=9)
    modem.when("AT+CCFC=2,3", answer, times=9)
    stage.up(modem=modem, line=NET, rings=1)
    shown(stage.box, "unreachable", confirmed=False)
    call = modem.call_in()
    until(lambda: modem.sent("ATA"), 5, "calls are answered all the same")
    modem.leaves(call)


@pytest.mark.long
def test_no_reply_is_left_off_where_a_plan_rings_longer(up):
    """It would overtake the box: more than four rings."""
    box, modem = up(line=NET, rings=6)
    shown(box, "unreachable", confirmed=True)
    assert NO_REPLY not in modem.diversions
    assert modem.sent("AT+CCFC=2,3") == []


@pytest.mark.long
def test_somebody_elses_diversion_is_shown_and_left(up, stage):
    modem = stage.module(diversions={NO_REPLY: ("+491713311", 145, "20"), UNCONDITIONAL: ("+491713311", 145, "")})
    box, modem = up(modem=modem)
    shown(box, "no_reply", to="+491713311", ours=False)
    shown(box, "always", to="+491713311", ours=False)
    assert modem.sent("AT+CCFC=0,4") == modem.sent("AT+CCFC=2,4") == modem.sent("AT+CCFC=0,0") == []


@pytest.mark.long
def test_armed_again_when_the_settings_change(up):
    box, modem = up(line=NET, rings=1)
    shown(box, "unreachable", to=DESK, confirmed=True)
    box.provisioned(settings(modem.link, line='safety_net = "second"'))
    shown(box, "unreachable", to=SECOND, confirmed=True, ours=True)
    assert modem.diversions[UNREACHABLE][0] == SECOND
    box.provisioned(settings(modem.link))
    until(lambda: UNREACHABLE not in modem.diversions, 20, "our diversion taken back with the setting")


@pytest.mark.long
def test_a_slow_network_does_not_hold_up_a_call(stage):
    """CCFC may take 30 s; a caller need not wait for that."""
    modem = stage.module(ccfc_after=8.0)
    stage.box.provisioned(settings(modem.link, line=NET, rings=2))
    stage.box.start()
    until(lambda: modem.clip and modem.sent("AT+CCFC"), 25, "CCFC under way")
    call = modem.call_in(every=3)
    until(lambda: call.gone or modem.sent("ATA"), 20, "the call answered")
    assert len(call.rings) <= 5
    modem.leaves(call)
