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
