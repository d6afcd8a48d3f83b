"""When the engine ends because somebody wishes it: not in a call, not too late, not for ever."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from appliance.core.requests import RESTART, TOO_LATE
from appliance.request_desk import RequestDesk
from appliance.store import factory_reset, nightly, suspicion
from appliance.store.database import Store
from appliance.store.live import LEFT
from appliance.store.writer import Writer

AT = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


class Desk:
    """A desk without lines, or with one that is busy."""

    def __init__(self, state):
        self.state = state
        self.store = Store.open(state, create=True)
        self.writer = Writer(self.store)
        self.seat = SimpleNamespace(name="office", busy=False)
        self.ended = 0
        self.begin()

    def begin(self):
        self.desk = RequestDesk(self.store, self.writer, [self.seat], None, self._end)

    def _end(self):
        self.ended += 1

    def ends_after_the_call(self):
        """And no sooner."""
        self.seat.busy = True
        self.tick()
        assert self.ended == 0
        self.seat.busy = False
        self.tick()
        assert self.ended == 1

    def is_suspected(self):
        """Its database; and there is a backup."""
        (self.state / nightly.FOLDER).mkdir()
        (self.state / nightly.FOLDER / nightly.name(AT.date())).touch()
        suspicion.raise_it(self.state)

    def tick(self, at=AT):
        self.desk.tick(0.0, at)
        self.writer.flush(0.0, force=True)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    made = Desk(tmp_path / "state")
    yield made
    made.store.close()


@pytest.fixture
def suspected(desk):
    desk.is_suspected()
    return desk


def test_a_restart(desk):
    number = desk.store.ask(RESTART, {}, AT)
    desk.ends_after_the_call()
    assert desk.store.request(number).answer == {"ok": True}


def test_one_that_everybody_has_forgotten(desk):
    number = desk.store.ask(RESTART, {}, AT)
    desk.tick(AT + timedelta(minutes=3))
    assert desk.ended == 0
    assert desk.store.request(number).answer == {"problem": TOO_LATE}


@pytest.mark.parametrize("left", [LEFT, factory_reset.ASKED])
def test_one_for_what_would_be_done_at_some_later_start(desk, left):
    """A long call has no end of it: what is put off would come over what happens until then."""
    (desk.state / left).touch()
    desk.store.ask(RESTART, {}, AT)
    desk.tick(AT + timedelta(hours=1))
    assert desk.ended == 1


def test_a_damaged_database_is_left_to_the_next_start(desk, monkeypatch):
    desk.tick()
    desk.is_suspected()
    desk.ends_after_the_call()


def test_one_that_the_start_could_do_nothing_about_ends_no_engine(suspected):
    """A card that can only be read, say."""
    suspected.begin()
    suspected.tick()
    assert suspected.ended == 0
