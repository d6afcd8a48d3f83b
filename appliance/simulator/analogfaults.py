"""How an analog modem may misbehave: what `faults` sets and the modem obeys, besides what any module can do."""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.simulator.misbehaviour import Misbehaviour

ABORT_ENDS = ("usual", "no etx", "vcon", "bare etx", "never", "straggling")
"""How voice mode ends when asked: DLE ETX and OK; OK alone; DLE ETX and VCON; DLE ETX and nothing more; not at all;
some more sound after OK."""
CALLER_IDS = ("none", "twice", "dirty", "withheld")
WEDGES = ("dtr", "power", "mute dtr", "mute power")


@dataclass(slots=True)
class AnalogMisbehaviour(Misbehaviour):
    """All that is wrong with an analog modem; the defaults are a good one."""

    caller_id: str = ""
    """What becomes of caller ID: none, twice, dirty, withheld; "" is printed as it comes."""
    rings_unseen_after: int | None = None
    """The modem sees no more rings than these, though the line rings on."""
    abort_end: str = "usual"
    wedged: str = ""
    """Hears nothing until: `dtr` the control line drops, `power` it is unplugged; `mute …`: nor does it speak."""
    read_back: dict[str, str] = field(default_factory=dict)
    """Command → what reading it back says, whatever was set."""
    underruns: int = 0
    """So many frames are played as if the host had sent none."""
    stalled_until: float = 0.0
    """Takes no bytes from the host until then."""
    deaf_side: str = ""
    """One-way silence: `send` nobody hears the host, `receive` the host hears nobody."""
    fixed_baud: int | None = None
    """Speaks at this speed only: at any other one both sides read noise."""
    silent_events: bool = False
    """No DLE events at all."""
