"""A target reached in one way and another: over this line, over a second one."""

from appliance.core import actions, events

from .call_play import ANNA, DESK, SOUNDS, L, Play


def test_the_bridge_calls_over_another_line_while_the_caller_hears_a_tone():
    play = Play(methods=("bridge",), sounds=SOUNDS)
    play.rings(2)
    assert play(events.Answered(L)) == [actions.KeepWaiting("hold"), actions.Dial(DESK.number, 20, True)]
    assert play(events.TargetAnswered(L)) == [actions.Join("bridge")]
    assert play(events.Joined(L, "bridge", stays=True)) == []
    assert play(events.PartyLeft(L, "caller")) == [actions.HangUp()]
    assert play.results == [("desk", "bridge", "answered")]


def test_a_way_that_cannot_be_had_gives_way_to_the_next():
    """The other line is down: the target is called over this one, with the caller on hold."""
    play = Play(methods=("bridge", "transfer"))
    play.rings(2)
    play(events.Answered(L))
    assert play(events.JoinRefused(L, "bridge", "the other line is busy")) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(DESK.number, 20)]
    assert play(events.TargetAnswered(L)) == [actions.Join("transfer")]


def test_a_leg_on_the_wrong_line_is_called_again_over_the_other():
    play = Play(methods=("transfer", "bridge")).to_target()
    play(events.TargetAnswered(L))
    assert play(events.JoinRefused(L, "transfer", "CME 30")) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(DESK.number, 20, True)]
    assert play(events.TargetAnswered(L)) == [actions.Join("bridge")]


def test_the_last_way_refused_leads_to_the_next_target():
    play = Play(methods=("flash",)).to_target()
    assert play(events.JoinRefused(L, "flash", "no dial tone")) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(ANNA.number, 5)]
    assert play.results == [("desk", None, "failed")]
