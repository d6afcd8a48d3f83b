"""The call's table of states, driven by hand: every way through it, and nothing that gets stuck."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import actions, events
from appliance.core.call import TABLE, TIMEOUTS
from appliance.core.call_state import LIMITS, State

from .call_play import ANNA, AT, DESK, L, Play, decision, gone, left

LATER = AT + timedelta(minutes=10)


def test_forwarded_by_transfer():
    play = Play().to_target()
    play.now += 2
    assert play(events.TargetRinging(L)) == []
    play.now += 6
    assert play(events.TargetAnswered(L)) == [actions.Join("transfer")]
    assert play(events.Joined(L, "transfer", stays=False)) == []
    assert play(events.LineFree(L)) == []
    assert play.call.state is State.ENDED
    assert play.outcome == ("forwarded", None)
    assert play.call.record.attempts[0].seconds == 6.0
    assert play.call.record.answered_at == play.call.record.ended_at == AT


def test_conference_stays_and_ends_with_a_party():
    play = Play().to_target()
    assert play(events.TargetAnswered(L)) == [actions.Join("transfer")]
    assert play(events.JoinRefused(L, "transfer", "CME 30")) == [actions.Join("conference")]
    assert play(events.Joined(L, "conference", stays=True)) == []
    assert play.call.state is State.CONNECTED
    assert play.call.deadline() == play.now + 3600
    assert play(events.PartyLeft(L, "target")) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("forwarded", None)
    assert play.results == [("desk", "conference", "answered")]


def test_a_method_that_was_refused_goes_last_for_the_next_target():
    play = Play().to_target()
    play(events.TargetAnswered(L))
    play(events.JoinRefused(L, "transfer", ""))
    assert play(events.TargetGone(L, "refused", "")) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(ANNA.number, 5)]
    assert play(events.TargetAnswered(L)) == [actions.Join("conference")]


def test_every_method_refused():
    play = Play().to_target()
    play(events.TargetAnswered(L))
    play(events.JoinRefused(L, "transfer", ""))
    assert play(events.JoinRefused(L, "conference", "")) == [actions.FetchBack()]
    assert play.results == [("desk", None, "failed")]


@pytest.mark.parametrize("result", ["busy", "refused", "failed", "no_answer"])
def test_the_next_target(result):
    play = Play().to_target()
    assert play(gone(result)) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(ANNA.number, 5)]
    assert play(gone()) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("missed", "nobody_reached")
    assert play.results == [("desk", None, result), ("anna", None, "busy")]


def test_ring_seconds_count_from_the_first_ring():
    play = Play().to_target()
    play.now += 8
    play(events.TargetRinging(L))
    assert play.wait(19.9) == []
    assert play.wait(0.1) == [actions.FetchBack()]
    assert play.call.record.attempts[0].seconds == 20.0
    assert play.results == [("desk", None, "no_answer")]


def test_a_target_that_never_rings_gets_time_for_the_network():
    play = Play(chain=(ANNA,))
    play.rings(2)
    play(events.Answered(L))
    assert play.wait(11.9) == []
    assert play.wait(0.1) == [actions.FetchBack()]


@pytest.mark.parametrize("rings", [0, 1, 3])
def test_gives_up_ringing(rings):
    play = Play(rings=4)
    assert play.rings(rings) == []
    assert play(left()) == []
    play(events.LineFree(L))
    assert play.outcome == ("missed", "gave_up_ringing")
    assert play.call.record.rings == rings


def test_gone_when_we_answered():
    play = Play()
    play.rings(2)
    play(left())
    play(events.LineFree(L))
    assert play.outcome == ("missed", "gave_up_ringing")
    assert play.results == []


@pytest.mark.parametrize("when", ["calling", "joining", "fetching"])
def test_leaves_while_forwarding(when):
    play = Play().to_target()
    if when == "joining":
        play(events.TargetAnswered(L))
    if when == "fetching":
        play(gone("busy"))
    assert play(left()) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("missed", "gave_up_forwarding")
    assert play.results[0][2] == ("busy" if when == "fetching" else "caller_gone")


def test_deflected():
    play = Play(methods=("deflect", "transfer"))
    assert play.rings(2) == [actions.Deflect(DESK.number)]
    play(events.Joined(L, "deflect", stays=False))
    play(events.LineFree(L))
    assert play.outcome == ("forwarded", None)
    assert play.results == [("desk", "deflect", "answered")]


def test_deflection_refused_then_lifted():
    play = Play(methods=("deflect", "transfer"))
    play.rings(2)
    assert play(events.JoinRefused(L, "deflect", "")) == [actions.Answer()]
    assert play(events.Answered(L)) == [actions.Dial(DESK.number, 20)]
    assert play(gone()) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(ANNA.number, 5)], "a call that was lifted cannot be deflected"


def test_only_deflection_and_all_refuse_it():
    play = Play(methods=("deflect",))
    play.rings(2)
    assert play(events.JoinRefused(L, "deflect", "")) == [actions.Deflect(ANNA.number)]
    assert play(events.JoinRefused(L, "deflect", "")) == []
    assert play.rings(3) == []
    play(left())
    play(events.LineFree(L))
    assert play.outcome == ("missed", "nobody_reached")
    assert [one[2] for one in play.results] == ["failed", "failed"]


def test_a_line_that_cannot_forward_tries_nobody():
    play = Play(methods=())
    assert play.rings(4) == []
    play(events.CallerGone(L, "no more rings", perhaps_answered=True))
    play(events.LineFree(L))
    assert play.outcome == ("missed", "gave_up_ringing") and play.call.record.perhaps_answered
    assert play.results == [] and play.call.record.rings == 4


def test_an_empty_chain_rings_on():
    play = Play(chain=())
    assert play.rings(9) == []
    play(left())
    play(events.LineFree(L))
    assert play.outcome == ("missed", "nobody_reached")


def test_the_plan_may_change_with_the_callers_number():
    play = Play(rings=2)
    play.rings(1)
    play.decision = decision(rings=5)
    play(events.CallerId(L, "+4930123456", False, "Huber"))
    assert play.rings(3) == []
    assert play.rings(1) == [actions.Answer()]
    assert (play.call.record.caller, play.call.record.caller_name) == ("+4930123456", "Huber")


@pytest.mark.parametrize("blocked", ["ignore", "hang-up"])
def test_a_blocked_caller_is_never_forwarded_however_late_his_number_comes(blocked):
    play = Play(rings=1)
    assert play.rings(1) == [actions.Answer()]
    play.decision = decision(blocked=blocked)
    assert play(events.CallerId(L, "+4930123456")) == []
    assert play(events.Answered(L)) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("blocked", None) and play.results == []


@pytest.mark.parametrize(("chain", "then"), [((ANNA,), actions.Dial(ANNA.number, 5)), ((), actions.HangUp())])
def test_whom_to_call_is_decided_by_a_number_that_comes_as_we_lift(chain, then):
    play = Play(rings=1)
    play.rings(1)
    play.decision = decision(chain=chain, rings=3)
    play(events.CallerId(L, "+4930123456"))
    assert play(events.Answered(L)) == [then]


def test_a_blocked_caller_is_let_ring():
    play = Play(blocked="ignore")
    assert play.rings(7) == []
    play(left())
    play(events.LineFree(L))
    assert play.outcome == ("blocked", None)


@pytest.mark.parametrize("number_first", [False, True])
def test_a_blocked_caller_is_turned_away(number_first):
    play = Play()
    blocked = decision(blocked="hang-up")
    if number_first:
        play.decision = blocked
        assert play(events.CallerId(L, "+49900", False)) == []
        assert play.rings(1) == [actions.Answer()]
    else:
        assert play.rings(1) == []
        play.decision = blocked
        assert play(events.CallerId(L, "+49900", False)) == [actions.Answer()]
    assert play(events.Answered(L)) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("blocked", None)


def test_somebody_here_lifts():
    play = Play(rings=4)
    play.rings(2)
    assert play(events.AnsweredHere(L)) == []
    assert play.wait(3600) == []
    play(events.LineFree(L))
    assert play.outcome == ("answered_here", None)
    assert play.call.record.answered_at is None


def test_what_is_known_when_somebody_here_lifts_is_kept_at_once():
    play = Play(rings=4)
    play.rings(2)
    play.call.unsaved = False
    play(events.AnsweredHere(L))
    assert play.call.unsaved and play.outcome == ("answered_here", None)
    assert play.call.record.ended_at == AT, "if it is never known when the line was free, it was theirs from here on"


@pytest.mark.parametrize(
    ("event", "ended_at"),
    [
        (events.LineFree(L), LATER),
        (events.LineFree(L, is_seen=False), AT),  # an hour later, or as the next caller rings
        (events.LineLost(L, "unplugged"), AT),
    ],
)
def test_when_a_call_that_was_taken_here_has_ended(event, ended_at):
    play = Play()
    play.rings(1)
    play(events.AnsweredHere(L))
    play.call.handle(event, play.now + 600, LATER)
    assert play.call.state is State.ENDED
    assert play.outcome == ("answered_here", None) and play.call.record.ended_at == ended_at


def test_the_line_is_lost():
    play = Play().to_target()
    play(events.LineLost(L, "unplugged"))
    assert play.call.state is State.ENDED
    assert play.outcome == ("missed", "line_lost")


def test_the_line_is_lost_in_a_connected_call():
    play = Play().to_target()
    play(events.TargetAnswered(L))
    play(events.Joined(L, "conference", stays=True))
    play(events.LineLost(L, "unplugged"))
    assert play.outcome == ("forwarded", None)


def test_the_maximum_length():
    play = Play(max_seconds=60.0).to_target()
    play(events.TargetAnswered(L))
    play(events.Joined(L, "conference", stays=True))
    assert play.wait(59.9) == []
    assert play.wait(0.1) == [actions.HangUp()]


def test_a_line_that_falls_silent_gets_the_call_nowhere_but_out():
    play = Play()
    play.rings(2)
    assert play.wait(LIMITS["ANSWERING"]) == [actions.HangUp()]
    assert play.results == []
    play.wait(LIMITS["RELEASING"])
    assert play.call.state is State.ENDED
    assert play.outcome == ("missed", "nobody_reached")


def test_when_the_record_is_worth_saving():
    play = Play()
    assert play.call.unsaved
    play.call.unsaved = False
    play(events.CallerId(L, "+4930123456"))
    assert play.call.unsaved, "who called is worth knowing after a crash"
    play.call.unsaved = False
    play.to_target()
    play(events.TargetAnswered(L))
    assert not play.call.unsaved
    play(events.Joined(L, "conference", stays=True))
    assert play.call.unsaved


def test_an_answer_as_of_a_machine_is_marked():
    play = Play(mailbox=lambda number, seconds: seconds < 1).to_target()
    play(events.TargetRinging(L))
    play.now += 0.5
    play(events.TargetAnswered(L))
    play(events.Joined(L, "transfer", stays=False))
    assert play.call.record.attempts[0].mailbox_like


def test_a_line_that_cannot_tell_says_so():
    play = Play()
    play(events.Ring(L))
    play(events.CallerGone(L, "rings stopped", perhaps_answered=True))
    assert play.outcome == ("missed", "gave_up_ringing") and play.call.record.perhaps_answered


def test_somebody_here_was_quicker_than_we():
    play = Play()
    assert play.rings(2) == [actions.Answer()]
    assert play(events.AnsweredHere(L)) == []
    assert play.wait(3600) == [] and play.call.state is State.LEFT_ALONE
    play(events.LineFree(L))
    assert play.outcome == ("answered_here", None)


def test_a_line_that_needs_long_until_the_target_rings():
    play = Play(set_up_seconds=25.0, chain=(ANNA,))
    play.rings(2)
    play(events.Answered(L))
    assert play.call.deadline() == play.now + 25
    play.now += 20
    play(events.TargetRinging(L))
    assert play.call.deadline() == play.now + 5


def test_every_state_that_waits_has_an_end():
    ended_by = {state for state, _ in TABLE if state}
    assert ended_by == set(State) - {State.RELEASING, State.ENDED}
    assert set(TIMEOUTS) == set(State) - {State.RINGING, State.LEFT_ALONE, State.ENDED}
    assert set(LIMITS) <= {state.name for state in State}


anything = st.sampled_from(
    [
        events.Ring(L),
        events.CallerId(L, "+4930123456"),
        events.CallerId(L, None, True),
        events.Answered(L),
        events.AnsweredHere(L),
        left(),
        events.TargetRinging(L),
        events.TargetAnswered(L),
        gone("busy"),
        gone("failed"),
        events.CallerBack(L),
        events.Joined(L, "transfer", stays=False),
        events.Joined(L, "conference", stays=True),
        events.JoinRefused(L, "transfer", ""),
        events.JoinRefused(L, "deflect", ""),
        events.PartyLeft(L, "caller"),
        events.LineFree(L),
        events.LineLost(L, "hung"),
        events.LineChanged(L),
        30.0,
        0.5,
    ]
)


@given(st.lists(anything, max_size=30), st.sampled_from([("transfer",), ("deflect",), ("deflect", "transfer"), ()]))
def test_no_order_of_events_raises_or_gets_stuck(sequence, methods):
    play = Play(methods=methods)
    for step in sequence:
        if isinstance(step, float):
            play.wait(step)
        else:
            play(step)
    for _ in range(40):
        if play.call.state is State.ENDED:
            break
        if play.call.state in (State.RINGING, State.LEFT_ALONE):
            play(left())
            play(events.LineFree(L))
        elif play.call.deadline() is not None:
            play.now = max(play.now, play.call.deadline())
            play.wait(0)
    assert play.call.state is State.ENDED
    assert play.call.record.ended_at is not None
    assert play.outcome[0] in ("forwarded", "missed", "answered_here")
    assert (play.outcome[0] == "forwarded") == (play.call.record.answered_at is not None)
