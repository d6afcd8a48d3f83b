"""The module's memory for texts (27.005): what came in, how it is listed, and what is said when one comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.simulator.pdu import tpdu_length

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


@dataclass(slots=True)
class Stored:
    """`status` 0 unread, 1 read (27.005 3.1)."""

    index: int
    pdu: bytes
    status: int = 0


class TextStore:
    """`size` texts at most; while it is full nothing is taken, and the network keeps what came."""

    def __init__(self, module: GsmModule) -> None:
        self._module = module
        self.size = 20
        self.texts: list[Stored] = []
        self.reference = 0

    @property
    def full(self) -> bool:
        """No room for another text."""
        return len(self.texts) >= self.size

    def next_reference(self) -> int:
        """The message reference of the next text sent from here (0 to 255)."""
        self.reference = (self.reference + 1) % 256
        return self.reference

    def text_arrives(self, pdu: bytes) -> bool:
        """Store a text and say so with +CMTI where +CNMI asks for it."""
        if not self._module.can_text or self._module.deaf or self.full:
            return False
        stored = self.store(pdu)
        if self._module.settings.cnmi[1] == 1:
            self._module.say(f'+CMTI: "SM",{stored.index}')
        elif self._module.settings.cnmi[1] == 2:
            self.texts.remove(stored)
            self._module.emit(f"\r\n+CMT: ,{tpdu_length(pdu)}\r\n{pdu.hex().upper()}\r\n".encode())
        return True

    def report_arrives(self, pdu: bytes) -> None:
        """Pass a status report on with +CDS where +CNMI asks for it."""
        if self._module.settings.cnmi[3] == 1:
            self._module.emit(f"\r\n+CDS: {tpdu_length(pdu)}\r\n{pdu.hex().upper()}\r\n".encode())

    def store(self, pdu: bytes) -> Stored:
        """Put octets into the first free place, whatever they are."""
        used = {stored.index for stored in self.texts}
        stored = Stored(next(i for i in range(1, 256) if i not in used), pdu)
        self.texts.append(stored)
        self.texts.sort(key=lambda text: text.index)
        return stored

    def delete(self, wanted: set[int]) -> None:
        """Make room; the network may deliver again."""
        self.texts = [stored for stored in self.texts if stored.index not in wanted]
        self._module.exchange.sms.retry(self._module.number)

    def fill(self) -> None:
        """Occupy every free place with read texts."""
        from appliance.simulator.pdu import encode_deliver

        while not self.full:
            self.store(encode_deliver("+491710000000", "alt")[0]).status = 1
