"""What the documents say of commands, files, settings and texts is so."""

from __future__ import annotations

import datetime as dt
import re
import typing
from pathlib import Path

import msgspec
import pytest

from appliance.cli import cli
from appliance.core import textcommands
from appliance.core.settings import NOT_IN_FILE, Settings
from appliance.core.settings_check import check_file
from tests.core import settings_sample

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *(ROOT / room / "README.md" for room in ("appliance", "web", "image-build")),
    )
}
README = DOCUMENTS["README.md"]
LARGEST = 120_000
"""Bytes of a picture."""


def rows(document: str, *, under: str) -> list[str]:
    """The lines of the first table after these words."""
    after = document[document.index(under) :].splitlines()
    first = next(index for index, line in enumerate(after) if line.startswith("|"))
    table = after[first:]
    end = next((index for index, line in enumerate(table) if not line.startswith("|")), len(table))
    return table[2:end]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def commands() -> dict[str, str]:
    """Command → how the README writes it, from the table."""
    written = {}
    for row in rows(README, under="| command | what it says or does"):
        for one in quoted(row.replace("\\|", " ").split("|")[1]):
            written[one.split()[0]] = written.get(one.split()[0], "") + one
    return written


def test_the_readme_names_every_command_and_no_other(commands):
    assert set(commands) == set(cli.commands)


def test_the_options_it_gives_are_those_of_the_command(commands):
    for name, written in commands.items():
        options = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", written)) <= options, name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_rufweiche_command_in_a_document_can_be_given(document):
    for name, rest in re.findall(r"\brufweiche ([a-z][a-z-]+)\b([^`\n]*)", DOCUMENTS[document]):
        command = cli.commands.get(name)
        assert command is not None, name
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\w)--[a-z-]+", rest)) <= options | {"--help"}, (name, rest)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_target_of_make_in_a_document_is_one(document):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", DOCUMENTS[document], re.MULTILINE)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_links_to_is_there(document):
    text = DOCUMENTS[document]
    links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for link in links:
        if "://" not in link:
            path = (ROOT / document).parent / link.partition("#")[0]
            assert path.exists(), link
            assert path.suffix != ".png" or path.stat().st_size <= LARGEST, f"{link} is too large"


def test_the_map_of_the_appliance_names_files_that_are_there():
    here = ROOT / "appliance"
    names = {path.name for path in here.rglob("*.py")}
    for one in quoted(DOCUMENTS["appliance/README.md"]):
        if one.endswith("/"):
            assert any((parent / one).is_dir() for parent in (ROOT, here, here / "simulator")), one
        elif re.fullmatch(r"[\w/]+\.py", one):
            assert (here / one).exists() or one in names, one
        elif re.fullmatch(r"(core|at|lines|audio|ports|store|simulator)/\w+", one):
            assert (here / f"{one}.py").exists(), one


def test_every_module_of_the_appliance_has_a_place_on_the_map():
    named = set(quoted(DOCUMENTS["appliance/README.md"]))
    apart = re.compile(r"__init__|cli_\w+|demo_\w+|machine|export|notify|cardsheet|statistics_report")
    missing = [
        path.name
        for path in (ROOT / "appliance").glob("*.py")
        if path.name not in named and not apart.fullmatch(path.stem)
    ]
    assert missing == []  # those apart are used by one neighbour alone


# --- settings --------------------------------------------------------------------------------------


def test_the_settings_of_the_readme_are_accepted_without_a_word():
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    checked = check_file(example.encode())
    assert checked.settings is not None
    assert checked.mistakes + checked.warnings == []


def tables(struct: type[msgspec.Struct] = Settings) -> dict[str, type[msgspec.Struct]]:
    """Name of each table, also of those within tables → its struct."""
    found: dict[str, type[msgspec.Struct]] = {}
    for field in msgspec.structs.fields(struct):
        kinds = [field.type, *typing.get_args(field.type)]
        table = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)
        if table and field.encode_name not in NOT_IN_FILE:
            found |= {field.encode_name: table, **tables(table)}
    return found


def test_the_readme_names_every_setting():
    settings = README[README.index("## Settings") : README.index("## Modems")]
    words = set(re.findall(r"[a-z_]+", settings))
    for name, struct in tables().items():
        assert name in words, name
        missing = [field.encode_name for field in msgspec.structs.fields(struct) if field.encode_name not in words]
        assert missing == [], name


def test_the_readme_names_no_setting_that_is_none():
    known = {field.encode_name for struct in tables().values() for field in msgspec.structs.fields(struct)}
    for row in rows(README, under="| table | key | what it does |"):
        for one in quoted(row.split("|")[2]):
            key = re.split(r"[ =\[.]", one)[0]
            assert not key or key in known, one


# --- what owners text ------------------------------------------------------------------------------


@pytest.mark.parametrize(("document", "heading"), [("docs/betrieb.md", "| Ihre SMS"), ("docs/owner.md", "| your text")])
def test_every_text_an_owner_is_told_of_is_understood(document, heading):
    settings = check_file(f'{settings_sample.SMALL}away = "open"'.encode()).settings
    assert settings is not None
    owner = textcommands.Sender(True, ("Anna",))
    at = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    said = [one for row in rows(DOCUMENTS[document], under=heading) for one in quoted(row.split("|")[1])]
    assert len(said) >= 8
    for text in said:
        command = textcommands.parse(text, owner, settings, at)
        assert command is not None, text
        assert not isinstance(command, textcommands.AskHelp) or text in ("hilfe", "help"), text
