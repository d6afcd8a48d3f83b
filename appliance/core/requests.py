"""What the page may ask of the engine, and what each is answered with. Both sides take the words from here.

The page writes a request into the store; the engine looks every second, does it while no call is on, and writes the
answer beside it. A request that is older than `FORGOTTEN_AFTER` when the engine sees it is answered with
`{"problem": "too_late"}` and not carried out: nobody waits for it any more.

Every answer is a JSON object. `problem`, where it has one, is a code of `core/problems` or one of the words below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

LOOK_FOR_MODEMS = "look_for_modems"
"""Look at all ports again now instead of at the next occasion. Payload: {}.

Answer: {"found": 2}, how many modems answered, on lines and besides. What they are stands in the live file: `lines` for
those that have a line, `found` for the others.
"""

PROBE_METHODS = "probe_methods"
"""Forget which forwarding methods networks refused, so that each is tried anew with the next call.

Payload: {"line": name} or {} for all lines. Answer: {"can": {name: ["transfer", "conference"]}}, as status shows it.
"""

CHECK_DIVERSIONS = "check_diversions"
"""Ask the network which diversions are set. Payload: {"line": name} or {}.

Answer: {"diversions": {name: [{"when", "to", "confirmed", "ours"}, …]}}, for a line that cannot be asked now
{"diversions": {name: null}, "problem": code}.
"""

ERASE_DIVERSIONS = "erase_diversions"
"""Take back every diversion of a line, also one that is not ours (3GPP 22.030: erasure), and set ours again where the
settings name a safety net. Payload: {"line": name}. Answer: as of CHECK_DIVERSIONS, asked again afterwards.
"""

PROVE_DIVERSION = "prove_diversion"
"""A test call has shown whether a diversion of an analog line stands: its network says so in words alone.

Payload: {"line": name, "when": "busy" | "no_reply" | "always", "works": true | false}. Answer: as of CHECK_DIVERSIONS.
"""

TRY_FLASHES = "try_flashes"
"""For guided test calls on an analog line: from now on try these lengths of flash in one call, until one is taken.

Payload: {"line": name, "flashes": [90, 120, …]} in milliseconds, [] to end it. Answer: {"heard": [[90, "nothing"],
[120, "dial"], …]}, what followed each since the last such request (lines/analog_trial).
"""

RESTART = "restart"
"""End the engine as SIGTERM does, after the call that is on; the service manager starts it again. Payload: {}.

Answer, written before it ends: {"ok": true}.
"""

KINDS = frozenset(
    [LOOK_FOR_MODEMS, PROBE_METHODS, CHECK_DIVERSIONS, ERASE_DIVERSIONS, PROVE_DIVERSION, TRY_FLASHES, RESTART]
)

FORGOTTEN_AFTER = timedelta(minutes=2)
"""By the wall clock, which may have jumped meanwhile: then a request is lost, and the page says so."""
TOO_LATE = "too_late"
UNKNOWN_LINE = "unknown_line"
"""`problem`: there is no line of this name."""


class Request(Struct, frozen=True):
    """One wish of the page. `asked_at`, `answered_at`: aware. `answer`: None until there is one."""

    id: int
    kind: str
    payload: Mapping[str, object]
    asked_at: datetime
    answer: Mapping[str, object] | None = None
    answered_at: datetime | None = None

    def is_forgotten(self, at: datetime) -> bool:
        """Whether nobody waits for it any more at this time (aware)."""
        return not timedelta(0) <= at - self.asked_at <= FORGOTTEN_AFTER
