"""An analog line on a bench: a tiny modem that answers by a table, a studio told what to say, a clock."""

from __future__ import annotations

from collections import deque

from appliance.core import actions, events
from appliance.core.numbers import DialPlan
from appliance.core.settings import Site
from appliance.core.sound import Close, Heard, Open, StreamEnded, StreamOpened
from appliance.lines.analog import AnalogLine
from appliance.lines.analog_call import TAKEN_FOR_LEAST
from appliance.lines.analog_facts import AnalogConfig

GERMANY = DialPlan(country_code="49")
CONEXANT = {
    "AT+GMI": "CONEXANT",
    "AT+GMM": "V90",
    "ATI0": "56000",
    "ATI3": "CX93001-EIS_V0.2013-V92",
    "AT-STE?": "-STE: 7",
    "AT+VCID?": "1",
    "AT+FCLASS=?": "0,1,1.0,2,8",
    "AT+VSM=?": '0,"SIGNED PCM",8,0,8000,0,0\r\n1,"UNSIGNED PCM",8,0,8000,0,0\r\n131,"Mu-Law",8,0,8000,0,0',
    "AT+VLS=?": '0,"",B0000000,B0000000,B0000000\r\n1,"T",0BC01800,0BC01800,0BC01800',
    "AT+VSM?": "1,8000,0,0",
}
USR = {
    "AT+GMI": "U.S. Robotics",
    "ATI3": "U.S. Robotics 56K FAX USB V1.2.23",
    "AT-STE=7": ("ERROR",),
    "AT+FCLASS=?": "0,1,2.0,8",
    "AT+VSM=?": '128,"8-BIT LINEAR",(7200,8000,11025)\r\n129,"16-BIT LINEAR",(7200,8000,11025)',
    "AT+VLS=?": '0,"",B0\r\n1,"T",0B',
    "AT+VSM?": "128,8000",
}
NO_VOICE = {"AT+FCLASS=?": "0,1,2", "AT+FCLASS=8": ("ERROR",), "AT+GMI": "ACME"}


class Bench:
    """`says`: command → its information text, or a tuple of just the result. `sent`: every command in order.

    `slow`: command → seconds until it is answered; whatever comes meanwhile is answered after it.
    """

    def __init__(self, says=CONEXANT, site=Site(), start=True, told=(), slow=None, **config):  # noqa: B008 - frozen
        self.says = dict(says)
        self.slow = dict(slow or {})
        self._answers = deque()
        self.now = 100.0
        self.line = AnalogLine(AnalogConfig("shop", GERMANY, site=site, **config), told)
        self.sent: list[str] = []
        self.raw = b""
        self.events: list[events.LineEvent] = []
        self.wishes = []
        self.stream = None
        self.silent = False
        if start:
            self.line.port_opened(self.now)
            self.settle()
            self.run(2.0)
            self.sent.clear()
            self.take()

    # --- the modem -------------------------------------------------------------------------------

    def settle(self):
        """Answer until nobody has anything to say."""
        while True:
            self._carry()
            data = self.line.data_to_send()
            self.raw += data
            if not data:
                break
            for text in data.decode("latin-1").split("\r"):
                if text.startswith("AT"):
                    self._answer(text)

    def _answer(self, text):
        self.sent.append(text)
        if self.silent:
            return
        answer = self.says.get(text, ("OK",) if text not in ("AT+VTR", "AT+VTX", "AT+VRX") else ("CONNECT",))
        answer = answer() if callable(answer) else answer
        if answer is None:
            return
        lines = answer if isinstance(answer, tuple) else (answer, "OK")
        data = "".join(f"\r\n{line}\r\n" for line in lines).encode("latin-1")
        if text in self.slow or self._answers:
            begins = self._answers[-1][0] if self._answers else self.now
            self._answers.append((begins + self.slow.get(text, 0.0), data))
        else:
            self.say(data, settle=False)

    def say(self, data, settle=True):
        self.line.receive(data, self.now)
        if settle:
            self.settle()

    def ring(self, times=1, every=5.0):
        for count in range(times):
            if count:
                self.run(every)
            self.say(b"\r\nRING\r\n")

    # --- the studio ------------------------------------------------------------------------------

    def _carry(self):
        for wish in self.line.take_wishes():
            self.wishes.append(wish)
            if isinstance(wish, Open):
                assert self.stream is None
                self.stream = wish.stream
                self.line.hear(StreamOpened(), self.now)
            elif isinstance(wish, Close) and self.stream:
                self.end_stream()
        self._take()

    def end_stream(self, reason="asked", rest=b"\r\nOK\r\n"):
        self.stream = None
        self.line.hear(StreamEnded(reason, rest), self.now)

    def hear(self, event, settle=True):
        assert self.stream, "nobody can hear anything"
        self.line.hear(event, self.now)
        if settle:
            self.settle()

    def tone(self, sound, count=1, seconds=0.0, digit=""):
        self.hear(Heard(sound, count, seconds, digit))

    # --- time and the core -----------------------------------------------------------------------

    def run(self, seconds):
        """Let time pass, tick by tick, as the line asks for it."""
        until = self.now + seconds
        while True:
            self.settle()
            due = self.line.deadline()
            if self._answers and self._answers[0][0] <= min(until, due or until):
                due, data = self._answers.popleft()
                self.now = max(self.now, due)
                self.say(data)
                continue
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.line.tick(self.now)
        self.now = until
        self.settle()

    def do(self, action):
        self.line.perform(action, self.now)
        self.settle()

    def _take(self):
        self.events += self.line.take_events()

    def commands(self):
        """What was sent, without signs of life."""
        return [text for text in self.sent if text != "AT"]

    def take(self):
        """The events since, without those that only say that something has changed."""
        self._take()
        taken, self.events = self.events, []
        return [event for event in taken if not isinstance(event, events.LineChanged)]

    def answered(self):
        """Ring, lift, and the exchange has seen it."""
        self.ring()
        self.do(actions.Answer())
        self.run(TAKEN_FOR_LEAST)
        self.take()
        self.sent.clear()


def kinds(taken):
    return [type(event).__name__ for event in taken]


# --- on the way to a target ----------------------------------------------------------------------

TARGET = "+49301111111"
DIGITS = "AT+VTS=0,3,0,1,1,1,1,1,1,1"


def consulting(bench, number=TARGET):
    """Lifted, the caller heard, flashed, the dial tone heard, dialled."""
    bench.answered()
    bench.do(actions.Dial(number, 25.0))
    bench.tone("silence", seconds=1.0)
    bench.tone("dial", seconds=1.3)
    return bench


def ringing(bench):
    consulting(bench)
    bench.run(2.0)
    bench.tone("ringback")
    return bench


def talking(bench):
    ringing(bench)
    bench.run(4.0)
    bench.tone("voice", seconds=0.3)
    return bench
