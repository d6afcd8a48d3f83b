"""AT+CMGS and the memory for texts, typed at a module; the SMS centre behind it."""

import pytest

from appliance.simulator.network import Exchange
from appliance.simulator.pdu import gsm7_septets, pack

from .conftest import LINE, MOBILE

TO = "0D91945111325476F8"


def pdu(text, *, first=0x01, centre="00", header=b""):
    septets = gsm7_septets(text)
    skipped = (8 * len(header) + 6) // 7
    value = int.from_bytes(header, "little") | int.from_bytes(pack(septets), "little") << 7 * skipped
    length = skipped + len(septets)
    data = value.to_bytes((7 * length + 7) // 8, "little")
    return f"{centre}{first | (0x40 if header else 0):02X}00{TO}0000{length:02X}{data.hex()}".upper()


def octets(text):
    return len(text) // 2 - 1 - int(text[:2], 16)


def send(terminal, text, wait=2.0, length=None):
    terminal.port.write(f"AT+CMGS={octets(text) if length is None else length}\r".encode())
    prompt = terminal.raw()
    terminal.port.write(text.encode() + b"\x1a")
    return prompt, terminal.sleep(wait)


def test_a_text_is_taken_and_confirmed(terminal):
    assert send(terminal, pdu("Grüße von 089")) == (b"\r\n> ", ["+CMGS: 1", "OK"])
    (sms,) = terminal.exchange.sms.texts
    assert (sms.sender, sms.to, sms.text, sms.parts, sms.reference) == (LINE, MOBILE, "Grüße von 089", 1, 1)


def test_parts_are_put_together_in_whatever_order(terminal):
    for number in (2, 1):
        send(terminal, pdu(f"Teil {number}. ", header=bytes([5, 0, 3, 9, 2, number])))
    (sms,) = terminal.exchange.sms.texts
    assert (sms.text, sms.parts) == ("Teil 1. Teil 2. ", 2)
    assert len(terminal.exchange.sms.submissions) == 2


def test_the_centre_in_the_pdu_does_not_count(terminal):
    text = pdu("x", centre="0791947101670000")
    assert send(terminal, text)[1][-1] == "OK"


@pytest.mark.parametrize("text", ["zz", pdu("Hallo")[:-2], "0101" + TO, ""])
def test_bad_pdus_are_refused(terminal, text):
    assert send(terminal, text, length=20)[1] == ["+CMS ERROR: 304"]
    assert terminal.exchange.sms.texts == []


def test_a_pdu_of_the_right_length_that_no_network_carries(terminal):
    bad = pdu("Hallo").replace("0000", "0020", 1)
    assert send(terminal, bad)[1] == ["+CMS ERROR: 304"]
    assert terminal.exchange.sms.submissions[0].refused


def test_escape_leaves_the_prompt(terminal):
    terminal.type("AT+CMGS=20")
    terminal.port.write(b"0001\x1b")
    assert terminal.lines() == ["OK"]
    assert terminal.type("AT") == ["OK"] and terminal.exchange.sms.submissions == []


def test_a_ring_stands_between_the_prompt_and_the_confirmation(terminal):
    terminal.exchange.call(LINE, None)
    terminal.world.run_until(terminal.world.now() + 0.5)
    _, said = send(terminal, pdu("x"))
    assert said == ["RING", '+CLIP: "",128,,,,1', "+CMGS: 1", "OK"]


def test_text_mode_is_on_until_it_is_switched_off(terminal):
    terminal.type("AT+CMGF=1")
    assert terminal.type("AT+CMGF?") == ["+CMGF: 1", "OK"]
    for command in ("AT+CMGS=20", "AT+CMGL=4"):
        assert terminal.type(command) == ["+CMS ERROR: 302"]


def test_nothing_is_sent_without_a_centre_or_a_network(terminal):
    terminal.type('AT+CSCA=""')
    assert send(terminal, pdu("x"))[1] == ["+CMS ERROR: 330"]
    terminal.type('AT+CSCA="+491710760000",145')
    assert terminal.type("AT+CSCA?") == ['+CSCA: "+491710760000",145', "OK"]
    terminal.module.set_stat(3)
    assert send(terminal, pdu("x"))[1] == ["+CMS ERROR: 331"]


def test_what_comes_in_is_stored_listed_read_and_deleted(terminal):
    terminal.type("AT+CNMI=2,1,0,0,0")
    terminal.exchange.sms.text(LINE, MOBILE, "Status?")
    assert terminal.sleep(3) == ['+CMTI: "SM",1']
    head, body, final = terminal.type("AT+CMGL=0")
    assert head.startswith("+CMGL: 1,0,,") and octets(body) == int(head.split(",")[-1]) and final == "OK"
    assert terminal.type("AT+CMGL=0") == ["OK"]
    assert terminal.type("AT+CMGR=1")[1] == body
    assert terminal.type("AT+CPMS?") == ['+CPMS: "SM",1,20,"SM",1,20,"SM",1,20', "OK"]
    assert terminal.type('AT+CPMS="SM","SM","SM"') == ["+CPMS: 1,20,1,20,1,20", "OK"]
    assert terminal.type("AT+CMGD=1") == ["OK"]
    assert terminal.type("AT+CMGD=1") == ["+CMS ERROR: 321"]
    assert terminal.type("AT+CMGR=1") == ["+CMS ERROR: 321"]


def test_texts_wait_in_the_network_while_there_is_no_room(terminal):
    terminal.type("AT+CNMI=2,1,0,0,0")
    terminal.module.texts.fill()
    terminal.exchange.sms.text(LINE, MOBILE, "Status?")
    assert terminal.sleep(3) == []
    assert terminal.type("AT+CMGD=0,1") == ["OK"]
    assert terminal.sleep(3) == ['+CMTI: "SM",1']


def test_texts_and_reports_can_come_directly(terminal):
    terminal.type("AT+CNMI=2,2,0,1,0")
    terminal.exchange.sms.text(LINE, MOBILE, "Status?")
    said = terminal.sleep(3)
    assert said[0].startswith("+CMT: ,") and len(said) == 2
    send(terminal, pdu("x", first=0x21), wait=1)
    assert terminal.sleep(3)[0].startswith("+CDS: ")


def test_modules_text_each_other(terminal):
    from appliance.simulator.module import GsmModule

    other = GsmModule(terminal.exchange, "stick", MOBILE)
    send(terminal, pdu("Hallo"), wait=5)
    assert len(other.texts.texts) == 1


def test_a_text_to_nobody_is_dropped():
    exchange = Exchange()
    exchange.sms.text("+4999", MOBILE, "x")
    exchange.advance(10)
    assert exchange.deadline() is None


def test_the_length_must_be_that_of_the_pdu(terminal):
    assert send(terminal, pdu("Hallo"), length=octets(pdu("Hallo")) + 1)[1] == ["+CMS ERROR: 304"]
    assert terminal.exchange.sms.submissions == []
