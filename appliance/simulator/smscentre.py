"""The SMS centre: takes what modules submit, puts parts together, delivers to modules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from appliance.simulator.journal import Delivered
from appliance.simulator.pdu import PduRefused, Submit, decode_submit, encode_deliver, encode_report

if TYPE_CHECKING:
    from appliance.simulator.network import Exchange


class Inbox(Protocol):
    """A party that can receive texts."""

    def text_arrives(self, pdu: bytes) -> bool:
        """Take an SMS-DELIVER (with service centre); False: no room, or not on the network."""

    def report_arrives(self, pdu: bytes) -> None:
        """Take an SMS-STATUS-REPORT."""


@dataclass(frozen=True, slots=True)
class Sms:
    """A whole text: `to` in E.164, `parts` it came in, the TP-MR `reference` of the last of them."""

    at: float
    sender: str
    to: str
    text: str
    parts: int
    reference: int
    alphabet: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One SMS-SUBMIT as it came, accepted or not: `refused` is the network's reason, "" when it took it."""

    at: float
    sender: str
    pdu: str
    refused: str = ""


@dataclass(slots=True)
class _Parts:
    total: int
    texts: dict[int, Submit] = field(default_factory=dict)


class SmsCentre:
    """`texts` are the whole ones, `submissions` every single PDU (to see that nothing was sent twice)."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.texts: list[Sms] = []
        self.submissions: list[Submission] = []
        self.delivery_seconds = 2.0
        self._partial: dict[tuple[str, str, int], _Parts] = {}
        self._waiting: list[tuple[str, bytes]] = []
        self._reference = 0

    def submit(self, sender: str, pdu: str) -> Submit:
        """Take a PDU from a module. Raises PduRefused."""
        at = self._exchange.now
        try:
            submit = decode_submit(pdu)
        except PduRefused as problem:
            self.submissions.append(Submission(at, sender, pdu, str(problem)))
            raise
        self.submissions.append(Submission(at, sender, pdu))
        self._collect(sender, submit)
        if submit.wants_report:
            report = encode_report(submit.reference, submit.to)
            self._exchange.agenda.after(self.delivery_seconds, lambda: self._report(sender, report))
        return submit

    def _collect(self, sender: str, submit: Submit) -> None:
        if submit.part is None:
            self._whole(sender, submit, [submit])
            return
        key = (sender, submit.to.e164, submit.part.reference)
        parts = self._partial.setdefault(key, _Parts(submit.part.total))
        parts.texts[submit.part.number] = submit
        if len(parts.texts) == parts.total:
            del self._partial[key]
            self._whole(sender, submit, [parts.texts[number] for number in sorted(parts.texts)])

    def _whole(self, sender: str, last: Submit, parts: list[Submit]) -> None:
        at, to, text = self._exchange.now, last.to.e164, "".join(part.text for part in parts)
        self.texts.append(Sms(at, sender, to, text, len(parts), last.reference, last.alphabet))
        self._exchange.journal.add(Delivered(at, sender, to, text, len(parts)))
        if to in self._exchange.subscribers:
            self.text(to, sender, text)

    def text(self, to: str, sender: str, text: str) -> None:
        """Somebody sends a text to a module; what finds no room or no module is tried again later."""
        self._reference += 1
        for pdu in encode_deliver(sender, text, reference=self._reference):
            self.raw(to, pdu)

    def raw(self, to: str, pdu: bytes) -> None:
        """Deliver any octets as if they were a text: garbage, too."""
        self._exchange.agenda.after(self.delivery_seconds, lambda: self._deliver(to, pdu))

    def _deliver(self, to: str, pdu: bytes) -> None:
        subscriber = self._exchange.subscribers.get(to)
        if subscriber is not None and subscriber.inbox is not None and not subscriber.inbox.text_arrives(pdu):
            self._waiting.append((to, pdu))

    def retry(self, to: str) -> None:
        """A module has room again, or is back: what waited for it comes now (23.040 3.2.6, alert)."""
        mine = [pdu for number, pdu in self._waiting if number == to]
        self._waiting = [(number, pdu) for number, pdu in self._waiting if number != to]
        for pdu in mine:
            self.raw(to, pdu)

    def _report(self, to: str, pdu: bytes) -> None:
        subscriber = self._exchange.subscribers.get(to)
        if subscriber is not None and subscriber.inbox is not None:
            subscriber.inbox.report_arrives(pdu)
