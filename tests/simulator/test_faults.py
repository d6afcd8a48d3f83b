"""Each fault does what its name says."""

import pytest

from appliance.core.errors import PortLost, UserError
from appliance.simulator import faults
from appliance.simulator.phones import Target

from .conftest import DESK, LINE
from .test_texts import pdu, send

CALLER = "+493098765432"
CLIP = f'+CLIP: "{CALLER}",145,,,,0'


def ringing(terminal, **options):
    caller = terminal.exchange.call(LINE, CALLER, **options)
    terminal.sleep(0.9)
    return caller


def test_names_and_parameters_are_checked(terminal):
    with pytest.raises(UserError, match="no fault 'gremlins'"):
        faults.apply(terminal.module, "gremlins")
    with pytest.raises(UserError, match="takes no 'colour'; its parameters: cme, times"):
        faults.when(terminal.module, "ring 1", "transfer_refused", colour="red")
    with pytest.raises(UserError, match="ring style"):
        faults.apply(terminal.module, "ring_framing", style="baroque")
    assert all(fault.summary for fault in faults.FAULTS.values())


def test_a_line_inside_a_reply(terminal):
    faults.apply(terminal.module, "urc_inside_reply", command=r"\+CSQ")
    assert terminal.type("AT+CSQ") == ["+CSQ: 21,99", "RING", "OK"]
    assert terminal.type("AT+CSQ") == ["+CSQ: 21,99", "OK"]


@pytest.mark.parametrize(
    ("style", "pieces"),
    [
        ("together", [b"\r\nRING\r\n\r\n" + CLIP.encode() + b"\r\n"]),
        ("merged", [b"\r\nRING\r\n" + CLIP.encode() + b"\r\n"]),
        ("clip first", [b"\r\n" + CLIP.encode() + b"\r\n\r\nRING\r\n"]),
        ("split", [b"\r\nRING\r\n", b"\r\n" + CLIP.encode() + b"\r\n"]),
        ("doubled", [b"\r\nRING\r\n\r\n" + CLIP.encode() + b"\r\n"] * 2),
    ],
)
def test_ring_framing(terminal, style, pieces):
    faults.apply(terminal.module, "ring_framing", style=style)
    ringing(terminal)
    found = []
    for _ in range(10):
        terminal.world.run_until(terminal.world.now() + 0.1)
        if data := terminal.raw():
            found.append(data)
    assert found == pieces


@pytest.mark.parametrize("style", ["torn", "bytewise"])
def test_rings_in_pieces_are_whole_in_the_end(terminal, style):
    faults.apply(terminal.module, "ring_framing", style=style)
    ringing(terminal)
    terminal.world.run_until(terminal.world.now() + 0.1)
    first = terminal.raw()
    terminal.world.run_until(terminal.world.now() + 1)
    whole = b"\r\nRING\r\n\r\n" + CLIP.encode() + b"\r\n"
    assert first + terminal.raw() == whole and first != whole


def test_byte_by_byte_and_slow(terminal):
    faults.apply(terminal.module, "byte_by_byte", seconds=0.01)
    terminal.port.write(b"AT\r")
    assert terminal.raw() == b""
    terminal.world.run_until(terminal.world.now() + 0.031)
    assert terminal.raw() == b"\r\nO"
    terminal.sleep(1)
    faults.apply(terminal.module, "good_again")
    faults.apply(terminal.module, "slow_answers", seconds=2)
    assert terminal.type("AT") == [] and terminal.sleep(2) == ["OK"]


def test_unanswered_and_wrongly_answered_commands(terminal):
    faults.apply(terminal.module, "unanswered", command=r"\+CSQ", times=2)
    assert [terminal.type("AT+CSQ") for _ in range(3)] == [[], [], ["+CSQ: 21,99", "OK"]]
    faults.apply(terminal.module, "answers", command=r"\+CREG\?", result="ERROR")
    assert terminal.type("AT+CREG?") == ["ERROR"]


@pytest.mark.parametrize(("name", "size"), [("noise", 200), ("nul_flood", 4096), ("endless_line", 65536)])
def test_floods(terminal, name, size):
    faults.apply(terminal.module, name)
    assert len(terminal.raw()) == size
    assert terminal.type("AT") == ["OK"]


def test_no_clip(terminal):
    faults.apply(terminal.module, "clip_missing")
    ringing(terminal)
    assert terminal.sleep(0.1) == ["RING"]
    assert CALLER in terminal.type("AT+CLCC")[0]


def test_unplugged_and_back_under_another_name(terminal):
    caller = ringing(terminal)
    terminal.sleep(0.1)
    terminal.type("ATA")
    faults.apply(terminal.module, "unplug", back_after=10, back_as="ttyUSB3")
    with pytest.raises(PortLost):
        terminal.port.read()
    with pytest.raises(PortLost):
        terminal.world.open("/dev/ttyUSB0", 115200)
    assert caller.state == "idle" and terminal.world.candidates() == []
    terminal.world.run_until(terminal.world.now() + 20)
    assert terminal.world.candidates() == ["/dev/ttyUSB3"]
    assert terminal.world.open("/dev/ttyUSB3", 115200).read() == b"\r\nRDY\r\n"


def test_unplug_needs_a_socket(terminal):
    terminal.module.socket = None
    with pytest.raises(UserError, match="not plugged in"):
        faults.apply(terminal.module, "unplug")


def test_unplugged_behind_the_prompt(terminal):
    faults.when(terminal.module, "prompt", "unplug")
    with pytest.raises(PortLost):
        send(terminal, pdu("x"))
    assert terminal.exchange.sms.submissions == []


def test_reboot_and_hang(terminal):
    faults.apply(terminal.module, "hang", seconds=10)
    assert terminal.type("AT") == []
    ringing(terminal)
    assert terminal.sleep(1) == []
    terminal.sleep(9)
    assert terminal.type("AT")[-1] == "OK"
    faults.apply(terminal.module, "reboot")
    assert terminal.type("AT") == [] and terminal.sleep(5) == ["RDY"]
    assert terminal.type("AT") == ["AT", "OK"]


def test_sim_faults(terminal):
    for name, options, expected in (
        ("sim_busy", {"seconds": 60}, "+CME ERROR: 14"),
        ("sim_removed", {}, "+CME ERROR: 10"),
    ):
        faults.apply(terminal.module, name, **options)
        assert terminal.type("AT+CPIN?") == [expected]
        assert terminal.type("AT+CREG?") == ["+CREG: 0,0", "OK"]
        terminal.sleep(61)
    terminal.module.sim.present = True
    faults.apply(terminal.module, "sim_pin", pin="9999", tries=1)
    assert terminal.type("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert terminal.type('AT+CPIN="1234"') == ["+CME ERROR: 12"]


def test_a_busy_sim_comes_to_itself(terminal):
    faults.apply(terminal.module, "sim_busy", seconds=60)
    terminal.sleep(63)
    assert terminal.type("AT+CREG?") == ["+CREG: 0,1", "OK"]


def test_a_sim_that_comes_back_is_read_at_a_start(terminal):
    faults.apply(terminal.module, "sim_removed", back_after=5)
    assert terminal.sleep(12) == ["RDY"]
    terminal.type("ATE0")
    assert terminal.type("AT+CPIN?;+CREG?") == ["+CPIN: READY", "+CREG: 0,1", "OK"]


def test_a_blocked_pin(terminal):
    faults.apply(terminal.module, "sim_puk")
    assert terminal.type("AT+CPIN?;+CPINR")[:3] == ["+CPIN: SIM PUK", "+CPINR: SIM PIN,0,3", "+CPINR: SIM PUK,10,10"]


def test_radio_faults(terminal):
    terminal.type("AT+CREG=1")
    faults.apply(terminal.module, "registration_flapping", every=1, times=2)
    assert terminal.sleep(5) == ["+CREG: 2", "+CREG: 1", "+CREG: 2", "+CREG: 1"]
    faults.apply(terminal.module, "signal")
    assert terminal.type("AT+CSQ")[0] == "+CSQ: 99,99"
    faults.apply(terminal.module, "registration", stat=3, seconds=5)
    assert terminal.sleep(5) == ["+CREG: 3", "+CREG: 1"]
    faults.apply(terminal.module, "texts_only")
    caller = ringing(terminal)
    terminal.sleep(1)
    assert caller.cause == 20
    assert send(terminal, pdu("x"))[1][-1] == "OK"


def test_diversion_faults(terminal):
    faults.apply(terminal.module, "diversion_without_effect")
    assert terminal.type(f'AT+CCFC=1,3,"{DESK}",145', wait=1) == ["OK"]
    assert terminal.type("AT+CCFC=1,2", wait=1)[0] == "+CCFC: 0,7"
    faults.apply(terminal.module, "diversion_slow", seconds=25)
    assert terminal.type("AT+CCFC=1,2", wait=24) == []
    assert terminal.sleep(2)[-1] == "OK"


@pytest.mark.parametrize(
    ("name", "command", "options", "answer"),
    [
        ("transfer_refused", "AT+CHLD=4", {"cme": 100}, "+CME ERROR: 100"),
        ("transfer_without_effect", "AT+CHLD=4", {}, "OK"),
        ("conference_refused", "AT+CHLD=3", {"cme": 4}, "+CME ERROR: 4"),
        ("conference_without_effect", "AT+CHLD=3", {}, "OK"),
    ],
)
def test_refused_or_ineffective_joining(terminal, name, command, options, answer):
    terminal.holding()
    before = terminal.listed()
    faults.apply(terminal.module, name, times=1, **options)
    assert terminal.type(command) == [answer]
    assert terminal.listed() == before
    assert terminal.type(command) == ["OK"]
    assert terminal.listed() != before


@pytest.mark.parametrize(
    ("name", "answer"), [("deflection_refused", "+CME ERROR: 30"), ("deflection_without_effect", "OK")]
)
def test_deflection_faults(terminal, name, answer):
    ringing(terminal)
    terminal.sleep(0.1)
    faults.apply(terminal.module, name)
    assert terminal.type(f'AT+CTFR="{DESK}",145', wait=1) == [answer]
    assert terminal.sleep(4)[0] == "RING"


def test_a_transfer_may_be_late(terminal):
    caller = terminal.holding()
    faults.apply(terminal.module, "transfer_late", seconds=1.5)
    assert terminal.type("AT+CHLD=4") == ["OK"] and len(terminal.listed()) == 2
    terminal.sleep(1.6)
    assert terminal.listed() == {} and caller.speaks_with == DESK


def test_chld_1x_wedges_some_sticks(terminal):
    terminal.holding(wait=2)
    faults.apply(terminal.module, "wedged_by_chld", seconds=30)
    assert terminal.type("AT+CHLD=12") == [] and terminal.type("AT") == []
    terminal.sleep(30)
    assert terminal.type("AT") == ["OK"]


def test_the_caller_is_gone_at_ata(terminal):
    caller = ringing(terminal)
    terminal.sleep(0.1)
    faults.apply(terminal.module, "caller_gone_at_ata")
    assert terminal.type("ATA") == ["NO CARRIER", "NO CARRIER"]
    assert caller.state == "idle"


@pytest.mark.parametrize("listed", [False, True])
def test_rings_just_stop(terminal, listed):
    faults.apply(terminal.module, "rings_just_stop", after_ring=2, listed=listed)
    caller = ringing(terminal)
    assert [line for line in terminal.sleep(30) if line == "RING"] == ["RING", "RING"]
    assert caller.state == "idle" and bool(terminal.listed()) is listed
    assert terminal.type("ATA")[-1] == "NO CARRIER"


def test_ends_unsaid(terminal):
    caller = ringing(terminal)
    terminal.sleep(0.1)
    terminal.type("ATA")
    faults.apply(terminal.module, "ends_unsaid")
    caller.hang_up()
    assert terminal.lines() == [] and terminal.listed() == {}


def test_ghosts_in_clcc(terminal):
    faults.apply(terminal.module, "stuck_call")
    faults.apply(terminal.module, "data_call_listed")
    ringing(terminal)
    terminal.sleep(0.1)
    assert [line[7] for line in terminal.type("AT+CLCC")[:-1]] == ["9", "1", "7"]
    faults.apply(terminal.module, "good_again")
    assert len(terminal.listed()) == 1


def test_a_second_caller_during_a_conference(terminal):
    terminal.type("AT+CCWA=1")
    terminal.holding()
    faults.when(terminal.module, r"command \+CHLD=3", "second_caller")
    assert terminal.type("AT+CHLD=3") == ["OK"]
    assert terminal.sleep(2) == ['+CCWA: "+491701234567",145,1']


@pytest.mark.parametrize(("name", "left"), [("caller_leaves", {2: (0, 0, 0)}), ("target_leaves", {1: (1, 1, 0)})])
def test_a_party_leaves_while_joining(terminal, name, left):
    terminal.holding()
    faults.when(terminal.module, r"command \+CHLD=4", name)
    assert terminal.type("AT+CHLD=4") == ["NO CARRIER", "+CME ERROR: 3"]
    assert terminal.listed() == left


def test_refused_texts(terminal):
    faults.apply(terminal.module, "text_refused", cms=38, times=2)
    assert [send(terminal, pdu("x"))[1][-1] for _ in range(3)] == ["+CMS ERROR: 38", "+CMS ERROR: 38", "OK"]
    faults.apply(terminal.module, "centre_missing")
    assert send(terminal, pdu("x"))[1] == ["+CMS ERROR: 330"]


def test_lost_and_late_confirmations(terminal):
    faults.apply(terminal.module, "confirmation_lost")
    assert send(terminal, pdu("eins"), wait=100)[1] == []
    assert terminal.exchange.sms.texts[0].text == "eins"
    faults.apply(terminal.module, "confirmation_late", seconds=30)
    assert send(terminal, pdu("zwei"))[1] == []
    assert terminal.type("AT") == ["OK"]
    assert terminal.sleep(30) == ["+CMGS: 2", "OK"]


def test_prompts_that_stick_or_do_not_come(terminal):
    faults.apply(terminal.module, "prompt_stuck")
    assert send(terminal, pdu("x"), wait=60) == (b"\r\n> ", [])
    assert terminal.type("AT") == []
    terminal.port.write(b"\x1b")
    assert terminal.lines() == ["OK"]
    faults.apply(terminal.module, "no_prompt")
    assert send(terminal, pdu("x"))[0] == b""


def test_a_full_memory(terminal):
    faults.apply(terminal.module, "storage_full")
    assert send(terminal, pdu("x"))[1] == ["+CMS ERROR: 322"]
    terminal.type("AT+CMGD=0,1")
    assert send(terminal, pdu("x"))[1][-1] == "OK"


def test_a_text_that_is_none(terminal):
    terminal.type("AT+CNMI=2,1,0,0,0")
    faults.apply(terminal.module, "garbage_text")
    assert terminal.sleep(3) == ['+CMTI: "SM",1']
    assert terminal.type("AT+CMGL=4")[1] == "0791947101670000040BFF"


def test_targets_as_faults(terminal):
    """The second leg's troubles are habits of targets, not faults of modules."""
    terminal.exchange.set_target(Target(DESK, "mailbox", after=1, talks_for=3))
    caller = terminal.holding(wait=3)
    terminal.type("AT+CHLD=4")
    terminal.sleep(10)
    assert caller.heard == [LINE, DESK] and caller.state == "idle"
