"""Faults in the course of a call."""

from __future__ import annotations

from appliance.simulator.calls import Entry, Stat
from appliance.simulator.faults.book import fault
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Phone


def _refusal(module: GsmModule, pattern: str, cme: int | None, times: int | None) -> None:
    module.faults.rules.append(Rule(pattern, final="OK" if cme is None else None, cme=cme, times=times))


@fault
def transfer_refused(module: GsmModule, *, cme: int = 30, times: int | None = None) -> None:
    """CHLD=4 gets an error: 3, 4, 30 or 100."""
    _refusal(module, r"\+CHLD=4", cme, times)


@fault
def transfer_without_effect(module: GsmModule, *, times: int | None = None) -> None:
    """CHLD=4 is answered OK, and both calls stay."""
    _refusal(module, r"\+CHLD=4", None, times)


@fault
def transfer_late(module: GsmModule, *, seconds: float = 1.5) -> None:
    """CHLD=4 is answered OK at once, and the calls are gone only after a while."""
    _refusal(module, r"\+CHLD=4", None, 1)
    module.faults.once(r"command \+CHLD=4", lambda: module.later(seconds, module.calls.transfer))


@fault
def deflection_refused(module: GsmModule, *, cme: int = 30, times: int | None = None) -> None:
    """+CTFR gets an error."""
    _refusal(module, r"\+CTFR=.*", cme, times)


@fault
def deflection_without_effect(module: GsmModule, *, times: int | None = None) -> None:
    """+CTFR is answered OK, and it goes on ringing."""
    _refusal(module, r"\+CTFR=.*", None, times)


@fault
def conference_refused(module: GsmModule, *, cme: int = 30, times: int | None = None) -> None:
    """CHLD=3 gets an error."""
    _refusal(module, r"\+CHLD=3", cme, times)


@fault
def conference_without_effect(module: GsmModule, *, times: int | None = None) -> None:
    """CHLD=3 is answered OK, and the caller stays on hold."""
    _refusal(module, r"\+CHLD=3", None, times)


@fault
def wedged_by_chld(module: GsmModule, *, seconds: float = 60.0) -> None:
    """CHLD=1x before the call is connected hangs the stick."""
    module.faults.once(r"command \+CHLD=1[1-9]", lambda: module.hang(seconds))


@fault
def caller_gone_at_ata(module: GsmModule) -> None:
    """The caller gives up in the moment before ATA, which gets NO CARRIER."""
    module.faults.once("command A", lambda: _caller_leaves(module))


@fault
def rings_just_stop(module: GsmModule, *, after_ring: int = 2, listed: bool = False) -> None:
    """The caller gives up after a ring and nothing says so; CLCC may go on listing the call."""

    def stop() -> None:
        module.faults.rings_just_stop = "listed" if listed else "gone"
        _caller_leaves(module)

    module.faults.once(f"ring {after_ring}", stop)


@fault
def ends_unsaid(module: GsmModule) -> None:
    """When the far end hangs up no line says so: only +CLCC shows it."""
    module.faults.silent_ends = True


@fault
def stuck_call(module: GsmModule, *, line: str = '+CLCC: 7,1,0,0,0,"+491719999999",145') -> None:
    """+CLCC lists a call that is long over."""
    module.faults.ghosts_last.append(line)


@fault
def data_call_listed(module: GsmModule, *, line: str = '+CLCC: 9,0,0,1,0,"*99#",129') -> None:
    """+CLCC lists a data call first."""
    module.faults.ghosts_first.append(line)


@fault
def second_caller(module: GsmModule, *, caller: str | None = "+491701234567") -> None:
    """Somebody else calls now."""
    module.exchange.call(module.number, caller, gives_up_after=20.0)


def _phones(module: GsmModule, stats: tuple[Stat, ...], direction: int) -> list[Phone]:
    entries: list[Entry] = [entry for entry in module.calls.of(*stats) if entry.dir == direction]
    parties = [entry.call.other(module.calls) for entry in entries]
    return [party for party in parties if isinstance(party, Phone)]


def _caller_leaves(module: GsmModule) -> None:
    for phone in _phones(module, tuple(Stat), 1):
        phone.hang_up()


@fault
def caller_leaves(module: GsmModule) -> None:
    """The caller hangs up now, at whatever stage."""
    _caller_leaves(module)


@fault
def target_leaves(module: GsmModule) -> None:
    """The target hangs up now."""
    for phone in _phones(module, tuple(Stat), 0):
        phone.hang_up()
