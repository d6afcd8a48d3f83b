"""How the port an analog modem hangs on behaves: a public exchange line, a router, a PBX. As data.

Sources: TR 110-1 and 1 TR 110 (German exchange lines: flash 170 to 310 ms); the manuals of AVM FRITZ!Box (R 1 ends the
active call, R 2 swaps, R 4 transfer; hanging up transfers, too), Telekom Speedport and Auerswald
COMpact (flash 50 to 100 ms, consultation by flash, transfer by hanging up).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Site:
    """One kind of port. Times in seconds.

    `flash_least` … `flash_most`: how long the loop must be open to count as a flash; a shorter one is not noticed,
    one of `drop_after` or more is taken for hanging up. `recall`: whether a flash does anything at all.
    `on_hook_transfers`: hanging up during a consultation connects the two; `while_ringing`: even before the target
    has answered. `back`, `swap`, `give`: the key after a flash that ends the consultation, swaps, transfers; "" is the
    bare flash (only for `back`), None: there is none. `prefix`: digits that lead outside. `on_hold`: what a held party
    hears, music or silence. `busy_returns`: seconds of busy tone after which the held party is given back, None: it
    waits for a flash. `deserted`: what becomes of a held party when the port hangs up without a target: recall or drop.
    `unanswered_returns`: seconds after which a call handed on to a target that still rings comes back, None: it rings
    on. `unreachable`: how a switched-off mobile sounds: sit, busy, or a spoken announcement without any tone. `at_end`:
    what the port hears when the far end has hung up: busy, congestion, dial, silence, or break (the loop is cut for
    `break_seconds`, then dial tone). `caller_id`: before, after (the first ring), or none. `codes`: star codes are
    obeyed.
    """

    name: str = "pbx"
    flash_least: float = 0.05
    flash_most: float = 0.3
    drop_after: float = 0.5
    recall: bool = True
    on_hook_transfers: bool = True
    while_ringing: bool = True
    back: str | None = "1"
    swap: str | None = "2"
    give: str | None = "4"
    prefix: str = ""
    area: str = "89"
    extensions: dict[str, str] = field(default_factory=dict)
    on_hold: str = "music"
    busy_returns: float | None = None
    deserted: str = "recall"
    unanswered_returns: float | None = None
    unreachable: str = "sit"
    at_end: str = "busy"
    break_seconds: float = 0.6
    caller_id: str = "after"
    codes: bool = True
    dial_tone_after: float = 0.2
    dial_tone_lasts: float = 20.0
    interdigit: float = 3.0
    recall_lasts: float = 60.0


SITES = {
    site.name: site
    for site in (
        Site("exchange", 0.17, 0.31, recall=False, on_hook_transfers=False, deserted="drop"),
        Site("fritzbox", 0.05, 0.4),
        Site("speedport", 0.05, 0.3, while_ringing=False, give=None, on_hold="silence"),
        Site("pbx", 0.05, 0.15, prefix="0", back="", give=None, busy_returns=None),
        Site("pbx-code", 0.05, 0.15, prefix="0", on_hook_transfers=False),
    )
}
