"""Several lengths of flash in one call, as a guided test call has them tried."""

import pytest

from appliance.core import actions
from appliance.core.settings import Site
from appliance.lines.analog import SET_UP_SECONDS
from appliance.lines.analog_trial import EACH, LASTS
from tests.lines.analog_bench import CONEXANT, DIGITS, TARGET, Bench

FLASHES = [90, 120, 240]


def tried(lengths=FLASHES, says=CONEXANT):
    """Lifted in a guided test call, and asked to call the target."""
    bench = Bench(says, Site(flash_ms=90))
    bench.line.try_flashes(lengths, bench.now)
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone("silence", seconds=1.0)
    return bench


def flashes(bench):
    return [text for text in bench.sent if text.startswith("AT+VTS={!")]


def test_the_next_length_is_tried_while_nothing_follows():
    bench = tried()
    bench.run(5.5)
    assert DIGITS not in bench.sent
    bench.tone("dial", seconds=1.3)
    assert flashes(bench) == ["AT+VTS={!,9}", "AT+VTS={!,12}"]
    assert bench.sent[-2] == DIGITS
    assert bench.line.try_flashes([], bench.now) == [(90, "nothing"), (120, "dial")]
    assert bench.line.flash_ms == 90, "what the settings say"


def test_a_line_that_takes_none_keeps_the_caller():
    bench = tried()
    bench.run(20.0)
    (refused,) = bench.take()
    assert refused.method == "flash" and flashes(bench) == ["AT+VTS={!,9}", "AT+VTS={!,12}", "AT+VTS={!,24}"]
    assert bench.line.try_flashes([], bench.now) == [(90, "nothing"), (120, "nothing"), (240, "nothing")]
    assert bench.line.problem() == "flash_ignored"


@pytest.mark.parametrize("tone", ["busy", "congestion", "sit"])
def test_a_tone_that_refuses_ends_the_trying(tone):
    bench = tried()
    bench.tone(tone, 3, 1.5)
    bench.run(10.0)
    assert bench.line.try_flashes([], bench.now) == [(90, tone)]


def test_a_modem_that_cannot_flash_says_so():
    bench = tried(says=CONEXANT | {"AT+VTS={!,9}": ("ERROR",), "AT+VTS=!": ("ERROR",)})
    assert bench.line.try_flashes([], bench.now) == [(90, "cannot")]


def test_the_core_waits_as_long_as_that_may_take():
    bench = Bench()
    assert bench.line.set_up_seconds == SET_UP_SECONDS
    bench.line.try_flashes(FLASHES, bench.now)
    assert bench.line.set_up_seconds == SET_UP_SECONDS + 2 * EACH
    bench.line.try_flashes([], bench.now)
    assert bench.line.set_up_seconds == SET_UP_SECONDS


def test_a_guide_who_has_gone_is_not_waited_for():
    bench = Bench()
    bench.line.try_flashes([240, 90], bench.now)
    bench.run(LASTS - 1.0)
    assert bench.line.flash_ms == 240
    bench.run(120.0)
    assert (bench.line.flash_ms, bench.line.try_flashes([], bench.now)) == (90, [])
