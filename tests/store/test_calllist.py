"""The call log, filtered and searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.numbers import DialPlan
from appliance.core.records import CallRecord
from appliance.store.calllist import Wanted
from appliance.store.changes import MarkDone, Reopen, SaveCall, WriteNote
from appliance.store.page import PageStore
from appliance.store.search import Search, fold, fold_all

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
GERMANY = DialPlan("49")


@pytest.fixture
def store(tmp_path):
    with PageStore.open(tmp_path, create=True) as opened:
        opened.write(
            *(
                SaveCall(CallRecord(number, line, AT + timedelta(hours=number), caller, name, outcome=outcome))
                for number, line, caller, name, outcome in (
                    (1, "office", "+498977712345", "Firma Hüber", "missed"),
                    (2, "office", "+4917122222222", None, "forwarded"),
                    (3, "stick", "50", "Werkstatt", "answered_here"),
                    (4, "stick", None, None, "missed"),
                    (5, "office", "+498977712345", "Firma Hüber", "blocked"),
                    (6, "office", "+43512345678", "Tirol: 100%", "voicemail"),
                    (7, "office", "+498977712345", None, None),  # still on
                )
            )
        )
        yield opened


def found(store, wanted, **more):
    return [call.id for call in store.find_calls(wanted, 50, **more)]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), [6, 5, 4, 3, 2, 1]),
        (Wanted(outcome="missed"), [4, 1]),
        (Wanted(line="stick"), [4, 3]),
        (Wanted(line="\udc80"), []),
        (Wanted(since=AT + timedelta(hours=4)), [6, 5, 4]),
        (Wanted(until=AT + timedelta(hours=2)), [1]),
        (Wanted(since=AT + timedelta(hours=2), until=AT + timedelta(hours=4)), [3, 2]),
        (Wanted(is_open=True), [4, 1]),
        (Wanted(is_open=True, line="office"), [1]),
    ],
)
def test_filters(store, wanted, ids):
    assert found(store, wanted) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("089 777-123 45", [5, 1]),
        ("+49 (0) 89 77712345", [5, 1]),
        ("0049 89 777", [5, 1]),
        ("089", [5, 1]),
        ("777", [5, 1]),
        ("0171", [2]),
        ("0171 / 222 22 222", [2]),
        ("+43", [6]),
        ("50", [3]),
        ("5", []),
        ("00", []),
        ("5*", []),
        ("0171*", [2]),
        ("50*", [3]),
        ("huber", [5, 1]),
        ("HUEBER firma", [5, 1]),
        ("werk", [3]),
        ("%", [6]),
        ("100%", [6]),
        ("'; DROP TABLE calls", []),
    ],
)
def test_search(store, text, ids):
    assert found(store, Wanted(search=Search.of(text, GERMANY))) == ids


@pytest.mark.parametrize("text", ["", "  ", "+", "()", "*", "**", "#", "\x00", "\udc80", "\u200e\u202b"])
def test_nothing_is_looked_for(text):
    assert Search.of(text, GERMANY) is None


def test_a_search_for_nothing_finds_nothing(store):
    assert found(store, Wanted(search=Search())) == []
    assert found(store, Wanted(search=Search(words=("huber",)), callers=("*",))) == [5, 1]


def test_search_finds_people_by_their_present_name(store):
    search = Search.of("Sommer", GERMANY)
    assert found(store, Wanted(search=search, callers=("+4917122222222", "+4351*"))) == [6, 2]


def test_pages_follow_one_another(store):
    first = store.find_calls(Wanted(), 2)
    second = store.find_calls(Wanted(), 2, before=first[-1].id)
    assert [call.id for call in first + second] == [6, 5, 4, 3]
    assert [call.id for call in store.find_calls(Wanted(), 2, after=second[0].id)] == [6, 5]
    assert [call.id for call in store.find_calls(Wanted(), 2, after=1)] == [3, 2]


def test_figures_of_a_caller(store):
    figures = store.caller_figures("+498977712345")
    assert figures.outcomes == {"missed": 1, "blocked": 1}
    assert figures.calls == 2
    assert (figures.first, figures.last) == (AT + timedelta(hours=1), AT + timedelta(hours=5))
    assert store.caller_figures("+491") is None


def test_notes_and_marks_stay_when_the_call_is_saved_again(store):
    store.write(WriteNote(1, "Ruft morgen an \udc80"), MarkDone((1,), AT))
    store.write(SaveCall(store.call(1)))
    assert (store.call(1).note, store.call(1).done_at) == ("Ruft morgen an ?", AT)
    assert found(store, Wanted(is_open=True)) == [4]
    store.write(WriteNote(1, ""), Reopen(1))
    assert (store.call(1).note, store.call(1).done_at) == (None, None)
    assert store.call(99) is None


@pytest.mark.parametrize("text", ["Müller", "MUELLER", "muller", "Mu\u0308ller"])
def test_spellings_of_a_name_are_one(text):
    assert fold(text) == "muller"


def test_many_names_are_folded_as_one_each():
    names = ["Groß", "\x1f", "", "Łukasz", "Jørgen", "\ufdfa"]
    assert fold_all(names) == [fold(name) for name in names]
    assert fold_all(["Ä", "ö"]) == ["a", "o"]
