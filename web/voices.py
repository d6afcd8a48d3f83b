"""Lines that can say something to a caller."""

from __future__ import annotations

from appliance.core.settings import Line, Settings


def has_voice(line: Line) -> bool:
    """Whether it can: an analog line, and one whose sound the box carries itself."""
    return line.kind == "analog" or "bridge" in line.forward_by


def voiceless(settings: Settings) -> list[str]:
    """The names of the lines that cannot: what a plan wants said is not heard there."""
    return [line.name for line in settings.line if not has_voice(line)]
