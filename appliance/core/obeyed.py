"""Which settings are read and stored but not obeyed yet, so that nobody counts on them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import fields

from appliance.core.settings import Line, Messages, Settings, Table


def not_yet(settings: Settings) -> list[str]:
    """The places of settings that differ from the default and that nothing acts on."""
    return list(_places(settings))


def _places(settings: Settings) -> Iterator[str]:
    for index, line in enumerate(settings.line):
        yield from _line(f"line[{index}]", line)
    for index, target in enumerate(settings.target):
        yield from (f"target[{index}].{key}" for key in ("confirm", "brief", "tariff_ct") if getattr(target, key))
    for index, plan in enumerate(settings.plan):
        if plan.otherwise != "hang-up":
            yield f"plan[{index}].otherwise"
    yield from _messages(settings.messages)
    for table in ("costs", "guard"):
        yield from (f"{table}.{key}" for key in _changed(getattr(settings, table)))
    yield from (f"notify.{key}" for key in ("email", "webhook") if getattr(settings.notify, key))


def _line(place: str, line: Line) -> Iterator[str]:
    if line.kind == "analog":
        yield f"{place}.kind"
    elif "bridge" in line.forward_by:
        yield f"{place}.forward_by[{line.forward_by.index('bridge')}]"


def _messages(messages: Messages) -> Iterator[str]:
    if messages.missed in ("digest", "both"):
        yield "messages.missed"
    obeyed = ("missed", "over")
    yield from (f"messages.{key}" for key in _changed(messages) if key not in obeyed)


def _changed(table: Table) -> Iterator[str]:
    """The keys that differ from the default."""
    return (item.name for item in fields(table) if getattr(table, item.name) != item.default)
