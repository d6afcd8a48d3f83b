"""From the last ring to ATA or off-hook, and from the target's answer to CHLD=4."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import landline
from tests.bench.box import callers, engine, provision, state_folder
from tests.bench.figures import Figure, one
from tests.bench.module import ACTIVE, INCOMING, Leg, Module

BETWEEN_CALLS = 0.38
"""Seconds from ring to ring: the engine writes to the disk from 0.3 s after a ring on, and should be done by then."""
BETWEEN_RINGS = 2.05
"""Seconds: two rings within 2 s count as one."""
PEER = "nearest peer 0.5, 99 %: 1.5; it does not ask the module"
POLL = 500.0
"""ms between two looks at the calls (27.007 7.18 has no news of its own)."""


@dataclass
class Times:
    """Of each call, in ms."""

    ata: list[float] = field(default_factory=list)
    answer_to_join: list[float] = field(default_factory=list)
    list_to_join: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    """Of the engine, in all, over all of them and the pauses between."""


def with_news(count: int) -> list[Figure]:
    """Calls on a module that says when the target answers; the first ring is the N-th."""
    times = play(count, warm_up=min(10, count // 4), rings=1, news=True)
    return [
        Figure("ring 1 → ATA", "ms", tuple(times.ata), 0.5, 2.0, PEER),
        Figure("target answers, module says so → CHLD=4", "ms", tuple(times.answer_to_join), limit_99=5.0),
        one("CPU for a whole forwarded call", "ms", times.cpu_ms / count),
    ]


def by_polling(count: int) -> list[Figure]:
    """Calls on a module that only answers +CLCC, and on a landline's modem; the second ring is the N-th."""
    times = play(count, warm_up=1, rings=2, news=False)
    return [
        Figure("ring 2 → ATA", "ms", tuple(times.ata), 0.5, 2.0, PEER),
        Figure("target answers, module says nothing → CHLD=4", "ms", tuple(times.answer_to_join), limit_99=POLL + 5),
        Figure("  of that, from the list that shows it on", "ms", tuple(times.list_to_join), limit_99=5.0),
        *landline.measure(count),
    ]


def play(count: int, warm_up: int, rings: int, news: bool) -> Times:
    """So many calls, after some to warm up, each forwarded by explicit transfer."""
    who = callers()
    dice = random.Random(1)  # the same moments in every run
    times = Times()
    with state_folder() as folder, Module() as module:
        state = Path(folder)
        provision(state, module.port, rings)
        with engine(state) as process:
            module.serve_until_quiet(0.6)
            for nth in range(-warm_up, count):
                if nth == 0:
                    used = process.cpu_seconds
                began = time.monotonic()
                _call(module, next(who), rings, news, dice, times if nth >= 0 else Times())
                module.serve(max(0.1, BETWEEN_CALLS - (time.monotonic() - began)))
            times.cpu_ms = (process.cpu_seconds - used) * 1000
    return times


def _call(module: Module, caller: str, rings: int, news: bool, dice: random.Random, times: Times) -> None:
    module.heard.clear()
    module.legs = [Leg(1, True, INCOMING, caller)]
    for _ in range(rings - 1):
        module.say("RING", f'+CLIP: "{caller}",145,,,,0')
        module.serve(BETWEEN_RINGS)
    rang = module.say("RING", f'+CLIP: "{caller}",145,,,,0')
    times.ata.append(module.own_ns(rang, module.hear("ATA", 2.0)) / 1e6)
    module.hear("ATD", 2.0)
    # longer than the engine needs to see it ring, and within one poll at any moment with the same chance
    module.serve(dice.uniform(0.03, 0.08) if news else dice.uniform(0.05, 0.55))
    module.legs[-1].stat = ACTIVE
    answered = module.say("^CONN:2,0") if news else time.monotonic_ns()
    joined = module.hear("AT+CHLD=4", 2.0)
    times.answer_to_join.append(module.own_ns(answered, joined) / 1e6)
    shown = next(one for one in module.heard if one.text == "AT+CLCC" and one.answered_ns >= answered)
    times.list_to_join.append((joined.read_ns - shown.answered_ns) / 1e6)
