"""Which keys are tried after which answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.commissioning import COMPLETE, FETCH_BACK, FLASHES, PREFIXES, Commissioning
from appliance.core.settings import Site


def test_an_exchange_that_is_as_thought():
    commissioning = Commissioning(Site())
    commissioning.heard([(90, "dial")])
    commissioning.connected(together=True)
    assert commissioning.step == "fetch_back"
    commissioning.fetched_back(there=True)
    assert (commissioning.step, commissioning.site) == ("done", Site())


def test_the_length_that_brings_a_dial_tone_stays_and_goes_first():
    commissioning = Commissioning(Site(flash_ms=100))
    assert commissioning.flashes == [100, *FLASHES]
    commissioning.heard([(100, "nothing"), (90, "nothing"), (120, "dial"), (120, "dial")])
    assert commissioning.site == Site(flash_ms=120)
    assert commissioning.flashes == [120, 80, 150, 200, 240, 300]


def test_a_line_that_takes_none():
    commissioning = Commissioning(Site())
    commissioning.heard([(length, "nothing") for length in FLASHES[:3]])
    assert commissioning.step == "transfer"
    commissioning.heard([(length, "nothing") for length in FLASHES[3:]])
    assert commissioning.step == "given_up"


@pytest.mark.parametrize("what", ["busy", "congestion", "sit", "cannot"])
def test_a_line_that_refuses(what):
    commissioning = Commissioning(Site())
    commissioning.heard([(90, what)])
    assert commissioning.step == "given_up"


@pytest.mark.parametrize("flashes", [[], [(90, "deaf")]])
def test_a_call_that_did_not_come_so_far_shows_nothing(flashes):
    commissioning = Commissioning(Site())
    commissioning.heard(flashes)
    assert (commissioning.step, commissioning.site, commissioning.flashes[0]) == ("transfer", Site(), 90)


def test_each_answer_changes_one_thing():
    commissioning = Commissioning(Site(flash_ms=240, complete="flash 4", fetch_back="flash", prefix="0"))
    commissioning.not_rung()
    assert commissioning.site == Site(flash_ms=240, complete="flash 4", fetch_back="flash", prefix="")
    commissioning.connected(together=False)
    assert commissioning.site.complete == "on-hook"
    commissioning.unheard()
    assert commissioning.site.blind
    commissioning.connected(together=True)
    commissioning.fetched_back(there=False)
    assert commissioning.site == Site(
        flash_ms=240, complete="on-hook", fetch_back="flash 1", prefix="", blind=True
    )  # fmt: skip


def test_what_no_setting_helps():
    commissioning = Commissioning(Site())
    commissioning.not_rung()
    commissioning.not_rung()
    assert commissioning.step == "given_up"
    commissioning = Commissioning(Site(blind=True))
    commissioning.unheard()
    assert commissioning.step == "given_up"


ANSWERS = {
    "ignored": ("transfer", lambda it: it.heard([(it.flashes[0], "nothing")])),
    "silent": ("transfer", Commissioning.not_rung),
    "unheard": ("transfer", Commissioning.unheard),
    "together": ("transfer", lambda it: it.connected(True)),
    "apart": ("transfer", lambda it: it.connected(False)),
    "there": ("fetch_back", lambda it: it.fetched_back(True)),
    "gone": ("fetch_back", lambda it: it.fetched_back(False)),
}


@given(st.lists(st.sampled_from(sorted(ANSWERS))))
def test_it_ends_and_never_tries_the_same_twice(answers):
    commissioning = Commissioning(Site())
    tried = [(commissioning.site, commissioning.flashes[0], commissioning.step)]
    for answer in answers:
        step, tell = ANSWERS[answer]
        if commissioning.step != step:
            continue
        tell(commissioning)
        if commissioning.step in ("done", "given_up"):
            break
        now = (commissioning.site, commissioning.flashes[0], commissioning.step)
        assert now not in tried
        tried.append(now)
    assert len(tried) <= len(FLASHES) + len(PREFIXES) + len(COMPLETE) + len(FETCH_BACK) + 1
