"""Lines that can say something to a caller."""

from __future__ import annotations

from appliance.core.settings import Line


def has_voice(line: Line) -> bool:
    """Whether it can: an analog line, and one whose sound the box carries itself."""
    return line.kind == "analog" or "bridge" in line.forward_by
