"""What is forgotten is gone: from what is answered, and from the bytes on the disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.contacts import Contact
from appliance.core.errors import StoreError
from appliance.core.numbers import DialPlan, normalise
from appliance.core.records import Attempt, CallRecord, Message, Received
from appliance.core.roster import Handover
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.store import changes, privacy
from appliance.store.database import Store
from tests.core.settings_sample import SMALL

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBER, OTHER, OWNER = "+491701234567", "+498977712", "+4915112345678"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "state", create=True) as opened:
        yield opened


def call(number, caller=NUMBER, at=NOON, outcome="missed", **more):
    return changes.SaveCall(CallRecord(number, "office", at, caller=caller, outcome=outcome, ended_at=at, **more))


def text(uid, content, to=OWNER, at=NOON, state="sent"):
    return changes.SaveMessage(Message(uid, "missed", to, content, at, state=state, sent_at=at))


def received(sender, content="x", at=NOON):
    return changes.SaveReceived(Received("office", sender, content, at, at))


def bytes_on_disk(store):
    return b"".join(path.read_bytes() for path in store.path.parent.rglob("*") if path.is_file())


def fill(store):
    store.write(
        call(1), call(2, OTHER), call(3, None), call(4, OTHER, attempts=[Attempt("anna", NUMBER, None, "busy", 3.0)]),
        text("a", f"Verpasster Anruf: {NUMBER}"), text("b", f"Verpasster Anruf: {OTHER}"), text("c", "x", to=NUMBER),
        received(NUMBER, "STOP"), received(OTHER, "Rufen Sie 0170 / 123 45-67 an"), received(OTHER),
        changes.OptOut(NUMBER, NOON), changes.OptOut(OTHER, NOON),
    )  # fmt: skip
    store.put_contact(Contact(NUMBER, "Huber"))
    store.put_contact(Contact(OTHER, "Maier"))


# --- one number --------------------------------------------------------------------------------


def test_a_number_is_erased_everywhere_and_others_stay(store):
    fill(store)
    assert store.erase(NUMBER) == {
        "calls": 1, "attempts": 1, "messages": 2, "inbox": 2, "contacts": 1, "optouts": 1, "in_progress": 0,
        "settings": 0,
    }  # fmt: skip
    assert [record.id for record in store.calls()] == [4, 3, 2]
    assert store.calls()[0].attempts == [Attempt("anna", "", None, "busy", 3.0)]
    assert [message.uid for message in store.messages()] == ["b"]
    assert [one.sender for one in store.inbox()] == [OTHER]
    assert [contact.number for contact in store.contacts()] == [OTHER]
    assert set(store.erase(NUMBER).values()) == {0}


def test_a_wish_to_get_no_texts_outlives_it(store):
    fill(store)
    store.erase(NUMBER)
    assert NUMBER in store.optouts()
    assert OTHER in store.optouts()
    assert OWNER not in store.optouts()
    assert NUMBER not in set(store.optouts())
    store.write(changes.OptOut(NUMBER, NOON))
    assert NUMBER in store.optouts()
    store.erase(NUMBER)
    assert len(store.optouts()) == 2


def test_no_byte_of_it_is_left_on_the_disk(store):
    for number in range(1, 400):
        store.write(call(number, NUMBER if number % 7 == 0 else f"+49171{number:07}", outcome=None))
        caller = NUMBER if number % 7 == 0 else f"+49171{number:07}"
        store.write(
            call(number, caller, reason="nobody_reached"), text(str(number), f"{caller} rief an", state="queued")
        )
        store.write(text(str(number), f"{caller} rief an"))
    fill(store)
    assert NUMBER.encode() in bytes_on_disk(store)
    store.erase(NUMBER)
    left = bytes_on_disk(store)
    assert NUMBER.encode() not in left
    assert NUMBER.encode("utf-16-le") not in left
    assert b"123 45-67" not in left
    assert b"Huber" not in left
    assert OTHER.encode() in left
    assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_reader_that_holds_the_old_pages_is_told_of(store):
    fill(store)
    with Store.open(store.path.parent, wait=0.0) as quick, Store.open(store.path.parent) as reader:
        reader._db.execute("BEGIN")
        reader._db.execute("SELECT * FROM calls").fetchone()
        with pytest.raises(StoreError, match="erase it once more"):
            quick.erase(NUMBER)
        reader._db.execute("ROLLBACK")
        quick.erase(NUMBER)
    assert NUMBER.encode() not in bytes_on_disk(store)


def test_what_still_goes_on_is_left_and_told(store):
    store.write(
        call(1, outcome=None), text("a", f"Anruf: {NUMBER}", state="queued"), text("b", "x", NUMBER, state="sending")
    )
    assert store.erase(NUMBER)["in_progress"] == 3
    assert len(store.open_calls()) == 1
    assert len(store.unfinished()) == 2


def test_settings_that_name_it_are_told(store):
    store.save_settings(f'{{"caller":[{{"number":"{NUMBER}"}}]}}'.encode())
    assert store.erase(NUMBER)["settings"] == 1


@pytest.mark.parametrize("number", ["' OR 1=1 --", "%", "", "+", '"'])
def test_an_odd_number_erases_nothing(store, number):
    fill(store)
    before = len(store.calls()), len(store.messages()), len(store.inbox()), len(store.contacts())
    store.erase(number)
    assert (len(store.calls()), len(store.messages()), len(store.inbox()), len(store.contacts())) == before


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ("+491701234567", True),
        ("Anruf von 01701234567.", True),
        ("0170/1234567", True),
        ("0170 123 45 67", True),
        ("+49 (0) 170 1234-567", True),
        ("00491701234567", True),
        ("3× +491701234567, zuletzt 14:03", True),
        ("+4917012345678", False),
        ("1491701234567", False),
        ("0170123456", False),
        ("01701234568", False),
        ("", False),
    ],
)
def test_how_a_text_names_a_number(said, is_named):
    assert privacy.mentions(said, NUMBER) is is_named


@given(st.from_regex(r"[1-9][0-9]{6,11}", fullmatch=True), st.lists(st.sampled_from(" /-.")))
def test_every_way_to_write_a_number(national, separators):
    number = normalise("0" + national, None, DialPlan("49"))
    spread = "".join(digit + (separators[i] if i < len(separators) else "") for i, digit in enumerate("0" + national))
    assert privacy.mentions(f"Tel: {spread}", number)
    assert privacy.mentions(f"x{number}", number)


def test_a_short_number_is_only_itself():
    assert privacy.mentions("Nebenstelle 50 rief an", "50")
    assert not privacy.mentions("um 12:50:30, 0507, 50:50, am 5.50., 3,50 €", "50")


def test_everything_about_a_number(store):
    fill(store)
    found = store.export(NUMBER)
    assert {table: len(rows) for table, rows in found.items()} == {
        "calls": 2, "messages": 2, "inbox": 2, "contacts": 1, "optouts": 1, "settings": 0,
    }  # fmt: skip
    assert found["calls"][0]["caller"] == NUMBER
    assert found["contacts"][0]["name"] == "Huber"
    store.erase(NUMBER)
    assert {table: len(rows) for table, rows in store.export(NUMBER).items()} == {
        "calls": 0, "messages": 0, "inbox": 0, "contacts": 0, "optouts": 1, "settings": 0,
    }  # fmt: skip


def test_what_the_settings_say_of_a_number(store):
    """Under which name and in which group, and nothing of anybody else, nor a secret."""
    caller = f'[[caller]]\nnumber = "{OTHER}"\n[[caller]]\nnumber = "0170 1234567"\nname = "Huber"\ngroup = "vip"\n'
    toml = SMALL.replace('port = "/dev/ttyUSB0"', 'port = "/dev/ttyUSB0"\npin = "9753"') + caller
    store.save_settings(to_json(check_file(toml.encode()).settings))
    assert store.export(NUMBER)["settings"] == [
        {"place": "caller[1]", "number": NUMBER, "name": "Huber", "group": "vip"}
    ]
    assert store.export(OWNER)["settings"] == [{"place": "business.owner_mobile", "number": OWNER}]
    assert "9753" not in str(store.export("+498912345"))
    assert store.export("+4940999999")["settings"] == []


# --- old records -------------------------------------------------------------------------------


def test_what_is_old_is_deleted(store):
    store.write(
        call(1), call(2, at=NOON + DAY), call(3, at=NOON - DAY, outcome=None),
        text("a", NUMBER), text("b", "x", at=NOON + DAY), text("c", "x", state="queued"),
        text("d", "x", state="failed"),
        received(NUMBER), received(OTHER, at=NOON + DAY),
        changes.OptOut(NUMBER, NOON), changes.SaveHandover(Handover("anna", "bert", NOON, NOON + DAY / 2, NOON)),
        changes.SaveHandover(Handover("bert", "anna", NOON, None, NOON)),
    )  # fmt: skip
    assert store.purge(NOON + DAY) == 5
    assert [record.id for record in store.calls()] == [2]
    assert [record.id for record in store.open_calls()] == [3]
    assert [message.uid for message in store.messages()] == ["c", "b"]
    assert [one.sender for one in store.inbox()] == [OTHER]
    assert [duty.from_target for duty in store.duties()] == ["bert"]
    assert NUMBER in store.optouts()
    assert store.purge(NOON + DAY) == 0
    store.purge(NOON + 61 * DAY)
    assert store.duties() == []


def test_what_was_deleted_is_gone_from_the_disk(store):
    store.write(call(1, at=NOON - DAY), text("a", f"Anruf: {NUMBER}", at=NOON - DAY))
    store.purge(NOON)
    assert NUMBER.encode() not in bytes_on_disk(store)


def test_much_is_deleted_a_little_at_a_time(store, monkeypatch):
    monkeypatch.setattr(privacy, "AT_ONCE", 10)
    store.write(*(call(number) for number in range(1, 26)), *(text(str(number), "x") for number in range(1, 4)))
    assert [store.purge(NOON + DAY) for _ in range(4)] == [13, 10, 5, 0]


def test_the_id_of_a_deleted_call_is_never_given_again(store):
    store.write(call(1), call(2))
    store.purge(NOON + DAY)
    with Store.open(store.path.parent) as again:
        assert again.next_call_id() == 3


@pytest.mark.parametrize("state", ["sent", "delivered", "failed"])
def test_an_erased_text_does_not_come_back_with_its_delivery_report(store, state):
    message = Message("a", "missed", NUMBER, f"von {NUMBER}", NOON, state="sent", sent_at=NOON, reference=7)
    other = Message("b", "missed", OTHER, "x", NOON, state="sent", sent_at=NOON, reference=8)
    store.write(changes.SaveMessage(message), changes.SaveMessage(other))
    assert store.erase(NUMBER)["messages"] == 1
    message.state = other.state = state
    store.write(changes.SaveMessage(message), changes.SaveMessage(other))
    assert [(one.uid, one.state) for one in store.messages()] == [("b", state)]
    assert NUMBER.encode() not in store.path.read_bytes()


def test_a_text_whose_end_is_the_first_thing_that_can_be_written_is_kept(store):
    store.write(text("late", "x", state="delivered"))
    assert [one.state for one in store.messages()] == ["delivered"]


def test_erased_texts_are_remembered_no_longer_than_others(store):
    store.write(text("a", NUMBER))
    store.erase(NUMBER)
    store.purge(NOON)
    assert store._db.execute("SELECT uid FROM erased_texts").fetchall() == [("a",)]
    store.purge(datetime(2100, 1, 1, tzinfo=UTC))
    assert store._db.execute("SELECT uid FROM erased_texts").fetchall() == []
