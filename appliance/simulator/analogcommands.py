"""The commands of an analog modem: V.250, V.253, and what Conexant and U.S. Robotics add."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.simulator import analogdial
from appliance.simulator.analogsettings import AnalogSettings
from appliance.simulator.atline import Command
from appliance.simulator.registry import ERROR, WAITING, Answer, Outcome, ok
from appliance.simulator.sounds import Tone

if TYPE_CHECKING:
    from appliance.simulator.analog import AnalogModem

Handler = Callable[["AnalogModem", Command], Outcome]
CONNECT = Answer(final="CONNECT")
IN_USE = Answer(final="LINE-IN-USE")
ANSWER_TONE = 2100.0
"""V.25: what an answering data modem sends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`voice`: only where there is a voice mode. `only`: the family that has it."""

    run: Handler
    voice: bool = False
    only: str = ""


TABLE: dict[str, Entry] = {}


def handles(*names: str, voice: bool = False, only: str = "") -> Callable[[Handler], Handler]:
    """Enter a function into the table under these command names."""

    def enter(function: Handler) -> Handler:
        for name in names:
            TABLE[name] = Entry(function, voice, only)
        return function

    return enter


# --- V.250 -----------------------------------------------------------------------------------------


@handles("AT", "V", "Q", "L", "M", "B", "N", "W", "T", "P", "&C", "&D", "&K", "&W", "&S", "&R", "&H", "&A", "&B", "&M")
@handles("+IFC", "+IPR", "+ICF", "+ES", "+DS", "+MS", "+ER", "+DR", "+ILRR", "%C", "\\N")
def accepted(modem: AnalogModem, command: Command) -> Outcome:
    """Commands that change nothing here."""
    return ok()


@handles("E")
def echo(modem: AnalogModem, command: Command) -> Outcome:
    """ATE0, ATE1."""
    modem.settings.echo = command.text == "1"
    return ok()


@handles("X")
def result_level(modem: AnalogModem, command: Command) -> Outcome:
    """ATX: whether dial tone is waited for and busy is told."""
    modem.settings.result_level = command.number(0, 0)
    return ok() if modem.settings.result_level <= 4 else ERROR


@handles("Z", "&F")
def reset(modem: AnalogModem, command: Command) -> Outcome:
    """On-hook, and every setting as out of the box."""
    echo_on = modem.settings.echo
    modem.hang_up()
    modem.settings = AnalogSettings.of(modem.family)
    modem.settings.echo = True if command.name == "&F" else echo_on
    return ok()


@handles("I")
def identity(modem: AnalogModem, command: Command) -> Outcome:
    """ATI0 and ATI3."""
    return ok(modem.family.identity if command.number(0, 0) == 0 else f"{modem.family.model} {modem.family.revision}")


@handles("+GMI", "+FMI")
def manufacturer(modem: AnalogModem, command: Command) -> Outcome:
    """V.250 6.1.4."""
    return ok(modem.family.manufacturer)


@handles("+GMM", "+FMM")
def model(modem: AnalogModem, command: Command) -> Outcome:
    """V.250 6.1.5."""
    return ok(modem.family.model)


@handles("+GMR", "+FMR")
def revision(modem: AnalogModem, command: Command) -> Outcome:
    """V.250 6.1.6."""
    return ok(modem.family.revision)


@handles("+GCAP")
def capabilities(modem: AnalogModem, command: Command) -> Outcome:
    """V.250 6.1.9; a GSM module would say +CGSM."""
    return ok("+GCAP: +FCLASS,+V,+MS,+ES,+DS" if modem.family.voice else "+GCAP: +FCLASS,+MS,+ES,+DS")


@handles("+GCI")
def country(modem: AnalogModem, command: Command) -> Outcome:
    """V.250 6.1.10: T.35 country code, hexadecimal; 42 is Germany."""
    if command.form == "read":
        return ok(f"+GCI: {modem.settings.country}")
    if command.form == "test":
        return ok("+GCI: (00,04,09,3D,42,59,B4,B5)")
    if command.form != "set" or not re.fullmatch(r"[0-9A-Fa-f]{2}", command.text):
        return ERROR
    modem.settings.country = command.text.upper()
    return ok()


@handles(*(f"S{number}" for number in (*range(13), 29, 30)))
def register(modem: AnalogModem, command: Command) -> Outcome:
    """S registers."""
    number = int(command.name[1:])
    if command.form == "read":
        return ok(f"{modem.settings.registers[number]:03}")
    if command.form != "set" or not command.text:
        return ERROR
    if number != 1:
        modem.settings.registers[number] = min(255, int(command.text))
    return ok()


@handles("A")
def answer(modem: AnalogModem, command: Command) -> Outcome:
    """ATA: in voice mode the line is simply taken; in data mode a carrier is asked for, in vain."""
    if modem.blocked:
        return IN_USE
    modem.lift()
    if modem.settings.fclass == 8:
        modem.settings.source = modem.family.line
        return Answer(final=modem.family.answer_word)
    modem.voice.play_tones([Tone((ANSWER_TONE,), -12.0, modem.now + 1.8, 3.3)])

    def no_carrier() -> None:
        modem.hang_up()
        modem.finish(Answer(final="NO CARRIER"))

    modem.on_abort = no_carrier
    modem.later(modem.settings.registers[7], modem.unless_done(no_carrier))
    return WAITING


@handles("D")
def dial(modem: AnalogModem, command: Command) -> Outcome:
    """ATD with T, P, W, comma, !, @ and a closing semicolon."""
    if modem.blocked:
        return IN_USE
    analogdial.Dialling(modem, command.text)
    return WAITING


@handles("H")
def hook(modem: AnalogModem, command: Command) -> Outcome:
    """ATH0 on-hook, ATH1 off-hook."""
    if command.number(0, 0) == 1:
        if modem.blocked:
            return IN_USE
        modem.lift()
        return ok()
    modem.hang_up()
    modem.settings.source = 0
    if modem.family.hangup_leaves_voice:
        modem.settings.fclass = 0
    return ok()


@handles("-STE", only="conexant")
def extension(modem: AnalogModem, command: Command) -> Outcome:
    """Conexant: line in use, extension pickup, remote hang-up."""
    if command.form == "read":
        return ok(f"-STE: {modem.settings.extension}")
    if command.form == "test":
        return ok("-STE: 0-7")
    if (wanted := command.number(0, 0)) not in range(8):
        return ERROR
    modem.settings.extension = wanted
    return ok()


# --- classes and caller ID -------------------------------------------------------------------------


@handles("+FCLASS")
def service_class(modem: AnalogModem, command: Command) -> Outcome:
    """T.31 and V.253: 0 data, 1 and 2 fax, 8 voice."""
    if command.form == "read":
        return ok(str(modem.settings.fclass))
    if command.form == "test":
        return ok(modem.family.fclass)
    wanted = command.text.strip()
    if wanted not in re.split(r"[(),]+", modem.family.fclass):
        return ERROR
    modem.settings.fclass = int(float(wanted))
    return ok()


@handles("+VCID", "#CID")
def caller_id(modem: AnalogModem, command: Command) -> Outcome:
    """V.253 10.2.3: 0 off, 1 formatted, 2 raw."""
    if command.form == "read":
        return ok(f"+VCID: {modem.settings.caller_id}")
    if command.form == "test":
        return ok("+VCID: (0-2)" if modem.family.name != "usr" else "(0-2)")
    if (wanted := command.number(0, 0)) not in range(3):
        return ERROR
    modem.settings.caller_id = wanted
    return ok()


# --- voice -----------------------------------------------------------------------------------------


@handles("+VSM", voice=True)
def coding(modem: AnalogModem, command: Command) -> Outcome:
    """How sound is written. Numbers are the family's own: what is meant stands in the text of the list."""
    settings, family = modem.settings, modem.family
    if command.form == "test":
        return ok(*family.vsm)
    if command.form == "read":
        return ok(f"{settings.coding},{settings.rate},0,0")
    number, rate = command.number(0, -1), command.number(1, 8000)
    if number not in family.codings or rate not in family.rates:
        return ERROR
    settings.coding, settings.rate = number, rate
    return ok()


@handles("+VLS", voice=True)
def source(modem: AnalogModem, command: Command) -> Outcome:
    """Where sound comes from and goes to; anything with the telephone line lifts, 0 hangs up."""
    settings, family = modem.settings, modem.family
    if command.form == "test":
        return ok(*family.vls)
    if command.form == "read":
        return ok(str(settings.source))
    labels = {int(m[1]): m[2] for entry in family.vls if (m := re.search(r'(\d+),"(\w*)"', entry))}
    wanted = command.number(0, -1)
    if settings.fclass != 8 or wanted not in labels:
        return ERROR
    if "T" in labels[wanted]:
        if modem.blocked:
            return IN_USE
        modem.lift()
    else:
        modem.hang_up()
    settings.source = wanted
    return Answer(final=family.lift_word) if wanted else ok()


def _stream(modem: AnalogModem, sends: bool, receives: bool) -> Outcome:
    if modem.settings.fclass != 8 or not modem.off_hook or modem.settings.source != modem.family.line:
        return ERROR
    modem.voice.begin_stream(sends, receives)
    return CONNECT


@handles("+VTX", voice=True)
def transmit(modem: AnalogModem, command: Command) -> Outcome:
    """Play."""
    return ok() if command.form == "test" else _stream(modem, True, False)


@handles("+VRX", voice=True)
def receive(modem: AnalogModem, command: Command) -> Outcome:
    """Record."""
    return ok() if command.form == "test" else _stream(modem, False, True)


@handles("+VTR", voice=True)
def duplex(modem: AnalogModem, command: Command) -> Outcome:
    """Both at once, where the chip can."""
    if not modem.family.duplex:
        return ERROR
    return ok() if command.form == "test" else _stream(modem, True, True)


@handles("+VTS", voice=True)
def tones(modem: AnalogModem, command: Command) -> Outcome:
    """Digits, tones and flashes; OK when the last one is over."""
    if command.form == "test":
        return ok("(200-3200),(200-3200),(0-500)")
    if modem.settings.fclass != 8 or not modem.off_hook:
        return ERROR
    seconds = analogdial.send_tones(modem, command.text)
    modem.later(seconds, modem.unless_done(lambda: modem.finish(ok())))
    return WAITING


def _number(attribute: str, least: int, most: int) -> Handler:
    def run(modem: AnalogModem, command: Command) -> Outcome:
        if command.form == "test":
            return ok(f"({least}-{most})")
        if command.form == "read":
            return ok(f"{getattr(modem.settings, attribute)}")
        if (wanted := command.number(0, -1)) not in range(least, most + 1):
            return ERROR
        setattr(modem.settings, attribute, wanted)
        return ok()

    return run


handles("+VGT", voice=True)(_number("transmit_gain", 0, 255))
handles("+VGR", voice=True)(_number("receive_gain", 0, 255))
handles("+VIT", voice=True)(_number("inactivity", 0, 255))
handles("+VTD", voice=True)(_number("tone_time", 0, 255))
handles("+VRA", voice=True)(_number("ringback_gone", 0, 255))
handles("+VRN", voice=True)(_number("ringback_never", 0, 255))


@handles("+VSD", voice=True)
def silence(modem: AnalogModem, command: Command) -> Outcome:
    """Silence detection: sensitivity, and tenths of a second."""
    if command.form == "test":
        return ok("(0-255),(0-255)")
    if command.form == "read":
        return ok(f"{modem.settings.sensitivity},{round(modem.settings.silence * 10)}")
    modem.settings.sensitivity, modem.settings.silence = command.number(0, 128), command.number(1, 50) / 10
    return ok()


@handles("+VNH", "+VDR", "+VEM", "+VGM", "+VGS", "+VPR", "+VDID", "+VBT", "+VSP", "+VIP", "+VLT", voice=True)
def remembered(modem: AnalogModem, command: Command) -> Outcome:
    """Voice commands that are only remembered."""
    if command.form == "read":
        return ok(modem.settings.values.get(command.name, "0"))
    modem.settings.values[command.name] = command.text
    return ok()
