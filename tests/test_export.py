"""What is exported about a number: data, whatever a caller put into it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.export import cell, export_csv, export_json

FOUND = {
    "calls": [{"id": 1, "caller": "+49170", "caller_name": "=cmd|' /C calc'!A0", "answered_at": None}],
    "contacts": [{"number": "+49170", "name": "Müller, \"Söhne\"\r\n& <b>Co</b>"}],
    "inbox": [],
}  # fmt: skip


def test_json():
    assert json.loads(export_json("+49170", FOUND)) == {"number": "+49170", **FOUND}


def test_csv():
    head, call, contact = csv.reader(io.StringIO(export_csv("+49170", FOUND)))
    assert head == ["about", "record", "id", "caller", "caller_name", "answered_at", "number", "name"]
    assert call == ["+49170", "calls", "1", "+49170", "'=cmd|' /C calc'!A0", "", "", ""]
    assert contact[-2:] == ["+49170", 'Müller, "Söhne" & <b>Co</b>']


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1+1", "'-1+1"),
        ("+49 170 cmd", "'+49 170 cmd"),
        ("\t=1+1", "'=1+1"),
        ('"=1+1', "'\"=1+1"),
        ("＝1+1", "'＝1+1"),
        ("+491701234567", "+491701234567"),
        ("-3.5", "-3.5"),
        ("a=b", "a=b"),
        ("\x1b[31mrot\x00\u202e", "[31mrot"),
        ("", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_cell(value, shown):
    assert cell(value) == shown


@given(st.text())
def test_no_cell_is_a_formula_or_more_than_a_line(value):
    shown = cell(value)
    assert not shown.startswith(("=", "@", "\t", "\r")) or shown == ""
    assert "\n" not in shown
    if shown.startswith(("+", "-")):
        float(shown.replace(".", "") or 0)
    rows = list(csv.reader(io.StringIO(export_csv("1", {"calls": [{"x": value}]}))))
    assert len(rows) == 2
