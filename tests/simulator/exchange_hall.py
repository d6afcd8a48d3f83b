"""An analog line with a modem, somebody who types at it, and somebody who calls."""

from appliance.simulator.analog import AnalogModem
from appliance.simulator.fast import FastWorld
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.phones import Target
from appliance.simulator.subscriberline import SubscriberLine

LINE, DESK, CALLER = "+498912345", "+49301111111", "+491701234567"
DESK_KEYS = "0301111111"


class Hall:
    """`type` a command; `voice` brings the line up in voice mode; `call` somebody calls and is answered."""

    def __init__(self, family="conexant", site="fritzbox", **options):
        self.world = FastWorld()
        self.exchange = self.world.exchange
        self.line = SubscriberLine(self.exchange, LINE, site)
        self.modem = self.world.add(AnalogModem(self.line, "modem", family, **options), "/dev/ttyACM0")
        self.phone = ParallelPhone(self.line)
        self.port = self.world.open("/dev/ttyACM0", 115200)
        self.desk = self.exchange.set_target(Target(DESK, after=4, talks_for=None))
        self.type("ATE0")
        self.type("AT+VCID=1")

    def raw(self):
        return self.port.read()

    def lines(self):
        return [line for line in self.raw().decode("latin-1").replace("\r", "\n").split("\n") if line]

    def type(self, command, wait=0.0):
        self.port.write(command.encode() + b"\r")
        return self.sleep(wait)

    def sleep(self, seconds):
        self.world.run_until(self.world.now() + seconds)
        return self.lines()

    def send(self, octets):
        """Sound to the modem, as fast as it takes it."""
        left = bytes(octets)
        while left:
            left = left[self.port.write(left) :]
            self.world.run_until(self.world.now() + 0.02)

    def ready(self, command="AT+VTR"):
        """Voice mode, off-hook, sound under way."""
        number = {"conexant": "1", "usr": "128", "v253": "6"}[self.modem.family.name]
        for line in (
            "AT+FCLASS=8",
            "AT-STE=7",
            f"AT+VSM={number},8000",
            "AT+VIT=0",
            f"AT+VLS={self.modem.family.line}",
        ):
            self.type(line)
        if command:
            assert self.type(command)[0].startswith("CONNECT")
        return self

    def call(self, command="AT+VTR", **how):
        """Somebody calls, the modem answers on the first ring."""
        how.setdefault("talks_for", None)
        phone = self.exchange.call(LINE, CALLER, **how)
        self.sleep(2)
        self.ready(command)
        assert phone.state == "talking"
        return phone

    def of(self, kind):
        return [str(entry) for entry in self.exchange.journal.of(kind)]
