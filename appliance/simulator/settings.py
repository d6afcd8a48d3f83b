"""What commands set in a module and a reboot forgets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Settings:
    """The defaults are those of power-on: echo on, errors as a bare ERROR, nothing reported unasked."""

    echo: bool = True
    cmee: int = 0
    clip: bool = False
    ccwa: bool = False
    crc: bool = False
    cvhu: int = 2
    pdu_mode: bool = False
    """27.005 3.2.3 leaves the default to the maker: whoever wants PDUs has to ask for them."""
    character_set: str = "GSM"
    numeric_operator: bool = False
    cnmi: list[int] = field(default_factory=lambda: [0, 0, 0, 0, 0])
    registration: dict[str, int] = field(default_factory=dict)
    """n of +CREG, +CGREG, +CEREG, +CIREG."""
    switches: set[str] = field(default_factory=set)
    """Call reports that were switched on, by their command."""
    registers: dict[int, int] = field(default_factory=lambda: {0: 0, 3: 13, 4: 10, 5: 8, 7: 60})
    muted: bool = False
