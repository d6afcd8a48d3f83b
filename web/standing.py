"""How things stand: does it work, what happens to a call now, what changes next, and what needs the owner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from appliance.core import alarms, outlook, problems, roster
from appliance.core.plan import Decision, Override, decide
from appliance.core.roster import Handover
from appliance.core.settings import Settings
from appliance.store.calllist import Wanted
from web import machine, restoring, words
from web.box import Box
from web.catalogues import _, ngettext
from web.voices import voiceless

UP = frozenset(["ready", "ringing", "in_call"])
GAPS_AHEAD = dt.timedelta(days=7)
"""How far ahead somebody on call is looked for."""


class Standing(Struct, frozen=True):
    """The one sentence. `kind`: good, careful, bad. `word`: what it is in a word. `calls`: what happens to them now."""

    kind: str
    word: str
    calls: str
    then: str | None


class Matter(Struct, frozen=True):
    """Something that needs the owner: what is true, and where (an endpoint) to do what about it."""

    kind: str
    text: str
    endpoint: str | None = None
    label: str | None = None


def standing(box: Box) -> Standing:
    """How it is now. Raises NoSettings, StoreError."""
    lines, settings, duties = box.lines, box.settings, box.store.duties()
    lines = None if lines is None else [*lines, *_missing(settings, lines)]
    down = [line for line in lines or () if line.get("state") not in UP or problems.answers_nobody(line.get("problem"))]
    if lines is None or (down and len(down) == len(settings.line)):
        starting = down and all(line.get("state") == "starting" for line in down)
        word = _("Starting up") if starting else _("No calls are answered now")
        return Standing("careful" if starting else "bad", word, _not_answered(lines, down), None)
    clock_known = box.clock_known
    now = decide(settings, None, False, box.now, box.override, handovers=duties, clock_known=clock_known)
    calls = calls_in_words(settings, now, on_call(settings, box.local, duties) if clock_known else None)
    catch = down or not clock_known or any(line.get("problem") for line in lines)
    word, kind = (_("Ready, with a catch"), "careful") if catch else (_("All ready"), "good")
    return Standing(kind, word, calls, _then(settings, box.now, box.override, duties) if clock_known else None)


def _missing(settings: Settings, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of the settings of which the engine does not speak."""
    known = {line.get("name") for line in lines}
    return [{"name": line.name, "state": "starting"} for line in settings.line if line.name not in known]


def calls_in_words(settings: Settings, decision: Decision, on_duty: str | None) -> str:
    """What happens to calls, in a sentence. `on_duty`: whom the roster names then."""
    if not decision.chain:
        return _nobody_in_words(settings, decision)
    first, *others = [_with_duty(target.name, on_duty) for target in decision.chain]
    if decision.answer_after_rings == 1:
        start = _("Calls are answered at once and go to %(target)s", target=first)
    else:
        start = _("Calls ring %(rings)d times, then go to %(target)s", target=first, **_rings(decision))
    return "".join([start, *(_(", then to %(target)s", target=one) for one in others), "."])


def _nobody_in_words(settings: Settings, decision: Decision) -> str:
    """The same where nobody is called. What has no voice cannot answer, whatever the plan wants."""
    mute = voiceless(settings)
    if decision.otherwise == "hang-up" or len(mute) == len(settings.line):
        if settings.messages.missed == "off":
            return _("Calls ring and are not answered.")
        return _("Calls ring and are not answered. You get a text about each.")
    if decision.otherwise == "voicemail":
        said = _("Nobody is called. Callers may leave a message after %(rings)d rings.", **_rings(decision))
    else:
        said = _("Nobody is called. Callers hear an announcement after %(rings)d rings.", **_rings(decision))
    if mute:
        said += " " + _("Not on %(lines)s: no voice there, and calls are not answered.", lines=", ".join(mute))
    return said


def on_call(settings: Settings, local: dt.datetime, handovers: Sequence[Handover]) -> str | None:
    """Whom the roster names at this local time."""
    return roster.on_call_at(settings.roster, local, handovers)


def matters(box: Box) -> Iterator[Matter]:
    """What needs the owner, the worst first. Raises NoSettings, StoreError."""
    lost = machine.data_lost()
    if lost and not (lost == "empty" and _are_back(box)):
        yield Matter("bad", lost_in_words(lost), "restore.show", _("Restore a backup"))
    if restoring.is_pending(box):
        said = _("A backup is yet to be restored. What comes in until then is lost.")
        yield Matter("careful", said, "restore.wait", _("See the backup"))
    for line in box.lines or ():
        if line.get("problem"):
            is_down = line.get("state") not in UP or problems.answers_nobody(line["problem"])
            named = _("%(line)s: %(problem)s", line=line.get("name"), problem=line["problem"])
            yield Matter("bad" if is_down else "careful", named, "system.show", _("See the line"))
    if not box.clock_known:
        said = _("The time is not known yet. Until it is, the timetable does not count.")
        yield Matter("careful", said, "network.show", _("See the network"))
    counts = box.store.message_counts()
    if counts["failed"]:
        said = ngettext("%(num)d text could not be sent.", "%(num)d texts could not be sent.", counts["failed"])
        yield Matter("careful", said, "texts.outbox", _("Look at it"))
    yield from _of_the_night((box.store.kept(alarms.NIGHT_WRONG) or "").split(","))
    for start, end in outlook.gaps(box.settings, box.store.duties(), box.now, box.now + GAPS_AHEAD)[:1]:
        if start <= box.now:
            said = _("Nobody is on call until %(end)s.", end=words.moment(end))
        else:
            said = _(
                "Nobody is on call from %(start)s until %(end)s.", start=words.moment(start), end=words.moment(end)
            )
        yield Matter("careful", said, "roster.show", _("Enter somebody"))
    if not box.settings.target:
        yield Matter("careful", _("Nobody is entered who could get the calls."), "targets.show", _("Enter somebody"))


def _of_the_night(wrong: Sequence[str]) -> Iterator[Matter]:
    """What the nightly round could not do; see `alarms.NIGHT_WRONG`."""
    if "database" in wrong:
        said = _("The nightly check found the box's data damaged. Please restore the newest backup.")
        yield Matter("bad", said, "restore.show", _("Restore a backup"))
    if "backup" in wrong or "copy" in wrong:
        said = _(
            "Last night no backup could be kept: the memory card is full or takes no data. Please delete recordings "
            "that nobody needs, or put in another card."
        )
        yield Matter("careful", said, "backup.show", _("See the backups"))
    if "records" in wrong:
        yield Matter("careful", _("Last night the calls that have become too old could not be deleted."))


def lost_in_words(lost: str) -> str:
    """What became of the data, and what to do; see `machine.data_lost`."""
    if lost == "memory":
        return _(
            "The memory card takes no data any more: what you enter is gone with the power. Please put in another card "
            "and restore a backup."
        )
    return _(
        "The data on the memory card could not be read any more, so the box began anew: settings, calls and password "
        "are gone. With a backup you get them back."
    )


def _are_back(box: Box) -> bool:
    """Whether there are calls from before the box was switched on: somebody has restored a backup since."""
    switched_on = box.now - dt.timedelta(seconds=box.clock.monotonic())
    return bool(box.store.find_calls(Wanted(until=switched_on), 1))


def _not_answered(lines: Sequence[dict[str, Any]] | None, down: Sequence[dict[str, Any]]) -> str:
    if lines is None:
        return _("The call service is not running. Please unplug the box, wait ten seconds and plug it in again.")
    said = [str(line["problem"]) for line in down if line.get("problem")]
    return said[0] if said else _("The modem is getting ready. That takes about a minute.")


def _then(settings: Settings, now: dt.datetime, override: Override | None, duties: Sequence[Handover]) -> str | None:
    """What changes next, and when: another plan, or another person on call."""
    change = outlook.next_change(settings, now, override)
    if change is None:
        return None
    after = decide(settings, None, False, change.at, override, handovers=duties)
    is_today = change.at.date() == now.astimezone(change.at.tzinfo).date()
    when = words.clock(change.at) if is_today else words.moment(change.at)
    what = calls_in_words(settings, after, on_call(settings, change.at, duties))
    return _("From %(when)s: %(what)s", when=when, what=what)


def _with_duty(name: str, on_duty: str | None) -> str:
    return _("%(name)s (on call)", name=name) if name == on_duty else name


def _rings(decision: Decision) -> dict[str, int]:
    return {"rings": decision.answer_after_rings or 1}
