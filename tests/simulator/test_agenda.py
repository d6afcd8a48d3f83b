from hypothesis import given
from hypothesis import strategies as st

from appliance.simulator.agenda import Agenda


def test_order_of_time_then_of_making():
    agenda, seen = Agenda(), []
    for when, name in ((2, "c"), (1, "a"), (1, "b")):
        agenda.at(when, lambda name=name: seen.append(name))
    agenda.advance(2)
    assert seen == ["a", "b", "c"]


def test_now_is_the_time_due_even_when_late():
    agenda, seen = Agenda(), []
    agenda.after(1, lambda: seen.append(agenda.now))
    agenda.advance(50)
    assert seen == [1] and agenda.now == 50


def test_cancelled_entries_have_no_deadline():
    agenda = Agenda()
    due = agenda.after(1, lambda: 1 / 0)
    due.cancel()
    assert agenda.deadline() is None
    agenda.advance(2)
    assert len(agenda) == 0


def test_what_becomes_due_while_advancing_happens_too():
    agenda, seen = Agenda(), []
    agenda.after(1, lambda: agenda.after(1, lambda: seen.append(agenda.now)))
    agenda.advance(5)
    assert seen == [2]


@given(st.lists(st.floats(0, 1000), max_size=30))
def test_time_never_goes_back(times):
    agenda, seen = Agenda(), []
    for when in times:
        agenda.at(when, lambda: seen.append(agenda.now))
    agenda.advance(1000)
    assert seen == sorted(times)


def test_what_should_have_been_is_due_now():
    agenda = Agenda(10)
    assert agenda.at(3, agenda.deadline).at == agenda.deadline() == 10
