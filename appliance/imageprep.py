"""`rufweiche image-prepare`: settings into an image before it is written to a card; many customers from a table.

Runs on the installer's PC, not on the box. The boot partition is written by mtools, which need no right to mount.
"""

from __future__ import annotations

import copy
import csv
import io
import lzma
import re
import secrets
import shutil
import subprocess
import tomllib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
import tomli_w
from msgspec import Struct

from appliance.core.errors import RufweicheError, UserError
from appliance.core.mistakes import Mistake
from appliance.core.settings import NOT_IN_FILE, Settings
from appliance.core.settings_check import check
from appliance.firstboot import FILE

SECTOR = 512
_FAT = (0x0B, 0x0C)
"""Partition types of FAT32."""
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
_CODE = 8
_SEPARATOR = re.compile(r'\s*"?sep=([;,\t|])"?[ \r]*(?=\n)', re.IGNORECASE)
"""The line before the heading that tells Excel what parts the cells."""
_PLACE = re.compile(r"([a-z_]+)(?:\[([0-9]{1,2})\])?")
_CHUNK = 1 << 20
_TRUE = frozenset(["true", "wahr", "yes", "y", "ja", "j", "1", "x", "on", "an", "ein"])
_FALSE = frozenset(["false", "falsch", "no", "n", "nein", "0", "off", "aus"])
"""What people write, and what their spreadsheet makes of it."""
_EXACT = frozenset(["ssid", "password"])
"""Keys whose values keep their blanks, as the settings file does."""


class PreparationError(RufweicheError):
    """An image cannot be read or written."""


class Prepared(Struct, frozen=True):
    """One customer: the settings as checked, the file for the card, the set-up code on his sheet (None: a password)."""

    name: str
    settings: Settings
    toml: bytes
    setup_code: str | None


def prepare(base: bytes, table: bytes | None) -> tuple[list[Prepared], list[Mistake]]:
    """The customers, or every mistake; the place of one in a table's row begins with the row's number.

    `base`: a settings file. `table`: CSV, each column a place in the settings ("business.name", "line[0].pin"), each
    row what differs from `base`. Raises UserError where a file cannot be read at all.
    """
    try:
        common = tomllib.loads(base.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"the settings file is no TOML in UTF-8: {error}") from error
    rows: list[tuple[int, Mapping[str, str]]] = _rows(table) if table is not None else [(0, {})]
    found: list[Prepared] = []
    mistakes: list[Mistake] = []
    rows_of: dict[str, list[int]] = {}
    for number, row in rows:
        data = copy.deepcopy(common)
        for column, cell in row.items():
            try:
                _put(data, column, cell)
            except UserError as error:
                raise UserError(f"row {number}: {error}") from error
        prepared, wrong = _one(data)
        mark = f"row {number}: " if table is not None else ""
        mistakes += [Mistake(mark + mistake.place, mistake.text) for mistake in wrong]
        if prepared:
            found.append(prepared)
            rows_of.setdefault(prepared.name.casefold(), []).append(number)  # so are names in a network, and files
    for name, taken in rows_of.items():
        if len(taken) > 1:
            listed = ", ".join(map(str, taken))
            mistakes.append(Mistake("box.hostname", f"several customers have the host name {name}: rows {listed}"))
    return found, mistakes


def _one(data: dict[str, Any]) -> tuple[Prepared | None, list[Mistake]]:
    box = data.setdefault("box", {})
    if isinstance(box, dict) and not box.get("web_password_hash") and not box.get("setup_code"):
        box["setup_code"] = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE))
    checked = check(data)
    if checked.settings is None:
        return None, checked.mistakes
    settings = checked.settings
    return Prepared(settings.box.hostname, settings, tomli_w.dumps(data).encode(), settings.box.setup_code), []


# --- the table -----------------------------------------------------------------------------------


def _rows(table: bytes) -> list[tuple[int, Mapping[str, str]]]:
    """CSV as spreadsheets write it: comma, semicolon or tab, UTF-8, UTF-16 or Windows. Each row with its number as they
    count (the first is 1, empty ones count) and its cells that are not empty. Raises UserError."""
    heading, rows = list[str](), list[tuple[int, Mapping[str, str]]]()
    text = _text(table)
    separator = _SEPARATOR.match(text)
    if separator:
        text = "\n" * separator[0].count("\n") + text[separator.end() :]  # the rows keep their numbers
    first = next((line for line in text.splitlines() if line.strip()), "")
    parted_by = separator[1] if separator else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=parted_by, strict=True)
    try:
        for number, line in enumerate(reader, start=1):
            if not any(cell.strip() for cell in line):
                continue
            if heading:
                rows.append((number, _cells(heading, line, number)))
            else:
                heading = _heading(line)
    except csv.Error as error:
        raise UserError(f"line {reader.line_num} of the table cannot be read: {error}") from error
    if not rows:
        raise UserError("the table has no rows: the first names the columns, each further one is a customer")
    return rows


def _text(table: bytes) -> str:
    try:
        return table.decode("utf-16" if table.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        return table.decode("cp1252", errors="replace")


def _heading(line: list[str]) -> list[str]:
    """The columns' names. Raises UserError where one is none or is there twice."""
    columns = [cell.strip() for cell in line]
    for index, column in enumerate(columns):
        if column:
            _type_of(column)
            if column in columns[:index]:
                raise UserError(f"column {column[:40]!r} is there twice; take one out")
    return columns


def _cells(heading: list[str], line: list[str], number: int) -> dict[str, str]:
    """Column and cell of a row. Raises UserError where a cell is in no column."""
    found: dict[str, str] = {}
    for index, cell in enumerate(line):
        if cell.strip():
            column = heading[index] if index < len(heading) else ""
            if not column:
                raise UserError(f"row {number}: cell {index + 1}, {cell.strip()[:40]!r}, is in a column without a name")
            found[column] = cell if column.rpartition(".")[2] in _EXACT else cell.strip()
    return found


def _put(data: dict[str, Any], column: str, cell: str) -> None:
    """Set the place that `column` names. Raises UserError."""
    *way, (last, _) = _steps(column)
    here: Any = data
    for key, index in way:
        if index is None:
            here = here.setdefault(key, {})
        else:
            tables = here.setdefault(key, [])
            if not isinstance(tables, list):
                raise UserError(f"column {column!r}: {key!r} is one table in the settings, write it without [{index}]")
            if index > len(tables):
                raise UserError(f"column {column!r}: there is no [[{key}]] number {len(tables)} before it")
            if index == len(tables):
                tables.append({})
            here = tables[index]
        if not isinstance(here, dict):
            raise UserError(f"column {column!r}: {key!r} is no single table in the settings; write it like line[0].pin")
    here[last] = _value(cell, _type_of(column), column)


def _value(cell: str, kind: type, column: str) -> object:
    if kind is bool:
        word = cell.lower()
        if word not in _TRUE | _FALSE:
            raise UserError(f"column {column!r}: {cell[:40]!r} is neither yes nor no; write true or false")
        return word in _TRUE
    if kind in (int, float):
        try:
            return kind(cell.replace(",", "."))
        except ValueError:
            raise UserError(f"column {column!r}: {cell[:40]!r} is no number") from None
    return cell


def _steps(column: str) -> list[tuple[str, int | None]]:
    matches = [_PLACE.fullmatch(part) for part in column.split(".")]
    if not all(matches):
        raise UserError(
            f"column {column[:40]!r} is no place in the settings; write it like business.name or line[0].pin"
        )
    return [(match[1], int(match[2]) if match[2] else None) for match in matches if match]


def _type_of(column: str) -> type:
    """What is expected at a place. Raises UserError where the settings have no such place."""
    here: Any = Settings
    for key, _ in _steps(column):
        known = {item.encode_name: item.type for item in msgspec.structs.fields(here)} if _is_table(here) else {}
        if key not in known or key in NOT_IN_FILE:
            raise UserError(f"column {column[:40]!r}: the settings have no {key!r} there")
        here = _plain(known[key])
    return here if isinstance(here, type) and not _is_table(here) else str


def _plain(kind: Any) -> Any:  # noqa: ANN401 - type hints come in many kinds
    """A table out of `Table | None` or `tuple[Table, ...]`."""
    options = (
        typing.get_args(kind) if isinstance(kind, types.UnionType) or typing.get_origin(kind) is tuple else (kind,)
    )
    options = tuple(option for option in options if option not in (type(None), Ellipsis))
    return next((option for option in options if _is_table(option)), options[0])


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


# --- the image -----------------------------------------------------------------------------------


def copy_image(image: Path, out: Path) -> None:
    """A copy, unpacked (.xz) where it is packed, with holes where the image is empty. Raises PreparationError."""
    beside = out.with_name(out.name + ".part")
    try:
        with _opened(image) as source, beside.open("wb") as target:
            while chunk := source.read(_CHUNK):
                if chunk.count(0) == len(chunk):
                    target.seek(len(chunk), 1)
                else:
                    target.write(chunk)
            target.truncate(target.tell())
        beside.replace(out)
    except (OSError, lzma.LZMAError, EOFError) as error:
        beside.unlink(missing_ok=True)
        raise PreparationError(f"{image}: cannot be copied to {out}: {error}") from error


def _opened(image: Path) -> IO[bytes]:
    if image.suffix == ".xz":
        return typing.cast(IO[bytes], lzma.open(image, "rb"))
    return image.open("rb")


def fill(card: Path, toml: bytes) -> None:
    """Put the settings on the boot partition of an unpacked image. Raises PreparationError."""
    if shutil.which("mcopy") is None:
        raise PreparationError("the program mcopy is missing: install mtools")
    where = f"{card}@@{_boot_offset(card) * SECTOR}"
    done = _mtools(["mcopy", "-o", "-i", where, "-", f"::{FILE}"], toml)
    if done.returncode or _mtools(["mtype", "-i", where, f"::{FILE}"]).stdout != toml:  # on a full disk mcopy says 0
        _mtools(["mdel", "-i", where, f"::{FILE}"])
        raise PreparationError(f"{card}: {done.stderr.decode(errors='replace').strip() or 'mcopy failed'}")


def _mtools(command: list[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    way = {"PATH": "/usr/local/bin:/usr/bin:/bin", "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, input=given, capture_output=True, check=False, env=way)


def _boot_offset(card: Path) -> int:
    """The sector where the first partition begins, which must be FAT32."""
    try:
        with card.open("rb") as file:
            table = file.read(SECTOR)
    except OSError as error:
        raise PreparationError(f"{card}: {error.strerror}") from error
    if len(table) < SECTOR or table[510:] != b"\x55\xaa" or table[450] not in _FAT:
        raise PreparationError(f"{card} is no Rufweiche image: its first partition is not FAT")
    return int.from_bytes(table[454:458], "little")
