"""What the answers of the set-up make of the settings. Each function changes settings in the shape of the file.

The four recipes are those of `RECIPES`; what each sets is written at `connect`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

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
        "line": lines_for(found, pins, []),
        "plan": [{"name": plan, "answer_after_rings": OPEN_RINGS, "chain": []}],
        "timetable": {"otherwise": plan},
    }


def lines_for(found: Sequence[Mapping[str, Any]], pins: Mapping[str, str], old: Sequence[Data]) -> list[Data]:
    """A line for each modem; what an old one of the same name was set to stays."""
    modems = list(found) or [{"port": "auto", "kind": "gsm"}]
    before, lines = {line["name"]: line for line in old}, list[Data]()
    for modem in modems:
        kind = "analog" if modem.get("kind") == "analog" else "gsm"
        nth = sum(line["kind"] == kind for line in lines) + 1
        name = line_name(kind) if nth == 1 else f"{line_name(kind)} {nth}"
        line = {
            **before.get(name, {}),
            "name": name,
            "kind": kind,
            "port": _port(str(modem.get("port", "auto")), modems),
        }
        if pin := pins.get(str(modem.get("port"))):
            line["pin"] = pin
        lines.append(line)
    return lines


def _port(port: str, modems: Sequence[object]) -> str:
    """A name that stays the same whatever else is plugged in; alone, a modem is found wherever it is."""
    return port if "/by-id/" in port or len(modems) > 1 else "auto"


# --- how it is connected -----------------------------------------------------------------------


def connect(data: Data, recipe: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Set the lines as the recipe wants them; returns which place in the settings each answer went to.

    diverted: answers on the first ring, since the phones have rung already; the landline's number is never dialled.
    beside: hook-flash on the analog line, rings are the shop's own. beside-mobile: the analog line rings, the mobile
    one calls out (bridge). mobile: the SIM's number is the business's.
    """
    wanted = {"diverted": ("gsm",), "beside": ("analog",), "beside-mobile": ("analog", "gsm"), "mobile": ("gsm",)}
    index = {kind: _line(data, kind) for kind in wanted[recipe]}
    places: dict[str, str] = {}
    for answer, kind in (("sim", "gsm"), ("landline", "analog")):
        if kind in index and answer in answers:
            data["line"][index[kind]]["number"] = answers[answer]
            places[answer] = f"line[{index[kind]}].number"
    numbers = [] if recipe != "diverted" else [answers["landline"]]
    data["business"]["numbers"] = numbers
    if recipe == "diverted":
        places["landline"] = "business.numbers[0]"
        data["line"][index["gsm"]]["forward_by"] = ["conference", "transfer"]
    elif recipe == "mobile":
        data["line"][index["gsm"]]["forward_by"] = ["transfer", "conference"]
    elif recipe == "beside":
        line = data["line"][index["analog"]]
        line.update(forward_by=["flash"], site=answers.get("site", "fritzbox"))
        line.pop("bridge_over", None)
    else:
        line = data["line"][index["analog"]]
        line.update(forward_by=["bridge"], bridge_over=data["line"][index["gsm"]]["name"])
    if recipe == "diverted":
        data["plan"][0]["answer_after_rings"] = 1
    elif data["plan"][0].get("answer_after_rings") == 1:
        data["plan"][0]["answer_after_rings"] = OPEN_RINGS
    return places


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


def set_targets(data: Data, rows: Sequence[Mapping[str, str]], safety_net: bool) -> None:
    """These people in this order. `rows`: name, number, `old`: the name before, under which others may refer to him."""
    before = {target["name"]: target for target in data.get("target", ())}
    renamed = {row["old"]: row["name"] for row in rows if row.get("old") in before}
    targets = []
    for row in rows:
        old = copy.deepcopy(before.get(row.get("old", ""), {}))
        if old.get("number") != row["number"]:
            old.pop("ring_seconds", None)
        old.setdefault("ring_seconds", MOBILE_SECONDS if _is_mobile(row["number"]) else OTHER_SECONDS)
        targets.append({**old, "name": row["name"], "number": row["number"]})
    data["target"] = targets
    names = [target["name"] for target in targets]
    for plan in data["plan"]:
        kept = [renamed.get(name, name) for name in plan.get("chain", ())]
        plan["chain"] = [name for name in kept if name in names or name == "on-call"]
    data["plan"][0]["chain"] = names + [name for name in data["plan"][0]["chain"] if name not in names]
    data["roster"] = [
        {**shift, "target": renamed.get(shift["target"], shift["target"])}
        for shift in data.get("roster", ())
        if renamed.get(shift["target"], shift["target"]) in names
    ]
    for line in data["line"]:
        net = renamed.get(line.get("safety_net") or "")
        line.pop("safety_net", None)
        if line["kind"] == "gsm" and safety_net and names:
            line["safety_net"] = net if net in names else names[0]


def _is_mobile(number: str) -> bool:
    digits = "".join(character for character in number if character.isdigit())
    return digits.removeprefix("0049").removeprefix("49").lstrip("0").startswith(("15", "16", "17"))


# --- when --------------------------------------------------------------------------------------


def is_simple(data: Mapping[str, Any]) -> bool:
    """Whether the week is still as the set-up makes it, so that its form can show and change it."""
    table = data["timetable"]
    return len(table.get("slot") or ()) <= 1 and len(data["plan"]) <= 2 and not data.get("closure")


def hours_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows: the days and hours of the one slot, what is done outside of it, and the rings."""
    plans = {plan["name"]: plan for plan in data["plan"]}
    table, opened = data["timetable"], data["plan"][0]
    slot = next(iter(table.get("slot") or ()), None)
    outside = plans[table["otherwise"]]
    if outside is opened:
        closed = "same" if slot is None else "nobody"
    else:
        chain = outside.get("chain") or ()
        closed = f"to:{chain[0]}" if chain else "nobody"
    return {
        "days": tuple(slot["days"]) if slot else DEFAULT_DAYS,
        "from": _clock(slot["from"]) if slot else DEFAULT_HOURS[0],
        "to": _clock(slot["to"]) if slot else DEFAULT_HOURS[1],
        "rings": opened.get("answer_after_rings", OPEN_RINGS),
        "closed": closed,
        "holidays": data.get("holidays") is not None,
    }


def set_hours(data: Data, answers: Mapping[str, Any]) -> None:
    """One slot of opening hours and what is done outside; see `hours_of` for the answers."""
    opened = data["plan"][0]
    opened["answer_after_rings"] = answers["rings"]
    closed = str(answers["closed"])
    if closed == "same":
        data["plan"] = [opened]
        data["timetable"] = {"otherwise": opened["name"]}
        data.pop("holidays", None)
        return
    name = data["plan"][1]["name"] if len(data["plan"]) > 1 else _("closed")
    if name == opened["name"]:
        name = f"{name} 2"
    chain = [closed.removeprefix("to:")] if closed.startswith("to:") else []
    data["plan"] = [opened, {"name": name, "answer_after_rings": CLOSED_RINGS, "chain": chain}]
    slot = {"days": list(answers["days"]), "from": answers["from"], "to": answers["to"], "plan": opened["name"]}
    data["timetable"] = {"otherwise": name, "away": name, "slot": [slot]}
    if answers["holidays"]:
        data["holidays"] = {"plan": name}
    else:
        data.pop("holidays", None)


def _clock(value: object) -> str:
    return f"{value:%H:%M}" if hasattr(value, "hour") else str(value)
