"""Which keys are tried after which answer."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.commissioning import COMPLETE, FETCH_BACK, FLASHES, Commissioning
from appliance.core.settings import Site


def test_an_exchange_that_is_as_thought():
    commissioning = Commissioning(Site())
    commissioning.connected(together=True)
    assert commissioning.step == "fetch_back"
    commissioning.fetched_back(there=True)
    assert (commissioning.step, commissioning.site) == ("done", Site())


def test_each_answer_changes_one_thing():
    commissioning = Commissioning(Site(flash_ms=240, complete="flash 4", fetch_back="flash", prefix="0"))
    commissioning.flash_ignored()
    assert commissioning.site == Site(flash_ms=90, complete="flash 4", fetch_back="flash", prefix="0")
    commissioning.connected(together=False)
    assert (commissioning.site.complete, commissioning.site.flash_ms) == ("on-hook", 90)
    commissioning.connected(together=True)
    commissioning.fetched_back(there=False)
    assert commissioning.site == Site(flash_ms=90, complete="on-hook", fetch_back="flash 1", prefix="0")


def test_giving_up():
    commissioning = Commissioning(Site(flash_ms=95))
    for _ in FLASHES:
        assert commissioning.step == "transfer"
        commissioning.flash_ignored()
    assert commissioning.step == "transfer"
    commissioning.flash_ignored()
    assert commissioning.step == "given_up"


@given(st.lists(st.sampled_from(["ignored", "together", "apart", "there", "gone"])))
def test_it_ends_and_never_tries_the_same_twice(answers):
    commissioning = Commissioning(Site())
    tried = [commissioning.site]
    for answer in answers:
        if commissioning.step == "transfer" and answer in ("ignored", "apart"):
            commissioning.flash_ignored() if answer == "ignored" else commissioning.connected(together=False)
        elif commissioning.step == "transfer" and answer == "together":
            commissioning.connected(together=True)
            continue
        elif commissioning.step == "fetch_back" and answer in ("there", "gone"):
            commissioning.fetched_back(there=answer == "there")
        else:
            continue
        if commissioning.step not in ("done", "given_up"):
            assert commissioning.site not in tried
            tried.append(commissioning.site)
    assert len(tried) <= len(FLASHES) + len(COMPLETE) + len(FETCH_BACK)
