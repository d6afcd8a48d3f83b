"""The settings file as TOML: reading it with its place of error, and writing the settings back."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator

import msgspec
import tomli_w

from appliance.core.mistakes import Mistake, sentence
from appliance.core.settings import NOT_IN_FILE, Business, Line, Plan, Settings, Table, Target, Timetable

_WHOLE = (Business, Line, Target, Plan, Timetable)
"""Tables that are written with all they say, defaults too: there a reader sees what could be changed."""
_LEFT_OUT = {
    "de": "# Ohne Geheimnisse: {} fehlen hier; mit --with-secrets stehen sie dabei.\n\n",
    "en": "# Without secrets: {} are left out; --with-secrets includes them.\n\n",
}
SECRETS = frozenset(["pin", "command_code", "password", "webhook", "web_password_hash", "setup_code"])
_SLIPS: tuple[tuple[str, str, str], ...] = (
    (r"Invalid date", "ein Datum, das es nicht gibt", "a date that does not exist"),
    (r"Unterminated string|Illegal character '\\n'", "ein Anführungszeichen fehlt", "a quotation mark is missing"),
    (r"Invalid value", "ein Text ohne Anführungszeichen?", "a text without quotation marks?"),
    (r"Cannot|Duplicate", "etwas steht zweimal da", "something is there twice"),
    (r"Expected '='", "hinter dem Namen fehlt ein =", "after the name a = is missing"),
    (r"Unclosed|Expected '\]|table declaration|array declaration", "eine Klammer ist offen", "a bracket is not closed"),
    (r"Expected newline", "hinter dem Wert steht noch etwas", "there is something after the value"),
    (r"Unescaped|Escaped|Invalid hex", "ein \\ muss doppelt stehen: \\\\", "a \\ must be doubled: \\\\"),
)
"""What the library says (a pattern), and what has mostly happened then, in German and English."""
_POSITION = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def parse(content: bytes) -> dict[str, object] | Mistake:
    """The file's tables, or the one thing that keeps it from being TOML, with its line."""
    try:
        text = content.decode("utf-8-sig")  # Windows' editor begins its files with a mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        language = _language(content.decode("latin-1"))
        return Mistake(_line(line, language), sentence("encoding", language))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
    except RecursionError:
        message = "nested too deeply"
    language, position = _language(text), _POSITION.search(message)
    line = int(position[1]) if position and position[1] else text.count("\n") + 1
    slips = (
        in_german if language == "de" else english for said, in_german, english in _SLIPS if re.match(said, message)
    )
    slip = next(slips, "")
    return Mistake(_line(line, language), sentence("syntax", language, detail=f" ({slip})" if slip else ""))


def _language(text: str) -> str:
    """That of the settings, of a file that cannot be read."""
    return "en" if re.search(r"""^\s*language\s*=\s*["']en["']""", text, re.MULTILINE) else "de"


def _line(number: int, language: str) -> str:
    return f"{'Zeile' if language == 'de' else 'line'} {number}"


def to_toml(settings: Settings, with_secrets: bool) -> str:
    """The settings as a file that gives the same settings again; without secrets, a comment says what is missing."""
    left_out: list[str] = []
    table = _table(settings, "", None if with_secrets else left_out)
    notice = _LEFT_OUT[settings.business.language].format(", ".join(left_out)) if left_out else ""
    return notice + "\n\n".join(_sections(table, "")) + "\n"


def _sections(table: dict[str, object], heading: str) -> Iterator[str]:
    """The parts of the file, each under its heading and in the order of the structs."""
    own = [f"{key} = {_inline(value)}" for key, value in table.items() if not _is_table(value)]
    if heading:
        yield "\n".join([heading, *own])
    place = heading.strip("[]")
    for key, value in table.items():
        below = f"{place}.{key}" if place else key
        if isinstance(value, dict):
            yield from _sections(value, f"[{below}]")
        elif _is_table(value) and isinstance(value, list):
            for item in value:
                yield from _sections(item, f"[[{below}]]")


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _inline(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return tomli_w.dumps({"key": value}).removeprefix("key = ").rstrip("\n")


def _table(table: Table, place: str, left_out: list[str] | None) -> dict[str, object]:
    """A table's keys as TOML has them; secrets go to `left_out` by their place, unless it is None."""
    written: dict[str, object] = {}
    for item in msgspec.structs.fields(table):
        value = getattr(table, item.name)
        if item.name in NOT_IN_FILE or value is None or (value == item.default and not isinstance(table, _WHOLE)):
            continue
        if value == () or (value == "" and item.default == ""):
            continue
        here = f"{place}.{item.encode_name}" if place else item.encode_name
        if item.name in SECRETS and left_out is not None:
            left_out.append(here)
        else:
            written[item.encode_name] = _value(value, here, left_out)
    return written


def _value(value: object, place: str, left_out: list[str] | None) -> object:
    if isinstance(value, Table):
        return _table(value, place, left_out)
    if isinstance(value, tuple):
        return [_value(item, f"{place}[{index}]", left_out) for index, item in enumerate(value)]
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return value
