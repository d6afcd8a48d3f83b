"""Statistics: how calls ended, drawn and in figures."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from appliance.core.records import CallRecord
from appliance.store.changes import SaveCall


def test_figures(client):
    page = client.get("/statistics/").text
    assert "Anrufe</dt><dd><strong>6</strong>" in page
    assert "<strong>60 %</strong>" in page.replace("\xa0", " ")
    assert "üblich: 27" in page
    assert "1:00 min" in page  # until somebody was on the phone
    assert re.search(r"<th scope=\"row\">Anna</th><td class=\"number\">1</td>", page)
    assert re.search(r"<th scope=\"row\">13:00</th><td class=\"number\">1</td>", page)
    assert "13:00: 1 Anrufe, 1 verpasst" in page


def test_the_usual_share_is_a_line(client):
    page = client.get("/statistics/").text
    (height,) = re.findall(r'class="usual" d="M\S+ (\S+)H', page)
    grid = [float(y) for y in re.findall(r'class="grid" d="M\S+ (\S+)H', page)][:3]  # 0, 50 and 100 %
    assert float(height) == pytest.approx(grid[0] + 0.27 * (grid[2] - grid[0]), abs=0.1)


@pytest.mark.parametrize(("span", "calls"), [("month", 1), ("quarter", 2), ("year", 3), ("", 1), ("<b>", 1)])
def test_a_time_ends_with_today(app, client, store, watch, span, calls):
    for number, days in enumerate((20, 60, 300, 400), 100):
        start = watch.now - timedelta(days=days)
        store.write(SaveCall(CallRecord(number, "office", start, "+491701", outcome="answered_here", ended_at=start)))
    page = client.get("/statistics/", query_string={"span": span}).text
    assert f"Anrufe</dt><dd><strong>{6 + calls}</strong>" in page


def test_before_the_first_call(client, store, watch):
    watch.forward(400 * 86400)
    client.log_in()
    page = client.get("/statistics/").text
    assert "Keine Anrufe in dieser Zeit" in page
    assert "Sobald jemand anruft" in page


def test_targets_may_be_called_anything(client, store, watch):
    name = "<script>alert(1)</script>"
    at = watch.now - timedelta(hours=3)
    store.write(SaveCall(CallRecord(99, "office", at, "+491701", outcome="forwarded", target=name, answered_at=at)))
    assert "&lt;script&gt;alert(1)" in client.get("/statistics/").text
