"""A courier, a post room and a reception with a real store and lines that only take down what they are given."""

from datetime import timedelta

import msgspec

from appliance.core import events
from appliance.core.actions import SendText
from appliance.core.confirmations import Situation
from appliance.core.numbers import DialPlan
from appliance.core.records import CallRecord, Received
from appliance.core.settings import Business, Line, Plan, Settings, Shift, Target, Timetable
from appliance.courier import Courier
from appliance.network_courier import NetworkCourier
from appliance.notify import Outcome, Words
from appliance.postroom import PostRoom
from appliance.reception import Reception
from appliance.store.changes import SaveCall
from appliance.store.database import Store
from appliance.store.writer import Writer

OWNER = "+4915112345678"
ANNA = "+4917000000001"
BEN = "+4917000000002"
CALLER = "+491701234567"

SETTINGS = Settings(
    business=Business(owner_mobile=OWNER, name="Tischlerei Muster"),
    line=(Line(name="office", kind="gsm", forward_by=("transfer",)),),
    target=(Target(name="desk", number="+49301111111", brief=True), Target(name="anna", number=ANNA, brief=True),
            Target(name="ben", number=BEN)),
    plan=(Plan(name="open", chain=("desk",)), Plan(name="closed")),
    timetable=Timetable(otherwise="open", away="closed"),
    dial_plan=DialPlan("49"),
)  # fmt: skip


def with_messages(settings=SETTINGS, **how):
    return msgspec.structs.replace(settings, messages=msgspec.structs.replace(settings.messages, **how))


def with_roster(*shifts, settings=SETTINGS):
    roster = tuple(Shift(target=target, from_=begin, to=end) for target, begin, end in shifts)
    return msgspec.structs.replace(settings, roster=roster)


class FakeLine:
    """A line that sends, or has a call."""

    def __init__(self, name="office"):
        self.name, self.takes_texts, self.sent = name, True, []

    def perform(self, todo, now):
        assert all(isinstance(action, SendText) for action in todo)
        self.sent += todo

    @property
    def texts(self):
        """(number, text) of each that was handed over."""
        return [(action.to, action.text) for action in self.sent]


class FakeNotifier:
    """A way over the network: `answers` are the outcomes to come, then all is well."""

    def __init__(self):
        self.sent, self.answers, self.under_way, self.stopped = [], [], None, False
        self.server_there, self.may_leave = True, False

    @property
    def busy(self):
        return self.under_way is not None

    def start(self, message, ways, now):
        self.under_way, self.may_leave = message, False

    def leaving(self):
        return self.under_way.uid if self.under_way and self.server_there and not self.may_leave else None

    def go(self, now):
        self.may_leave = True
        self.sent.append((self.under_way.channel, self.under_way.to, self.under_way.text))

    def poll(self, now):
        if not self.may_leave:
            return None
        message, self.under_way, self.may_leave = self.under_way, None, False
        ok, final, error, *unknown = self.answers.pop(0) if self.answers else (True, True, "")
        return Outcome(message.uid, ok, final, error, *unknown)

    def stop(self, wait):
        outcome = self.poll(0.0)
        self.under_way, self.stopped = None, True
        return outcome


class House:
    """Everything about texts, from a time on. `run(seconds)` lets time pass; what is sent arrives at once."""

    def __init__(self, folder, wall, settings=SETTINGS):
        self.folder, self.wall, self.now, self.settings = folder, wall, 1000.0, settings
        self.sent = wall
        self.line, self.notifier = FakeLine(), FakeNotifier()
        self.arrives, self.reference = True, None
        self.start()

    def start(self):
        self.store = Store.open(self.folder, create=True)
        self.writer = Writer(self.store)
        self.courier = Courier(self.writer, self.store)
        self.network = NetworkCourier(self.writer, Words(self.folder), self.notifier)
        self.postroom = PostRoom(self.store, self.writer, self.courier, self.network)
        self.reception = Reception(self.store, self.writer, self.postroom)
        self.postroom.settings_changed(self.settings, self.now, self.wall)
        self.courier.load(self.store.unfinished(), self.now, self.wall)
        self.network.load(self.store.unfinished(), self.now, self.wall)

    def restart(self, after=None):
        """As after kill -9; `after`: how long it took."""
        self.store.close()
        if after:
            self.wall += after
        self.now = 5.0
        self.start()

    def change(self, settings):
        self.settings = settings
        self.postroom.settings_changed(settings, self.now, self.wall)

    def run(self, seconds=1.0, step=1.0):
        for _ in range(max(round(seconds / step), 1)):
            self.now += step
            self.wall += timedelta(seconds=step)
            self.turn()

    def turn(self):
        self.postroom.tick(self.now, self.wall)
        self.network.work(self.now, self.wall)
        while True:
            before = len(self.line.sent)
            self.courier.work(self.line, self.now, self.wall)
            self.writer.flush(self.now)
            if len(self.line.sent) == before or not self.arrives:
                break
            self.courier.on_event(events.TextLeaving("office", self.line.sent[-1].uid), self.now, self.wall)
            self.courier.on_event(
                events.TextSent("office", self.line.sent[-1].uid, self.reference), self.now, self.wall
            )
        self.writer.flush(self.now)

    def miss(self, caller=CALLER, outcome="missed", **how):
        record = CallRecord(
            self.store.next_call_id(), "office", self.wall, caller=caller, ended_at=self.wall, rings=2,
            outcome=outcome, reason="gave_up_ringing", **how,
        )  # fmt: skip
        self.writer.add(SaveCall(record))
        self.postroom.call_ended(record, self.now, self.wall)
        self.turn()
        return record

    def receive(self, sender, text, sent_at=None):
        self.sent = max(self.sent + timedelta(seconds=1), self.wall)  # centres stamp no two texts alike
        received = Received("office", sender, text, sent_at or self.sent, self.wall)
        effects = self.reception.on_received(received, lambda: Situation("open", None, ()), self.now, self.wall)
        self.turn()
        return effects

    def to(self, number):
        """The texts one number got."""
        return [text for to, text in self.line.texts if to == number]

    def on_duty(self):
        return self.postroom.duty.on_duty(self.settings, self.wall)
