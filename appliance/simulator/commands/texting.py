"""Texts, 27.005. PDU mode works; in text mode, which is on at first, listing and sending are not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.pdu import PduRefused, tpdu_length
from appliance.simulator.registry import ERROR, WAITING, Answer, Outcome, handles, ok

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule

NOT_ALLOWED, INVALID_PDU, INVALID_INDEX, MEMORY_FULL, NO_CENTRE, NO_NETWORK = 302, 304, 321, 322, 330, 331
"""+CMS ERROR, 27.005 3.2.5."""


def cms(code: int) -> Answer:
    """+CMS ERROR with a code."""
    return Answer(final=None, cms=code)


@handles("+CMGF")
def message_format(module: GsmModule, command: Command) -> Outcome:
    """27.005 3.2.3: 0 PDU, 1 text."""
    if command.form == "read":
        return ok(f"+CMGF: {int(not module.settings.pdu_mode)}")
    if command.form == "test":
        return ok("+CMGF: (0,1)")
    module.settings.pdu_mode = command.number(0, 0) == 0
    return ok()


@handles("+CSCA", card=True)
def centre(module: GsmModule, command: Command) -> Outcome:
    """27.005 3.3.1."""
    if command.form == "read":
        octet = 145 if module.service_centre.startswith("+") else 129
        return ok(f'+CSCA: "{module.service_centre}",{octet}')
    if command.form == "set":
        module.service_centre = command.arguments[0]
    return ok()


@handles("+CNMI")
def indications(module: GsmModule, command: Command) -> Outcome:
    """27.005 3.4.1: =mode,mt,bm,ds,bfr."""
    if command.form == "read":
        return ok("+CNMI: " + ",".join(str(value) for value in module.settings.cnmi))
    if command.form == "test":
        return ok("+CNMI: (0,1,2),(0,1,2),(0,2),(0,1),(0,1)")
    module.settings.cnmi = [command.number(position, old) for position, old in enumerate(module.settings.cnmi)]
    return ok()


@handles("+CPMS", card=True)
def storage(module: GsmModule, command: Command) -> Outcome:
    """27.005 3.2.2."""
    used, size = len(module.texts.texts), module.texts.size
    if command.form == "test":
        return ok('+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")')
    if command.form == "read":
        return ok("+CPMS: " + ",".join([f'"SM",{used},{size}'] * 3))
    return ok("+CPMS: " + ",".join([f"{used},{size}"] * 3))


@handles("+CMGL", card=True)
def list_texts(module: GsmModule, command: Command) -> Outcome:
    """27.005 4.1 in PDU mode: 0 unread, 1 read, 4 all; listing makes them read."""
    if command.form == "test":
        return ok("+CMGL: (0-4)")
    if not module.settings.pdu_mode:
        return cms(NOT_ALLOWED)
    wanted = command.number(0, 0)
    lines = []
    for stored in module.texts.texts:
        if wanted == 4 or stored.status == wanted:
            head = f"+CMGL: {stored.index},{stored.status},,{tpdu_length(stored.pdu)}"
            lines.append(f"{head}\r\n{stored.pdu.hex().upper()}")
            stored.status = 1
    return ok(*lines)


@handles("+CMGR", card=True)
def read_text(module: GsmModule, command: Command) -> Outcome:
    """27.005 4.2 in PDU mode."""
    stored = next((text for text in module.texts.texts if text.index == command.number(0, 0)), None)
    if stored is None:
        return cms(INVALID_INDEX)
    status, stored.status = stored.status, 1
    return ok(f"+CMGR: {status},,{tpdu_length(stored.pdu)}\r\n{stored.pdu.hex().upper()}")


@handles("+CMGD", card=True)
def delete(module: GsmModule, command: Command) -> Outcome:
    """27.005 3.5.4: =index[,flag], flag 1 read ones, 3 to 4 all."""
    texts = module.texts.texts
    if command.form == "test":
        return ok(f"+CMGD: ({','.join(str(text.index) for text in texts)}),(0-4)")
    index, flag = command.number(0, 0), command.number(1, 0)
    if flag == 0:
        if index not in {text.index for text in texts}:
            return cms(INVALID_INDEX)
        module.texts.delete({index})
    elif flag in (1, 2, 3):
        module.texts.delete({text.index for text in texts if text.status == 1})
    else:
        module.texts.delete({text.index for text in texts})
    return ok()


@handles("+CMGS", card=True)
def send(module: GsmModule, command: Command) -> Outcome:
    """27.005 4.3 in PDU mode: =octets of the TPDU, then the PDU behind the prompt."""
    if command.form == "test":
        return ok()
    if command.form != "set":
        return ERROR
    if not module.settings.pdu_mode:
        return cms(NOT_ALLOWED)
    length = command.number(0, 0)
    if not 8 <= length <= 164:
        return cms(INVALID_PDU)

    def take(text: bytes, cancelled: bool) -> None:
        if cancelled:
            module.finish(ok())
        else:
            _submit(module, length, text.decode("latin-1").strip())

    module.prompt(take)
    return WAITING


def _submit(module: GsmModule, length: int, pdu: str) -> None:
    if not module.service_centre:
        module.finish(cms(NO_CENTRE))
        return
    try:
        octets = bytes.fromhex(pdu)
    except ValueError:
        module.finish(cms(INVALID_PDU))
        return
    if not octets or tpdu_length(octets) != length:
        module.finish(cms(INVALID_PDU))
        return
    if not module.can_text:
        module.finish(cms(NO_NETWORK))
        return
    faults = module.faults
    if faults.sending_needs_room and module.texts.full:
        module.finish(cms(MEMORY_FULL))
        return
    if faults.cms is not None and faults.cms_times > 0:
        faults.cms_times -= 1
        refusal = cms(faults.cms)
        module.later(module.text_seconds, lambda: module.finish(refusal))
        return
    if faults.confirmations_lost > 0:
        faults.confirmations_lost -= 1
        _carry(module, pdu)
        module.finish(Answer(final=None))
    elif faults.confirmation_after is not None:
        module.later(faults.confirmation_after, lambda: _say_late(module, pdu))
        module.finish(Answer(final=None))
    elif module.text_seconds:
        module.later(module.text_seconds, lambda: module.finish(_carry(module, pdu)))
    else:
        module.finish(_carry(module, pdu))


def _carry(module: GsmModule, pdu: str) -> Answer:
    """Hand the PDU to the SMS centre; the module puts its own message reference in (23.040 9.2.3.6)."""
    reference = module.texts.next_reference()
    start = 2 * (int(pdu[:2], 16) + 1) + 2
    try:
        module.exchange.sms.submit(module.number, f"{pdu[:start]}{reference:02X}{pdu[start + 2 :]}")
    except PduRefused:
        return cms(INVALID_PDU)
    return ok(f"+CMGS: {reference}")


def _say_late(module: GsmModule, pdu: str) -> None:
    answer = _carry(module, pdu)
    module.say(*answer.lines, "OK" if answer.cms is None else f"+CMS ERROR: {answer.cms}")
