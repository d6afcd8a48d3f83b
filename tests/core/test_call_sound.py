"""What a caller is told, what he leaves behind, and whether a target is a human."""

import pytest
from msgspec.structs import replace

from appliance.core import actions, events
from appliance.core.call_state import CONFIRM_WITHIN
from appliance.core.settings import Target

from .call_play import ANNA, DESK, SOUNDS, L, Play, gone, left


def told(otherwise, **how):
    play = Play(sounds=SOUNDS, **how)
    play.decision = replace(play.decision, otherwise=otherwise)
    return play


def to_the_announcement(play):
    play.to_target()
    play(gone())
    assert play(events.CallerBack(L)) == [actions.Dial(ANNA.number, 5)]
    play(gone())
    return play(events.CallerBack(L))


def test_nobody_can_come_and_the_caller_is_told():
    play = told("announce")
    assert to_the_announcement(play) == [actions.Say("announce.wav")]
    assert play(events.Said(L)) == [actions.HangUp()]
    play(events.LineFree(L))
    assert play.outcome == ("missed", "nobody_reached")


def test_a_line_without_a_voice_hangs_up():
    play = Play()
    play.decision = replace(play.decision, otherwise="announce")
    assert to_the_announcement(play) == [actions.HangUp()]


def test_an_empty_chain_is_answered_to_be_told():
    play = told("announce", chain=())
    assert play.rings(2) == [actions.Answer()]
    assert play(events.Answered(L)) == [actions.Say("announce.wav")]
    assert play(events.SaidNothing(L, "no stream")) == [actions.HangUp()]
    assert play.outcome == ("missed", "nobody_reached")


def test_a_voice_that_is_known_only_after_the_first_ring():
    play = told("announce", chain=())
    play.sounds = None
    assert play.rings(3) == []
    play.sounds = SOUNDS
    assert play.rings(1) == [actions.Answer()]
    assert play(events.Answered(L)) == [actions.Say("announce.wav")]


def test_a_voice_once_known_is_not_asked_for_again():
    play = told("voicemail")
    to_the_announcement(play)
    play.sounds = None
    assert play(events.Said(L)) == [actions.TakeMessage("messages/1.wav", 60.0)]
    play(events.MessageTaken(L, 12.0, "end"))
    assert play.outcome == ("voicemail", None)


@pytest.mark.parametrize(("seconds", "outcome"), [(12.0, ("voicemail", None)), (0.4, ("missed", "nobody_reached"))])
def test_a_message(seconds, outcome):
    play = told("voicemail")
    assert to_the_announcement(play) == [actions.Say("voicemail.wav")]
    assert play(events.Said(L)) == [actions.TakeMessage("messages/1.wav", 60.0)]
    assert play(left()) == [actions.EndMessage()], "the line says what it has recorded"
    assert play(events.MessageTaken(L, seconds, "end")) == [actions.HangUp()]
    assert play.outcome == outcome
    assert (play.call.record.message is not None) == (outcome[0] == "voicemail")


def test_nothing_is_recorded_of_a_caller_who_did_not_hear_the_announcement():
    play = told("voicemail")
    to_the_announcement(play)
    assert play(left()) == [actions.HangUp()]
    assert play(events.Said(L)) == []
    assert play.outcome == ("missed", "nobody_reached")


HUMAN = Target(name="anna", number="+491711111111", ring_seconds=20, confirm=True)


def test_a_target_that_must_press_1():
    play = Play(sounds=SOUNDS, chain=(HUMAN, DESK))
    play.rings(2)
    play(events.Answered(L))
    assert play(events.TargetAnswered(L)) == [actions.Confirm("confirm.wav", CONFIRM_WITHIN)]
    assert play(events.Confirmed(L)) == [actions.Join("transfer")]


def test_a_target_that_presses_nothing_is_a_machine():
    play = Play(sounds=SOUNDS, chain=(HUMAN, DESK))
    play.rings(2)
    play(events.Answered(L))
    play(events.TargetAnswered(L))
    assert play(gone("no_answer")) == [actions.FetchBack()]
    assert play(events.CallerBack(L)) == [actions.Dial(DESK.number, 20)]
    assert play.results == [("anna", None, "no_answer")]


@pytest.mark.parametrize("end", [gone("no_answer"), gone("refused"), left()])
def test_a_mailbox_that_presses_nothing_is_marked_as_one(end):
    asked = []
    play = Play(sounds=SOUNDS, chain=(HUMAN,), mailbox=lambda *answer: asked.append(answer) or True)
    play.rings(2)
    play(events.Answered(L))
    play(events.TargetRinging(L))
    play.now += 0.5
    play(events.TargetAnswered(L))
    play.now += 15
    play(end)
    (attempt,) = play.call.record.attempts
    assert attempt.mailbox_like and attempt.seconds == 0.5 and asked == [(HUMAN.number, 0.5)]


def test_a_target_that_never_answered_is_no_mailbox():
    play = Play(sounds=SOUNDS, chain=(HUMAN,), mailbox=lambda *_: True)
    play.rings(2)
    play(events.Answered(L))
    play(gone("no_answer"))
    assert not play.call.record.attempts[0].mailbox_like


def test_a_line_that_hears_no_digits_takes_the_target_for_a_human():
    play = Play(chain=(HUMAN,))
    play.rings(2)
    play(events.Answered(L))
    assert play(events.TargetAnswered(L)) == [actions.Confirm("", CONFIRM_WITHIN)]
    assert play(events.CannotAsk(L, "deaf")) == [actions.Join("transfer")]
