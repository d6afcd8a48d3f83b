"""What is texted back to somebody who texted a command: what was done, in one part."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from appliance.core import wording
from appliance.core.settings import Settings


class Situation(Struct, frozen=True):
    """How the engine is. `plan`: which applies now; `until`: when its override ends, aware, None if there is none
    or no end. `down`: the lines that are, by name."""

    plan: str | None
    until: datetime | None
    down: tuple[str, ...]


_WORDS = {
    "de": {
        "override": "Rufweiche: Ab jetzt gilt der Plan {plan}{until}. Zurück zum Zeitplan: {code}da",
        "back": "Rufweiche: Es gilt wieder der Zeitplan.",
        "until": " bis {when}",
        "done 0": "Rufweiche: Es waren keine Anrufe offen.",
        "done 1": "Rufweiche: 1 Anruf ist als erledigt vermerkt.",
        "done": "Rufweiche: {count} Anrufe sind als erledigt vermerkt.",
        "help": "Rufweiche versteht: {code}weg, weg bis 14:00, da, alle, status, erledigt.",
        "no_away": 'Rufweiche: Für "weg" ist kein Plan eingestellt. Bitte nennen Sie einen: {code}alle PLAN.',
        "plan": "Rufweiche: Diesen Plan gibt es nicht. Es gibt: {plans}.",
        "until?": "Rufweiche: Die Zeit wurde nicht verstanden. Beispiele: {code}weg bis 14:00, weg bis morgen 8:00, "
        "weg bis 24.12. 18:00.",
        "status": "Rufweiche: Plan {plan}{until}. {lines} {calls}",
        "lines ok": "Alle Leitungen bereit.",
        "lines down": "Gestört: {names}.",
        "calls 0": "Keine offenen Anrufe.",
        "calls 1": "1 offener Anruf.",
        "calls": "{count} offene Anrufe.",
        "handed_over": "Rufweiche: Die Bereitschaft hat jetzt {name}.",
        "takes_over": "Rufweiche: Sie haben jetzt die Bereitschaft, {name} hat sie abgegeben.",
        "nobody": "Rufweiche: Es gibt niemanden, der übernehmen kann. Sie behalten die Bereitschaft.",
        "not_on_duty": "Rufweiche: Sie haben gerade keine Bereitschaft.",
        "acknowledged": "Rufweiche: Danke, Sie kümmern sich um: {who}.",
        "nothing_open": "Rufweiche: Es ist kein Anruf offen.",
        "more": " und {count} weitere",
        "code": "(Code) ",
    },
    "en": {
        "override": "Rufweiche: from now on the plan {plan} applies{until}. Back to the timetable: {code}back",
        "back": "Rufweiche: the timetable applies again.",
        "until": " until {when}",
        "done 0": "Rufweiche: no calls were open.",
        "done 1": "Rufweiche: 1 call is marked as done.",
        "done": "Rufweiche: {count} calls are marked as done.",
        "help": "Rufweiche understands: {code}away, away until 14:00, back, all, status, done.",
        "no_away": "Rufweiche: no plan is set for being away. Please name one: {code}all PLAN.",
        "plan": "Rufweiche: there is no such plan. There are: {plans}.",
        "until?": "Rufweiche: the time was not understood. Examples: {code}away until 14:00, away until tomorrow 8:00, "
        "away until 24.12. 18:00.",
        "status": "Rufweiche: plan {plan}{until}. {lines} {calls}",
        "lines ok": "All lines ready.",
        "lines down": "Down: {names}.",
        "calls 0": "No open calls.",
        "calls 1": "1 open call.",
        "calls": "{count} open calls.",
        "handed_over": "Rufweiche: {name} is on call now.",
        "takes_over": "Rufweiche: you are on call now, {name} has handed over.",
        "nobody": "Rufweiche: there is nobody who could take over. You stay on call.",
        "not_on_duty": "Rufweiche: you are not on call now.",
        "acknowledged": "Rufweiche: thank you, you take care of: {who}.",
        "nothing_open": "Rufweiche: no call is open.",
        "more": " and {count} more",
        "code": "(code) ",
    },
}


def override(plan: str, until: datetime | None, settings: Settings) -> str:
    """A plan was switched on."""
    return _fit("override", settings, plan=plan, until=_until(until, settings))


def back(settings: Settings) -> str:
    """The timetable applies again."""
    return _fit("back", settings)


def done(count: int, settings: Settings) -> str:
    """So many calls are closed."""
    return _fit(_counted("done", count), settings, count=str(count))


def help_(problem: str | None, settings: Settings) -> str:
    """The commands, or what was wrong with one (see textcommands.AskHelp)."""
    key = {None: "help", "until": "until?"}.get(problem, problem or "help")
    return _fit(key, settings, plans=", ".join(plan.name for plan in settings.plan))


def status(situation: Situation, open_calls: int, settings: Settings) -> str:
    """How things stand; `open_calls`: missed and not done."""
    words = _WORDS[settings.business.language]
    names = ", ".join(situation.down)
    return _fit(
        "status",
        settings,
        plan=situation.plan or "-",
        until=_until(situation.until, settings),
        lines=words["lines down"].format(names=names) if names else words["lines ok"],
        calls=words[_counted("calls", open_calls)].format(count=open_calls),
    )


def handed_over(name: str, settings: Settings) -> str:
    """To whoever gave the duty away; `name`: who has it now."""
    return _fit("handed_over", settings, name=name)


def takes_over(name: str, settings: Settings) -> str:
    """To whoever has the duty now; `name`: who gave it away."""
    return _fit("takes_over", settings, name=name)


def refused(reason: str, settings: Settings) -> str:
    """Nothing was done; `reason`: nobody, not_on_duty, nothing_open."""
    return _fit(reason, settings)


def acknowledged(callers: list[str], settings: Settings) -> str:
    """Thanks to whoever takes care of these callers (at least one)."""
    more = _WORDS[settings.business.language]["more"].format(count=len(callers) - 2) if len(callers) > 2 else ""
    return _fit("acknowledged", settings, who=", ".join(callers[:2]) + more)


def _fit(key: str, settings: Settings, **values: str) -> str:
    """One part: what comes from settings and callers is cut until it fits. The code is a secret, so never written."""
    words = _WORDS[settings.business.language]
    code = words["code"] if settings.messages.command_code else ""
    template = words[key]
    lengths = (100, 60, *wording.NAME_LENGTHS)
    return wording.first_that_fits(
        template.format(code=code, **{name: _cut(value, longest) for name, value in values.items()})
        for longest in lengths
    )


def _cut(value: str, longest: int) -> str:
    """A value as data; one that begins with a blank keeps it."""
    return " " * value.startswith(" ") + wording.name(value, longest)


def _until(until: datetime | None, settings: Settings) -> str:
    if until is None:
        return ""
    language = settings.business.language
    local = until.astimezone(ZoneInfo(settings.business.timezone))
    return _WORDS[language]["until"].format(when=wording.moment(local, language))


def _counted(key: str, count: int) -> str:
    return f"{key} {count}" if count < 2 else key
