"""Lights and presses of the button, without either."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.panel import Answer, Gesture, Lights, Panel, call_light, ready_light


def line(state="ready", problem=None, net=True, **more):
    diversions = [{"when": "busy", "to": "+49", "confirmed": True, "ours": True}] if net else []
    return {"name": "office", "state": state, "problem": problem, "diversions": diversions, **more}


@pytest.mark.parametrize(
    ("lines", "light"),
    [
        ([line()], "steady"),
        ([line(), line(net=False)], "steady"),
        ([line("in_call")], "steady"),
        ([line("ringing")], "steady"),
        ([line(net=False)], "slow"),
        ([line(problem="net_not_confirmed")], "slow"),
        ([line(), line("starting")], "slow"),
        ([line(net=False, diversions=[{"ours": False, "confirmed": True}])], "slow"),
        ([line(diversions=[{"ours": True, "confirmed": False}])], "slow"),
        ([line(diversions=None)], "slow"),
        ([], "slow"),
        ([line(), line("down")], "fast"),
        ([line("down"), line("starting")], "fast"),
        (None, "fast"),
    ],
)
def test_the_ready_light(lines, light):
    assert ready_light(lines) == light


@pytest.mark.parametrize(
    ("states", "light"),
    [
        (["ready"], "dark"),
        (["ready", "ringing"], "fast"),
        (["in_call", "ringing"], "fast"),
        (["in_call", "down"], "steady"),
        ([], "dark"),
    ],
)
def test_the_call_light(states, light):
    assert call_light([line(state) for state in states]) == light
    assert call_light(None) == "dark"


def shown(panel, begin, end, step=0.05):
    """The lights over a time, each change once."""
    seen = []
    for tick in range(round((end - begin) / step) + 1):
        lights = panel.lights(begin + tick * step)
        if not seen or seen[-1] != lights:
            seen.append(lights)
    return seen


def test_blinking():
    panel = Panel()
    panel.see([line()], 10.0)
    assert shown(panel, 10, 20) == [Lights(ready=True)]
    assert panel.deadline(10) == float("inf")
    panel.see([line(net=False)], 20.0)
    assert len(shown(panel, 20, 29.5)) == 10
    assert panel.deadline(20.25) == 21.0
    panel.see([line("ringing")], 30.0)
    assert panel.lights(30.0) == Lights(ready=True, call=True)
    assert len(shown(panel, 30, 30.95, 0.01)) == 8
    panel.see(None, 40.0)
    assert len(shown(panel, 40, 40.95, 0.01)) == 8


def press(panel, at, held):
    panel.pressed(at)
    return panel.released(at + held)


@pytest.mark.parametrize(
    ("held", "gesture"),
    [
        (0.01, Gesture.AWAY),
        (1.99, Gesture.AWAY),
        (2.0, None),
        (4.9, None),
        (5.0, Gesture.ANNOUNCE),
        (14.9, Gesture.ANNOUNCE),
        (15.0, Gesture.RESET_PASSWORD),
        (29.9, Gesture.RESET_PASSWORD),
        (30.0, None),
        (100000.0, None),
    ],
)
def test_one_press(held, gesture):
    panel = Panel()
    assert (press(panel, 100.0, held) or panel.tick(100.0 + held + 1.0)) == gesture
    assert panel.tick(1e6) is None


@pytest.mark.parametrize(
    ("shorts", "held", "gesture"),
    [
        (3, 15.0, Gesture.FACTORY_RESET),
        (3, 29.0, Gesture.FACTORY_RESET),
        (3, 14.0, None),
        (3, 31.0, None),
        (2, 20.0, None),
        (4, 20.0, None),
        (1, 6.0, None),
        (1, 20.0, None),
    ],
)
def test_short_presses_before_a_long_one(shorts, held, gesture):
    panel, now = Panel(), 100.0
    for _ in range(shorts):
        assert press(panel, now, 0.2) is None
        now += 0.6
        assert panel.tick(now) is None
    assert press(panel, now, held) == gesture
    assert panel.tick(now + 1000) is None


def test_several_short_presses_mean_nothing_and_a_new_one_counts():
    panel = Panel()
    press(panel, 0.0, 0.1)
    press(panel, 0.5, 0.1)
    assert panel.tick(1.29) is None
    assert panel.tick(1.4) is None
    press(panel, 5.0, 0.1)
    assert panel.tick(5.81) is Gesture.AWAY


def test_a_button_that_bounces_counts_its_first_press():
    panel = Panel()
    panel.pressed(0.0)
    panel.pressed(3.0)
    assert panel.released(6.0) is Gesture.ANNOUNCE
    assert panel.released(6.1) is None


def test_what_is_shown_while_it_is_held():
    panel = Panel()
    panel.see([line()], 0.0)
    panel.pressed(100.0)
    assert panel.lights(100.05) == Lights(ready=True, buzzer=True)
    assert panel.lights(104.9) == Lights(ready=True)
    assert panel.lights(105.0) == Lights(ready=True, call=True)
    both = shown(panel, 115.0, 129.9)
    assert {(one.ready, one.call) for one in both} == {(True, True), (False, False)}
    assert len(both) == 60
    assert panel.lights(130.0) == Lights(ready=True)  # let go now and nothing happens


def test_the_lights_blink_in_turn_before_a_factory_reset():
    panel = Panel()
    for number in range(3):
        press(panel, number * 0.5, 0.1)
    panel.pressed(1.5)
    assert {(one.ready, one.call) for one in shown(panel, 16.5, 31.4)} == {(True, False), (False, True)}


@pytest.mark.parametrize(("answer", "times"), [(Answer.ON, 1), (Answer.OFF, 2), (Answer.DONE, 3), (Answer.FAILED, 5)])
def test_answers(answer, times):
    panel = Panel()
    panel.see([line("in_call")], 0.0)  # else steady both
    panel.answer(answer, 50.0)
    seen = shown(panel, 50.0, 60.0, 0.02)
    assert sum(one.buzzer for one in seen) == times
    assert seen[-1] == Lights(ready=True, call=True)
    assert all(one.ready == one.call for one in seen)


@example([("press", 12.13264021009643), ("press", 20.0)])
@example([("answer", 0.0), ("press", 0.3), ("press", 0.3), ("press", 1.0)])
@given(st.lists(st.tuples(st.sampled_from(["press", "release", "tick", "answer", "see"]), st.floats(0, 20))))
def test_the_deadline_is_never_later_than_the_next_change(events):
    """Whatever is done: between two deadlines the lights stay as they are, and no gesture is missed."""
    panel, now = Panel(), 0.0
    for what, after in events:
        until = now + after
        while (due := panel.deadline(now)) < until:
            assert due > now
            lights = panel.lights(now)
            assert panel.lights(now + (due - now) / 2) == lights
            now = due + 1e-9
            panel.tick(now)
        now = until
        if what == "press":
            panel.pressed(now)
        elif what == "release":
            panel.released(now)
        elif what == "answer":
            panel.answer(Answer.OFF, now)
        elif what == "see":
            panel.see([line("ringing")], now)
        panel.tick(now)
