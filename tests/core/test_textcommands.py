"""Who may say what in a text, and what it means."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.numbers import DialPlan
from appliance.core.settings import Business, Line, Messages, Plan, Settings, Target, Timetable
from appliance.core.textcommands import (
    Acknowledge,
    AskHelp,
    AskStatus,
    ClearOverride,
    Command,
    HandOver,
    MarkDone,
    OptOut,
    Sender,
    SetOverride,
    parse,
    sender,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 0, tzinfo=BERLIN)  # a Monday
OWNER = Sender(True, ())
ANNA = Sender(False, ("anna",))
STRANGER = Sender(False, ())

SETTINGS = Settings(
    business=Business(owner_mobile="+4915112345678"),
    line=(Line(name="office", kind="gsm", forward_by=("transfer",)),),
    target=(Target(name="anna", number="+4917012345678"), Target(name="anna-night", number="+4917012345678")),
    plan=(Plan(name="open", chain=("anna",), answer_after_rings=4), Plan(name="closed"),
          Plan(name="Große Runde", chain=("anna",), answer_after_rings=1)),
    timetable=Timetable(otherwise="open", away="closed"),
    dial_plan=DialPlan("49"),
)  # fmt: skip


def changed(**how):
    return msgspec.structs.replace(SETTINGS, **how)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def away(until=None):
    return SetOverride("closed", at(until) if until else None)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("weg", away()),
        ("Weg.", away()),
        ("  WEG !\r\n", away()),
        ("away", away()),
        ("„Weg“", away()),
        ("ｗｅｇ", away()),  # full width
        ("weg bis 14:00", away("2026-11-23T14:00")),
        ("Weg bis 14 Uhr.", away("2026-11-23T14:00")),
        ("weg bis um 14.30 Uhr", away("2026-11-23T14:30")),
        ("weg bis 16.02", away("2026-11-23T16:02")),  # not the 16th of February
        ("weg bis 16.02 Uhr.", away("2026-11-23T16:02")),
        ("weg bis 16.30.", away("2026-11-23T16:30")),
        ("weg bis 10.12. 9.30", away("2026-12-10T09:30")),
        ("weg bis 14h30", away("2026-11-23T14:30")),
        ("weg bis 13:00", away("2026-11-24T13:00")),
        ("weg bis 12:59", away("2026-11-24T12:59")),
        ("weg bis 24:00", away("2026-11-24T00:00")),
        ("weg bis morgen 8", away("2026-11-24T08:00")),
        ("weg bis Mittwoch 7.30 Uhr", away("2026-11-25T07:30")),
        ("weg bis Mo 7:30", away("2026-11-30T07:30")),
        ("weg bis heute 18:00", away("2026-11-23T18:00")),
        ("weg bis 24.12. 18:00", away("2026-12-24T18:00")),
        ("weg bis 6.1. 7:30", away("2027-01-06T07:30")),
        ("weg bis 06.01.2028 7:30", away("2028-01-06T07:30")),
        ("away until 14:00", away("2026-11-23T14:00")),
        ("Away until 2 pm", away("2026-11-23T14:00")),
        ("away till 12 am", away("2026-11-24T00:00")),
        ("away until tomorrow at 9:15", away("2026-11-24T09:15")),
        ("away until friday 9:15", away("2026-11-27T09:15")),
        ("weg bis", AskHelp("until")),
        ("weg bis 25:00", AskHelp("until")),
        ("weg bis 14:75", AskHelp("until")),
        ("weg bis bald", AskHelp("until")),
        ("weg bis heute 12:00", AskHelp("until")),
        ("weg bis 31.2. 8:00", AskHelp("until")),
        ("weg bis 29.2. 8:00", AskHelp("until")),
        ("weg bis 1.1.2026 8:00", AskHelp("until")),
        ("weg bis ¹²:00", away("2026-11-24T12:00")),  # digits all the same
        ("weg bis 31.12.9999", AskHelp("until")),
        ("weg bis 31.12.9999 23:59", AskHelp("until")),
        ("weg bis 1.1.2101 8:00", AskHelp("until")),
        ("weg bis 31.12.2100 8:00", away("2100-12-31T08:00")),
        ("weg bis 1.1.0000 8:00", AskHelp("until")),
        ("weg nach Hause", None),
        ("weg bsi 14:00", AskHelp("until")),
        ("weg bis 16.02.", AskHelp("until")),  # a day has no end of its own
        ("da", ClearOverride()),
        ("Da!", ClearOverride()),
        ("back", ClearOverride()),
        ("da bin ich", None),
        ("status", AskStatus()),
        ("Status?", AskStatus()),
        ("erledigt", MarkDone()),
        ("Erledigt...", MarkDone()),
        ("DONE", MarkDone()),
        ("Hilfe", AskHelp()),
        ("help", AskHelp()),
        ("alle", SetOverride("Große Runde", None)),
        ("all until 14:00", SetOverride("Große Runde", at("2026-11-23T14:00"))),
        ("alle open", SetOverride("open", None)),
        ("alle große runde", SetOverride("Große Runde", None)),
        ("Alle GROSSE RUNDE bis 14:00", SetOverride("Große Runde", at("2026-11-23T14:00"))),
        ("alle closed", SetOverride("closed", None)),
        ("alle nix", AskHelp("plan")),
        ("alle Kunden heute noch zurückrufen", None),
        ("ok", None),
        ("frei", None),
        ("", None),
        (" . ", None),
        ("Bitte Rückruf", None),
        ("stop", OptOut()),
    ],
)
def test_the_owner(text, means):
    assert parse(text, OWNER, SETTINGS, NOW) == means


def test_all_means_the_away_plan_if_that_forwards_else_the_quickest():
    assert parse("alle", OWNER, SETTINGS, NOW) == SetOverride("Große Runde", None)
    settings = changed(timetable=Timetable(otherwise="closed", away="open"))
    assert parse("alle", OWNER, settings, NOW) == SetOverride("open", None)
    assert parse("alle", OWNER, changed(plan=(Plan(name="closed"),)), NOW) == AskHelp("plan")


def test_no_away_plan():
    settings = changed(timetable=Timetable(otherwise="open"))
    assert parse("weg", OWNER, settings, NOW) == AskHelp("no_away")
    assert parse("weg bis 14:00", OWNER, settings, NOW) == AskHelp("no_away")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("frei", HandOver(("anna",))), ("Off.", HandOver(("anna",))), ("ok", Acknowledge(("anna",))),
        ("OK!", Acknowledge(("anna",))), ("Okay", Acknowledge(("anna",))), ("stopp", OptOut()),
        ("ok danke", Acknowledge(("anna",))), ("Ok, mache ich", Acknowledge(("anna",))),
        ("ok, geht heute nicht", None), ("OK, sorry, I can't", None), ("danke ok", None), ("okra", None),
        ("frei am Montag", None), ("weg", None), ("da", None),
        ("erledigt", None), ("status", None), ("hilfe", None), ("alle", None),
    ],
)  # fmt: skip
def test_somebody_on_call(text, means):
    assert parse(text, ANNA, SETTINGS, NOW) == means


@pytest.mark.parametrize("text", ["STOP", "stopp", "Stop.", " STOPP!!", "„Stop“ !"])
def test_anybody_may_say_stop(text):
    for who in (STRANGER, ANNA, OWNER):
        assert parse(text, who, SETTINGS, NOW) == OptOut()


@pytest.mark.parametrize("text", ["Stop, ich melde mich gleich", "Stop bitte", "stopp stopp", "nonstop", "s t o p"])
def test_stop_with_more_is_an_ordinary_text(text):
    for who in (STRANGER, ANNA, OWNER):
        assert parse(text, who, SETTINGS, NOW) is None


@given(st.one_of(st.text(), st.sampled_from(["weg", "da", "alle", "all open", "status", "erledigt", "hilfe", "frei",
                                             "ok", "weg bis 14:00", "4711 weg"])))  # fmt: skip
def test_a_stranger_may_say_nothing_else(text):
    assert parse(text, STRANGER, SETTINGS, NOW) in (None, OptOut())


def test_the_code_comes_first():
    settings = changed(messages=Messages(command_code="Biene7"))
    assert parse("weg", OWNER, settings, NOW) is None
    assert parse("biene7 weg", OWNER, settings, NOW) == away()
    assert parse("BIENE7, Weg bis 14:00", OWNER, settings, NOW) == away("2026-11-23T14:00")
    assert parse("biene7", OWNER, settings, NOW) is None
    assert parse("weg biene7", OWNER, settings, NOW) is None
    assert parse("biene71 weg", OWNER, settings, NOW) is None
    assert parse("stop", OWNER, settings, NOW) == OptOut()
    assert parse("ok", ANNA, settings, NOW) == Acknowledge(("anna",))


def test_an_owner_on_call_may_say_both():
    both = Sender(True, ("anna",))
    settings = changed(messages=Messages(command_code="4711"))
    assert parse("4711 da", both, settings, NOW) == ClearOverride()
    assert parse("4711 ok", both, settings, NOW) == Acknowledge(("anna",))
    assert parse("4711, OK danke", both, settings, NOW) == Acknowledge(("anna",))
    assert parse("4711 frei", both, settings, NOW) == HandOver(("anna",))
    for text in ("da", "ok", "frei", "ok 4711", "4711"):
        assert parse(text, both, settings, NOW) is None
    assert parse("stop", both, settings, NOW) == OptOut()
    assert parse("ok", both, SETTINGS, NOW) == Acknowledge(("anna",))
    assert parse("da", both, SETTINGS, NOW) == ClearOverride()


@pytest.mark.parametrize(("code", "text"), [("blaue biene", "biene weg"), ("...", "weg"), ("...", "... weg")])
def test_the_whole_code_is_demanded(code, text):
    assert parse(text, OWNER, changed(messages=Messages(command_code=code)), NOW) is None
    assert parse("Blaue Biene: weg", OWNER, changed(messages=Messages(command_code="blaue biene")), NOW) == away()


@pytest.mark.parametrize("text", ["weg bis morgen 8:00", "weg bis montag 8:00", "weg bis 8:00", "weg bis 6.1. 8:00"])
def test_the_end_of_time(text):
    last = datetime(9999, 12, 31, 23, 0, tzinfo=BERLIN)
    assert parse(text, OWNER, SETTINGS, last) == AskHelp("until")


def test_sender():
    assert sender("+4915112345678", SETTINGS) == OWNER
    assert sender("+4917012345678", SETTINGS) == Sender(False, ("anna", "anna-night"))
    assert sender("+4915112345679", SETTINGS) == STRANGER
    assert sender(None, SETTINGS) == STRANGER


def test_the_clocks_go_forward():
    saturday = datetime(2026, 3, 28, 23, 0, tzinfo=BERLIN)
    command = parse("weg bis 8:00", OWNER, SETTINGS, saturday)
    assert command.until.astimezone(UTC) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)


word = st.sampled_from(["weg", "alle", "bis", "until", "morgen", "24.12.", "29.2.", "14:00", "14", "uhr",
                        "pm", "99.99.9999", "closed", "da", "4711", "İ", "ß", "\x00", "9999", "x"])  # fmt: skip


@given(
    st.one_of(st.text(), st.lists(word, max_size=7).map(" ".join)),
    st.booleans(),
    st.lists(st.text(max_size=5), max_size=2),
    st.one_of(st.none(), st.text(min_size=3, max_size=20)),
    st.datetimes(datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("9999-12-30")),
)
def test_it_never_raises(text, is_owner, people, code, when):
    settings = changed(messages=Messages(command_code=code))
    command = parse(text, Sender(is_owner, tuple(people)), settings, when.replace(tzinfo=BERLIN))
    assert command is None or isinstance(command, Command)
    if isinstance(command, SetOverride) and command.until:
        assert command.until > when.replace(tzinfo=BERLIN)
