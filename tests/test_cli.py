"""The commands as the contract has them: what they print, what they store, how they end."""

import datetime as dt
import json
import os
import subprocess
import sys
import types

import pytest

from appliance import cli
from appliance.core.contacts import Contact
from appliance.core.errors import PortLost
from appliance.core.records import CallRecord, Message
from appliance.core.roster import Handover
from appliance.store.changes import SaveCall, SaveHandover
from appliance.store.database import FILE_NAME, Store

SETTINGS = """
[business]
name = "Tischlerei Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
pin = "9753"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
chain = ["desk"]
[timetable]
otherwise = "open"
"""
AT = dt.datetime(2026, 11, 23, 13, 5, tzinfo=dt.UTC)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `rufweiche …` on a fresh state folder: exit status, output, errors."""
    for name in ("RUFWEICHE_STATE", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def command(*arguments, state="state"):
        where = ["--state", state] if state else []
        monkeypatch.setattr(sys, "argv", ["rufweiche", *arguments, *where])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return end.value.code, printed.out, printed.err

    return command


@pytest.fixture
def provisioned(run, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS)
    assert run("provision", "settings.toml")[0] == 0
    return tmp_path / "state"


# --- settings ----------------------------------------------------------------------------------


def test_provision_stores_and_counts_versions(run, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS)
    assert run("provision", "settings.toml") == (0, "Settings stored (version 1).\n", "")
    assert run("provision", "settings.toml")[1] == "Settings stored (version 2).\n"


def test_provision_reports_all_mistakes_and_stores_nothing(run, provisioned, tmp_path):
    before = run("show-settings")[1]
    wrong = SETTINGS.replace('name = "open"', 'name = "open"\nanswer_after_rings = 21').replace("9753", "12")
    (tmp_path / "wrong.toml").write_text(wrong)
    code, out, err = run("provision", "wrong.toml")
    assert (code, out) == (2, "")
    assert [line.split(":")[0] for line in err.splitlines()] == ["line[0].pin", "plan[0].answer_after_rings"]
    assert run("show-settings")[1] == before


def test_provision_warns_and_goes_on(run, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS.replace("+49301111111", "+491712345678"))
    code, _, err = run("provision", "settings.toml")
    assert code == 0
    assert err.startswith("warning: target[0].ring_seconds: ")


@pytest.mark.parametrize("content", [b"", b"[business", b"\xff", b"\x00" * 2_000_000])
def test_provision_of_anything(run, tmp_path, content):
    (tmp_path / "settings.toml").write_bytes(content)
    code, out, err = run("provision", "settings.toml")
    assert (code, out) == (2, "")
    assert err
    assert not (tmp_path / "state").exists()


def test_provision_of_nothing(run):
    code, _, err = run("provision", "nowhere.toml")
    assert code == 2
    assert err == "rufweiche: Invalid value for 'FILE': 'nowhere.toml': No such file or directory\n"
    assert run("provision", ".")[0] == 2


def test_show_settings_can_be_provisioned_again(run, provisioned, tmp_path):
    code, shown, err = run("show-settings", "--with-secrets")
    assert (code, err) == (0, "")
    assert 'pin = "9753"' in shown
    (tmp_path / "again.toml").write_text(shown)
    assert run("provision", "again.toml")[0] == 0
    assert run("show-settings", "--with-secrets")[1] == shown
    assert "9753" not in run("show-settings")[1]


# --- status, calls, messages -------------------------------------------------------------------


def test_status_without_the_engine(run, provisioned):
    said = json.loads(run("status", "--json")[1])
    assert said["lines"][0]["state"] == "down"
    assert said["lines"][0]["problem"] == "engine not running"
    assert said["plan_now"] == "open"
    assert "down: engine not running" in run("status")[1]


def test_status_with_the_engine(run, provisioned):
    from appliance.ports.clock import boot_id, monotonic

    (provisioned / "run").mkdir()
    beat = {"boot_id": boot_id(), "monotonic": monotonic(), "lines": [{"name": "office", "state": "ready"}]}
    (provisioned / "run/status.json").write_text(json.dumps(beat))
    assert json.loads(run("status", "--json")[1])["lines"] == [{"name": "office", "state": "ready"}]


def test_calls(run, provisioned):
    assert run("calls") == (0, "No calls.\n", "")
    assert json.loads(run("calls", "--json")[1]) == []
    with Store.open(provisioned) as store:
        for hour in range(3):
            at = AT + dt.timedelta(hours=hour)
            record = CallRecord(id=store.next_call_id(), line="office", started_at=at, ended_at=at, outcome="missed")
            store.write(SaveCall(record))
    rows = json.loads(run("calls", "--json")[1])
    assert [row["started_at"][:16] for row in rows] == ["2026-11-23T16:05", "2026-11-23T15:05", "2026-11-23T14:05"]
    assert len(json.loads(run("calls", "--json", "--limit", "2")[1])) == 2
    assert len(json.loads(run("calls", "--json", "--since", "2026-11-23T15:05")[1])) == 2  # local time
    assert len(json.loads(run("calls", "--json", "--since", "2026-11-23T15:05Z")[1])) == 1
    assert len(json.loads(run("calls", "--json", "--since", "2026-11-24")[1])) == 0
    assert run("calls")[1].startswith("2026-11-23 16:05:00  office  withheld")


def test_messages(run, provisioned):
    with Store.open(provisioned) as store:
        store.queue_message(Message(uid="a", kind="missed", to="+4915112345678", text="Ä", created_at=AT))
    row = json.loads(run("messages", "--json")[1])[0]
    assert (row["kind"], row["text"], row["state"]) == ("missed", "Ä", "queued")
    assert "queued" in run("messages")[1]


def test_the_log_can_be_read_before_there_are_settings(run):
    Store.open(__import__("pathlib").Path("state"), create=True).close()
    assert run("calls", "--json")[:2] == (0, "[]\n")
    assert run("messages")[:2] == (0, "No texts.\n")
    for command in (["status"], ["show-settings"], ["send-test"], ["explain", "--caller", "withheld"]):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert err.startswith("rufweiche: there are no settings yet")
        assert err.count("\n") == 1


# --- explain, send-test ------------------------------------------------------------------------


@pytest.mark.parametrize("caller", ["089 777-12", "+49 (0) 89 77712", "withheld", "**50"])
def test_explain(run, provisioned, caller):
    code, out, err = run("explain", "--json", "--caller", caller, "--at", "2026-12-24T10:00", "--line", "office")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "plan": "open",
        "decided_by": "otherwise",
        "rule": "timetable.otherwise",
        "answer_after_rings": 4,
        "chain": [{"target": "desk", "number": "+49301111111"}],
        "otherwise": "hang-up",
    }


def test_explain_now_for_eyes(run, provisioned):
    assert "after 4 rings" in run("explain", "--caller", "withheld")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "--caller", "Huber"],
        ["explain", "--caller", ""],
        ["explain"],
        ["explain", "--caller", "withheld", "--at", "tomorrow"],
        ["explain", "--caller", "withheld", "--line", "cellar"],
        ["calls", "--since", "yesterday"],
        ["calls", "--limit", "0"],
        ["send-test", "--to", "030 123456"],
        ["send-test", "--to", "110"],
        ["nonsense"],
        ["status", "--nonsense"],
    ],
)
def test_wrong_input_is_one_line_and_2(run, provisioned, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("rufweiche: ")
    assert err.count("\n") == 1
    assert json.loads(run("messages", "--json")[1]) == []


def test_send_test_queues_a_text(run, provisioned):
    assert run("send-test") == (0, "Test text to +4915112345678 queued.\n", "")
    assert run("send-test", "--to", "0171 2345678")[0] == 0
    rows = json.loads(run("messages", "--json")[1])
    assert [row["to"] for row in rows] == ["+491712345678", "+4915112345678"]
    assert {row["kind"] for row in rows} == {"test"}
    assert rows[0]["text"] == "Testnachricht von Rufweiche (Tischlerei Muster): Nachrichten kommen an."


def test_send_test_tries_every_way_to_the_owner(run, tmp_path):
    ways = '[notify]\nwebhook = "https://ntfy.example/secret"\nemail = { to = "m@a.de", host = "a.de" }\n'
    (tmp_path / "settings.toml").write_text(SETTINGS + ways)
    assert run("provision", "settings.toml")[0] == 0
    assert run("send-test")[1].splitlines() == [
        f"Test text to {to} queued." for to in ("+4915112345678", "m@a.de", "ntfy.example")
    ]
    assert run("send-test", "--to", "0171 2345678")[1].count("queued") == 1


# --- override ----------------------------------------------------------------------------------

WITH_AWAY = SETTINGS.replace(
    'otherwise = "open"', 'otherwise = "open"\naway = "closed"\n[[plan]]\nname = "closed"\n[[plan]]\nname = "vip"'
)


@pytest.fixture
def at_noon(run, tmp_path, monkeypatch):
    """Settings with three plans, on a Wednesday at 12:00 in Berlin."""
    (tmp_path / "settings.toml").write_text(WITH_AWAY)
    assert run("provision", "settings.toml")[0] == 0
    monkeypatch.setattr(cli, "wall", lambda: dt.datetime(2026, 11, 25, 11, 0, tzinfo=dt.UTC))
    return tmp_path / "state"


def explained(run, at):
    said = json.loads(run("explain", "--caller", "089 777", "--at", at, "--json")[1])
    return said["plan"], said["decided_by"]


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("14:00", "2026-11-25T14:00:00+01:00"),
        ("11:00", "2026-11-26T11:00:00+01:00"),
        ("2026-12-01T08:00", "2026-12-01T08:00:00+01:00"),
        ("2026-12-01T08:00Z", "2026-12-01T09:00:00+01:00"),
    ],
)
def test_override_until(run, at_noon, until, ends):
    shown = ends[:16].replace("T", " ")
    assert run("override", "vip", "--until", until) == (0, f"Plan vip applies until {shown}.\n", "")
    said = json.loads(run("status", "--json")[1])
    assert said["override"] == {"plan": "vip", "until": ends}
    assert said["plan_now"] == "vip"
    assert (said["plan_changes_at"], said["plan_next"]) == (ends, "open")
    assert f"plan now     vip (override, until {shown}), from {shown} open" in run("status")[1]
    end = dt.datetime.fromisoformat(ends)
    assert explained(run, (end - dt.timedelta(seconds=1)).isoformat()) == ("vip", "override")
    assert explained(run, ends) == ("open", "otherwise")


def test_override_for_good_and_off_again(run, at_noon):
    assert run("override", "away") == (0, "Plan closed applies until rufweiche override off.\n", "")
    said = json.loads(run("status", "--json")[1])
    assert said["override"] == {"plan": "closed", "until": None}
    assert said["plan_changes_at"] is said["plan_next"] is None
    assert "plan now     closed (override, for good)" in run("status")[1]
    assert explained(run, "2030-01-01T00:00") == ("closed", "override")
    assert run("override", "off") == (0, "No override: the timetable decides again.\n", "")
    assert json.loads(run("status", "--json")[1])["override"] is None
    assert run("override", "off")[0] == 0


def test_all_forwards_every_call(run, at_noon, tmp_path):
    """The plan that forwards soonest, where "away" does not forward; a plan that is called so goes first."""
    assert run("override", "all", "--until", "14:00")[1] == "Plan open applies until 2026-11-25 14:00.\n"
    assert explained(run, "2026-11-25T13:59") == ("open", "override")
    (tmp_path / "settings.toml").write_text(WITH_AWAY.replace('name = "vip"', 'name = "all"'))
    run("provision", "settings.toml")
    assert run("override", "all")[1].startswith("Plan all applies")
    (tmp_path / "settings.toml").write_text(WITH_AWAY.replace('chain = ["desk"]', ""))
    run("provision", "settings.toml")
    code, _, err = run("override", "all")
    assert (code, err) == (2, "rufweiche: no plan forwards anything: add targets to the chain of one in the settings\n")


def test_an_override_whose_time_is_over_is_none(run, at_noon, monkeypatch):
    run("override", "vip", "--until", "14:00")
    monkeypatch.setattr(cli, "wall", lambda: dt.datetime(2026, 11, 25, 13, 0, tzinfo=dt.UTC))
    said = json.loads(run("status", "--json")[1])
    assert (said["override"], said["plan_now"]) == (None, "open")


def test_a_plan_called_away_is_meant_by_its_name(run, at_noon, tmp_path):
    (tmp_path / "settings.toml").write_text(WITH_AWAY.replace('name = "vip"', 'name = "away"'))
    run("provision", "settings.toml")
    assert run("override", "away")[1].startswith("Plan away applies")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone"], "there is no plan 'gone'; there are: open, closed, vip"),
        (["vip", "--until", "25:00"], "write it like 14:00"),
        (["vip", "--until", ""], "write it like 14:00"),
        (["vip", "--until", "2026-11-25T12:00"], "is past"),
        (["off", "--until", "14:00"], "does not go with off"),
    ],
)
def test_an_override_that_cannot_be(run, at_noon, arguments, said):
    code, out, err = run("override", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert json.loads(run("status", "--json")[1])["override"] is None


def test_away_must_be_set(run, provisioned):
    code, _, err = run("override", "away")
    assert code == 2
    assert "add away to [timetable]" in err


def test_explain_knows_contacts_and_handovers(run, at_noon, tmp_path):
    roster = (
        WITH_AWAY.replace('chain = ["desk"]', 'chain = ["on-call"]')
        + """
[[target]]
name = "anna"
number = "030 2222222"
[[roster]]
target = "desk"
from = 2026-11-23T00:00:00
to = 2026-11-30T00:00:00
"""
    )
    (tmp_path / "settings.toml").write_text(roster)
    run("provision", "settings.toml")
    at = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)
    with Store.open(at_noon) as store:
        store.put_contact(Contact("+498977712", "Huber", plan="vip"))
        store.write(SaveHandover(Handover("desk", "anna", at, at + dt.timedelta(hours=1), at)))
    said = json.loads(run("explain", "--caller", "08977712", "--at", "2026-11-25T11:30", "--json")[1])
    assert (said["decided_by"], said["rule"]) == ("caller", "contact +498977712 Huber")
    for time, who in (("11:30", "anna"), ("12:30", "desk")):
        said = json.loads(run("explain", "--caller", "withheld", "--at", f"2026-11-25T{time}", "--json")[1])
        assert [target["target"] for target in said["chain"]] == [who]


# --- how it ends -------------------------------------------------------------------------------


def test_the_state_folder_may_be_named_by_the_environment(run, provisioned, monkeypatch):
    assert run("calls", state=None)[0] == 2
    monkeypatch.setenv("RUFWEICHE_STATE", "state")
    assert run("calls", state=None)[:2] == (0, "No calls.\n")


def damaged(folder):
    (folder / "state").mkdir()
    (folder / "state" / FILE_NAME).write_bytes(b"no database" * 100)


@pytest.mark.parametrize(
    "prepare",
    [
        lambda folder: None,
        lambda folder: (folder / "state").mkdir(),
        lambda folder: (folder / "state").write_text("a file"),
        lambda folder: (folder / "state" / FILE_NAME).mkdir(parents=True),
        damaged,
    ],
)
def test_a_state_folder_that_is_none(run, tmp_path, prepare):
    prepare(tmp_path)
    for command in ("status", "calls", "messages", "show-settings"):
        code, out, err = run(command)
        assert code in (1, 2)
        assert out == ""
        assert err.startswith("rufweiche: ")
        assert err.count("\n") == 1


def test_help_and_version(run):
    assert run("--help", state=None)[0] == 0
    assert run("--version", state=None)[:2] == (0, "rufweiche, version 0.1.0\n")
    code, _, err = run(state=None)
    assert code == 2
    assert "provision" in err


@pytest.mark.parametrize(("command", "name"), [("run", "run_engine"), ("demo", "run_demo"), ("doctor", "run_doctor")])
def test_the_big_ones_get_what_they_need(run, monkeypatch, command, name):
    given = []
    module = types.ModuleType(f"appliance.{name}")
    setattr(module, name, lambda *values: given.append([str(value) for value in values]) or 1)
    monkeypatch.setitem(sys.modules, "appliance.service" if command == "run" else f"appliance.{command}", module)
    code = run(command)[0]
    assert given == [["state", "8080", "False"] if command == "demo" else ["state"]]
    assert code == (1 if command == "doctor" else 0)


def test_demo_needs_no_folder(run, monkeypatch):
    given = []
    module = types.ModuleType("appliance.demo")
    module.run_demo = lambda *values: given.append(values)
    monkeypatch.setitem(sys.modules, "appliance.demo", module)
    assert run("demo", "--port", "9000", state=None)[0] == 0
    assert given == [(None, 9000, False)]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PortLost("the modem\nis gone"), "rufweiche: the modem is gone\n"),
        (PermissionError(13, "Permission denied", "/x"), "rufweiche: /x: Permission denied\n"),
        (OSError("odd"), "rufweiche: odd\n"),
        (KeyboardInterrupt(), "rufweiche: interrupted\n"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(run, monkeypatch, error, said):
    def fail(state):
        raise error

    module = types.ModuleType("appliance.service")
    module.run_engine = fail
    monkeypatch.setitem(sys.modules, "appliance.service", module)
    code, _, err = run("run")
    assert code == 1
    assert err.lstrip("\n") == said


def program(*arguments, **options):
    code = "from appliance.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False, **options)


def test_a_reader_that_has_seen_enough(provisioned):
    reading, writing = os.pipe()
    os.close(reading)
    code = "from appliance.cli import main; main()"
    with open(writing, "wb") as pipe:  # noqa: PTH123 - a file descriptor
        done = subprocess.run(
            [sys.executable, "-c", code, "status", "--state", str(provisioned)],
            stdout=pipe, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.stderr == b""
    assert done.returncode == 1


def test_a_terminal_that_knows_few_letters(provisioned):
    settings = provisioned.parent / "settings.toml"
    settings.write_text(SETTINGS.replace("Tischlerei", "Łódź"), encoding="utf-8")
    env = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    assert program("provision", str(settings), "--state", str(provisioned), env=env).returncode == 0
    shown = program("show-settings", "--state", str(provisioned), env=env)
    assert "Łódź" in shown.stdout.decode()  # what is provisioned again must not lose a letter
    settings.write_text(SETTINGS.replace('name = "open"', 'name = "Ł"'), encoding="utf-8")
    refused = program("provision", str(settings), "--state", str(provisioned), env=env)
    assert refused.returncode == 2
    assert b"?" in refused.stderr
    assert b"Traceback" not in refused.stderr
