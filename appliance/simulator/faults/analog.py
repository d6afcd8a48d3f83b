"""Faults of analog modems, of the wires they hang on, and of the port at their end."""

from __future__ import annotations

from dataclasses import replace

from appliance.core.errors import UserError
from appliance.simulator.analog import AnalogModem
from appliance.simulator.analogfaults import ABORT_ENDS, CALLER_IDS, WEDGES
from appliance.simulator.faults.book import analog_fault
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.phones import Phone, Target


def _phones(modem: AnalogModem, held: bool) -> list[Phone]:
    """Who is at the far end: of the call on hold or the incoming one, or else of the one made from here."""
    line = modem.line
    waiting = line.held_call if held and line.held_call is not None else line.call
    party = waiting.other(line) if waiting is not None else None
    return [party] if isinstance(party, Phone) else []


# --- caller ID and rings ---------------------------------------------------------------------------


@analog_fault
def caller_id(modem: AnalogModem, *, style: str = "none") -> None:
    """Caller ID is not printed (none), twice, dirty, or withheld."""
    if style not in CALLER_IDS:
        raise UserError(f"caller ID {style!r} is none of {', '.join(CALLER_IDS)}")
    modem.faults.caller_id = style


@analog_fault
def caller_id_when(modem: AnalogModem, *, when: str = "before") -> None:
    """The port sends caller ID before the first ring, after it, or never (none)."""
    if when not in ("before", "after", "none"):
        raise UserError(f"{when!r} is none of before, after, none")
    modem.line.site = replace(modem.line.site, caller_id=when)


@analog_fault
def rings_just_stop(modem: AnalogModem, *, after_ring: int = 2) -> None:
    """The caller gives up after a ring; on an analog line nothing says so."""

    def stop() -> None:
        for phone in _phones(modem, True):
            phone.hang_up()

    modem.faults.once(f"ring {after_ring}", stop)


@analog_fault
def rings_unseen(modem: AnalogModem, *, after_ring: int = 2) -> None:
    """The modem sees no more rings than these, though the line rings on."""
    modem.faults.rings_unseen_after = after_ring


# --- people ----------------------------------------------------------------------------------------


@analog_fault
def parallel_phone_lifts(modem: AnalogModem, *, after: float = 1.5, talks_for: float | None = 30.0) -> None:
    """Somebody lifts a phone on the same wires, and puts it down again after a while."""
    line, agenda = modem.line, modem.exchange.agenda
    known = [device for device in line.devices if isinstance(device, ParallelPhone)]
    phone = known[0] if known else ParallelPhone(line)
    agenda.after(after, phone.lift)
    if talks_for is not None:
        agenda.after(after + talks_for, phone.put_down)


@analog_fault
def caller_leaves(modem: AnalogModem, *, after: float = 0.0) -> None:
    """The caller hangs up, at whatever stage: ringing, listening to an announcement, on hold."""

    def leave() -> None:
        for phone in _phones(modem, True):
            phone.hang_up()

    modem.exchange.agenda.after(after, leave)


@analog_fault
def target_leaves(modem: AnalogModem, *, after: float = 0.0) -> None:
    """Whoever was called from the line hangs up."""

    def leave() -> None:
        for phone in _phones(modem, False):
            phone.hang_up()

    modem.exchange.agenda.after(after, leave)


@analog_fault
def target_busy(modem: AnalogModem, *, number: str) -> None:
    """A number is engaged."""
    modem.exchange.set_target(Target(number, "busy"))


# --- the port --------------------------------------------------------------------------------------


@analog_fault
def flash_ignored(modem: AnalogModem) -> None:
    """The port takes no notice of a flash."""
    modem.line.site = replace(modem.line.site, recall=False)


@analog_fault
def flash_too_long(modem: AnalogModem, *, drops_after: float = 0.05) -> None:
    """The port takes a flash for hanging up: it drops the caller."""
    modem.line.site = replace(modem.line.site, drop_after=drops_after)


@analog_fault
def transfer_refused(modem: AnalogModem) -> None:
    """Hanging up or a key connects nobody; who was on hold is rung back."""
    modem.line.site = replace(modem.line.site, on_hook_transfers=False, give=None)


@analog_fault
def end_sounds(modem: AnalogModem, *, sound: str = "congestion") -> None:
    """When the far end hangs up the port gives busy, congestion, dial, silence, or cuts the loop (break)."""
    if sound not in ("busy", "congestion", "dial", "silence", "break"):
        raise UserError(f"{sound!r} is none of busy, congestion, dial, silence, break")
    modem.line.site = replace(modem.line.site, at_end=sound)


@analog_fault
def unreachable_spoken(modem: AnalogModem) -> None:
    """A switched-off mobile is told of by a voice alone, with no tone before it, as mobile networks do."""
    modem.line.site = replace(modem.line.site, unreachable="announcement")


@analog_fault
def codes_ignored(modem: AnalogModem) -> None:
    """Star codes are taken for numbers, and there are no such numbers."""
    modem.line.site = replace(modem.line.site, codes=False)


@analog_fault
def wires_cut(modem: AnalogModem, *, seconds: float | None = None) -> None:
    """The cable is pulled, for a while."""
    modem.line.cut(seconds)


@analog_fault
def echo(modem: AnalogModem, *, level: float = -6.0, delay: float = 0.004) -> None:
    """What is sent comes back, so loud (dB) and so much later."""
    modem.line.echo, modem.line.echo_delay = level, delay


@analog_fault
def line_noise(modem: AnalogModem, *, level: float = -40.0) -> None:
    """The wires hiss, so loud (dBFS)."""
    modem.line.noise = level


@analog_fault
def unanswered_returns(modem: AnalogModem, *, seconds: float = 20.0) -> None:
    """A call handed on while the target still rang, and not answered by then, rings at the port again."""
    modem.line.site = replace(modem.line.site, unanswered_returns=seconds)


# --- the modem -------------------------------------------------------------------------------------


@analog_fault
def underrun(modem: AnalogModem, *, frames: int = 10) -> None:
    """The modem plays silence for so many frames of 20 ms and says that it ran dry."""
    modem.faults.underruns = frames


@analog_fault
def abort_end(modem: AnalogModem, *, how: str = "vcon") -> None:
    """Voice mode ends in another manner when asked: no etx, vcon, bare etx, never, straggling."""
    if how not in ABORT_ENDS:
        raise UserError(f"{how!r} is none of {', '.join(ABORT_ENDS)}")
    modem.faults.abort_end = how


@analog_fault
def wedged(modem: AnalogModem, *, until: str = "dtr") -> None:
    """It hears nothing until DTR drops (dtr) or it is unplugged (power); it may go on sending sound, or not (mute)."""
    if until not in WEDGES:
        raise UserError(f"{until!r} is none of {', '.join(WEDGES)}")
    modem.faults.wedged = until


@analog_fault
def reads_back(modem: AnalogModem, *, command: str = "+VSM", says: str = "129,8000,0,0") -> None:
    """A setting reads back differently from what was set."""
    modem.faults.read_back[command.upper()] = says


@analog_fault
def without_effect(modem: AnalogModem, *, command: str = r"\+VLS=.*", times: int | None = None) -> None:
    """A command is answered OK and does nothing."""
    modem.faults.rules.append(Rule(command, final="OK", times=times))


@analog_fault
def wrong_speed(modem: AnalogModem, *, works_at: int = 57600) -> None:
    """It speaks at this speed only; at any other both sides read noise."""
    modem.faults.fixed_baud = works_at


@analog_fault
def writes_stall(modem: AnalogModem, *, seconds: float = 0.5) -> None:
    """It takes no octet for a while."""
    modem.faults.stalled_until = modem.now + seconds


@analog_fault
def one_way(modem: AnalogModem, *, side: str = "send") -> None:
    """One-way silence: nobody hears the host (send), or the host hears nobody (receive)."""
    if side not in ("send", "receive"):
        raise UserError(f"{side!r} is neither send nor receive")
    modem.faults.deaf_side = side


@analog_fault
def events_missing(modem: AnalogModem) -> None:
    """No DLE event is ever sent."""
    modem.faults.silent_events = True


@analog_fault
def clock(modem: AnalogModem, *, ppm: float = 200.0) -> None:
    """Its sample clock is so much fast (or slow, below 0)."""
    modem.ppm = ppm
