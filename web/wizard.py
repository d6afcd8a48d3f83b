"""What the answers of the set-up make of the settings. Each function changes settings in the shape of the file.

The four recipes are those of `RECIPES`; what each sets is written at `connect`.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from appliance.core.settings import ON_CALL
from web.catalogues import _
from web.changes import Data

RECIPES = ("diverted", "beside", "beside-mobile", "mobile")
"""The router diverts to the SIM; analog beside the phones; analog in, mobile out; the SIM is the business number."""
MOST_TARGETS = 5
MOBILE_SECONDS, OTHER_SECONDS = 15, 25
"""How long a target rings: a mobile's mailbox answers after some 20 s."""
OPEN_RINGS, CLOSED_RINGS = 4, 1
DEFAULT_DAYS = ("mon", "tue", "wed", "thu", "fri")
DEFAULT_HOURS = ("07:30", "17:00")


def line_name(kind: str) -> str:
    """What a first line of this kind is called."""
    return _("mobile line") if kind == "gsm" else _("phone line")


def first_settings(business: Mapping[str, str], found: Sequence[Mapping[str, Any]], pins: Mapping[str, str]) -> Data:
    """The least settings with which the engine serves the modems that were found (or will be: none means any).

    `pins`: by port. Nobody is called yet: the plan's chain is empty, missed calls are texted already.
    """
    plan = _("open")
    return {
        "business": dict(business),
        "line": lines_for(found or [{"port": "auto", "kind": "gsm"}], pins, []),
        "plan": [{"name": plan, "answer_after_rings": OPEN_RINGS, "chain": []}],
        "timetable": {"otherwise": plan},
    }


def lines_for(found: Sequence[Mapping[str, Any]], pins: Mapping[str, str], old: Sequence[Data]) -> list[Data]:
    """The lines there are, as they are, and one more for each modem that was found."""
    lines = list(old)
    for modem in found:
        kind = "analog" if modem.get("kind") == "analog" else "gsm"
        alone = len(found) == 1 and not old
        line = {
            "name": _new_name(kind, [one["name"] for one in lines]),
            "kind": kind,
            "port": _port(str(modem.get("port", "auto")), alone),
        }
        if pin := pins.get(str(modem.get("port"))):
            line["pin"] = pin
        lines.append(line)
    return lines


def _new_name(kind: str, taken: Collection[str]) -> str:
    first = line_name(kind)
    further = (f"{first} {nth}" for nth in itertools.count(2))
    return next(name for name in itertools.chain([first], further) if name not in taken)


def _port(port: str, alone: bool) -> str:
    """A name that stays the same whatever else is plugged in; alone, a modem is found wherever it is."""
    return "auto" if alone and "/by-id/" not in port else port


# --- how it is connected -----------------------------------------------------------------------


def connect(data: Data, recipe: str, answers: Mapping[str, str], before: str | None = None) -> dict[str, str]:
    """Set the lines as the recipe wants them; returns which place in the settings each answer went to.

    diverted: answers on the first ring, since the phones have rung already; the landline's number is never dialled.
    beside: hook-flash on the analog line, rings are the shop's own. beside-mobile: the analog line rings, the mobile
    one calls out (bridge). mobile: the SIM's number is the business's. `before`: the recipe they were set by: if it is
    this one, only the answers change, and what was set by hand since stays.
    """
    wanted = {"diverted": ("gsm",), "beside": ("analog",), "beside-mobile": ("analog", "gsm"), "mobile": ("gsm",)}
    index = {kind: _line(data, kind) for kind in wanted[recipe]}
    places: dict[str, str] = {}
    for answer, kind in (("sim", "gsm"), ("landline", "analog")):
        if kind in index and answer in answers:
            data["line"][index[kind]]["number"] = answers[answer]
            places[answer] = f"line[{index[kind]}].number"
    further = list(data["business"].get("numbers") or ())[1 if before == "diverted" else 0 :]
    if recipe == "diverted":
        landline = answers["landline"]
        data["business"]["numbers"] = [landline, *(number for number in further if number != landline)]
        places["landline"] = "business.numbers[0]"
    else:
        data["business"]["numbers"] = further
    if "site" in answers and not isinstance(data["line"][index["analog"]].get("site"), Mapping):  # of the file's own
        data["line"][index["analog"]]["site"] = answers["site"]
    if recipe != before:
        _forward_as(data, recipe, index)
    return places


def _forward_as(data: Data, recipe: str, index: Mapping[str, int]) -> None:
    """How the lines of a recipe, by their kind, pass calls on, and after how many rings calls are answered."""
    line = data["line"][index["gsm" if recipe in ("diverted", "mobile") else "analog"]]
    if recipe == "diverted":
        line["forward_by"] = ["conference", "transfer"]
    elif recipe == "mobile":
        line["forward_by"] = ["transfer", "conference"]
    elif recipe == "beside":
        line["forward_by"] = ["flash"]
        line.setdefault("site", "fritzbox")
        line.pop("bridge_over", None)
    else:
        line.update(forward_by=["bridge"], bridge_over=data["line"][index["gsm"]]["name"])
    if recipe == "diverted":
        data["plan"][0]["answer_after_rings"] = 1
    elif data["plan"][0].get("answer_after_rings") == 1:
        data["plan"][0]["answer_after_rings"] = OPEN_RINGS


def recipe_of(data: Mapping[str, Any]) -> str:
    """The recipe that settings look like, where nobody has said."""
    lines = data["line"]
    if any("bridge" in line.get("forward_by", ()) and line["kind"] == "analog" for line in lines):
        return "beside-mobile"
    if lines[0]["kind"] == "analog":
        return "beside"
    return "diverted" if data["business"].get("numbers") else "mobile"


def _line(data: Data, kind: str) -> int:
    """The first line of a kind, added where there is none yet: its modem is found once it is plugged in."""
    for index, line in enumerate(data["line"]):
        if line["kind"] == kind:
            return index
    data["line"].append({"name": line_name(kind), "kind": kind, "port": "auto"})
    return len(data["line"]) - 1


# --- who gets the calls ------------------------------------------------------------------------


def set_targets(data: Data, rows: Sequence[Mapping[str, str]], safety_net: bool) -> dict[int, int]:
    """These people in this order; whom no row speaks of stays as he is. Returns row → place among the targets.

    `rows`: name and number (E.164, as far as it is one), both empty where there is nobody any more; `old`: the name
    before, under which others may refer to him.
    """
    before = {target["name"]: target for target in data.get("target", ())}
    spoken_of: dict[str, int] = {}
    new = []
    for nth, row in enumerate(rows):
        name = row["old"] if row.get("old") in before else row["name"]
        if name in before and name not in spoken_of:
            spoken_of[name] = nth
        elif row["name"] or row["number"]:
            new.append(nth)
    renamed = {name: rows[spoken_of[name]]["name"] if name in spoken_of else name for name in before}
    kept = [name for name in before if renamed[name]]
    data["target"] = [
        *(_target(before[name], rows[spoken_of[name]] if name in spoken_of else before[name]) for name in kept),
        *(_target({}, rows[nth]) for nth in new),
    ]
    for plan in data["plan"]:
        plan["chain"] = [name for name in (renamed.get(one, one) for one in plan.get("chain", ())) if name]
    data["plan"][0]["chain"] += [rows[nth]["name"] for nth in new]
    shifts = [{**shift, "target": renamed.get(shift["target"])} for shift in data.get("roster", ())]
    data["roster"] = [shift for shift in shifts if shift["target"]]
    _set_safety_net(data, renamed, safety_net)
    places = {spoken_of[name]: place for place, name in enumerate(kept) if name in spoken_of}
    return places | {nth: len(kept) + index for index, nth in enumerate(new)}


def _set_safety_net(data: Data, renamed: Mapping[str, str], is_wanted: bool) -> None:
    """Whom the network diverts to: as it was, the first target where he is gone or none was asked for before. An
    analog line's is not asked for here."""
    had_one = any(line.get("safety_net") for line in data["line"] if line["kind"] == "gsm")
    for line in data["line"]:
        net = line.pop("safety_net", None)
        has_one = is_wanted and bool(net or not had_one) if line["kind"] == "gsm" else bool(net)
        if has_one and data["target"]:
            line["safety_net"] = renamed.get(net) or data["target"][0]["name"]


def _target(old: Mapping[str, Any], row: Mapping[str, Any]) -> Data:
    """Somebody as he was, with the name and number of a row; another number rings for as long as its kind does."""
    target = {**old, "name": row["name"], "number": row["number"]}
    if old.get("number") != row["number"]:
        target["ring_seconds"] = MOBILE_SECONDS if _is_mobile(row["number"]) else OTHER_SECONDS
    return target


def _is_mobile(number: str) -> bool:
    digits = "".join(character for character in number if character.isdigit())
    return digits.removeprefix("0049").removeprefix("49").lstrip("0").startswith(("15", "16", "17"))


# --- when --------------------------------------------------------------------------------------


def is_simple(data: Mapping[str, Any]) -> bool:
    """Whether the week is still as the set-up makes it, so that its form can show and change it: one plan always, or
    one in one slot and another outside of it, which calls one target at most."""
    table, plans = data["timetable"], data["plan"]
    slots, holidays = table.get("slot") or (), data.get("holidays")
    if data.get("closure") or len(plans) != len(slots) + 1:
        return False
    if not slots:
        return not holidays and not table.get("away")
    if len(slots) > 1 or slots[0]["plan"] != plans[0]["name"]:
        return False
    closed, chain = plans[1]["name"], plans[1].get("chain") or ()
    elsewhere = {table["otherwise"], table.get("away") or closed, holidays["plan"] if holidays else closed}
    return elsewhere == {closed} and len(chain) <= 1 and ON_CALL not in chain


def hours_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows: the days and hours of the one slot, what is done outside of it, and the rings; `away`: what
    is done outside will be done while the owner is away, too."""
    plans = {plan["name"]: plan for plan in data["plan"]}
    table, opened = data["timetable"], data["plan"][0]
    slot = next(iter(table.get("slot") or ()), None)
    if slot is None:
        closed = "same"
    else:
        chain = plans[table["otherwise"]].get("chain") or ()
        closed = f"to:{chain[0]}" if chain else "nobody"
    return {
        "days": tuple(slot["days"]) if slot else DEFAULT_DAYS,
        "from": _clock(slot["from"]) if slot else DEFAULT_HOURS[0],
        "to": _clock(slot["to"]) if slot else DEFAULT_HOURS[1],
        "rings": opened.get("answer_after_rings", OPEN_RINGS),
        "closed": closed,
        "holidays": data.get("holidays") is not None,
        "away": slot is None or bool(table.get("away")),
    }


def set_hours(data: Data, answers: Mapping[str, Any]) -> None:
    """One slot of opening hours and what is done outside; see `hours_of` for the answers. With the first slot that is
    what "away" means, as the form says; if the owner has taken that back since, it stays so."""
    opened = data["plan"][0]
    opened["answer_after_rings"] = answers["rings"]
    closed = str(answers["closed"])
    if closed == "same":
        data["plan"] = [opened]
        data["timetable"] = {"otherwise": opened["name"]}
        data.pop("holidays", None)
        return
    outside: Data = (
        data["plan"][1] if len(data["plan"]) > 1 else {"name": _("closed"), "answer_after_rings": CLOSED_RINGS}
    )
    if outside["name"] == opened["name"]:
        outside["name"] += " 2"
    name = outside["name"]
    chain = [closed.removeprefix("to:")] if closed.startswith("to:") else []
    data["plan"] = [opened, {**outside, "chain": chain}]
    slot = {"days": list(answers["days"]), "from": answers["from"], "to": answers["to"], "plan": opened["name"]}
    was_away = data["timetable"].get("away") if data["timetable"].get("slot") else name
    data["timetable"] = {"otherwise": name, "slot": [slot]} | ({"away": name} if was_away else {})
    if answers["holidays"]:
        data["holidays"] = {"plan": name}
    else:
        data.pop("holidays", None)


def _clock(value: object) -> str:
    return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
