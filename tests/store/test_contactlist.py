"""The address book, searched and a page at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.callers import CallerBook
from appliance.core.contacts import Contact
from appliance.core.numbers import DialPlan
from appliance.store.page import PageStore
from appliance.store.search import Search

GERMANY = DialPlan("49")
BOOK = (
    Contact("+4989777*", "Huber, alle", "vip"),
    Contact("+498977712345", "Özlem Huber", "vip", note="Küche"),
    Contact("+4917122222222", "anna", "Kunden"),
    Contact("+4917133333333", "", "blocked", source="block"),
    Contact("+4917122222222", "Anna B.", "", source="csv"),
    Contact("0137*", "Gewinnspiel", "blocked", source="blocklist"),
)


@pytest.fixture
def store(tmp_path):
    with PageStore.open(tmp_path, create=True) as opened:
        for contact in BOOK:
            opened.put_contact(contact)
        yield opened


@pytest.mark.parametrize(
    ("text", "group", "names"),
    [
        (None, None, ["anna", "Anna B.", "Gewinnspiel", "Huber, alle", "Özlem Huber", ""]),
        ("huber", None, ["Huber, alle", "Özlem Huber"]),
        ("kuche", None, ["Özlem Huber"]),
        ("0171 222", None, ["anna", "Anna B."]),
        ("777", None, ["Huber, alle", "Özlem Huber"]),
        (None, "blocked", ["Gewinnspiel", ""]),
        ("nobody", "vip", []),
        (None, "\udc80", []),
    ],
)
def test_contacts_by_name(store, text, group, names):
    found = store.find_contacts(Search.of(text, GERMANY) if text else None, group)
    assert [contact.name for contact in found.contacts] == names
    assert found.total == len(names)


def test_pages(store):
    assert [one.name for one in store.find_contacts(limit=2, offset=2).contacts] == ["Gewinnspiel", "Huber, alle"]
    assert store.find_contacts(limit=2, offset=99).contacts == []
    assert store.find_contacts(limit=2, offset=99).total == len(BOOK)


def test_groups(store):
    assert store.contact_groups() == {"blocked": 2, "vip": 2, "Kunden": 1}


def test_a_contact_takes_another_ones_place(store):
    old = store.contact("+4917122222222", "csv")
    store.replace_contact(old, Contact("+4917144444444", "Anna Berger"))
    assert store.contact("+4917122222222", "csv") is None
    assert store.contact("+4917144444444", "manual").name == "Anna Berger"
    store.replace_contact(None, Contact("+4917144444444", "Anna B."))
    assert store.contact("+4917144444444", "manual").name == "Anna B."


def test_people_by_name(store):
    assert store.contacts_named(Search.of("huber", GERMANY)) == ["+4989777*", "+498977712345"]
    assert store.contacts_named(Search.of("nobody", GERMANY)) == []


def test_nobody_is_named_in_an_empty_book(tmp_path):
    with PageStore.open(tmp_path / "new", create=True) as empty:
        assert empty.contacts_named(Search.of("huber", GERMANY)) == []


DIGITS = st.text("0123456789", min_size=1, max_size=6)


@given(
    entries=st.lists(st.tuples(st.booleans(), DIGITS, st.booleans(), st.sampled_from(["", "vip", "blocked"]))),
    number=st.tuples(st.booleans(), DIGITS),
)
def test_what_is_about_a_number_answers_as_the_whole_book(tmp_path_factory, entries, number):
    contacts = [
        Contact(f"{'+' * public}{digits}{'*' * prefix}", f"n{index}", group, source=f"s{index}")
        for index, (public, digits, prefix, group) in enumerate(entries)
    ]
    asked = f"{'+' * number[0]}{number[1]}"
    with PageStore.open(tmp_path_factory.mktemp("book"), create=True) as store:
        for contact in contacts:
            store.put_contact(contact)
        some = CallerBook((), store.contacts_about([asked])).find(asked)
        assert some == CallerBook((), store.contacts()).find(asked)
