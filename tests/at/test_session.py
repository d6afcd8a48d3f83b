"""The AT session: what belongs to the command in flight, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.command import Command, End, Priority
from appliance.at.profiles import BOOT_BANNERS, URC_PREFIXES
from appliance.at.session import BodyLeaving, Done, Hung, LateText, LateTextFailed, Noise, Rebooted, Session, Urc

CLCC = ("+CLCC:",)


def session():
    return Session(BOOT_BANNERS, URC_PREFIXES)


def clcc(**more):
    return Command("AT+CLCC", prefixes=CLCC, **{"priority": Priority.POLL, **more})


def text(body="0011000B91"):
    return Command("AT+CMGS=10", limit=60.0, prefixes=("+CMGS:",), body=body, priority=Priority.TEXT)


def results(events):
    return [(event.reply.command.text, event.reply.result) for event in events if isinstance(event, Done)]


def urcs(events):
    return [event.line for event in events if isinstance(event, Urc)]


def test_one_command_at_a_time():
    s = session()
    for name in ("AT", "ATE0"):
        s.submit(Command(name), 0.0)
    assert s.data_to_send() == b"AT\r"
    assert s.data_to_send() == b""
    assert results(s.receive(b"\r\nOK\r\n", 0.1)) == [("AT", "OK")]
    assert s.data_to_send() == b"ATE0\r"


def test_priority_and_order():
    s = session()
    s.submit(Command("AT"), 0.0)
    for name, priority in zip(["H", "T", "P1", "P2", "C"], (3, 2, 1, 1, 0), strict=True):
        s.submit(Command(name, priority=Priority(priority)), 0.0)
    sent = b""
    for _ in range(6):
        sent += s.data_to_send()
        s.receive(b"\r\nOK\r\n", 0.0)
    assert sent == b"AT\rC\rP1\rP2\rT\rH\r"


def test_urcs_inside_a_reply_are_not_swallowed():
    s = session()
    s.submit(clcc(), 0.0)
    events = s.receive(b'\r\nRING\r\n\r\n+CLCC: 1,1,4,0,0\r\n\r\n+CLIP: "1",129\r\n\r\nNO CARRIER\r\n\r\nOK\r\n', 0.1)
    assert urcs(events) == ["RING", '+CLIP: "1",129', "NO CARRIER"]
    assert [event.reply.lines for event in events if isinstance(event, Done)] == [("+CLCC: 1,1,4,0,0",)]


def test_call_results_end_only_commands_that_name_them():
    s = session()
    s.submit(Command("ATA", call_results=True), 0.0)
    assert results(s.receive(b"\r\nNO CARRIER\r\n", 0.1)) == [("ATA", "NO CARRIER")]
    s.submit(Command("AT+CSQ", prefixes=("+CSQ:",)), 0.2)
    assert urcs(s.receive(b"\r\nBUSY\r\n", 0.3)) == ["BUSY"]


def test_prefixless_replies_leave_urcs_alone():
    s = session()
    s.submit(Command("AT+CGMI", any_text=True), 0.0)
    events = s.receive(b"huawei\r\nRING\r\n^RSSI:20\r\nOK\r\n", 0.1)
    assert urcs(events) == ["RING", "^RSSI:20"]
    assert events[-1].reply.lines == ("huawei",)


@pytest.mark.parametrize(
    ("final", "cme", "cms"),
    [
        ("+CME ERROR: 100", 100, None),
        ("+CME ERROR: SIM busy", 14, None),
        ("+CMS ERROR: 38", None, 38),
        ("+CMS ERROR: bananas", None, None),
        ("+CME ERROR:", None, None),
        ("COMMAND NOT SUPPORT", None, None),
        ("ERROR", None, None),
    ],
)
def test_errors(final, cme, cms):
    s = session()
    s.submit(Command("AT+X"), 0.0)
    (event,) = s.receive(f"\r\n{final}\r\n".encode(), 0.1)
    assert not event.reply.ok and event.reply.answered
    assert (event.reply.cme, event.reply.cms) == (cme, cms)


def test_echo_is_dropped():
    s = session()
    s.submit(Command("AT+CGMI", any_text=True), 0.0)
    (event,) = s.receive(b"AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n", 0.1)
    assert event.reply.lines == ("Quectel",)


# --- time ----------------------------------------------------------------------------------------


def test_unanswered():
    s = session()
    s.submit(Command("AT", limit=2.0), 10.0)
    assert s.deadline() == 12.0
    assert s.tick(11.9) == []
    assert results(s.tick(12.0)) == [("AT", End.TIMEOUT)]


def test_three_unanswered_make_a_hung_modem():
    s = session()
    s.submit(Command("AT+CSQ", limit=2.0), 0.0)
    s.submit(Command("AT+CCFC=0,2", limit=30.0), 0.0)
    assert s.data_to_send() == b"AT+CSQ\r"
    s.tick(2.0)
    assert s.data_to_send() == b"AT\r", "whether it lives is asked before anything slow"
    assert s.tick(4.0) == []
    assert s.data_to_send() == b"ATQ0V1\r", "it may live, and answer in numbers or not at all"
    assert s.tick(6.0) == [Hung()]


def test_an_answer_in_between_makes_it_alive():
    s = session()
    s.submit(Command("AT+CSQ", limit=2.0), 0.0)
    s.tick(2.0)
    s.tick(4.0)
    assert s.receive(b"\r\nOK\r\n", 5.0) == []
    s.submit(Command("AT+CSQ", limit=2.0), 10.0)
    assert results(s.tick(12.0)) == [("AT+CSQ", End.TIMEOUT)]
    assert s.tick(14.0) == []


@pytest.mark.parametrize("given_up", [1, 2])
def test_a_modem_that_was_only_slow_says_all_it_owes_before_it_is_told_more(given_up):
    s = session()
    for name in ("AT+VCID=1", "AT+FCLASS=8", "AT+VSM=?"):
        s.submit(Command(name), 0.0)
    assert results(s.tick(2.0)) == [("AT+VCID=1", End.TIMEOUT)]
    if given_up == 2:
        s.tick(4.0)
    assert s.data_to_send() == b"AT+VCID=1\rAT\r" + (b"ATQ0V1\r" if given_up == 2 else b"")
    for _ in range(given_up):
        assert s.receive(b"\r\nOK\r\n", 4.5) == []
        assert s.data_to_send() == b""
    assert s.receive(b"\r\nOK\r\n", 4.52) == []
    assert s.data_to_send() == b"AT+FCLASS=8\r"
    assert results(s.receive(b"\r\nERROR\r\n", 4.6)) == [("AT+FCLASS=8", "ERROR")]
    assert s.data_to_send() == b"AT+VSM=?\r"


def test_a_modem_that_had_lost_a_command_is_told_more_a_moment_after_it_answers():
    s = session()
    for name in ("AT+VCID=1", "AT+FCLASS=8"):
        s.submit(Command(name), 0.0)
    s.tick(2.0)
    s.receive(b"\r\nOK\r\n", 2.1)
    assert s.data_to_send() == b"AT+VCID=1\rAT\r"
    assert s.deadline() == pytest.approx(2.6)
    s.tick(2.6)
    assert s.data_to_send() == b"AT+FCLASS=8\r"


def test_a_late_ok_is_not_an_empty_call_list():
    s = session()
    s.submit(Command("AT+CCFC=0,3", limit=2.0, prefixes=("+CCFC:",)), 0.0)
    s.tick(2.0)
    s.submit(clcc(), 2.1)
    assert s.receive(b"\r\nOK\r\n", 2.2) == []  # this is the CCFC's
    (event,) = s.receive(b"\r\n+CLCC: 1,1,4,0,0\r\n\r\nOK\r\n", 2.25)
    assert event.reply.lines == ("+CLCC: 1,1,4,0,0",)


def test_an_empty_call_list_after_an_unanswered_command_is_believed_a_moment_later():
    s = session()
    s.submit(Command("AT", limit=2.0), 0.0)
    s.tick(2.0)
    s.submit(clcc(), 2.1)
    assert s.receive(b"\r\nOK\r\n", 2.15) == []  # the answer to the AT that asks whether the modem lives
    assert s.receive(b"\r\nOK\r\n", 2.2) == []
    assert s.deadline() == pytest.approx(2.5)
    (event,) = s.tick(2.5)
    assert event.reply.ok and event.reply.lines == ()


def test_late_lines_of_a_given_up_command_are_not_the_next_ones():
    s = session()
    s.submit(Command("AT+CSQ", limit=1.0, prefixes=("+CSQ:",)), 0.0)
    s.tick(1.0)
    s.submit(clcc(), 1.1)
    (event,) = s.receive(b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n\r\nOK\r\n\r\n+CLCC: 1,1,4,0,0\r\n\r\nOK\r\n", 1.2)
    assert event.reply.lines == ("+CLCC: 1,1,4,0,0",)


def test_a_call_command_waits_a_quarter_second_at_most():
    s = session()
    s.submit(Command("AT+COPS=?", limit=30.0, prefixes=("+COPS:",)), 0.0)
    s.data_to_send()
    s.submit(Command("ATA", priority=Priority.CALL, call_results=True), 5.0)
    assert s.deadline() == 0.25  # long over
    assert results(s.tick(5.0)) == [("AT+COPS=?", End.GIVEN_UP)]
    assert s.data_to_send() == b"ATA\r"


def test_call_commands_do_not_push_each_other_aside():
    s = session()
    s.submit(Command("AT+CHLD=2", limit=5.0, priority=Priority.CALL), 0.0)
    s.submit(Command("AT+CHLD=4", limit=5.0, priority=Priority.CALL), 0.0)
    assert s.deadline() == 5.0


def test_an_abandoned_command_does_not_hold_up_the_next():
    s = session()
    dial = Command("ATD1;", limit=10.0, priority=Priority.CALL, call_results=True)
    s.submit(dial, 0.0)
    s.abandon(dial)
    s.submit(Command("AT+CHUP", priority=Priority.CALL), 3.0)
    assert results(s.tick(3.0)) == [("ATD1;", End.GIVEN_UP)]


# --- texts ---------------------------------------------------------------------------------------


def test_a_text_is_one_transaction():
    s = session()
    s.submit(text("00AA"), 0.0)
    s.submit(Command("AT"), 0.0)
    assert s.data_to_send() == b"AT+CMGS=10\r"
    (event,) = s.receive(b"\r\n> ", 0.1)
    assert isinstance(event, BodyLeaving)
    assert s.data_to_send() == b"00AA\x1a"
    assert s.deadline() == pytest.approx(60.1)
    events = s.receive(b'\r\nRING\r\n\r\n+CMGS: 12\r\n\r\n+CLIP: "1",129\r\n\r\nOK\r\n', 2.0)
    assert urcs(events) == ["RING", '+CLIP: "1",129']
    assert events[-1].reply.lines == ("+CMGS: 12",) and events[-1].reply.body_sent
    assert s.data_to_send() == b"AT\r"


def test_a_ring_takes_an_open_prompt_back():
    s = session()
    s.submit(text(), 0.0)
    s.data_to_send()
    s.receive(b"\r\nRING\r\n", 0.1)
    s.take_back_text(0.1)
    assert s.data_to_send() == b"\x1b"
    assert s.receive(b"\r\n> ", 0.2) == []
    assert s.data_to_send() == b"\x1b"  # they crossed; still no body
    (event,) = s.receive(b"\r\nOK\r\n", 0.3)
    assert event.reply.result == End.GIVEN_UP and not event.reply.body_sent


def test_a_modem_that_never_prompts_gets_escape_and_is_done_with():
    s = session()
    s.submit(text(), 0.0)
    s.data_to_send()
    assert s.tick(5.0) == []
    assert s.data_to_send() == b"\x1b"
    (event,) = s.tick(6.0)
    assert event.reply.result == End.GIVEN_UP and not event.reply.body_sent


def given_up_after_the_body(s):
    command = text()
    s.submit(command, 0.0)
    s.receive(b"\r\n> ", 0.1)
    s.submit(Command("ATA", priority=Priority.CALL, call_results=True), 5.0)
    (event,) = s.tick(5.0)
    assert event.reply.result == End.GIVEN_UP and event.reply.body_sent
    return command


def test_a_late_confirmation_still_counts():
    s = session()
    command = given_up_after_the_body(s)
    events = s.receive(b"\r\n+CMGS: 7\r\n\r\nOK\r\n\r\nOK\r\n", 6.0)
    assert events[0] == LateText(command)
    assert results(events) == [("ATA", "OK")]


def test_a_late_refusal_is_not_the_answer_to_ata():
    s = session()
    given_up_after_the_body(s)
    events = s.receive(b"\r\n+CMS ERROR: 38\r\n\r\nNO CARRIER\r\n", 6.0)
    assert isinstance(events[0], LateTextFailed) and events[0].reply.cms == 38
    assert results(events) == [("ATA", "NO CARRIER")]


def test_a_refused_text_needs_no_prompt():
    s = session()
    s.submit(text(), 0.0)
    assert results(s.receive(b"\r\n+CMS ERROR: 310\r\n", 0.1)) == [("AT+CMGS=10", "+CMS ERROR: 310")]


def test_a_prompt_nobody_asked_for_is_closed_and_the_command_said_again():
    s = session()
    s.submit(Command("AT"), 0.0)
    s.data_to_send()
    s.receive(b"AT\r\n> ", 0.1)
    assert s.data_to_send() == b"\x1bAT\r"
    assert results(s.receive(b"\r\nOK\r\n", 0.2)) == [("AT", "OK")]


# --- faults --------------------------------------------------------------------------------------


def test_a_banner_or_an_echo_means_a_reboot():
    s = session()
    s.echo_is_off = True
    s.submit(Command("AT"), 0.0)
    s.submit(Command("ATA"), 0.0)
    events = s.receive(b"\r\nRDY\r\n", 0.1)
    assert results(events) == [("AT", End.REBOOTED), ("ATA", End.DROPPED)]
    assert isinstance(events[-1], Rebooted)
    s.echo_is_off = True
    s.submit(Command("AT"), 1.0)
    assert isinstance(s.receive(b"AT\r\r\nOK\r\n", 1.1)[-1], Rebooted)


def test_noise_costs_nothing_but_a_word():
    s = session()
    s.submit(clcc(), 0.0)
    events = s.receive(b"z" * 65536 + b"\r\n" + b"\0" * 5000 + b"+CLCC: 1,1,4,0,0\r\nOK\r\n", 0.1)
    assert events[0] == Noise("overlong line")
    assert events[1].reply.lines == ("+CLCC: 1,1,4,0,0",)


STREAM = (
    b'AT+CLCC\r\r\nRING\r\n\r\n+CLIP: "030",129\r\n\r\n+CLCC: 1,1,4,0,0\r\n\r\nOK\r\n\r\n> \r\n+CMGS: 3\r\n\r\nOK\r\n'
    b"\r\n^CONN:1,0\r\n\r\n+CME ERROR: 30\r\n\r\nNO CARRIER\r\n"
)


def played(chunks):
    s = session()
    for command in (clcc(), text(), Command("AT+CHLD=4", priority=Priority.TEXT)):
        s.submit(command, 0.0)
    told = []
    sent = b""
    for chunk in chunks:
        for event in s.receive(chunk, 0.1):
            if isinstance(event, Done):
                told.append((event.reply.command.text, event.reply.lines, event.reply.result))
            else:
                told.append("body" if isinstance(event, BodyLeaving) else event)
        sent += s.data_to_send()
    return told, sent


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_how_the_bytes_are_cut_changes_nothing(cuts):
    cuts = sorted(cuts)
    assert played([STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]) == played([STREAM])


def test_byte_by_byte():
    assert played([STREAM[i : i + 1] for i in range(len(STREAM))]) == played([STREAM])


steps = st.one_of(
    st.tuples(
        st.just("in"), st.binary(max_size=40) | st.sampled_from([b"\r\nOK\r\n", b"> ", b"RDY\r\n", b"+CMGS: 1\r\n"])
    ),
    st.tuples(st.just("tick"), st.floats(0.0, 70.0)),
    st.tuples(st.just("submit"), st.sampled_from(["clcc", "text", "ata", "any"])),
    st.tuples(st.just("take back"), st.none()),
)


@given(st.lists(steps, max_size=40))
def test_nothing_makes_it_raise_and_every_command_ends(sequence):
    s = session()
    now = 0.0
    submitted, ended = 0, 0
    make = {
        "clcc": clcc,
        "text": text,
        "ata": lambda: Command("ATA", priority=Priority.CALL, call_results=True),
        "any": lambda: Command("AT+CGMI", any_text=True),
    }
    events = []
    for kind, value in sequence:
        if kind == "in":
            events += s.receive(value, now)
        elif kind == "tick":
            now += value
            events += s.tick(now)
        elif kind == "submit":
            s.submit(make[value](), now)
            submitted += 1
        else:
            s.take_back_text(now)
        s.data_to_send()
    while (due := s.deadline()) is not None:
        now = max(now, due)
        events += s.tick(now)
    ended = sum(isinstance(event, Done) for event in events)
    assert ended == submitted
