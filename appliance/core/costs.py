"""What calls and texts cost, by target and month; what the month will cost; what a cap asks for.

Amounts are in ct (hundredths of the currency). A call that the line gave away (transfer, deflection, hook-flash) goes
on unseen and is billed all the same: its minutes are estimated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from appliance.core import alphabet
from appliance.core.records import Message
from appliance.core.stats import Hour, entries, read_entry

ASSUMED_MINUTES = 3.0
"""Of a call given away, where nothing better is known."""
ENOUGH_CALLS = 10
"""From so many calls of known length to a target on, their mean is better."""
NEAR = 0.8
"""The share of the cap from which on the owner is told."""
FORECAST_AFTER = dt.timedelta(days=3)
"""Before that, one busy morning would foretell a ruinous month."""

Watched = Literal["fine", "near", "reached"]


class Use(Struct, frozen=True):
    """What was forwarded to one target. `minutes`: started ones of the calls seen to their end.

    `unmetered`: how many of the calls went on unseen.
    """

    target: str
    calls: int
    minutes: int
    unmetered: int


class Texts(Struct, frozen=True):
    """Parts of texts of one kind that went out to one number ("" where that is forgotten)."""

    kind: str
    to: str
    parts: int


class Cost(Struct, frozen=True):
    """What a target cost. `estimated` of the `minutes` are no more than that."""

    target: str
    calls: int
    minutes: float
    estimated: float
    texts: int
    ct: float


class Bill(Struct, frozen=True):
    """A month, or another time. `other_texts`: parts that went to nobody the settings name as a target."""

    targets: tuple[Cost, ...]
    other_texts: int
    ct: float


def uses(hours: Iterable[Hour]) -> list[Use]:
    """What was forwarded to each target in these hours, by name."""
    found: dict[str, Use] = {}
    for entry, times in entries(hours).items():
        target, _, minutes = read_entry(entry)
        use = found.get(target, Use(target, 0, 0, 0))
        unmetered = use.unmetered + (0 if minutes else times)
        found[target] = Use(target, use.calls + times, use.minutes + minutes * times, unmetered)
    return [use for _, use in sorted(found.items())]


def bill(
    uses: Iterable[Use],
    texts: Iterable[Texts],
    numbers: Mapping[str, str],
    tariffs: Mapping[str, float],
    text_ct: float,
) -> Bill:
    """What this use costs. `numbers`: target → its number; `tariffs`: target → ct a minute, 0 where not named."""
    parts: dict[str, int] = {}
    for text in texts:
        parts[text.to] = parts.get(text.to, 0) + text.parts
    used = {use.target: use for use in uses}
    costs = []
    for target in sorted(used.keys() | {target for target, number in numbers.items() if number in parts}):
        use = used.get(target, Use(target, 0, 0, 0))
        sent = parts.pop(numbers.get(target, ""), 0) if target in numbers else 0
        estimated = _estimated(use)
        minutes = use.minutes + estimated
        ct = minutes * tariffs.get(target, 0.0) + sent * text_ct
        costs.append(Cost(target, use.calls, round(minutes, 1), round(estimated, 1), sent, round(ct, 2)))
    others = sum(parts.values())
    return Bill(tuple(costs), others, round(sum(cost.ct for cost in costs) + others * text_ct, 2))


def _estimated(use: Use) -> float:
    metered = use.calls - use.unmetered
    mean = use.minutes / metered if metered >= ENOUGH_CALLS else ASSUMED_MINUTES
    return use.unmetered * mean


def month(at: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Beginning and end of the local month that holds this time."""
    local = at.astimezone(zone)
    start = dt.datetime(local.year, local.month, 1, tzinfo=zone)
    end = dt.datetime(local.year + local.month // 12, local.month % 12 + 1, 1, tzinfo=zone)
    return start, end


def forecast(spent_ct: float, at: dt.datetime, zone: dt.tzinfo) -> float | None:
    """What the month will have cost, if it goes on as it began; None in its first three days."""
    start, end = (edge.astimezone(dt.UTC) for edge in month(at, zone))
    if at - start < FORECAST_AFTER:
        return None
    return round(spent_ct * ((end - start) / (at - start)), 2)


def watch(spent_ct: float, cap_eur: float | None) -> Watched:
    """How far this month is from its cap: "near" and "reached" are to be told, each once a month."""
    if cap_eur is None or spent_ct < cap_eur * 100 * NEAR:
        return "fine"
    return "reached" if spent_ct >= cap_eur * 100 else "near"


def parts(message: Message) -> int:
    """Parts of this message that the network took, and bills."""
    if message.channel != "sms":
        return 0
    return billed(message.state, message.text, message.parts_sent)


def billed(state: str, text: str, parts_sent: int) -> int:
    """The same of a text message of which only this is known."""
    if state in ("sent", "delivered", "unknown"):
        return len(alphabet.split(alphabet.choose(text)[1]))
    return parts_sent
