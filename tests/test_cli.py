"""The commands as the contract has them: what they print, what they store, how they end."""

import datetime as dt
import json
import os
import subprocess
import sys
import types

import pytest

from appliance import cli
from appliance.core.errors import PortLost
from appliance.core.records import CallRecord, Message
from appliance.store.changes import SaveCall
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
        "not_yet_obeyed": [],
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
    assert rows[0]["text"] == "Testnachricht von Rufweiche (Tischlerei Muster): SMS kommen an."


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
    monkeypatch.setitem(sys.modules, "appliance.engine" if command == "run" else f"appliance.{command}", module)
    code = run(command)[0]
    assert given == [["state", "8080"] if command == "demo" else ["state"]]
    assert code == (1 if command == "doctor" else 0)


def test_demo_needs_no_folder(run, monkeypatch):
    given = []
    module = types.ModuleType("appliance.demo")
    module.run_demo = lambda state, port: given.append((state, port))
    monkeypatch.setitem(sys.modules, "appliance.demo", module)
    assert run("demo", "--port", "9000", state=None)[0] == 0
    assert given == [(None, 9000)]


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

    module = types.ModuleType("appliance.engine")
    module.run_engine = fail
    monkeypatch.setitem(sys.modules, "appliance.engine", module)
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
