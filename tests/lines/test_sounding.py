"""What any line does with a stream, resumed by hand."""

import pytest

from appliance.core import events
from appliance.core.sound import Close, Heard, ModemSays, Play, Played, Record, Recorded, SoundFailed, StreamEnded
from appliance.lines import sounding
from appliance.lines.scripts import Hear


class Line:
    """A line whose stream opens as often as it may. `said`: wishes and events in their order."""

    name, now = "office", 0.0

    def __init__(self, opens=99):
        self.opens = opens
        self.said = []

    def emit(self, event):
        self.said.append(event)

    def wish(self, wish):
        self.said.append(wish)

    def opened(self, sends=True, receives=True):
        self.opens -= 1
        return self.opens >= 0
        yield


def heard(script, *sounds):
    """Run until it ends or waits for more than these, each of which it must wait for; None: the time is over."""
    try:
        wait = next(script)
        for sound in sounds:
            assert isinstance(wait, Hear)
            assert sound is None or wait.holds(sound)
            wait = script.send(sound)
    except StopIteration:
        return None
    return wait


def test_who_waits_is_played_to_again_where_the_stream_ended_by_itself():
    line = Line()
    wait = heard(sounding.keep_waiting(line, "hold"), StreamEnded("modem"), StreamEnded("wedged"))
    assert line.said == [Play("hold", loop=True)] * 3
    assert not wait.holds(Heard("busy", count=3)), "that he hangs up is the call's to hear"


@pytest.mark.parametrize("ends", [["asked"], ["modem"] * (sounding.REOPENED + 1)])
def test_waiting_ends(ends):
    line = Line()
    assert heard(sounding.keep_waiting(line, "hold"), *map(StreamEnded, ends)) is None
    assert len(line.said) == len(ends)


def test_who_waits_on_a_line_without_a_stream_hears_nothing():
    line = Line(opens=0)
    assert heard(sounding.keep_waiting(line, "hold")) is None
    assert line.said == []


@pytest.mark.parametrize(
    ("end", "seconds"), [(Recorded("1.wav", 4.5, "end"), 4.5), (StreamEnded("wedged"), 0.0), (None, 0.0)]
)
def test_a_message_that_is_ended_is_told_in_any_case(end, seconds):
    line = Line()
    script = sounding.end_message(line, "hang-up")
    wait = heard(script)
    assert end is None or wait.holds(end)
    with pytest.raises(StopIteration):
        script.send(end)
    assert line.said == [Close(), events.MessageTaken("office", seconds, "hang-up")]


@pytest.mark.parametrize(
    ("sounds", "times", "result"),
    [
        ([Played("a.wav")], 1, "Said"),
        ([StreamEnded("wedged"), Played("a.wav")], 2, "Said"),
        ([StreamEnded("modem")] * (sounding.REOPENED + 1), sounding.REOPENED + 1, "SaidNothing"),
        ([StreamEnded("asked")], 1, "SaidNothing"),
        ([SoundFailed("no such file")], 1, "SaidNothing"),
        ([None], 1, "SaidNothing"),
    ],
)
def test_a_sentence_is_begun_again_where_its_stream_ended_by_itself(sounds, times, result):
    line = Line()
    assert heard(sounding.say(line, "a.wav"), *sounds) is None
    assert line.said[:-1] == [Play("a.wav")] * times
    assert type(line.said[-1]).__name__ == result


GONE = ModemSays("l")
KEPT = Recorded("1.wav", 4.5, "end")


@pytest.mark.parametrize(
    ("heard_before", "ended_by"), [([GONE], "hang-up"), ([GONE] * 3, "hang-up"), ([Heard("busy", 3), GONE], "hang-up")]
)
def test_a_caller_who_hangs_up_may_be_told_of_again_and_again(heard_before, ended_by):
    line = Line()
    assert heard(sounding.take_message(line, "1.wav", 60.0), Played("beep"), *heard_before, KEPT) is None
    assert line.said == [Play("beep"), Record("1.wav", 60.0), Close(), events.MessageTaken("office", 4.5, ended_by)]


def test_a_recording_of_which_nothing_is_said_in_time_is_closed_and_kept():
    line = Line()
    assert heard(sounding.take_message(line, "1.wav", 60.0), Played("beep"), None, KEPT) is None
    assert line.said[-2:] == [Close(), events.MessageTaken("office", 4.5, "end")]


@pytest.mark.parametrize("reason", ["wedged", "modem", "lost"])
def test_a_stream_that_ends_by_itself_leaves_the_message(reason):
    line = Line()
    assert heard(sounding.take_message(line, "1.wav", 60.0), StreamEnded(reason), Recorded("1.wav", 2.5, "end")) is None
    assert line.said == [Play("beep"), Record("1.wav", 60.0), events.MessageTaken("office", 2.5, "end")]
