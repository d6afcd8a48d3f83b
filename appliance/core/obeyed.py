"""Which settings are read and stored but not obeyed yet, so that nobody counts on them."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.core.settings import Line, Settings


def not_yet(settings: Settings) -> list[str]:
    """The places of settings that differ from the default and that nothing acts on."""
    return list(_places(settings))


def _places(settings: Settings) -> Iterator[str]:
    for index, line in enumerate(settings.line):
        yield from _line(f"line[{index}]", line)
    for index, target in enumerate(settings.target):
        if target.confirm:
            yield f"target[{index}].confirm"
    for index, plan in enumerate(settings.plan):
        if plan.otherwise != "hang-up":
            yield f"plan[{index}].otherwise"


def _line(place: str, line: Line) -> Iterator[str]:
    if line.kind == "analog":
        yield f"{place}.kind"
    elif "bridge" in line.forward_by:
        yield f"{place}.forward_by[{line.forward_by.index('bridge')}]"
