"""Hook-flash on a landline: lengths, keys and prefixes as each site wants them, and the caller fetched back."""

import pytest

from .analog_hall import ANALOG, NATIONAL, NATIONAL_SECOND, gone, talking
from .analog_kinds import CONEXANT, USR
from .analog_port import Site
from .box import always, until
from .calls import Target

PBX = Site((0.05, 0.15), fetch_back=("",), complete=(), outside="0")
EXCHANGE = Site((0.17, 0.31), on_hook=False)


def test_answered_at_the_third_ring_and_given_away(hall):
    modem = hall.landline()
    box = hall.up(rings=3)
    modem.port.targets[NATIONAL] = Target(answers=1.0)
    caller = modem.call_in()
    at = talking(caller, 12)
    assert len(caller.rings) == 3
    assert at - caller.rings[2] < 0.6
    assert gone(caller).end == "transfer"
    assert caller.target == NATIONAL
    assert 0.05 <= modem.port.flashes[0] <= 0.15, "a FRITZ!Box takes 90 ms"
    assert "".join(digit for _, digit in modem.port.keyed) == NATIONAL
    row = box.call()
    assert (row["line"], row["caller"], row["rings"], row["outcome"]) == (ANALOG, "+498955512345", 3, "forwarded")
    assert [(a["target"], a["method"], a["result"]) for a in row["attempts"]] == [("desk", "flash", "answered")]
    assert not modem.port.off_hook


SITES = {
    "speedport": ('"speedport"', Site(complete=()), "", (0.05, 0.15)),
    "pbx": ('"pbx"', PBX, "0", (0.05, 0.15)),
    "exchange": ('"exchange"', EXCHANGE, "", (0.17, 0.31)),
    "own": (
        '{ flash_ms = 120, complete = "flash 4", fetch_back = "flash 1", prefix = "9" }',
        Site((0.11, 0.13), on_hook=False, outside="9"),
        "9",
        (0.11, 0.13),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("setting, site, prefix, flash", SITES.values(), ids=SITES)
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
def test_a_site_gets_what_it_wants(hall, kind, setting, site, prefix, flash):
    modem = hall.landline(kind, site)
    hall.up(site=setting, chain=("second", "desk"))
    modem.port.targets |= {prefix + NATIONAL_SECOND: Target(ends="BUSY"), prefix + NATIONAL: Target(answers=1.5)}
    caller = modem.call_in()
    assert gone(caller, 40).end == "transfer"
    assert caller.target == prefix + NATIONAL
    assert all(flash[0] <= length <= flash[1] for length in modem.port.flashes)
    assert caller.states[:3] == ["talking", "held", "talking"], "fetched back in between"


@pytest.mark.long
@pytest.mark.parametrize("ends, result", [("BUSY", "busy"), ("CONGESTION", "failed"), ("", "no_answer")])
def test_fetched_back_and_next_target(hall, ends, result):
    modem = hall.landline()
    box = hall.up(chain=("second", "desk"), ring_seconds=6)
    modem.port.targets |= {NATIONAL_SECOND: Target(ends=ends), NATIONAL: Target(answers=1.5)}
    caller = modem.call_in()
    assert gone(caller, 40).end == "transfer"
    assert caller.target == NATIONAL
    assert caller.states == ["talking", "held", "talking", "held"]
    results = [attempt["result"] for attempt in box.call()["attempts"]]
    assert results == [result, "answered"]


@pytest.mark.long
def test_nobody_reached_and_released(hall):
    modem = hall.landline()
    box = hall.up(ring_seconds=6)
    modem.port.targets[NATIONAL] = Target(ends="BUSY")
    caller = modem.call_in()
    assert gone(caller, 30).end == "local", "brought back before the line is released"
    row = box.call()
    assert (row["outcome"], row["reason"]) == ("missed", "nobody_reached")
    assert not modem.port.off_hook


@pytest.mark.long
def test_a_flash_that_is_ignored_leaves_no_dead_call(hall):
    """No dial tone follows: the number must not be dialled into the caller's ear, and he is not kept in silence. A tone
    nobody knows may have followed, so that he is fetched back, by one key."""
    modem = hall.landline(site=Site(ignores_flash=True))
    box = hall.up()
    modem.port.targets[NATIONAL] = Target(answers=1.0)
    caller = modem.call_in()
    assert gone(caller, 20).end == "local"
    assert not modem.port.off_hook
    assert "".join(key for _, key in modem.port.keyed) == "1"
    row = box.call()
    assert (row["outcome"], row["attempts"][0]["result"]) == ("missed", "failed")


@pytest.mark.long
def test_a_flash_that_was_too_long_ends_in_a_free_line(hall):
    modem = hall.landline(site=Site(drops=0.3))
    box = hall.up(site="{ flash_ms = 400 }")
    caller = modem.call_in()
    assert gone(caller, 20).end == "dropped"
    until(lambda: not modem.port.off_hook, 20, "line free")
    assert box.call()["outcome"] == "missed"


@pytest.mark.long
def test_caller_leaves_during_the_consultation(hall):
    modem = hall.landline()
    box = hall.up(ring_seconds=8)
    modem.port.targets[NATIONAL] = Target()
    caller = modem.call_in()
    until(lambda: modem.port.second and modem.port.second.state == "alerting", 15, "target rings")
    modem.leaves(caller)
    until(lambda: not modem.port.off_hook, 30, "line free")
    assert box.call()["outcome"] == "missed"


@pytest.mark.long
def test_blind_at_the_first_ringback(hall):
    modem = hall.landline()
    hall.up(site='{ complete = "on-hook", blind = true }')
    modem.port.targets[NATIONAL] = Target()
    caller = modem.call_in()
    assert gone(caller, 15).end == "transfer"
    assert modem.port.every_second[0].state == "alerting"


@pytest.mark.long
def test_target_answers_between_two_ringback_tones(hall):
    """In the pause of 4 s, and without a word: it is noticed once the next tone is missing, or somebody speaks."""
    modem = hall.landline()
    hall.up()
    modem.port.targets[NATIONAL] = Target(answers=2.5)
    caller = modem.call_in()
    assert gone(caller, 15).end == "transfer"
    second = modem.port.every_second[0]
    assert second.state == "answered"
    always(lambda: not modem.port.off_hook, 1, "on-hook stays")
