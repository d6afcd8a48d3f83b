"""What is kept of people: overrides, contacts, duties, texts that came in, wishes to get none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.contacts import Contact
from appliance.core.plan import Override
from appliance.core.records import Received
from appliance.core.roster import Handover
from appliance.store import changes
from appliance.store.database import Store
from appliance.store.writer import Writer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HUBER = Contact("+4989777", "Firma Huber", "vip", "open", "zahlt bar", "csv")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path, create=True) as opened:
        yield opened


def test_an_override_comes_and_goes(store):
    assert store.override() is None
    store.write(changes.SetOverride("closed", NOON, "text", NOON))
    assert store.override() == Override("closed", NOON)
    store.write(changes.SetOverride("open", None, "command", NOON))
    assert store.override() == Override("open", None)
    with Store.open(store.path.parent) as again:
        assert again.override() == Override("open", None)
    store.write(changes.ClearOverride(), changes.ClearOverride())
    assert store.override() is None


def test_the_last_word_on_the_override_counts_also_when_the_disk_was_busy(store):
    writer = Writer(store)
    writer.add(changes.SetOverride("closed", None, "text", NOON))
    writer.add(changes.ClearOverride())
    writer.flush(0.0)
    assert store.override() is None


def test_contacts_of_several_sources(store):
    store.put_contact(HUBER)
    assert store.replace_contacts("fritzbox", [Contact("+4989777", "Huber F."), Contact("+49301", "X")]) == 2
    assert store.contacts() == [HUBER, Contact("+4989777", "Huber F.", source="fritzbox"),
                                Contact("+49301", "X", source="fritzbox")]  # fmt: skip
    assert store.replace_contacts("fritzbox", []) == 0
    assert store.contacts() == [HUBER]


def test_a_contact_is_changed_in_its_place(store):
    store.put_contact(HUBER)
    store.put_contact(Contact("+49301", source="csv"))
    changed = Contact("+4989777", "Huber & Sohn", source="csv")
    store.put_contact(changed)
    assert store.contacts() == [changed, Contact("+49301", source="csv")]
    assert store.remove_contact("+4989777", "csv")
    assert not store.remove_contact("+4989777", "csv")
    assert [contact.number for contact in store.contacts()] == ["+49301"]


def test_of_one_number_twice_in_an_import_the_first_counts(store):
    assert store.replace_contacts("csv", [HUBER, Contact("+4989777", "again")]) == 1
    assert store.contacts() == [HUBER]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "'; DROP TABLE contacts; --", "<b>x</b>", "\ud800\0\n", ""])
def test_names_are_data(store, name):
    store.put_contact(Contact("+49301", name))
    assert [contact.name for contact in store.contacts()] == [name.encode("utf-8", "replace").decode()]


def test_ten_thousand_contacts(store):
    assert store.replace_contacts("csv", (Contact(f"+49{number}", "x") for number in range(10_000))) == 10_000
    assert len(store.contacts()) == 10_000


def test_another_process_hears_of_them(store):
    with Store.open(store.path.parent) as other:
        other.put_contact(HUBER)
    assert store.changed()


def test_duties_in_the_order_they_were_arranged(store):
    first = Handover("anna", "bert", NOON, None, NOON)
    second = Handover("bert", "anna", NOON, NOON + timedelta(hours=1), NOON + timedelta(minutes=1))
    store.write(changes.SaveHandover(second))
    store.write(changes.SaveHandover(first), changes.SaveHandover(first))
    found = store.duties()
    assert [(duty.from_target, duty.ends) for duty in found] == [("anna", None), ("bert", second.ends)]
    assert all(duty.id for duty in found)
    store.write(changes.SaveHandover(Handover("anna", "bert", NOON, NOON, NOON)))
    assert store.duties()[0].ends == NOON


def test_texts_that_came_in(store):
    first = Received("office", "+49170", "da", NOON, NOON, "command")
    second = Received("office", "Telekom", "Ihr Guthaben: 3 €", None, NOON)
    store.write(changes.SaveReceived(first))
    store.write(changes.SaveReceived(second), changes.SaveReceived(first))
    newest, oldest = store.inbox()
    assert (newest.sender, newest.text, newest.sent_at, newest.kind) == ("Telekom", "Ihr Guthaben: 3 €", None, "text")
    assert (oldest.sender, oldest.sent_at, oldest.received_at, oldest.kind) == ("+49170", NOON, NOON, "command")
    assert [text.sender for text in store.inbox(limit=1)] == ["Telekom"]


def test_a_change_keeps_the_text_as_it_was(store):
    received = Received("office", "+49170", "da", NOON, NOON)
    change = changes.SaveReceived(received)
    received.kind = "command"
    store.write(change)
    assert store.inbox()[0].kind == "text"


def test_who_wants_no_texts(store):
    assert "+49170" not in store.optouts()
    store.write(changes.OptOut("+49170", NOON), changes.OptOut("+49170", NOON + timedelta(days=1)))
    assert set(store.optouts()) == {"+49170"}
    assert "+49170" in store.optouts()
    assert "+49171" not in store.optouts()
