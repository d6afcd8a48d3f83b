"""Everything that is no call and no text: echo, errors, SIM, network, diversions, power."""

import pytest

from .conftest import DESK, LINE

OK = ["OK"]


def test_echo_and_framing(make):
    terminal = make()
    terminal.port.write(b"AT\r")
    assert terminal.raw() == b"\r\nOK\r\n"
    terminal.type("ATE1")
    terminal.port.write(b"AT\r")
    assert terminal.raw() == b"AT\r\r\nOK\r\n"


def test_lines_come_in_any_portions(terminal):
    for octet in b"AT+CSQ\r\n":
        terminal.port.write(bytes([octet]))
    assert terminal.lines() == ["+CSQ: 21,99", "OK"]


def test_several_commands_on_a_line_stop_at_the_first_error(terminal):
    assert terminal.type("AT+CSQ;+CREG?") == ["+CSQ: 21,99", "+CREG: 0,1", "OK"]
    assert terminal.type("AT+CSQ;+NONSENSE;+CREG?") == ["+CSQ: 21,99", "ERROR"]


def test_what_is_no_command_line_is_ignored(terminal):
    assert terminal.type("hello") == []


def test_errors_as_asked_for(terminal):
    terminal.module.sim.present = False
    for style, expected in ((0, "ERROR"), (1, "+CME ERROR: 10"), (2, "+CME ERROR: SIM not inserted")):
        terminal.type(f"AT+CMEE={style}")
        assert terminal.type("AT+CPIN?") == [expected]
    assert terminal.type("AT+CMEE=9") == ["+CME ERROR: Incorrect parameters"]
    assert terminal.type("AT+CMEE=x") == ["+CME ERROR: Incorrect parameters"]


@pytest.mark.parametrize(
    ("family", "maker", "unknown"),
    [
        ("generic", "Simulated", "ERROR"),
        ("huawei", "huawei", "COMMAND NOT SUPPORT"),
        ("simcom", "SIMCOM INCORPORATED", "ERROR"),
        ("quectel", "Quectel", "ERROR"),
    ],
)
def test_families_name_themselves(make, family, maker, unknown):
    terminal = make(family)
    assert terminal.type("AT+CGMI") == [maker, "OK"]
    assert terminal.type("AT+NONSENSE") == [unknown]
    assert terminal.module.family.model in "".join(terminal.type("ATI"))
    assert "AT+CLCC" in terminal.type("AT+CLAC")


@pytest.mark.parametrize(
    ("family", "command", "full", "wrong", "ready"),
    [
        ("generic", "AT+CPINR", "+CPINR: SIM PIN,3,3", "+CPINR: SIM PIN,2,3", "+CPINR: SIM PIN,3,3"),
        ("huawei", "AT^CPIN?", "^CPIN: SIM PIN,3,10,3,10,3", "^CPIN: SIM PIN,2,10,2,10,3", "^CPIN: READY,,10,3,10,3"),
        ("simcom", "AT+SPIC", "+SPIC: 3,3,10,10", "+SPIC: 2,3,10,10", "+SPIC: 3,3,10,10"),
        ("quectel", "AT+QPINC?", '+QPINC: "SC",3,10', '+QPINC: "SC",2,10', '+QPINC: "SC",3,10'),
    ],
)
def test_pin_tries(make, family, command, full, wrong, ready):
    terminal = make(family, pin="4711")
    assert terminal.type("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert terminal.type("AT+CREG?") == ["+CREG: 0,0", "OK"]
    assert terminal.type(command)[0] == full
    assert terminal.type('AT+CPIN="1111"') == ["+CME ERROR: 16"]
    assert terminal.type(command)[0] == wrong
    assert terminal.type('AT+CPIN="4711"') == OK
    assert terminal.type(command)[0] == ready
    terminal.sleep(2)
    assert terminal.type("AT+CREG?") == ["+CREG: 0,1", "OK"]
    assert terminal.module.sim.entered == ["1111", "4711"]


def test_three_wrong_pins_need_the_puk_and_a_reboot_does_not_help(make):
    terminal = make(pin="4711")
    for expected in (16, 16, 12):
        assert terminal.type('AT+CPIN="1111"') == [f"+CME ERROR: {expected}"]
    terminal.module.reboot()
    terminal.sleep(3)
    terminal.type("ATE0;+CMEE=1")
    assert terminal.type("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert terminal.type('AT+CPIN="4711"') == ["+CME ERROR: 12"]
    assert terminal.type('AT+CPIN="00000000","1234"') == ["+CME ERROR: 16"]
    assert terminal.module.sim.puk_tries == 9
    assert terminal.type('AT+CPIN="12345678","1234"') == OK
    assert terminal.type("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_without_a_ready_sim_nothing_goes(make):
    terminal = make(pin="4711")
    for command in ("AT+COPS?", "AT+CIMI", f"ATD{DESK};", "AT+CCFC=0,2", "AT+CMGL=4", "AT+CMGS=20"):
        assert terminal.type(command) == ["+CME ERROR: 11"], command
    assert terminal.exchange.call(LINE, None) and terminal.sleep(1) == []


def test_operator_signal_and_registration(terminal):
    assert terminal.type("AT+COPS?") == ['+COPS: 0,0,"Telekom.de",7', "OK"]
    assert terminal.type("AT+COPS=3,2;+COPS?") == ['+COPS: 0,2,"26201",7', "OK"]
    assert terminal.type("AT+COPS=?") == []
    assert len(terminal.sleep(20)) == 2
    assert terminal.type("AT+CREG=2;+CREG?") == ['+CREG: 2,1,"1A2B","01C3D4E5",7', "OK"]
    terminal.module.set_stat(2)
    assert terminal.lines() == ['+CREG: 2,"1A2B","01C3D4E5",7']
    assert terminal.type("AT+COPS?") == ["+COPS: 0", "OK"]
    assert terminal.type(f"ATD{DESK};") == ["NO CARRIER"]
    assert terminal.type("AT+CIMI")[1:] == OK and terminal.type("AT+CCID")[1:] == OK


def test_radio_off_makes_it_unreachable_at_once(terminal):
    terminal.type(f'AT+CCFC=3,3,"{DESK}",145', wait=1)
    assert terminal.type("AT+CFUN=0") == OK
    caller = terminal.exchange.call(LINE, "+493012")
    terminal.sleep(7)
    assert caller.speaks_with == DESK
    assert terminal.type("AT+CFUN=1;+CFUN?") == ["+CFUN: 1", "OK"]
    terminal.sleep(3)
    assert terminal.type("AT+CREG?") == ["+CREG: 0,1", "OK"]


def test_diversions_are_registered_read_back_and_erased(terminal):
    assert terminal.type("AT+CCFC=2,2", wait=1) == ["+CCFC: 0,7", "OK"]
    assert terminal.type(f'AT+CCFC=2,3,"{DESK}",145,1,,,30', wait=1) == OK
    assert terminal.type("AT+CCFC=2,2", wait=1) == [
        f'+CCFC: 1,1,"{DESK}",145,,,30', "+CCFC: 0,2", "+CCFC: 0,4", "+CCFC: 0,8", "OK"]  # fmt: skip
    assert terminal.type("AT+CCFC=2,0", wait=1) == OK
    assert terminal.type("AT+CCFC=2,2", wait=1)[0] == f'+CCFC: 0,1,"{DESK}",145,,,30'
    assert terminal.type("AT+CCFC=2,1", wait=1) == OK
    assert terminal.type("AT+CCFC=4,4", wait=1) == OK
    assert terminal.type("AT+CCFC=2,2", wait=1) == ["+CCFC: 0,7", "OK"]
    assert terminal.type("AT+CCFC=2,1", wait=1) == ["+CME ERROR: 100"]


def test_conditional_diversions_are_refused_while_the_unconditional_is_on(terminal):
    assert terminal.type(f'AT+CCFC=0,3,"{DESK}",145', wait=1) == OK
    assert terminal.type(f'AT+CCFC=1,3,"{DESK}",145', wait=1) == ["+CME ERROR: 100"]
    caller = terminal.exchange.call(LINE, "+493012")
    terminal.sleep(8)
    assert caller.speaks_with == DESK and terminal.lines() == []


@pytest.mark.parametrize(
    "arguments", ["9,2", "0", "0,3", "4,2", '2,3,"+4930",145,1,,,31', '2,3,"+4930",145,1,,,7', "x,2"]
)
def test_bad_diversions(terminal, arguments):
    assert terminal.type(f"AT+CCFC={arguments}") == ["+CME ERROR: 50"]


def test_commands_wait_for_the_one_before(terminal):
    terminal.port.write(b"AT+CCFC=0,2\rAT+CSQ\r")
    assert terminal.lines() == []
    assert terminal.sleep(1) == ["+CCFC: 0,7", "OK", "+CSQ: 21,99", "OK"]


def test_balance(terminal):
    assert terminal.type('AT+CUSD=1,"*100#",15') == OK
    assert terminal.sleep(3) == ['+CUSD: 0,"Ihr Guthaben: 9,50 EUR",15']
    assert terminal.type('AT+CUSD=1,"*999#",15') + terminal.sleep(3) == ["OK", "+CUSD: 4"]


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_a_reboot_loses_state_and_prints_the_banner(make, family):
    terminal = make(family)
    terminal.exchange.call(LINE, "+493012")
    terminal.sleep(1)
    assert terminal.type("AT+CFUN=1,1") == OK
    said = terminal.sleep(10)
    assert said == [*terminal.module.family.banner, *terminal.module.family.ready]
    terminal.port.write(b"AT+CLIP?\r")
    assert terminal.lines() == ["AT+CLIP?", "+CLIP: 0,1", "OK"]
    assert terminal.listed() == {}


def test_registers_and_harmless_commands(terminal):
    assert terminal.type("ATS0?") == ["000", "OK"]
    assert terminal.type("ATZ") == OK and terminal.type("AT&F") == OK
    assert terminal.type("ATE0") == ["ATE0", "OK"]
    assert terminal.type("ATV1Q0X4&C1&D2") == OK
    assert terminal.type('AT+CSCS="UCS2";+CSCS?') == ['+CSCS: "UCS2"', "OK"]
    assert terminal.type("AT+CRC=1;+CRC?") == ["+CRC: 1", "OK"]
    terminal.exchange.call(LINE, None)
    assert terminal.sleep(1) == ["+CRING: VOICE"]
