"""A call played by hand: a line's events in, actions out, on a clock of its own."""

from datetime import UTC, datetime

from appliance.core import actions, events
from appliance.core.call import Call
from appliance.core.plan import Decision
from appliance.core.records import CallRecord
from appliance.core.settings import Target
from appliance.core.sound import Sounds

AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
DESK = Target(name="desk", number="+49301111111", ring_seconds=20)
ANNA = Target(name="anna", number="+491711111111", ring_seconds=5)
L = "office"
SOUNDS = Sounds("announce.wav", "voicemail.wav", "hold", "confirm.wav", "messages/1.wav", 60.0)


def decision(chain=(DESK, ANNA), rings=2, blocked=None):
    if blocked:
        return Decision(None, "blocked", "caller[0]", None, (), None, blocked)
    return Decision("open", "otherwise", "timetable.otherwise", rings, tuple(chain), "hang-up")


class Play:
    """Events in, actions out, on a clock of its own."""

    def __init__(self, methods=("transfer", "conference"), max_seconds=3600.0, sounds=None, **how):
        self.now = 100.0
        more = {name: how.pop(name) for name in ("mailbox", "set_up_seconds") if name in how}
        self.decision = decision(**how)
        record = CallRecord(1, L, AT)
        self.sounds = sounds
        self.call = Call(
            record, methods, lambda *_: self.decision, max_seconds, self.now, AT, lambda: self.sounds, **more
        )

    def __call__(self, event):
        return self.call.handle(event, self.now, AT)

    def wait(self, seconds):
        self.now += seconds
        return self.call.tick(self.now, AT)

    def rings(self, count):
        return [action for _ in range(count) for action in self(events.Ring(L))]

    def to_target(self):
        assert self.rings(2) == [actions.Answer()]
        assert self(events.Answered(L)) == [actions.Dial(DESK.number, 20)]
        return self

    @property
    def outcome(self):
        return self.call.record.outcome, self.call.record.reason

    @property
    def results(self):
        return [(one.target, one.method, one.result) for one in self.call.record.attempts]


def gone(result="busy"):
    return events.TargetGone(L, result, "")


def left():
    return events.CallerGone(L, "hung up")
