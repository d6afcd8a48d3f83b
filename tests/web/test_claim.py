"""Which passwords are taken: one rule for the first one and every later one."""

from __future__ import annotations

import pytest

from web import claim

LONG = "Kiefer Eiche " * 20


@pytest.mark.parametrize(
    ("chosen", "again", "field", "says"),
    [
        ("Drei Worte Holz", "Drei Worte Holz", None, ""),
        ("kurz", "kurz", "password", "mindestens 8 Zeichen"),
        ("kurz", "anders", "password", "mindestens 8 Zeichen"),
        ("", "", "password", "mindestens 8 Zeichen"),
        (LONG, LONG, "password", "höchstens 200 Zeichen"),
        ("Passwort1", "Passwort1", "password", "probiert"),
        ("aaaabbbbcc", "aaaabbbbcc", "password", "probiert"),
        ("Drei Worte Holz", "Drei Worte Hols", "again", "unterscheiden sich"),
        ("Drei Worte Holz", "", "again", "unterscheiden sich"),
    ],
)
def test_what_is_wrong(app, chosen, again, field, says):
    with app.test_request_context():
        found = claim.mistakes_in(chosen, again)
    assert list(found) == ([field] if field else [])
    assert all(says in text for texts in found.values() for text in texts)
