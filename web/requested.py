"""What became of something the page asked of the engine: one sentence, until the answer is there and after."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from appliance.core import problems, requests
from appliance.core.requests import Request
from web.box import Box
from web.catalogues import _, language, ngettext


class Told(Struct, frozen=True):
    """`kind`: of ui.note; busy while it is under way."""

    kind: str
    text: str


def told(box: Box, number: int | None) -> Told | None:
    """How far the request of this id is; None: there is none. Raises StoreError."""
    request = box.store.request(number) if number is not None else None
    if request is None:
        return None
    if request.answer is None:
        if box.lines is None:
            return Told("bad", _("The call service is not running, so nobody does it."))
        if request.is_forgotten(box.now):
            return Told("careful", _("There was no answer. Please try again."))
        if any(line.get("call") for line in box.lines):
            return Told("busy", _("A call is on. It is done as soon as the call has ended."))
        return Told("busy", _under_way(request.kind))
    return _answered(request, request.answer)


def _under_way(kind: str) -> str:
    if kind == requests.LOOK_FOR_MODEMS:
        return _("Every port is being looked at. That takes up to a minute.")
    if kind == requests.CHECK_DIVERSIONS:
        return _("The network is being asked. That takes up to two minutes.")
    if kind == requests.ERASE_DIVERSIONS:
        return _("All diversions are being taken back. That takes up to two minutes.")
    if kind == requests.RESTART:
        return _("The call service is being started anew.")
    return _("It is being done.")


def _answered(request: Request, answer: Mapping[str, object]) -> Told:
    problem = answer.get("problem")
    if problem == requests.TOO_LATE:
        return Told("careful", _("It took too long until it could be done. Please try again."))
    if problem == requests.UNKNOWN_LINE:
        return Told("careful", _("There is no such line any more."))
    if isinstance(problem, str):
        return Told("careful", problems.words(problem, language()) or problem)
    if request.kind == requests.LOOK_FOR_MODEMS:
        found = answer.get("found")
        count = found if isinstance(found, int) else 0
        if count == 0:
            return Told("careful", _("No modem answers. Please check the cable and the power of the modem."))
        return Told("good", ngettext("%(num)d modem answers.", "%(num)d modems answer.", count))
    if request.kind == requests.CHECK_DIVERSIONS:
        return Told("good", _("The network has answered. Below is what it says."))
    if request.kind == requests.ERASE_DIVERSIONS:
        return Told("good", _("All diversions are taken back, and those of this box set anew."))
    if request.kind == requests.PROBE_METHODS:
        return Told("good", _("Every way of forwarding is tried anew with the next call."))
    if request.kind == requests.RESTART:
        return Told("good", _("The call service ends and starts anew. That takes about a minute."))
    return Told("good", _("Noted."))
