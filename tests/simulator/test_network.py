"""The network by itself: phones and diversions; modules are in test_calls."""

import pytest

from appliance.simulator.journal import Called, Connected, Diverted, Ended
from appliance.simulator.network import (
    BUSY,
    IF_BUSY,
    NO_ANSWER,
    NO_REPLY,
    UNCONDITIONAL,
    UNREACHABLE,
    Diversion,
    Exchange,
)
from appliance.simulator.numbers import Number
from appliance.simulator.phones import Target

DESK, LINE = "+49301111111", "+498912345"


def talk(exchange, to=DESK, seconds=300, **options):
    caller = exchange.call(to, "+493098765432", **options)
    exchange.advance(exchange.now + seconds)
    return caller


@pytest.mark.parametrize(
    ("target", "cause", "spoke"),
    [
        (Target(DESK, after=3, talks_for=10), 16, True),
        (Target(DESK, "mailbox", after=20, talks_for=10), 16, True),
        (Target(DESK, "busy"), BUSY, False),
        (Target(DESK, "silent"), NO_ANSWER, False),
        (Target(DESK, "refuses", after=2), 21, False),
        (Target(DESK, "unreachable"), 20, False),
    ],
)
def test_how_targets_behave(target, cause, spoke):
    exchange = Exchange()
    exchange.set_target(target)
    caller = talk(exchange)
    assert (caller.cause, bool(caller.heard), caller.state) == (cause, spoke, "idle")
    assert not exchange.calls and exchange.deadline() is None


def test_unknown_behaviours_and_numbers():
    with pytest.raises(ValueError, match="sleeps"):
        Target(DESK, "sleeps")
    assert talk(Exchange(), "+4999").cause == 1


def test_a_caller_gives_up():
    exchange = Exchange()
    exchange.set_target(Target(DESK, "silent"))
    talk(exchange, gives_up_after=7)
    ended = exchange.journal.of(Ended)[0]
    assert (ended.at, ended.by, ended.answered) == (8, "+493098765432", False)


def test_an_engaged_phone_is_busy():
    exchange = Exchange()
    exchange.set_target(Target(DESK, after=1, talks_for=None))
    exchange.call(DESK, "+49301", talks_for=None)
    exchange.advance(10)
    assert talk(exchange).cause == BUSY


class Stub:
    """A subscriber that is free, busy or unreachable, and never answers."""

    number = LINE

    def __init__(self, state):
        self.state, self.rang, self.over = state, [], []

    def willing(self, call):
        return self.state

    def called(self, call):
        self.rang.append(call)

    def ended(self, call, cause):
        self.over.append(cause)


@pytest.mark.parametrize(
    ("reason", "state", "why", "rang"),
    [
        (UNCONDITIONAL, "free", "unconditional", 0),
        (IF_BUSY, "busy", "busy", 0),
        (NO_REPLY, "free", "no reply", 1),
        (UNREACHABLE, "unreachable", "unreachable", 0),
    ],
)
def test_diversions(reason, state, why, rang):
    exchange = Exchange()
    exchange.set_target(Target(DESK, after=2, talks_for=5))
    stub = Stub(state)
    exchange.subscribe(LINE, stub).diversions[reason] = Diversion(Number.of(DESK), seconds=15)
    caller = talk(exchange, LINE)
    assert [entry.why for entry in exchange.journal.of(Diverted)] == [why]
    assert exchange.journal.of(Connected)[0].means == "diversion"
    assert (len(stub.rang), stub.over, caller.heard) == (rang, [16] * rang, [DESK])


def test_a_diversion_that_is_not_active_does_nothing():
    exchange = Exchange()
    exchange.set_target(Target(DESK))
    exchange.subscribe(LINE, Stub("busy")).diversions[IF_BUSY] = Diversion(Number.of(DESK), active=False)
    assert talk(exchange, LINE).cause == BUSY


def test_diversions_in_a_circle_end():
    exchange = Exchange()
    exchange.subscribe(LINE, Stub("busy")).diversions[UNCONDITIONAL] = Diversion(Number.of(LINE))
    talk(exchange, LINE)
    assert len(exchange.journal.of(Diverted)) == 5 and not exchange.calls


def test_the_journal_reads_well_and_can_be_followed():
    exchange = Exchange()
    exchange.set_target(Target(DESK, after=3, talks_for=10))
    entries, position = exchange.journal.since(0)
    assert entries == []
    talk(exchange)
    entries, position = exchange.journal.since(position)
    assert [str(entry) for entry in entries] == [
        "+493098765432 calls +49301111111",
        "+493098765432 speaks with +49301111111 (call)",
        "+493098765432 and +49301111111 parted: +49301111111, cause 16",
    ]
    exchange.forget()
    talk(exchange)
    assert len(exchange.journal.since(position)[0]) == 3
    assert isinstance(next(iter(exchange.journal)), Called)
