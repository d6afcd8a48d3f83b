"""What holds for every page: who gets in, which headers, what a stranger's Host gets."""

from __future__ import annotations

import pytest

from web.security import is_ours


def test_owner_sees_the_page_and_a_stranger_the_login(client, guest):
    assert client.get("/").status_code == 200
    answer = guest.get("/?week=3")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/?week%3D3"


def test_every_page_is_closed_to_strangers(app, guest):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or getattr(view, "open_to_all", False) or "GET" not in rule.methods:
            continue
        path = "".join("1" if is_variable else part for is_variable, part in rule._trace if part != "|")
        answer = guest.get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), rule


def test_without_owner_everything_leads_to_the_set_up(new_box):
    for path in ("/", "/login", "/nowhere"):
        answer = new_box.get(path)
        assert (answer.status_code, answer.location) == (302, "/setup/")


def test_headers(client):
    headers = client.get("/").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_cookies_are_for_this_page_only(guest):
    answer = guest.send("/login", _follow=False, password="Kiefer und Eiche")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_form_without_token_changes_nothing(app, client):
    assert client.post("/logout").status_code == 400
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("192.168.178.5", True),
        ("192.168.178.5:8080", True),
        ("[fe80::1]:80", True),
        ("[::1]", True),
        ("localhost:8080", True),
        ("rufweiche", True),
        ("Rufweiche.local", True),
        ("rufweiche.fritz.box.", True),
        ("rufweiche.evil.example", False),
        ("evil.example", False),
        ("evil.example:80", False),
        ("192.168.178.5.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("rufweiche.local:80:80", False),
    ],
)
def test_host(host, ours):
    assert is_ours(host, {"rufweiche"}) is ours


def test_foreign_host_gets_nothing(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
