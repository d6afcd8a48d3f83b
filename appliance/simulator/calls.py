"""A module's calls: what AT+CLCC lists and what AT+CHLD does to it (22.030 6.5.5.1, 27.007 7.13 and 7.18)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from appliance.simulator.agenda import Due
from appliance.simulator.families import DSCI_STAT, ENDED_STAT
from appliance.simulator.network import BUSY, NORMAL, RADIO_LOST, Call, Party
from appliance.simulator.numbers import Number
from appliance.simulator.sounds import Samples, mix, silence

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


class Stat(IntEnum):
    """`stat` of +CLCC."""

    ACTIVE = 0
    HELD = 1
    DIALING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5


OUTGOING_LEG = (Stat.DIALING, Stat.ALERTING)
NOT_ALLOWED = 3
"""+CME ERROR: operation not allowed."""
MOST_IN_CONFERENCE = 5


@dataclass(eq=False, slots=True)
class Entry:
    """One line of +CLCC. `dir` 0: made here, 1: came in. `number` None: withheld."""

    id: int
    call: Call
    dir: int
    stat: Stat
    number: Number | None
    mpty: bool = False
    connected_at: float | None = None


class ModuleCalls:
    """The module as a party in the network."""

    def __init__(self, module: GsmModule) -> None:
        self._module = module
        self.number = module.number
        self.entries: list[Entry] = []
        self.rings = 0
        self._ringing: Due | None = None

    # --- asked by commands --------------------------------------------------------------------------

    def of(self, *stats: Stat) -> list[Entry]:
        """The entries in one of these states."""
        return [entry for entry in self.entries if entry.stat in stats]

    def by_id(self, call_id: int) -> Entry | None:
        """The entry with this id."""
        return next((entry for entry in self.entries if entry.id == call_id), None)

    def clcc(self) -> list[str]:
        """The lines of AT+CLCC."""
        return [self._fill(self._module.family.clcc, entry) for entry in sorted(self.entries, key=lambda e: e.id)]

    def _fill(self, template: str, entry: Entry, stat: int | None = None, cause: int = NORMAL) -> str:
        seconds = 0 if entry.connected_at is None else int(self._module.now - entry.connected_at)
        number, octet = ("", 128) if entry.number is None else self._module.written(entry.number)
        return template.format(
            id=entry.id, dir=entry.dir, stat=int(entry.stat) if stat is None else stat, mpty=int(entry.mpty),
            number=number, type=octet, seconds=seconds, cause=cause,
            hms=f"{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}",
        )  # fmt: skip

    def _report(self, stage: str, entry: Entry, cause: int = NORMAL) -> None:
        """Print what this family prints when a call changes."""
        for report in self._module.family.reports:
            if report.stage == stage and (report.switch is None or report.switch in self._module.settings.switches):
                stat: int | None = None
                if stage == "ended":
                    stat = ENDED_STAT.get(report.switch or "")
                elif report.switch == "^DSCI":
                    stat = DSCI_STAT[entry.stat]
                self._module.say(self._fill(report.template, entry, stat, cause))

    # --- what the user does -------------------------------------------------------------------------

    def dial(self, number: Number) -> Entry | None:
        """Call out; an active call is put on hold first (22.030 6.5.5.2). None: not possible now."""
        if self.of(*OUTGOING_LEG, Stat.INCOMING) or (self.of(Stat.ACTIVE) and self.of(Stat.HELD)):
            return None
        for entry in self.of(Stat.ACTIVE):
            self._hold(entry, True)
        exchange = self._module.exchange
        call = exchange.place(self, number.e164, Number.of(self.number))
        entry = self._add(call, 0, Stat.DIALING, number)
        self._report("dialling", entry)
        self._module.audio.call_changed()
        return entry

    def answer(self) -> bool:
        """Lift: the call that rings, or the one that waits while no other is active."""
        ringing = self.of(Stat.INCOMING) or ([] if self.of(Stat.ACTIVE) else self.of(Stat.WAITING))
        return bool(ringing) and self._lift(ringing[0])

    def hang_up(self, everything: bool) -> None:
        """AT+CHUP and ATH: the leg being dialled, else what is active, else what rings, else what is held."""
        if everything:
            self.release(self.of(*OUTGOING_LEG, Stat.ACTIVE, Stat.HELD, Stat.INCOMING))
            return
        for stats in (OUTGOING_LEG, (Stat.ACTIVE,), (Stat.INCOMING,), (Stat.HELD,)):
            if found := self.of(*stats):
                self.release(found)
                return

    def reject_waiting(self) -> bool:
        """User determined user busy (22.030 6.5.5.1, entry 0); the network may divert on it."""
        entries = self.of(Stat.WAITING, Stat.INCOMING)
        self.release(entries, BUSY)
        return bool(entries)

    def release(self, entries: list[Entry], ringing_cause: int | None = None) -> None:
        """End these calls from here."""
        self._end(entries, ringing_cause)
        self._after_change()

    def _end(self, entries: list[Entry], ringing_cause: int | None = None) -> None:
        exchange = self._module.exchange
        for entry in entries:
            ringing = entry.stat in (Stat.INCOMING, Stat.WAITING)
            self._drop(entry, NORMAL)
            if ringing:
                exchange.reject(entry.call, self, ringing_cause or self._module.family.reject_cause)
            else:
                exchange.hang_up(entry.call, self)

    def swap(self) -> int | None:
        """CHLD=2: active ones to hold, then the waiting or else the held one comes. A CME error, or None."""
        active, held, waiting = self.of(Stat.ACTIVE), self.of(Stat.HELD), self.of(Stat.WAITING, Stat.INCOMING)
        if self.of(*OUTGOING_LEG) or not (active or held or waiting) or (waiting and active and held):
            return NOT_ALLOWED
        for entry in active:
            self._hold(entry, True)
        self._accept(waiting, held)
        return None

    def release_active(self) -> int | None:
        """CHLD=1: active calls end, then the waiting or else the held one comes. A CME error, or None."""
        outgoing, policy = self.of(*OUTGOING_LEG), self._module.family.dialling_and_chld1
        if outgoing and policy == "refuses":
            return NOT_ALLOWED
        if outgoing and policy == "ignores":
            return None
        held, waiting = self.of(Stat.HELD), self.of(Stat.WAITING, Stat.INCOMING)
        if not self.entries:
            return NOT_ALLOWED
        self._end(self.of(Stat.ACTIVE) + outgoing)
        self._accept(waiting, held)
        self._after_change()
        return None

    def split(self, call_id: int) -> int | None:
        """CHLD=2x: a private word with one of a conference, the others wait. A CME error, or None."""
        chosen = self.by_id(call_id)
        if chosen is None or chosen.stat is not Stat.ACTIVE or self.of(Stat.HELD):
            return NOT_ALLOWED
        for entry in self.of(Stat.ACTIVE):
            if entry is not chosen:
                self._hold(entry, True)
        self._after_change()
        return None

    def join(self) -> int | None:
        """CHLD=3: the held call comes into the conversation (22.084). A CME error, or None."""
        active, held = self.of(Stat.ACTIVE), self.of(Stat.HELD)
        if not active or not held or len(active) + len(held) > MOST_IN_CONFERENCE:
            return NOT_ALLOWED
        for entry in held:
            self._hold(entry, False)
            self._module.exchange.conference(entry.call, active[0].call, self)
        for entry in active + held:
            entry.mpty = True
        return None

    def transfer(self) -> int | None:
        """CHLD=4: connect the held and the other call and leave both (22.091). A CME error, or None."""
        held, others = self.of(Stat.HELD), self.of(Stat.ACTIVE, Stat.ALERTING)
        if len(held) != 1 or len(others) != 1:
            return NOT_ALLOWED
        if not self._module.exchange.transfer(held[0].call, others[0].call, self):
            return NOT_ALLOWED
        for entry in held + others:
            self._drop(entry, NORMAL)
        self._after_change()
        return None

    def deflect(self, to: str) -> int | None:
        """+CTFR: send the ringing or waiting call elsewhere (22.072). A CME error, or None."""
        ringing = self.of(Stat.INCOMING, Stat.WAITING)
        if not ringing or not self._module.exchange.deflect(ringing[0].call, to):
            return NOT_ALLOWED
        self._drop(ringing[0], NORMAL)
        self._after_change()
        return None

    def lose_all(self) -> None:
        """The radio is gone: every call ends, nothing is printed."""
        entries, self.entries = self.entries, []
        self._stop_ringing()
        for entry in entries:
            self._module.exchange.hang_up(entry.call, self, RADIO_LOST)
        self._module.audio.call_changed()

    # --- what the network says ------------------------------------------------------------------------

    def willing(self, call: Call) -> str:
        """Free, or with call waiting on and nobody waiting yet (22.083 1.3)."""
        if not self._module.can_call:
            return "unreachable"
        if not self.entries:
            return "free"
        full = self.of(Stat.WAITING, Stat.INCOMING) or not self._module.subscriber.call_waiting
        return "busy" if full else "free"

    def called(self, call: Call) -> None:
        """It rings, or waits while another call is up."""
        entry = self._add(call, 1, Stat.WAITING if self.entries else Stat.INCOMING, call.shown)
        if entry.stat is Stat.WAITING:
            if self._module.settings.ccwa:
                self._module.say(self._fill(self._module.family.ccwa, entry))
            self._report("waiting", entry)
        else:
            self._report("incoming", entry)
            self._ring(entry)

    def alerting(self, call: Call) -> None:
        """The target's phone rings."""
        if entry := self._of_call(call):
            entry.stat = Stat.ALERTING
            self._report("alerting", entry)
            self._module.dial_progress("alert", entry)

    def answered(self, call: Call) -> None:
        """The target lifted."""
        if entry := self._of_call(call):
            entry.stat, entry.connected_at = Stat.ACTIVE, self._module.now
            self._report("connected", entry)
            self._module.audio.call_changed()
            self._module.dial_progress("connect", entry)

    def ended(self, call: Call, cause: int) -> None:
        """The far end or the network ended a call."""
        entry = self._of_call(call)
        if entry is None:
            return
        ringing = entry.stat in (Stat.INCOMING, Stat.WAITING)
        self._module.last_cause = cause
        if ringing and self._module.faults.rings_just_stop:
            self._stop_ringing(at_once=True)
            if self._module.faults.rings_just_stop == "listed":
                return
            self.entries.remove(entry)
        elif self._module.faults.silent_ends:
            self.entries.remove(entry)
            self._stop_ringing()
        else:
            self._drop(entry, cause)
            if ringing:
                self._report("missed", entry)
            self._module.call_over(entry, cause)
        self._after_change()

    def moved(self, old: Call, new: Call) -> None:
        """Transferred by the other side: the same entry, another call behind it."""
        if entry := self._of_call(old):
            entry.call = new

    def held(self, call: Call, on: bool) -> None:
        """Held by the other side: CLCC does not show it (+CSSU would, 27.007 7.17)."""

    def speaks(self, other: Party, means: str) -> None:
        """Nothing a module would notice."""

    def sound(self, call: Call, start: float, count: int, step: float) -> Samples:
        """What the host plays into the call, and what others say in the same conference."""
        entry = self._of_call(call)
        if entry is None or entry.stat is not Stat.ACTIVE:
            return silence(count)
        audio = self._module.audio
        return mix([audio.played.samples(start, count, step), audio.heard(start, count, step, without=call)], count)

    def pressed(self, call: Call, key: str) -> None:
        """Told, where the module was asked to."""
        entry, family = self._of_call(call), self._module.family
        if entry is not None and entry.stat is Stat.ACTIVE and family.key_switch in self._module.settings.switches:
            self._module.say(family.key_report.format(key=key, code=ord(key)))

    def hears(self, call: Call, start: float, samples: Samples, step: float) -> None:
        """Another modem speaks; the module asks for it itself, by its own clock."""

    # --- within ---------------------------------------------------------------------------------------

    def _add(self, call: Call, direction: int, stat: Stat, number: Number | None) -> Entry:
        used = {entry.id for entry in self.entries}
        entry = Entry(next(i for i in range(1, 99) if i not in used), call, direction, stat, number)
        self.entries.append(entry)
        return entry

    def _of_call(self, call: Call) -> Entry | None:
        return next((entry for entry in self.entries if entry.call is call), None)

    def _lift(self, entry: Entry) -> bool:
        if not self._module.exchange.answer(entry.call):
            return False
        entry.stat, entry.connected_at = Stat.ACTIVE, self._module.now
        self._stop_ringing()
        self._report("connected", entry)
        self._module.audio.call_changed()
        return True

    def _accept(self, waiting: list[Entry], held: list[Entry]) -> None:
        if waiting:
            self._lift(waiting[0])
        else:
            for entry in held:
                self._hold(entry, False)

    def _hold(self, entry: Entry, on: bool) -> None:
        entry.stat = Stat.HELD if on else Stat.ACTIVE
        self._module.exchange.hold(entry.call, self, on)
        self._module.audio.call_changed()
        if any(report.stage == "held" for report in self._module.family.reports):
            self._report("held" if on else "connected", entry)

    def _drop(self, entry: Entry, cause: int) -> None:
        self.entries.remove(entry)
        self._stop_ringing()
        self._report("ended", entry, cause)

    def _after_change(self) -> None:
        """A conference of one is none; a waiting call whose predecessors are gone begins to ring (22.083)."""
        for stat in (Stat.ACTIVE, Stat.HELD):
            group = [entry for entry in self.of(stat) if entry.mpty]
            if len(group) == 1:
                group[0].mpty = False
        self._module.audio.call_changed()
        waiting = self.of(Stat.WAITING)
        if waiting and len(self.entries) == len(waiting):
            waiting[0].stat = Stat.INCOMING
            self._ring(waiting[0])

    def _stop_ringing(self, at_once: bool = False) -> None:
        if self._ringing is not None and (at_once or not self.of(Stat.INCOMING)):
            self._ringing.cancel()
            self._ringing = None
            self.rings = 0

    def _ring(self, entry: Entry) -> None:
        if entry not in self.entries or entry.stat is not Stat.INCOMING:
            return
        self.rings = 1 if self._ringing is None else self.rings + 1
        module = self._module
        number, octet = ("", 128) if entry.number is None else module.written(entry.number)
        clip = module.family.clip.format(number=number, type=octet, validity=entry.call.validity)
        self._ringing = module.exchange.agenda.after(module.ring_seconds, lambda: self._ring(entry))
        module.ring(clip, self.rings)
