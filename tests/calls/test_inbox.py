"""Texts that come: kept, then deleted from the module; reports of what became of ours."""

import pytest

from appliance.core import events

from .conftest import LINE, OWNER


@pytest.fixture
def heard(box, monkeypatch):
    """What the line says of received texts and reports."""
    found = []
    original = type(box.engine)._on_event

    def listen(engine, seat, event, now):
        if isinstance(event, events.TextReceived | events.TextReport):
            found.append(event)
        original(engine, seat, event, now)

    monkeypatch.setattr(type(box.engine), "_on_event", listen)
    return found


def test_a_text_comes(box, heard):
    box.run(10)
    box.exchange.sms.text(LINE, OWNER, "weg bis 14:00 – grüßt die Werkstatt")
    box.until(lambda: heard)
    assert (heard[0].sender, heard[0].text) == (OWNER, "weg bis 14:00 – grüßt die Werkstatt")


def test_what_is_kept_is_deleted_from_the_module(box):
    box.run(10)
    box.exchange.sms.text(LINE, OWNER, "weg")
    box.until(lambda: box.store.inbox())
    assert [(one.sender, one.text) for one in box.store.inbox()] == [(OWNER, "weg")]
    box.until(lambda: any(line.startswith("AT+CMGD=") for line in box.module.seen))


def test_what_cannot_be_kept_stays_in_the_module(box, monkeypatch):
    from appliance.core.errors import StoreError

    def full(*_):
        raise StoreError("the disk is full")

    box.run(10)
    with monkeypatch.context() as patch:
        patch.setattr(box.store, "write", full)
        box.exchange.sms.text(LINE, OWNER, "weg")
        box.run(30)
        assert not any(line.startswith("AT+CMGD=") for line in box.module.seen)
    box.until(lambda: box.store.inbox())


def test_a_long_text_is_put_together(box, heard):
    box.run(10)
    text = "Sehr geehrte Damen und Herren, " * 12
    box.exchange.sms.text(LINE, "+491701234567", text)
    box.until(lambda: heard)
    assert [one.text for one in heard] == [text]
    assert len(heard[0].indexes) > 1


def test_garbage_is_deleted(box, heard):
    from appliance.simulator import faults

    box.run(10)
    faults.apply(box.module, "garbage_text")
    box.run(5)
    assert heard == []
    assert box.module.store.texts == [] if hasattr(box.module, "store") else True
