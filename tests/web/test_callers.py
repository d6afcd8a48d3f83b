"""Who is known and who is blocked: the list, each contact, rules, and files that are looked at before they count."""

from __future__ import annotations

import io
import re

import pytest

from appliance.core.contacts import Contact
from appliance.core.settings import from_json
from tests.web import sample
from tests.web.test_calls import HOSTILE
from web import contact_reading, importing
from web.factory import create_app

CSV = "Name;Telefon;Gruppe\nFrau Herbst;089 1234567;Kunden\nNerver;0171 9999999;gesperrt\nX;1,2E+11;\n"
VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Herr März\r\nTEL;TYPE=CELL:+49 171 8888888\r\nEND:VCARD\r\n"
FRITZBOX = (
    '<?xml version="1.0"?><phonebooks><phonebook><contact><category>1</category><person><realName>Anna &amp; Co'
    '</realName></person><telephony><number type="home">030 5555555</number></telephony></contact></phonebook>'
    "</phonebooks>"
)


def settings(store):
    return from_json(store.load_settings()[1])


def version(store):
    return store.load_settings()[0]


@pytest.fixture
def book(store):
    for contact in (
        Contact("+4917122222222", "Özlem Yıldız", "Kunden", None, "Küche", "csv"),
        Contact("+4917133333333", "", "blocked", source="block"),
        Contact("+49137*", "Gewinnspiel", "blocked", source="blocklist"),
    ):
        store.put_contact(contact)


def names(page):
    return re.findall(r"<strong>([^<]*)</strong>", page.text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Firma Huber", "Werbung Klingelton", "Frau Sommer", "Gewinnspiel", "Özlem Yıldız", "0171 33333333"]),
        ("?q=ozlem", ["Özlem Yıldız"]),
        ("?q=küche", ["Özlem Yıldız"]),
        ("?q=0171+333", ["0171 33333333"]),
        ("?q=0137", ["Gewinnspiel"]),
        ("?q=huber", ["Firma Huber"]),
        ("?q=089777", ["Firma Huber"]),
        ("?group=blocked", ["Werbung Klingelton", "Gewinnspiel", "0171 33333333"]),
        ("?group=Kunden&q=sommer", ["Frau Sommer"]),
        ("?q=nobody", ["Niemand gefunden"]),
        ("?page=2", []),
    ],
)
def test_the_list(client, book, query, found):
    assert names(client.get(f"/callers/{query}")) == found


def test_pages(client, store):
    store.replace_contacts("csv", [Contact(f"+49891000{number}", f"Kontakt {number}") for number in range(100, 220)])
    first = client.get("/callers/?q=kontakt")
    assert names(first) == [f"Kontakt {number}" for number in range(100, 150)]
    assert "Seite 1 von 3" in first.text
    assert 'href="/callers/?q=kontakt&amp;page=2"' in first.text
    last = client.get("/callers/?q=kontakt&page=3")
    assert names(last) == [f"Kontakt {number}" for number in range(200, 220)]
    assert 'rel="next"' not in last.text


def test_nobody_yet_teaches(app, watch, tmp_path):
    text = sample.SETTINGS.partition("[[caller]]")[0]
    sample.fill(tmp_path / "empty", text, with_calls=False)
    page = create_app(tmp_path / "empty", watch.clock())
    page.test_client_class = app.test_client_class
    browser = page.test_client()
    browser.log_in()
    text = browser.get("/callers/").text
    assert "Noch ist niemand bekannt" in text
    assert 'href="/callers/import"' in text
    page.extensions["rufweiche.stores"].close()


def send(client, path="/callers/new", **fields):
    values = {"number": "(089) 12 34-567", "name": "Frau Herbst", "group": "", "plan": "", "note": "", **fields}
    return client.send(path, **values)


def test_a_contact_is_added(client, store):
    assert "Gespeichert." in send(client, group="Kunden", plan="offen", note="Mag Eiche").text
    assert store.contact("+49891234567", "manual") == Contact(
        "+49891234567", "Frau Herbst", "Kunden", "offen", "Mag Eiche", "manual"
    )


def test_the_form_begins_with_the_number_of_a_call(client):
    page = client.get("/callers/new?number=%2B4917122222222&name=Wer").text
    assert 'value="0171 22222222"' in page
    assert 'value="Wer"' in page


def test_all_numbers_that_begin_so_are_blocked(client, store):
    send(client, number="0900 *", name="", blocked="1")
    assert store.contact("+49900*", "manual").group == "blocked"
    assert "0900…" in client.get("/callers/").text
    page = client.get("/callers/contact?of=%2B49900*&source=manual").text
    assert 'value="0900*"' in page
    assert re.search(r'name="blocked" value="1" checked', page)


def test_a_changed_contact_is_ones_own(client, store, book):
    path = "/callers/contact?of=%2B4917122222222&source=csv"
    assert "Aus einer Tabelle" in client.get(path).text
    send(client, path, of="+4917122222222", source="csv", number="0171 22222222", name="Özlem Y.")
    assert store.contact("+4917122222222", "csv") is None
    assert store.contact("+4917122222222", "manual").name == "Özlem Y."


def test_a_contact_gets_another_number_and_is_removed(client, store):
    of = {"of": "+4989555001", "source": "manual"}
    send(client, "/callers/contact", **of, number="089 555002")
    assert store.contact("+4989555001", "manual") is None
    page = client.send("/callers/contact", of="+4989555002", source="manual", do="remove")
    assert "Entfernt." in page.text
    assert store.contact("+4989555002", "manual") is None
    assert client.send("/callers/contact", **of, do="remove").status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"number": ""}, "Das ist keine Rufnummer."),
        ({"number": "Anna"}, "Das ist keine Rufnummer."),
        ({"number": "*"}, "Das ist keine Rufnummer."),
        ({"number": "0*"}, "Das ist keine Rufnummer."),
        ({"number": "+4*"}, "Das ist keine Rufnummer."),
        ({"number": "089 555001"}, "Einen Kontakt mit dieser Nummer gibt es schon."),
        ({"plan": "nope"}, "Diesen Plan gibt es nicht mehr."),
    ],
)
def test_what_is_wrong_stands_at_its_field(client, store, fields, says):
    before = store.contacts()
    page = send(client, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert store.contacts() == before


def test_a_rule_of_the_settings(client, store):
    assert "089777…" in client.get("/callers/rule/0").text
    client.send("/callers/rule/0", name="Huber", group="vip", plan="offen", version=version(store))
    one = settings(store).caller[0]
    assert (one.number, one.name, one.group, one.plan) == ("+4989777*", "Huber", "vip", "offen")
    assert "Einen Plan „x“ gibt es nicht" in client.send("/callers/rule/0", plan="x", version=version(store)).text
    client.send("/callers/rule/1", do="remove", version=version(store))
    assert len(settings(store).caller) == 1
    assert client.get("/callers/rule/1").status_code == 404


def test_withheld_and_blocked(client, store):
    client.send("/callers/rules", withheld="blocked", blocked="hang-up", version=version(store))
    assert (settings(store).callers.withheld, settings(store).callers.blocked) == ("blocked", "hang-up")
    client.send("/callers/rules", withheld="Feierabend", blocked="", version=version(store))
    assert (settings(store).callers.withheld, settings(store).callers.blocked) == ("Feierabend", None)
    client.send("/callers/rules", withheld="", blocked="", version=version(store))
    assert settings(store).callers.withheld is None
    page = client.send("/callers/rules", withheld="nope", blocked="", version=version(store))
    assert "Einen Plan „nope“ gibt es nicht" in page.text


# --- files -------------------------------------------------------------------------------------


def upload(client, content, kind="contacts", name="kontakte.csv"):
    """Written out by hand: the test client's own way leaves a file open when this one is large."""
    data = content if isinstance(content, bytes) else content.encode()
    parts = [
        f'--line\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (("csrf_token", client.token()), ("kind", kind))
    ]
    head = f'--line\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = "".join([*parts, head]).encode() + data + b"\r\n--line--\r\n"
    return client.post(
        "/callers/import", data=body, content_type="multipart/form-data; boundary=line", follow_redirects=True
    )


def mark(client):
    """Of the file that the preview shows; "" when there is none."""
    found = re.search(r'name="mark" value="([0-9a-f]+)"', client.get("/callers/import/preview").text)
    return found[1] if found else ""


def decide(client, do):
    return client.send("/callers/import/decide", do=do, mark=mark(client))


def test_a_file_is_looked_at_before_it_counts(client, store, state):
    store.put_contact(Contact("+49891234567", "Alter Name", source="csv"))
    store.put_contact(Contact("+49307654321", "Geht", source="csv"))
    before = store.contacts()
    page = upload(client, CSV).text
    assert "2 Nummern in dieser Datei" in page
    for what, count in (("neu", 1), ("geändert", 1), ("wie bisher", 0), ("entfallen", 1), ("gesperrt", 1)):
        assert re.search(rf"<dt>{what}</dt><dd>{count}", page)
    assert "Zeile 4: „1,2E+11“ hat eine Tabellenkalkulation gekürzt" in page
    assert store.contacts() == before
    page = decide(client, "store").text
    assert "2 Kontakte sind gespeichert." in page
    assert store.contact("+49891234567", "csv").name == "Frau Herbst"
    assert store.contact("+49307654321", "csv") is None
    assert store.contact("+4989555001", "manual") is not None
    assert not (state / importing.KEPT).exists()


def test_a_file_waits_for_a_decision(client, state):
    upload(client, CSV)
    assert "Eine Datei wartet noch auf Ihre Entscheidung" in client.get("/callers/import").text
    assert (state / importing.KEPT).exists()  # looking changes nothing
    upload(client, VCARD)
    assert "1 Nummer in dieser Datei" in client.get("/callers/import/preview").text
    (state / importing.KEPT).write_text("{")
    assert "Eine Datei wartet" not in client.get("/callers/import").text


def test_a_file_is_thought_better_of(client, store, state):
    before = store.contacts()
    upload(client, CSV)
    assert (state / importing.KEPT).stat().st_mode & 0o077 == 0
    assert "Es wurde nichts gespeichert." in decide(client, "forget").text
    assert not (state / importing.KEPT).exists()
    assert "Kontakte sind gespeichert." not in decide(client, "store").text
    assert store.contacts() == before
    assert client.get("/callers/import/preview").location == "/callers/import"


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("do", ["store", "forget"])
def test_another_file_than_the_one_shown_is_not_decided_on(client, store, do, large):
    more = "".join(f"Kunde {n};089 77{n:05}\n" for n in range(3000 if large else 1))
    upload(client, "Name;Telefon\nAaa;089 1111111\n")
    shown = mark(client)
    upload(client, f"Name;Telefon\nBbb;089 2222222\n{more}")  # by another browser
    before = store.find_contacts(limit=1).total
    for sent in ({"mark": shown}, {}, {"mark": "x"}):
        page = client.send("/callers/import/decide", do=do, **sent)
        assert page.request.path == "/callers/import/preview"
        assert "Inzwischen wurde eine andere Datei hochgeladen." in page.text
        assert "<strong>Bbb</strong>" in page.text
        assert store.find_contacts(limit=1).total == before
    assert "sind gespeichert." in decide(client, "store").text
    assert store.contact("+49892222222", "csv").name == "Bbb"
    assert store.contact("+49891111111", "csv") is None


@pytest.mark.parametrize(
    ("content", "kind", "number", "source", "group"),
    [
        (VCARD, "contacts", "+491718888888", "vcard", ""),
        (FRITZBOX, "contacts", "+49305555555", "fritzbox", "vip"),
        ("\ufeff" + CSV, "contacts", "+49891234567", "csv", "Kunden"),
        ("# Liste\n0137*\n0171 7777777; Nerv\n", "block", "+49137*", "blocklist", "blocked"),
        (VCARD, "block", "+491718888888", "blocklist", "blocked"),
    ],
)
def test_kinds_of_files(client, store, content, kind, number, source, group):
    upload(client, content, kind)
    decide(client, "store")
    assert store.contact(number, source).group == group


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nennt keine Spalte"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "keine Textdatei"),
        (b"Name;Farbe\nA;rot\n", "nennt keine Spalte"),
        (b"Name;Telefon\nA;keine\n", "keine Rufnummern"),
        (b"<html>", "kein Telefonbuch einer FRITZ!Box"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><phonebooks/>', "kein Telefonbuch einer FRITZ!Box"),
        (b"BEGIN:VCARD", "mistake"),
        (b"Name;Telefon\n" + b"A;089 12345678\n" * 400_000, "zu groß"),
    ],
)
def test_files_that_are_none(client, store, content, says):
    before = store.contacts()
    page = upload(client, content)
    assert page.status_code == 200
    assert says in page.text
    assert 'class="mistake"' in page.text
    assert store.contacts() == before


def test_no_file_and_one_that_is_far_too_large(client):
    assert "Bitte wählen Sie die Datei." in client.send("/callers/import").text
    assert upload(client, b"x" * 21_000_000).status_code == 413


def test_strangers_upload_nothing(guest):
    assert guest.send("/callers/import", file=(io.BytesIO(b"x" * 300_000), "a.csv"), _follow=False).status_code != 200


def test_names_of_a_file_are_shown_as_text(client, store):
    page = upload(client, "Name;Telefon\n<script>alert(1)</script>\u202e;089 1234567\n").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    decide(client, "store")
    assert "<script>alert" not in client.get("/callers/").text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    fields = ("q", "group", "page", "number", "name", "plan", "note", "blocked", "of", "source", "version", "withheld")
    for path in ("/callers/", "/callers/new", "/callers/contact"):
        answer = client.get(path, query_string=dict.fromkeys(fields, sent[:2000]))
        assert answer.status_code in (200, 404)
        assert "<script>alert" not in answer.text
    for path in ("/callers/new", "/callers/contact", "/callers/rule/0", "/callers/rules", "/callers/import/decide"):
        answer = client.send(path, **dict.fromkeys(fields, sent))
        assert answer.status_code in (200, 404)
        assert "<script>alert" not in answer.text
    send(client, name=sent, note=sent, group=sent, number="089 7654321")
    store.put_contact(Contact("+49897654322", text, text, text, text, "csv"))
    for path in ("/callers/", "/callers/contact?of=%2B49897654321&source=manual"):
        page = client.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert upload(client, text.encode("utf-8", "replace"), name="../../etc/passwd").status_code == 200


# --- files that are nothing for the page's own process -----------------------------------------

MANY = "Name;Telefon\n" + "".join(f"Kunde {n};089 77{n:05}\n" for n in range(5000)) + "Niemand;keine Nummer\n"


@pytest.fixture
def elsewhere(monkeypatch):
    """Whoever does it here instead of in a process of its own is found out."""

    def refuse(*_args):
        raise AssertionError("done in the page's process")

    for name in ("receive", "preview", "keep"):
        monkeypatch.setattr(contact_reading, name, refuse)


def bring_many(client, content):
    data = {"csrf_token": client.token(), "file": (io.BytesIO(content.encode()), "a.csv")}
    return client.post("/callers/import", data=data, follow_redirects=True).text


def test_large_file_is_read_and_stored_elsewhere(client, store, elsewhere):
    page = bring_many(client, MANY)
    assert "5000 Nummern in dieser Datei" in page
    assert "Kunde 0" in page
    assert "1 Eintrag wurde ausgelassen" in page
    assert "Eine Datei wartet noch auf Ihre Entscheidung" in client.get("/callers/import").text
    assert store.find_contacts(limit=1).total < 100
    assert "5000 Kontakte sind gespeichert." in decide(client, "store").text
    assert store.find_contacts(limit=1).total >= 5000


def test_large_file_that_cannot_be_read(client, elsewhere):
    assert 'class="mistake"' in bring_many(client, "Unsinn ohne Nummern\n" * 5000)
    assert "wartet noch" not in client.get("/callers/import").text


def test_child_that_fails(client, monkeypatch, state):
    monkeypatch.setattr(importing.sys, "executable", "/bin/false")
    assert "kein Platz" in bring_many(client, MANY)
    (state / importing.KEPT).write_text('{"source":' + " " * importing.LARGE)
    assert client.get("/callers/import/preview").status_code == 503
