"""`python -m tests.bench [--quick] [--json FILE]`: measure, and print one table. Exit status 0 when it ran."""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import platform
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench import audio, calllog, calls, decision, endurance, figures, idle, page, startup, terminal, texts, wear

# how often a start or import is tried, calls with news, polled calls, idle seconds, batches of texts, missed calls,
# calls on the fast clock, the same to warm up, calls of a long log, how often it is asked, seconds of a bridged call,
# calls on a card
LONG = (5, 200, 14, 60.0, 8, 25, 500, 60, 200_000, 5, 60.0, 3)
QUICK = (1, 6, 1, 2.0, 1, 2, 20, 8, 20_000, 5, 6.0, 0)


def main() -> None:
    """Figures are a report, not a test: a slow machine is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Rufweiche on this machine.")
    parser.add_argument("--quick", action="store_true", help="a minute instead of some ten")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    options = parser.parse_args()
    starts, with_news, polled, seconds, batches, missed, fast, warm_up, logged, asked, talk, on_card = (
        QUICK if options.quick else LONG
    )
    gc.disable()  # ours must not pause the module
    before = _Machine()
    found: list[figures.Figure] = []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as aside:
        _tell("calls on a module that says when the target answers")
        found += calls.with_news(with_news)
        found += terminal.measure(min(with_news, 50), calls.BETWEEN_CALLS / 4)
        _tell("calls on a module that only answers; an idle engine beside")
        resting = aside.submit(idle.measure, seconds)
        found += calls.by_polling(polled)
        rested = resting.result()
        _tell("texts")
        found += texts.in_memory(batches, missed)
        _tell(f"{fast} calls on the fast clock; fsyncs beside")
        lasting = aside.submit(endurance.measure, fast, warm_up)
        found += texts.on_disk(max(1, batches // 4), max(3, missed // 2))
        found += rested + lasting.result()
        _tell("starts and imports")
        found += startup.measure(starts)
    _tell(f"a bridged call of {talk:.0f} s")
    found += audio.measure(talk)
    _tell(f"decisions, and a log of {logged:,} calls")
    found += decision.measure(400)
    found += calllog.measure(logged, asked)
    _tell(f"the page on a log of {logged:,} calls")
    found += page.measure(logged, 3 * asked, seconds)
    _tell("what a card is given")
    found += wear.measure(on_card)
    sys.stdout.write(f"\n{figures.table(found)}\n\n{before.since()}\n")
    if options.json:
        content = {"machine": before.since(), "figures": figures.as_json(found)}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _tell(what: str) -> None:
    sys.stderr.write(f"measuring {what} …\n")


class _Machine:
    """What else there was to do on this machine meanwhile: with that in view the figures can be judged."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._ticks = _ticks()

    def since(self) -> str:
        """Said below the table."""
        user, nice, system, idle, waiting, _, _, stolen = (
            now - before for now, before in zip(_ticks(), self._ticks, strict=True)
        )
        busy = user + nice + system
        share = 100 / max(1, busy + idle + waiting + stolen)
        took = time.monotonic() - self._began
        return (
            f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, "
            f"{busy * share:.0f} % busy and {stolen * share:.0f} % stolen in these {took:.0f} s.\n"
            "Times are the engine's own: what the module takes to answer is left out, what the kernel takes is not."
        )


def _ticks() -> list[int]:
    """proc(5), /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal of all cores together."""
    return [int(field) for field in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]


if __name__ == "__main__":
    main()
