"""Who rings on a landline, who lifts first, and what is left of a call: caller ID, parallel phones, hang-up, kill."""

import time
from dataclasses import replace

import pytest

from .analog import Style
from .analog_hall import NATIONAL, Hall, gone, talking
from .analog_kinds import CONEXANT, USR, VOICELESS
from .box import always, until
from .calls import Target

HOSTILE = "$(touch /tmp/rufweiche-owned);'\"<b>"
IDS = {
    "none": (Style(), None),
    "before ring 1": (Style(("DATE=1124", "TIME=1015", "NMBR=08955512345"), before=True), "+498955512345"),
    "after ring 1": (Style(("DATE = 1124", "TIME = 1015", "NMBR = 08955512345")), "+498955512345"),
    "dirty": (
        Style(("NMBR = 08955512345",), raw=b"\x00\xff\x10\x7f~~\r\nDA\xfeTE=11\xff24\r\n"), "+498955512345"),
    "withheld": (Style(("NMBR = P",)), None),
    "unavailable": (Style(("NMBR=O",)), None),
    "doubled": (Style(("DATE=1124", "NMBR=08955512345"), twice=True), "+498955512345"),
    "ddn": (Style(("DATE=1124", "TIME=1015", "DDN_NMBR=08955512345")), "+498955512345"),
    "non-ascii": (Style(("NMBR=08955512345", "NAME=M\u00fcller S\u00f6hne")), "+498955512345"),
    "abroad": (Style(("NMBR=004315551234",)), "+4315551234"),
    "hostile": (Style(("NMBR=08955512345", f"NAME={HOSTILE}", "NAME=\x1b[2J\x07")), "+498955512345"),
}  # fmt: skip


def released(modem, within: float = 25) -> None:
    until(lambda: not modem.port.off_hook, within, "line on-hook")


@pytest.mark.long
@pytest.mark.parametrize("kind", [CONEXANT, USR, VOICELESS], ids=["conexant", "usr", "voiceless"])
def test_caller_ids_of_each_make(hall, kind):
    modem = hall.landline(kind)
    box = hall.up(rings=20, otherwise="hang-up")
    for name, (style, number) in IDS.items():
        before = len(box.json("calls"))
        modem.call_in(rings=2, announce=style)
        row = box.calls(before + 1, within=25)[0]
        assert row["caller"] == number, name
        assert (row["outcome"], row["reason"]) == ("missed", "gave_up_ringing"), name
        assert row["rings"] == 2, name
        assert "\x1b" not in str(row["caller_name"])
    assert not modem.sent("AT+VLS=1")


@pytest.mark.long
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
def test_rings_in_both_tongues_count_once(hall, kind):
    """RING and DLE R of the same ring."""
    modem = hall.landline(replace(kind, ring="both"))
    box = hall.up(rings=3)
    modem.port.targets[NATIONAL] = Target(answers=1)
    caller = modem.call_in()
    talking(caller, 12)
    assert len(caller.rings) == 3
    gone(caller)
    assert box.call()["rings"] == 3


@pytest.mark.long
@pytest.mark.parametrize("shown", [b"\x10p", b"\r\nLINE-IN-USE\r\n"], ids=["DLE p", "LINE-IN-USE"])
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
def test_answered_here(hall, kind, shown):
    modem = hall.landline(replace(kind, picked_up=shown))
    box = hall.up(rings=3, missed="at-once")
    caller = modem.call_in()
    until(lambda: len(caller.rings) == 2, 6, "two rings")
    time.sleep(0.7)
    modem.somebody_lifts()
    time.sleep(5)
    assert not modem.port.off_hook, "the box keeps out of it"
    modem.somebody_lays_down()
    if shown == b"\x10p":  # else nothing says that the phone is down: the call stays open for as long as one may take
        assert box.calls(within=60)[0]["outcome"] == "answered_here"
    assert box.messages("missed") == [], "nobody was missed"
    modem.call_in("08955500000", rings=2)
    rows = box.calls(2, within=30)
    assert rows[0]["caller"] == "+498955500000", "the next one rings as ever"
    assert rows[1]["outcome"] == "answered_here"


@pytest.mark.long
def test_answered_here_seen_only_by_asking(hall):
    """The modem says nothing by itself; asked to lift, it says that the line is in use."""
    modem = hall.landline(replace(CONEXANT, in_use="LINE-IN-USE"))
    box = hall.up(rings=4)
    caller = modem.call_in()
    until(lambda: len(caller.rings) == 2, 6, "two rings")
    modem.somebody_lifts(shows=False)
    row = box.calls(within=25)[0]
    assert row["outcome"] in ("answered_here", "missed")
    if row["outcome"] == "missed":
        assert row["reason"] == "gave_up_ringing"


@pytest.mark.long
@pytest.mark.parametrize("clearing", ["busy", "congestion", "dial", "loop"])
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
def test_hang_up_is_heard(hall, kind, clearing):
    """During a message: three cycles of busy tone are 2.9 s, of congestion 1.5 s, dial tone 2 s, an open loop none."""
    modem = hall.landline(kind)
    hall.up(chain=(), otherwise="voicemail")
    caller = modem.call_in()
    talking(caller)
    time.sleep(3)
    modem.leaves(caller, clearing)
    at = time.monotonic()
    released(modem)
    took = time.monotonic() - at
    assert took < {"busy": 4.5, "congestion": 3.5, "dial": 3.8, "loop": 1.5}[clearing], took


def kill_when(hall: Hall, modem, moment: str) -> None:
    caller = modem.call_in()
    talking(caller)
    if moment == "consultation":
        until(lambda: modem.port.second and modem.port.second.state == "dialling", 10, "flashed")
    elif moment == "alerting":
        until(lambda: modem.port.second and modem.port.second.state == "alerting", 10, "target rings")
    elif moment == "announcement":
        until(lambda: caller.ear.loud() > 0.5, 10, "something is played")
    hall.box.kill()
    assert modem.port.off_hook


@pytest.mark.long
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
@pytest.mark.parametrize("moment", ["answered", "consultation", "alerting", "announcement"])
def test_on_hook_after_kill_and_restart(hall, kind, moment):
    modem = hall.landline(kind)
    announced = moment == "announcement"
    hall.up(rings=2, chain=() if announced else ("desk",), otherwise="announce")
    modem.port.targets[NATIONAL] = Target()
    kill_when(hall, modem, moment)
    hall.box.start()
    released(modem)
    hall.ready()
    always(lambda: not modem.port.off_hook, 1, "stays on-hook")
    row = hall.box.calls(within=10)[0]
    assert (row["outcome"], row["reason"]) == ("missed", "restart")
    caller = modem.call_in("08955500000")
    talking(caller)


@pytest.mark.long
def test_caller_gone_as_the_line_is_lifted(hall):
    """The last ring was the last: the box hears dial tone, calls nobody, and lays down."""
    modem = hall.landline()
    box = hall.up(rings=2)
    modem.port.targets[NATIONAL] = Target(answers=1)
    caller, lift = modem.call_in(), modem.port.lift

    def too_late() -> bool:
        modem.port.part(caller, "remote")
        return lift()

    modem.port.lift = too_late
    until(lambda: modem.port.off_hook, 8, "lifted")
    released(modem)
    row = box.calls(within=20)[0]
    assert row["outcome"] == "missed"
    assert modem.port.keyed == []


@pytest.mark.long
def test_without_voice(hall):
    """It counts rings, knows callers, and the owner hears of them through the module; it never lifts."""
    modem, stick = hall.landline(VOICELESS), hall.stick()
    box = hall.up(rings=2, missed="at-once")
    line = box.line("landline")
    assert "voice" in (line["problem"] or "").lower() or "sprach" in (line["problem"] or "").lower(), line
    assert "flash" not in line["can"] and "bridge" not in line["can"]
    caller = modem.call_in(rings=5)
    until(lambda: caller.gone, 15, "gave up")
    row = box.calls(within=20)[0]
    # it came to the ring at which others would have answered, so that either word says what happened
    assert row["reason"] in ("gave_up_ringing", "nobody_reached")
    assert (row["outcome"], row["caller"]) == ("missed", "+498955512345")
    text = box.message("sent", within=30)["text"]
    assert "55512345" in text
    assert len(stick.pdus) >= 1
    assert not modem.port.hook
    # nobody lifts here that the modem could see: it can't tell
    assert any(word in text.lower() for word in ("möglich", "vielleicht", "evtl", "eventuell")), text


@pytest.mark.long
def test_possibly_answered_is_not_said_where_the_modem_can_tell(hall):
    modem, stick = hall.landline(), hall.stick()
    box = hall.up(rings=9, missed="at-once")
    modem.call_in(rings=2)
    text = box.message("sent", within=30)["text"]
    assert len(stick.pdus) >= 1
    assert not any(word in text.lower() for word in ("möglich", "vielleicht", "eventuell")), text


@pytest.mark.long
def test_star_codes_are_set_and_erased(hall):
    modem = hall.landline()
    box = hall.up(line='safety_net = "second"')
    until(lambda: len(modem.port.star) >= 2, 60, "codes dialled: busy, and no reply")
    codes = list(modem.port.star)
    assert all(code.endswith("#") and code.startswith("*") for code in codes), codes
    assert all("0892223344" in code for code in codes), codes
    diversions = box.line("landline")["diversions"]
    assert diversions
    assert all(not row["confirmed"] and row["ours"] and row["to"] == "+49892223344" for row in diversions)
    released(modem)
    box.provisioned(hall.settings())
    until(lambda: len(modem.port.star) >= 2 * len(codes), 90, "erased")
    erased = modem.port.star[len(codes) :]
    assert {code.strip("#*").split("*")[0] for code in erased} == {code.split("*")[1] for code in codes}
    assert all(code.startswith("#") and code.endswith("#") for code in erased), erased
    released(modem)
