"""Whatever is sent to whatever address: it is answered, never with our fault, and never shown as anything but text."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.core.records import CallRecord
from appliance.store.changes import SaveCall
from tests.web import sample
from tests.web.conftest import Browser, page

MARK = "<img src=x onerror=alert(1)>"
NASTY = [
    "", " ", "\x00", "\x00\x01\x1b[2J", MARK, '"><script>alert(1)</script>', "\u202egnp.exe", "\u200f\u200e\ufeff",
    "x" * 10_000, "9" * 10_000, "-1", "0", "1e999", "NaN", "²", "٣", "../../etc/passwd", "{{7*7}}", "%s%n%(x)s",
    "'; DROP TABLE calls; --", "\\", "💩" * 300, "a\r\nSet-Cookie: x=1", "+", "+49", "*#06#", "24:00", "99:99",
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-11-23T17:00", "null", "[]", "on",
]  # fmt: skip
values = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.integers().map(str))
calm = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
"""The fixtures live through all examples on purpose: a box that was fed nonsense must stand the next nonsense."""


class Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []
        self.links: list[str] = []
        self._by_id: dict[str, list[tuple[str, str]]] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attributes}
        if tag == "a" and facts.get("href", "").startswith("/"):
            self.links.append(facts["href"])
        elif tag == "form":
            self.forms.append((facts.get("action", ""), facts.get("method", "get").lower(), []))
            self._by_id[facts.get("id", "")] = self.forms[-1][2]
        elif (
            facts.get("name") and (self.forms or facts.get("form")) and tag in ("input", "select", "textarea", "button")
        ):
            fields = self._by_id.get(facts["form"], []) if "form" in facts else self.forms[-1][2]
            fields.append((facts["name"], facts.get("value", "")))


def read(html: str) -> Forms:
    parser = Forms()
    parser.feed(html)
    return parser


def every_form(browser: Browser) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """All forms of all pages that links lead to, and of the set-up, each once."""
    waiting = [
        str(rule) for rule in browser.application.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments
    ]
    seen, found = set(), {}
    while waiting and len(seen) < 300:
        path = waiting.pop(0).partition("#")[0]
        if path in seen or path.startswith("/static"):
            continue
        seen.add(path)
        answer = browser.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        parsed = read(answer.text)
        waiting += parsed.links
        for action, method, fields in parsed.forms:
            names = tuple(sorted({name for name, _ in fields if name != "csrf_token"}))
            found[(urlsplit(action or path).path, method, names)] = (action or path, method, fields)
    return [form for form in found.values() if not form[0].startswith("/logout")]


def send(browser: Browser, form, chosen) -> None:
    action, method, fields = form
    chosen = [chosen[nth % len(chosen)] for nth in range(len(fields))]
    data: dict[str, list[str]] = {}
    for (name, value), other in zip(fields, chosen, strict=True):
        data.setdefault(name, []).append(value if other is None or name == "csrf_token" else other)
    if method == "get":
        answer = browser.get(urlsplit(action).path, query_string=data)
    else:
        answer = browser.post(action, data=data)
    check(answer, action)


def check(answer, where) -> None:
    assert answer.status_code < 500, (where, answer.status_code)
    if answer.mimetype == "text/html":
        assert MARK not in answer.text, where
        assert "<script>alert" not in answer.text, where


@pytest.fixture
def owner(client):
    forms = every_form(client)
    assert len(forms) > 3
    return client, forms


fillings = st.lists(st.none() | values, min_size=60, max_size=60)
"""What goes into the fields of a form, one after the other; None leaves what is there."""
any_of = st.integers(0, 10_000)
"""Which of some things, counted round: how many there are depends on what was sent before."""


@calm
@given(which=any_of, chosen=fillings)
def test_forms_of_the_owner(owner, which, chosen):
    browser, forms = owner
    send(browser, forms[which % len(forms)], chosen)


@pytest.fixture
def in_the_middle(new_box):
    new_box.send("/setup/password", code=sample.CODE, password=sample.PASSWORD, again=sample.PASSWORD)
    new_box.send("/setup/business", name="Tischlerei Muster", place="DE-BY", mobile="0151 12345678")
    return new_box


@settings(calm, max_examples=60)
@given(
    step=st.sampled_from(["business", "modem", "connection", "targets", "hours", "test"]), which=any_of, chosen=fillings
)
def test_forms_of_the_set_up(in_the_middle, step, which, chosen):
    answer = in_the_middle.get(f"/setup/{step}", follow_redirects=True)
    check(answer, answer.request.path)
    forms = [form for form in read(answer.text).forms if form[2]]
    if forms:
        send(in_the_middle, forms[which % len(forms)], chosen)


@settings(calm, max_examples=60)
@given(data=st.data(), unclaimed=st.booleans())
def test_strangers(guest, new_box_too, data, unclaimed):
    browser = new_box_too if unclaimed else guest
    path = data.draw(
        st.sampled_from(["/login", "/setup/language", "/setup/origin", "/setup/password", "/restore/code"])
    )
    names = ("password", "code", "again", "language", "origin", "next")
    check(browser.post(path, data={"csrf_token": browser.token(), **{one: data.draw(values) for one in names}}), path)


@pytest.fixture
def new_box_too(tmp_path, watch):
    yield from (app.test_client() for app in page(tmp_path / "new", watch))


@calm
@given(
    which=any_of,
    parts=st.lists(values, min_size=3, max_size=3),
    query=st.dictionaries(st.sampled_from(["page", "q", "next", "since", "number", "at", "day"]), values),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]),
    tag=st.sampled_from(["*", '"x"', "x" * 5000]),
)
def test_addresses(client, which, parts, query, method, tag):
    rules = [rule for rule in client.application.url_map.iter_rules() if rule.endpoint != "login.leave"]
    chosen, trace = iter(parts), [one for one in rules[which % len(rules)]._trace if one[1] != "|"]
    path = "".join(quote(next(chosen), safe="") or "0" if is_variable else part for is_variable, part in trace)
    check(client.open(path, method=method, query_string=query, headers={"If-None-Match": tag, "X-Live": "1"}), path)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 300_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(5000)), "application/x-www-form-urlencoded"),
        (b"%ff%fe=%80", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
        (b"--x\r\n" * 10_000, "multipart/form-data; boundary=x"),
        (b"anything", "multipart/form-data"),
        (b"\x00" * 1000, "nonsense"),
    ],
)
def test_bodies_that_are_none(client, body, kind):
    for path in ("/today/away", "/access/password", "/restore/upload", "/login"):
        answer = client.post(path, data=body, content_type=kind, headers={"Host": "localhost"})
        assert 400 <= answer.status_code < 500, path


def test_a_file_where_a_word_should_be(client):
    data = {"csrf_token": client.token(), "until": (io.BytesIO(b"x" * 1000), "time"), "time": (io.BytesIO(b""), "")}
    check(client.post("/today/away", data=data), "/today/away")


@pytest.mark.parametrize("text", NASTY)
def test_what_callers_and_modems_say_is_text(client, state, store, watch, text):

    store.write(
        SaveCall(CallRecord(50, text, watch.now, text or None, text, outcome="missed", reason=text, target=text))
    )
    line = {**sample.LINE, "model": text, "problem": text, "operator": text, "call": {"caller": text, "state": text}}
    sample.show_live(state, watch.passed, [line], found=[{**sample.FOUND, "model": text, "operator": text}])
    for path in ("/", "/today/live", "/setup/modem"):
        check(client.get(path), path)
