"""Public holidays for the check of settings, without their library in this process: it would stay, with its 17 MB.

Those of the stored settings are taken over while business and region stay the same; others are computed by a process
of its own, which is gone afterwards.
"""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from appliance.core import public_holidays
from appliance.core.settings import Business, Settings

WITHIN = 60.0
"""Seconds; a small box needs five."""
Days = dict[dt.date, str]

log = logging.getLogger(__name__)


def prepare(data: Mapping[str, Any], stored: tuple[int, Settings] | None) -> None:
    """See that the check of these settings, in the shape of the file, finds the holidays it needs."""
    if not isinstance(data.get("holidays"), dict):
        return
    try:
        business = msgspec.convert(data.get("business"), Business)
    except msgspec.ValidationError:
        return  # wrong: nothing will be computed from it
    if stored is not None and stored[1].public_holidays:
        public_holidays.remember(stored[1].business, stored[1].public_holidays)
    if public_holidays.is_remembered(business):
        return
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__], input=msgspec.json.encode(business), capture_output=True, check=True,
            timeout=WITHIN,
        )  # fmt: skip
        public_holidays.remember(business, msgspec.json.decode(done.stdout, type=Days))
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError) as error:
        log.warning("holidays are computed here, since that did not work aside: %s", error)


def main() -> None:
    """The process of its own: a business comes in, its holidays go out."""
    business = msgspec.json.decode(sys.stdin.buffer.read(), type=Business)
    sys.stdout.buffer.write(msgspec.json.encode(public_holidays.of(business)))


if __name__ == "__main__":
    main()
