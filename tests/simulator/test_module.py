"""The module as a machine for bytes: whatever comes, it goes on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.simulator import faults
from appliance.simulator.families import FAMILIES
from appliance.simulator.phones import Target

from .conftest import DESK, LINE, Terminal

COMMANDS = st.sampled_from(
    ["A", "H", "+CHUP", "+CLCC", "+CHLD=0", "+CHLD=1", "+CHLD=11", "+CHLD=12", "+CHLD=2", "+CHLD=21", "+CHLD=3",
     "+CHLD=4", f"D{DESK};", f'+CTFR="{DESK}",145', "+CFUN=0", "+CFUN=1", "+CMGS=20", "+CCFC=4,4", "Z"]
)  # fmt: skip
FAULTLESS_STATE = {(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (0, 3), (1, 4), (1, 5)}


@given(st.binary(max_size=200))
def test_any_octets(data):
    terminal = Terminal()
    terminal.port.write(data)
    terminal.sleep(200)
    terminal.port.write(b"\x1b\rAT\r")
    terminal.sleep(1)
    terminal.port.write(b"AT\r")
    assert terminal.lines()[-1] == "OK"


@settings(deadline=None)
@given(st.sampled_from(sorted(FAMILIES)), st.lists(COMMANDS | st.sampled_from(["call", "wait", "gone"]), max_size=25))
def test_any_course_of_calls(family, steps):
    """Whatever is done in whatever order: the states stay sane, and when all hang up nobody is left in a call."""
    terminal, callers = Terminal(family), []
    terminal.exchange.set_target(Target(DESK, after=2, talks_for=20))
    for step in steps:
        if step == "call":
            callers.append(terminal.exchange.call(LINE, "+493012345", gives_up_after=30))
        elif step == "wait":
            terminal.sleep(3)
        elif step == "gone" and callers:
            callers.pop(0).hang_up()
        elif step not in ("gone", "wait"):
            terminal.type("AT" + step)
        entries = terminal.module.calls.entries
        assert {(entry.dir, int(entry.stat)) for entry in entries} <= FAULTLESS_STATE
        assert len({entry.id for entry in entries}) == len(entries)
        assert len([entry for entry in entries if entry.stat in (4, 5)]) <= 1
        assert len({entry.mpty for entry in entries if entry.stat == 0}) <= 1
        assert all(entry.call.state != "ended" for entry in entries)
    for _ in range(1 + steps.count("+CMGS=20")):
        terminal.sleep(5)  # a prompt may still be on its way, behind a slow command or another prompt
        terminal.port.write(b"\x1b")
    terminal.sleep(5)
    terminal.type("ATH")
    terminal.type("AT+CHLD=0")
    for caller in callers:
        caller.hang_up()
    terminal.sleep(200)
    assert terminal.module.calls.entries == [] and terminal.exchange.calls == []
    assert terminal.desk.state == "idle"


@given(st.sampled_from(sorted(faults.FAULTS)), st.lists(COMMANDS, max_size=6))
def test_any_fault_at_any_time(name, steps):
    parameters = {"command": "A"} if name == "answers" else {}
    terminal = Terminal()
    terminal.exchange.call(LINE, None)
    terminal.sleep(2)
    faults.apply(terminal.module, name, **parameters)
    for step in steps:
        terminal.module.receive(f"AT{step}\r".encode(), terminal.world.now())
    terminal.world.run_until(terminal.world.now() + 300)


def test_what_it_was_told_can_be_asked():
    terminal = Terminal()
    terminal.type(f"ATD{DESK};")
    assert list(terminal.module.seen) == ["ATE0", "AT+CMEE=1;+CLIP=1;+CMGF=0", f"ATD{DESK};"]
