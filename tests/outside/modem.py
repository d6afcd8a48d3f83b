"""A GSM module on a pseudo-terminal, in real time, written from V.250, 3GPP TS 27.007 and 27.005.

It imports nothing of the program it tests. A thread serves the terminal; everything public may be called from a test.
Echo is on after start, CLIP is off, text mode is on: a program that relies on the opposite has to ask for it.
What differs between makes of modules is in `Make`; a single misbehaviour is given with `Modem.when`.
"""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import pdu
from .box import now
from .calls import WAITING, Answer, Exchange, Make

# what a terse module knows; to all else it answers ERROR
NEEDED = {"A", "D", "E", "H", "+CHUP", "+CLCC", "+CHLD", "+CLIP", "+CMGF", "+CMGS", "+CPIN", "+CREG", "+COPS", "+CSQ",
          "+CCFC", "+CMEE"}  # fmt: skip
# what any module knows and nothing here depends on: the lines before OK
FIXED = {"+CGMR": "1.0", "+CGMM": "M1", "+CGSN": "350000000000001", "+CIMI": "262010000000001", "+CSMS": "",
         "+CMUT": "", "+CRC": "", "+COLP": "", "+CNUM": "", "+CLIR": "", "+CFUN": "+CFUN: 1", "+CSCS": '+CSCS: "GSM"',
         "+CSCA": '+CSCA: "+491710760000",145'}  # fmt: skip
VERBOSE = {3: "operation not allowed", 10: "SIM not inserted", 11: "SIM PIN required", 12: "SIM PUK required",
           16: "incorrect password", 30: "no network service"}  # fmt: skip


class Modem(Exchange):
    def __init__(self, link: Path, make: Make | None = None, **state):
        super().__init__(link, make or Make())
        self.commands: list[tuple[float, str]] = []
        self.violations: list[str] = []
        self.pdus: list[tuple[float, int, str]] = []  # moment of Ctrl-Z, length, hex
        self.hooks: list[list] = []
        self.carried_out = ""
        self.diversions: dict[int, tuple[str, int, str]] = {}  # reason: number, type, time
        self.divert_lie, self.swallow, self.hung = False, False, False
        self.stored: dict[int, list] = {}  # texts on the SIM: status as +CMGL numbers it, length, hex
        self.ussd: dict[str, list[str]] = {}  # code: lines that come after the OK
        self.pin, self.pin_left, self.sim = "1234", 3, "READY"
        self.waiting_on, self.sms_after, self.ccfc_after = True, 0.3, 0.3
        self.signal, self.creg, self.operator = 18, 1, "Muster Mobil"
        for name, value in state.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.plug()
        self.start()

    def power_on(self) -> None:
        self.echo, self.clip, self.cmee, self.cmgf, self.ccwa, self.busy = True, False, 0, 1, False, False
        self.line, self.backlog, self.prompt, self.in_reply = b"", [], None, b""
        self.cnmi = [0, 0, 0, 0, 0]
        self.hung, self.timers, self.held_back = False, [], None

    def plug(self) -> None:
        with self.lock:
            self.power_on()
            super().plug()

    def unplug(self) -> None:
        with self.lock:
            self.lose("unplugged")
            super().unplug()

    def reboot(self, *lines: str) -> None:
        with self.lock:
            self.lose("reboot")
            self.power_on()
            self.urc(*lines)

    def lose(self, end: str) -> None:
        for call in list(self.calls):
            self.drop(call, end)

    # --- bytes ---

    def send(self, data: bytes, logged: bool = True) -> None:
        if not self.hung:
            super().send(data, logged)

    def take(self, data: bytes) -> None:
        if self.hung:
            return
        for at in range(len(data)):
            byte = data[at : at + 1]
            if self.prompt is not None:
                self.take_text(byte)
                continue
            if at == 0 and self.busy and data.strip(b"\r\n\x1b") and not self.carried_out.startswith("AT+CCFC"):
                # a question to the network may take 30 s; a call may cut that short, and nothing else
                self.violations.append(f"{data!r} while {self.carried_out} was being carried out")
            if self.echo:
                self.send(byte, logged=False)
            if byte == b"\r":
                line, self.line = self.line, b""
                start = line.upper().find(b"AT")
                if start >= 0:
                    self.backlog.append(line[start:].decode("latin-1").strip())
                    self.next_command()
            elif byte != b"\n":
                self.line += byte

    def take_text(self, byte: bytes) -> None:
        length, text = self.prompt
        if byte == b"\x1b":
            self.prompt = None
            self.reply(["OK"])
        elif byte == b"\x1a" and not self.swallow:
            self.prompt = None
            self.pdus.append((time.monotonic(), length, text.decode()))
            self.finish_text()
        elif byte == b"\x1a" or byte in b"0123456789ABCDEFabcdef":
            self.prompt = (length, text + byte)
        else:
            self.violations.append(f"{byte!r} inside the text prompt") if byte not in b"\r\n" else None

    def finish_text(self) -> None:
        answer = self.hooked("<PDU>")
        reference = f"+CMGS: {len(self.pdus) % 256}"
        lines = [reference, "OK"] if answer is None else list(answer)
        self.later(self.sms_after, lambda: self.urc(*lines) if lines else None)

    # --- commands ---

    def when(self, prefix: str, answer: Callable[[str], Answer] | Sequence[str], times: int = 1) -> None:
        """The next `times` commands that begin so get this answer; "<PDU>" is the end of a text."""
        self.hooks.append([prefix, answer, times])

    def hooked(self, command: str) -> Answer:
        for hook in self.hooks:
            if hook[2] and command.upper().startswith(hook[0]):
                hook[2] -= 1
                return hook[1](command) if callable(hook[1]) else hook[1]
        return None

    def next_command(self) -> None:
        if self.busy or not self.backlog:
            return
        command = self.backlog.pop(0)
        self.commands.append((time.monotonic(), command))
        self.busy, self.carried_out = True, command
        answer = self.hooked(command)
        if answer is None:
            answer = self.carry_out(command)
        if answer is not None:
            self.reply(list(answer))

    def reply(self, lines: list[str], after: float | None = None) -> None:
        def done() -> None:
            self.busy = False
            if lines:
                *info, final = lines
                between, self.in_reply = (self.in_reply, b"") if info else (b"", self.in_reply)
                text = "".join(f"\r\n{line}\r\n" for line in info).encode("latin-1")
                self.send(text + between + f"\r\n{final}\r\n".encode("latin-1"))
            self.next_command()

        self.busy = True
        self.later(self.make.latency if after is None else after, done)

    def carry_out(self, command: str) -> Answer:
        body = command[2:].strip()
        if body[:1] in "DA" or body[:1] in "da":
            return self.dial(body[1:]) if body[:1] in "Dd" and body else self.answer() if body else ["OK"]
        lines: list[str] = []
        basic = r"&?[A-Z]\d*(?:=\d*|\?)?" if body[:1].isalpha() or body[:1] == "&" else r'(?:"[^"]*"|[^;"])+'
        for part in re.findall(basic, body, re.IGNORECASE):
            reply = self.one(part.strip())
            if reply is None:
                return None
            lines += reply[:-1]
            if reply[-1] != "OK":
                return [reply[-1]]
        return [*lines, "OK"]

    def one(self, part: str) -> Answer:
        found = re.fullmatch(r"([+^$*#%&\\]?[A-Z]+?)(\d*)(?:(=\?|=|\?)(.*))?", part, re.IGNORECASE)
        if not found:
            return self.error(100)
        name, digits, op, rest = found[1].upper(), found[2], found[3] or "", found[4] or ""
        if self.make.terse and (name not in NEEDED or op == "=?" or (op == "=" and name in ("+CREG", "+COPS"))):
            return ["ERROR"]
        handler = getattr(self, "do_" + name.strip("+&").lower(), None)
        if not handler and name in FIXED:
            return [FIXED[name], "OK"] if FIXED[name] and op != "=" else ["OK"]
        if not handler and name[0] != "+":
            return ["OK"] if len(name.strip("&\\")) == 1 else ["ERROR"]
        if self.sim != "READY" and name in ("+CLCC", "+CHLD", "+CCFC", "+CMGS", "+CTFR", "+CREG", "+COPS"):
            return self.error(12 if self.sim == "SIM PUK" else 11)
        return handler(op, rest or digits) if handler else self.error(100)

    def error(self, code: int) -> list[str]:
        if self.cmee == 2:
            return [f"+CME ERROR: {VERBOSE.get(code, 'unknown')}"]
        return [f"+CME ERROR: {code}"] if self.cmee else ["ERROR"]

    def setting(self, name: str, op: str, arg: str) -> list[str]:
        if op == "=?":
            return [f"+{name.upper()}: (0,1)", "OK"]
        if op == "?":
            return [f"+{name.upper()}: {int(getattr(self, name))}", "OK"]
        setattr(self, name, int(arg.split(",")[0] or 0))
        return ["OK"]

    def do_e(self, op: str, arg: str) -> list[str]:
        self.echo = arg not in ("", "0")
        return ["OK"]

    def do_h(self, op: str, arg: str) -> list[str]:
        for call in [call for call in self.calls if call.stat != WAITING]:
            self.drop(call, "local")
        return ["OK"]

    def do_z(self, op: str, arg: str) -> list[str]:
        self.echo, self.clip, self.cmee, self.ccwa = True, False, 0, False
        return ["OK"]

    do_f = do_z

    def do_cmee(self, op: str, arg: str) -> list[str]:
        return self.setting("cmee", op, arg)

    def do_clip(self, op: str, arg: str) -> list[str]:
        return [f"+CLIP: {int(self.clip)},1", "OK"] if op == "?" else self.setting("clip", op, arg)

    def do_cmgf(self, op: str, arg: str) -> list[str]:
        return self.setting("cmgf", op, arg)

    def do_cgmi(self, op: str, arg: str) -> list[str]:
        return [self.make.name, "OK"]

    def do_i(self, op: str, arg: str) -> list[str]:
        return ["Manufacturer: " + self.make.name, "Model: M1", "Revision: 1.0", "OK"]

    def do_csq(self, op: str, arg: str) -> list[str]:
        return [f"+CSQ: {self.signal},99", "OK"] if op == "" else ["OK"]

    def do_creg(self, op: str, arg: str) -> list[str]:
        return [f"+CREG: 0,{self.creg}", "OK"] if op == "?" else ["OK"]

    def do_cops(self, op: str, arg: str) -> list[str]:
        operator = f',0,"{self.operator}"' if self.creg in (1, 5) else ""
        return [f"+COPS: 0{operator}", "OK"] if op == "?" else ["OK"]

    def do_cpin(self, op: str, arg: str) -> list[str]:
        if op == "?":
            return [f"+CPIN: {self.sim}", "OK"] if self.sim != "NONE" else self.error(10)
        if self.sim != "SIM PIN" or not self.pin_left:
            return self.error(3)
        if arg.strip('"') != self.pin:
            self.pin_left -= 1
            self.sim = "SIM PIN" if self.pin_left else "SIM PUK"
            return self.error(16)
        self.sim, self.pin_left = "READY", 3
        return ["OK"]

    def do_cpinr(self, op: str, arg: str) -> list[str]:
        return [f"+CPINR: SIM PIN,{self.pin_left},3", "+CPINR: SIM PUK,10,10", "OK"]

    def do_ccwa(self, op: str, arg: str) -> list[str]:
        fields = arg.split(",")
        if op == "=":
            self.ccwa = fields[0] == "1"
            if len(fields) > 1 and fields[1] in "01":
                self.waiting_on = fields[1] == "1"
            elif len(fields) > 1:
                return [f"+CCWA: {int(self.waiting_on)},1", "OK"]
        return ["OK"]

    def do_ccfc(self, op: str, arg: str) -> Answer:
        if op == "=?":
            return ["+CCFC: (0-5)", "OK"]
        reason, mode, *rest = arg.split(",")

        def act() -> Answer:
            at = int(reason)
            if mode == "2":
                if at not in self.diversions:
                    return ["+CCFC: 0,7", "OK"]
                number, kind, seconds = self.diversions[at]
                return [f'+CCFC: 1,1,"{number}",{kind}' + (f",,,{seconds}" if seconds else ""), "OK"]
            if mode == "3" and not self.divert_lie:
                seconds = rest[5] if len(rest) > 5 else "20" if at == 2 else ""
                self.diversions[at] = (rest[0].strip('"'), int(rest[1] or 129), seconds)
            elif mode in "04":
                self.diversions.pop(at, None)
            return ["OK"]

        self.slowly(self.ccfc_after, act)
        return None

    def do_cmgs(self, op: str, arg: str) -> Answer:
        if op != "=" or self.cmgf or not arg.isdigit():
            return ["OK"] if op == "=?" else ["+CMS ERROR: 304"]

        def ask() -> None:
            self.busy, self.prompt = False, (int(arg), b"")
            self.send(b"\r\n> ")

        self.later(self.make.latency, ask)
        return None

    # --- texts that come (27.005 3.4 and 4.1), and USSD (27.007 7.15) ---

    def text_in(self, sender: str, text: str, part: tuple[int, int, int] | None = None) -> None:
        """Somebody sends a text: it is shown, told or only stored, as AT+CNMI asked for."""
        self.arrived(self.cnmi[1], "CMT", "CMTI", *pdu.delivered(sender, text, now(), part))

    def report_in(self, nth: int = -1, status: int = 0) -> None:
        """The centre reports on the nth text that went out."""
        _, length, sent = self.pdus[nth]
        reference = (nth % len(self.pdus) + 1) % 256
        to = pdu.submitted(sent, length).to
        report = pdu.status_report(reference, to, status, now())
        self.arrived(self.cnmi[3], "CDS", "CDSI", *report)

    def arrived(self, how: int, shown: str, told: str, length: int, hexed: str) -> None:
        with self.lock:
            if how == (2 if shown == "CMT" else 1):
                head = f"+CMT: ,{length}" if shown == "CMT" else f"+CDS: {length}"
                self.send(f"\r\n{head}\r\n{hexed}\r\n".encode())
                return
            if shown == "CDS" and not how:
                return  # nobody wants it
            place = min(set(range(1, 100)) - set(self.stored))
            self.stored[place] = [0, length, hexed]
            if how:
                self.urc(f'+{told}: "SM",{place}')

    def do_cnmi(self, op: str, arg: str) -> list[str]:
        if op == "=":
            given = [int(field) if field else 0 for field in arg.split(",")]
            self.cnmi = given + self.cnmi[len(given) :]
        return [f"+CNMI: {','.join(map(str, self.cnmi))}", "OK"] if op == "?" else ["OK"]

    def do_cpms(self, op: str, arg: str) -> list[str]:
        count = f"{len(self.stored)},20"
        return [f"+CPMS: {count},{count},{count}" if op == "=" else f'+CPMS: "SM",{count}', "OK"]

    def do_cmgl(self, op: str, arg: str) -> list[str]:
        if op != "=" or self.cmgf:
            return ["OK"]
        lines = []
        for place, row in sorted(self.stored.items()):
            if int(arg) in (4, row[0]):
                lines += [f"+CMGL: {place},{row[0]},,{row[1]}\r\n{row[2]}"]
                row[0] = 1
        return [*lines, "OK"]

    def do_cmgr(self, op: str, arg: str) -> list[str]:
        row = self.stored.get(int(arg))
        if row is None or self.cmgf:
            return ["+CMS ERROR: 321"]
        status, row[0] = row[0], 1
        return [f"+CMGR: {status},,{row[1]}\r\n{row[2]}", "OK"]

    def do_cmgd(self, op: str, arg: str) -> list[str]:
        place, *flag = arg.split(",")
        if op == "=" and flag and flag[0] != "0":
            self.stored = {at: row for at, row in self.stored.items() if flag[0] != "4" and row[0] == 0}
        elif op == "=" and self.stored.pop(int(place), None) is None:
            return ["+CMS ERROR: 321"]
        return ["OK"]

    def do_cusd(self, op: str, arg: str) -> list[str]:
        found = re.match(r'[01],"([^"]*)"', arg)
        if op == "=" and found:
            lines = self.ussd.get(found[1], ["+CUSD: 4"])
            self.later(0.5, lambda: self.urc(*lines))
        return ["OK"]

    # --- what a test asks ---

    def sent(self, prefix: str, since: float = 0.0) -> list[float]:
        """The moments at which commands with this beginning arrived."""
        with self.lock:
            return [at for at, text in self.commands if at >= since and text.upper().startswith(prefix)]
