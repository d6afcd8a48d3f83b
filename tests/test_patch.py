"""A caller here, a target there: what the call hears of the two, and what is asked of either line."""

import pytest

from appliance.core import actions, events
from appliance.core.sound import Bridge, Heard
from appliance.patch import SILENT_FOR, Patch, Stage

A, B = "shop", "stick"
NUMBER = "+49301111111"


class Line:
    def __init__(self, name):
        self.name, self.asked = name, []

    def perform(self, action, now):
        self.asked.append(action)


class Play:
    def __init__(self):
        self.caller, self.target, self.wishes = Line(A), Line(B), []
        self.patch = Patch(self.caller, self.target, self.wishes.append)

    def do(self, action):
        return self.patch.perform(action, 1.0)

    def caller_says(self, event, *args):
        return self.patch.from_caller(event(A, *args), 1.0)

    def target_says(self, event, *args):
        return self.patch.from_target(event(B, *args), 1.0)

    def answered(self):
        self.do(actions.Dial(NUMBER, 20, True))
        assert self.target_says(events.TargetRinging) == [events.TargetRinging(A)]
        assert self.target_says(events.TargetAnswered) == [events.TargetAnswered(A)]
        return self

    def joined(self):
        self.answered()
        self.do(actions.Join("bridge"))
        self.caller_says(events.SoundOpened)
        self.target_says(events.SoundOpened)
        assert self.patch.bridged() == [events.Joined(A, "bridge", stays=True)]
        return self


def test_the_target_is_called_over_the_other_line():
    play = Play().answered()
    assert play.target.asked == [actions.Dial(NUMBER, 20)] and play.caller.asked == []


def test_sound_flows_once_both_streams_are_open():
    play = Play().answered()
    play.do(actions.Join("bridge"))
    assert play.caller.asked[-1] == play.target.asked[-1] == actions.OpenSound()
    assert play.target_says(events.SoundOpened) == [] and play.wishes == []
    assert play.caller_says(events.SoundOpened) == [] and play.wishes == [Bridge(B)]
    assert play.patch.bridged() == [events.Joined(A, "bridge", stays=True)]
    assert play.patch.bridged() == [], "said once"


@pytest.mark.parametrize("who", ["caller_says", "target_says"])
def test_a_stream_that_cannot_be_had(who):
    play = Play().answered()
    play.do(actions.Join("bridge"))
    assert getattr(play, who)(events.SoundRefused, "no port") == [events.JoinRefused(A, "bridge", "no port")]


@pytest.mark.parametrize("who", ["caller_says", "target_says"])
def test_a_bridge_that_crashes_releases_both_lines(who):
    play = Play().joined()
    assert getattr(play, who)(events.SoundRefused, "crash") == [events.PartyLeft(A, "bridge", "broke")]
    play.do(actions.HangUp())
    assert play.caller.asked[-1] == play.target.asked[-1] == actions.HangUp()


@pytest.mark.parametrize(
    ("who", "event", "party"),
    [
        ("caller_says", (events.CallerGone, "hung up"), "caller"),
        ("target_says", (events.TargetGone, "refused", "hung up"), "target"),
        ("target_says", (events.LineLost, "unplugged"), "target"),
    ],
)
def test_either_party_ends_a_bridged_call(who, event, party):
    play = Play().joined()
    assert getattr(play, who)(*event) == [events.PartyLeft(A, party)]


def test_a_call_on_which_nobody_says_a_word_is_over():
    play = Play().joined()
    silent, over = (
        Heard("silence", seconds=SILENT_FOR),
        [events.PartyLeft(A, "bridge", "has carried nothing but silence")],
    )
    assert play.patch.heard(A, silent) == []
    assert play.patch.heard(B, Heard("voice", seconds=3.0)) == [], "the target explains something"
    assert play.patch.heard(A, silent) == []
    assert play.patch.heard(B, Heard("silence", seconds=SILENT_FOR - 1)) == []
    assert play.patch.heard(B, silent) == over


def test_silence_before_the_two_were_connected_does_not_count():
    play = Play().answered()
    for end in (A, B):
        assert play.patch.heard(end, Heard("silence", seconds=SILENT_FOR)) == []
    play = play.joined()
    assert play.patch.heard(A, Heard("silence", seconds=SILENT_FOR)) == []


@pytest.mark.parametrize("first", ["caller_says", "target_says"])
def test_it_is_over_when_both_lines_are_free(first):
    play = Play().joined()
    play.do(actions.HangUp())
    last = "caller_says" if first == "target_says" else "target_says"
    assert getattr(play, first)(events.LineFree) == []
    assert getattr(play, last)(events.LineFree) == [events.LineFree(A)]


def test_the_next_target_waits_for_the_other_line():
    play = Play()
    play.do(actions.Dial(NUMBER, 20, True))
    assert play.target_says(events.TargetGone, "busy", "17") == [events.TargetGone(A, "busy", "17")]
    assert play.do(actions.FetchBack()) == []
    assert play.target_says(events.LineFree) == [events.CallerBack(A)]
    assert play.patch.stage is Stage.FREE
    assert play.do(actions.FetchBack()) == [events.CallerBack(A)], "nothing to fetch him from"


def test_a_line_lost_while_calling_is_a_target_gone():
    play = Play()
    play.do(actions.Dial(NUMBER, 20, True))
    assert play.target_says(events.LineLost, "unplugged") == [events.TargetGone(A, "failed", "unplugged")]
    assert play.do(actions.FetchBack()) == [events.CallerBack(A)]


def test_a_caller_who_leaves_while_the_target_rings():
    play = Play()
    play.do(actions.Dial(NUMBER, 20, True))
    assert play.caller_says(events.CallerGone, "hung up") == [events.CallerGone(A, "hung up")]
    play.do(actions.HangUp())
    assert play.target.asked[-1] == actions.HangUp()
    assert play.caller_says(events.LineFree) == []
    assert play.target_says(events.LineFree) == [events.LineFree(A)]


def test_a_caller_whose_line_falls_free_by_itself_releases_the_target():
    play = Play().joined()
    assert play.caller_says(events.LineFree) == [events.PartyLeft(A, "caller")]
    assert play.target.asked[-1] == actions.HangUp()
    play.do(actions.HangUp())
    assert play.target_says(events.LineFree) == [events.LineFree(A)]


def test_the_callers_line_lost_releases_the_target():
    play = Play().joined()
    assert play.caller_says(events.LineLost, "unplugged") == [events.LineLost(A, "unplugged")]
    assert play.target.asked[-1] == actions.HangUp()


def test_a_line_that_rings_is_given_back():
    play = Play()
    play.do(actions.Dial(NUMBER, 20, True))
    assert play.patch.target_lost("its line rings") == [events.TargetGone(A, "failed", "its line rings")]
    assert actions.HangUp() not in play.target.asked
