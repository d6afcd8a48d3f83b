"""Settings and the commands that need no engine: mistakes, round trip, explain, exit codes."""

import tomllib

import pytest

from .box import DESK, settings

GOOD = settings("/dev/ttyNone", line='pin = "1234"\nsafety_net = "desk"', chain=("desk", "second"), rings=4)
SLOT = '[[timetable.slot]]\ndays = ["{}"]\nfrom = "{}"\nto = "{}"\nplan = "{}"\n'
CLOSURE = '[[closure]]\nname = "x"\nfrom = {}\nto = {}\nplan = "{}"\n[messages]'

# what is put in (old text, new text), and the places that must be named
MISTAKES = {
    "unknown key": ("answer_after_rings = 4", "answer_after_rings = 4\nanswer_after = 3", ["plan[0].answer_after"]),
    "unknown table": ("[messages]", "[mesages]\nx = 1\n[messages]", ["mesages"]),
    "rings too few": ("answer_after_rings = 4", "answer_after_rings = 0", ["plan[0].answer_after_rings"]),
    "rings too many": ("answer_after_rings = 4", "answer_after_rings = 21", ["plan[0].answer_after_rings"]),
    "rings a word": ("answer_after_rings = 4", 'answer_after_rings = "four"', ["plan[0].answer_after_rings"]),
    "rings a fraction": ("answer_after_rings = 4", "answer_after_rings = 2.5", ["plan[0].answer_after_rings"]),
    "rings yes": ("answer_after_rings = 4", "answer_after_rings = true", ["plan[0].answer_after_rings"]),
    "ring_seconds": ("ring_seconds = 25", "ring_seconds = 2", ["target[0].ring_seconds"]),
    "ring_seconds long": ("ring_seconds = 25", "ring_seconds = 121", ["target[0].ring_seconds"]),
    "chain": ('chain = ["desk", "second"]', 'chain = ["desk", "dsk"]', ["plan[0].chain"]),
    "otherwise": ('otherwise = "hang-up"', 'otherwise = "hangup"', ["plan[0].otherwise"]),
    "timetable": ('otherwise = "open"', 'otherwise = "opne"', ["timetable.otherwise"]),
    "safety net": ('safety_net = "desk"', 'safety_net = "dsk"', ["line[0].safety_net"]),
    "kind": ('kind = "gsm"', 'kind = "isdn"', ["line[0].kind"]),
    "method": ('["transfer", "conference"]', '["transfer", "confrence"]', ["line[0].forward_by"]),
    "method of another kind": ('["transfer", "conference"]', '["flash"]', ["line[0].forward_by"]),
    "language": ('language = "de"', 'language = "fr"', ["business.language"]),
    "timezone": ('timezone = "Europe/Berlin"', 'timezone = "Europe/Berln"', ["business.timezone"]),
    "country": ('country = "DE"', 'country = "Germany"', ["business.country"]),
    "owner": ('owner_mobile = "+4915112345678"', 'owner_mobile = "my phone"', ["business.owner_mobile"]),
    "missed": ('missed = "at-once"', 'missed = "sometimes"', ["messages.missed"]),
    "over": ('missed = "at-once"', 'over = "shop"', ["messages.over"]),
    "digest": ('missed = "at-once"', 'digest_at = ["25:00"]', ["messages.digest_at"]),
    "quiet": ('missed = "at-once"', 'quiet = { from = "22:00", till = "06:00" }', ["messages.quiet"]),
    "keep": ('missed = "at-once"', 'keep_days = "long"', ["messages.keep_days"]),
    "pin": ('pin = "1234"', 'pin = "12a4"', ["line[0].pin"]),
    "two of a name": ('name = "second"', 'name = "desk"', ["target[1].name"]),
    "overlapping slots": (
        "[messages]",
        SLOT.format("mon", "08:00", "12:00", "open") + SLOT.format("mon", "11:00", "13:00", "open") + "[messages]",
        ["timetable.slot[0]", "timetable.slot[1]"],
    ),
    "slot of no plan": ("[messages]", SLOT.format("mon", "08:00", "12:00", "x") + "[messages]",
                        ["timetable.slot[0].plan"]),
    "slot of no day": ("[messages]", SLOT.format("mo", "08:00", "12:00", "open") + "[messages]",
                       ["timetable.slot[0].days"]),
    "slot of no time": ("[messages]", SLOT.format("mon", "8 Uhr", "12:00", "open") + "[messages]",
                        ["timetable.slot[0].from"]),
    "closure of no plan": ("[messages]", CLOSURE.format("2026-12-24", "2027-01-06", "x"), ["closure[0].plan"]),
    "closure backwards": ("[messages]", CLOSURE.format("2027-01-06", "2026-12-24", "open"), ["closure[0]"]),
    "holidays": ("[messages]", '[holidays]\nplan = "x"\n[messages]', ["holidays.plan"]),
    "roster": ("[messages]", '[[roster]]\ntarget = "x"\nfrom = 2026-11-23T17:00:00\nto = 2026-11-30T07:30:00\n'
               "[messages]", ["roster[0].target"]),
    "caller's plan": ("[messages]", '[[caller]]\nnumber = "+4989777*"\nplan = "vip"\n[messages]', ["caller[0].plan"]),
    "withheld": ("[messages]", '[callers]\nwithheld = "x"\n[messages]', ["callers.withheld"]),
    "blocked": ("[messages]", '[callers]\nblocked = "shout"\n[messages]', ["callers.blocked"]),
    "bridge over": ('pin = "1234"', 'bridge_over = "stick"', ["line[0].bridge_over"]),
    "webhook": ("[messages]", "[notify]\nwebhook = 3\n[messages]", ["notify.webhook"]),
}  # fmt: skip
NEVER = ["110", "112", "+49110", "+49112", "0900 1234567", "0137 1234567", "0180 5123456", "11833", "11880",
         "01033 89123456", "+881 612345678", "+8707731234", "*21*030123456#", "##002#", "+498912345", "089 12345",
         "0190 123456", "116117", "032 12345678", "", "12", "+49", "hello", "+1"]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "places"), MISTAKES.values(), ids=MISTAKES)
@pytest.mark.long
def test_each_mistake_is_named(box, old, new, places):
    assert GOOD.count(old) >= 1, old
    done = box.provision(GOOD.replace(old, new, 1))
    assert done.returncode == 2, done
    for place in places:
        assert place in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, f"one mistake, yet: {done.stderr}"


@pytest.mark.long
@pytest.mark.parametrize("number", NEVER)
def test_numbers_never_dialled_are_refused(box, number):
    done = box.provision(GOOD.replace(f'number = "{DESK}"', f'number = "{number}"', 1))
    assert done.returncode == 2, f"{number} was taken"
    assert "target[0].number" in done.stderr


@pytest.mark.long
def test_the_business_numbers_are_never_targets(box):
    done = box.provision(settings("/dev/ttyNone", business=f'numbers = ["{DESK}"]'))
    assert done.returncode == 2
    assert "target[0].number" in done.stderr


def test_all_mistakes_at_once_and_nothing_stored(box):
    box.provisioned(GOOD)
    before = box.ok("show-settings")
    bad = GOOD.replace("answer_after_rings = 4", "answer_after_rings = 0").replace('language = "de"', 'language = "fr"')
    bad = bad.replace(f'number = "{DESK}"', 'number = "112"').replace("[messages]", "[messages]\nfoo = 1", 1)
    bad = bad.replace('name = "Tischlerei Muster"', 'name = "Anders"')
    done = box.provision(bad)
    assert done.returncode == 2
    for place in ("plan[0].answer_after_rings", "business.language", "target[0].number", "messages.foo"):
        assert place in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) >= 4, "errors go one a line"
    assert box.ok("show-settings") == before


@pytest.mark.long
@pytest.mark.parametrize("text", ["[business\nname=", "\x00", "", "ä" * 10])
def test_a_file_that_is_no_settings(box, text):
    done = box.provision(text)
    assert done.returncode == 2
    assert done.stderr.strip() and "Traceback" not in done.stderr


@pytest.mark.long
def test_a_file_that_is_not_utf8_or_not_there(box, tmp_path):
    (tmp_path / "latin.toml").write_bytes(GOOD.replace("Muster", "Müller").encode("latin-1"))
    for name in ("latin.toml", "nowhere.toml", "."):
        done = box.run("provision", str(tmp_path / name))
        assert done.returncode == 2, done
        assert done.stderr.strip() and "Traceback" not in done.stderr


FULL = """
[business]
name = "Müller & Söhne \\"Holz\\""
language = "en"
timezone = "Europe/Vienna"
country = "DE"
region = "BY"
owner_mobile = "0151 / 1234 5678"
numbers = ["089 12345"]
[[line]]
name = "office"
kind = "gsm"
port = "auto"
baudrate = 9600
number = "+49 (0) 89 9876-54"
pin = "0042"
forward_by = ["deflect", "conference"]
safety_net = "desk"
[[line]]
name = "shop"
kind = "analog"
port = "/dev/ttyACM0"
forward_by = ["flash"]
site = { flash_ms = 90, complete = "flash 4", fetch_back = "flash 1", prefix = "0" }
[[target]]
name = "desk"
number = "030 1111-111"
ring_seconds = 3
confirm = false
[[target]]
name = "anna"
number = "0049 151 12345679"
[[plan]]
name = "open"
answer_after_rings = 20
chain = ["desk", "on-call"]
otherwise = "announce"
[[plan]]
name = "closed"
answer_after_rings = 1
chain = []
otherwise = "voicemail"
[timetable]
otherwise = "closed"
away = "closed"
[[timetable.slot]]
days = ["mon", "sun"]
from = "22:30"
to = "06:00"
plan = "open"
[[closure]]
name = "Betriebsferien"
from = 2026-12-24
to = 2027-01-06
plan = "closed"
[holidays]
plan = "closed"
[[roster]]
target = "anna"
from = 2026-11-23T17:00:00
to = 2026-11-30T07:30:00
repeat_weeks = 2
[[caller]]
number = "+4989777*"
name = "Firma Huber"
group = "vip"
plan = "open"
[[caller]]
number = "089 5551"
group = "blocked"
[callers]
withheld = "blocked"
blocked = "hang-up"
[messages]
missed = "both"
over = "office"
command_code = "4711"
digest_at = ["11:30"]
quiet = { from = "21:00", to = "05:00" }
at_most_per_day = 12
reply_to_caller = true
keep_days = 30
[notify]
email = { to = "meister@example.de", host = "smtp.example.de", port = 587, user = "u", password = "geheim" }
webhook = "https://ntfy.example/abc"
[box]
hostname = "werkstatt"
"""


def test_show_settings_round_trip(box):
    box.provisioned(FULL)
    shown = box.ok("show-settings", "--with-secrets")
    parsed = tomllib.loads(shown)
    assert parsed["target"][0]["number"] == "+49301111111"
    assert parsed["target"][1]["number"] == "+4915112345679"
    assert parsed["business"]["owner_mobile"] == "+4915112345678"
    assert parsed["line"][0]["number"] == "+4989987654"
    assert parsed["line"][0]["pin"] == "0042"
    assert parsed["notify"]["email"]["password"] == "geheim"
    wanted = tomllib.loads(FULL)
    for table in ("plan", "timetable", "closure", "holidays", "roster", "messages", "box"):
        for ours, theirs in zip(listed(wanted[table]), listed(parsed[table]), strict=True):
            assert {key: theirs.get(key, []) for key in ours} == ours, table  # an empty list may be left out
    box.provisioned(shown)
    assert box.ok("show-settings", "--with-secrets") == shown
    public = box.ok("show-settings")
    assert "geheim" not in public and "0042" not in public
    tomllib.loads(public)


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.long
def test_provisioning_without_the_secrets_again_says_what_becomes_of_them(box):
    """`show-settings` without secrets is a settings file too; it is accepted, or refused in plain words."""
    box.provisioned(FULL)
    done = box.provision(box.ok("show-settings"))
    assert done.returncode in (0, 2) and "Traceback" not in done.stderr


def test_explain(box):
    box.provisioned(GOOD)
    for caller in ("+498955512345", "withheld", "089 555"):
        told = box.json("explain", "--caller", caller, "--at", "2026-12-24T10:00")
        assert told.items() >= {
            "plan": "open", "decided_by": "otherwise", "answer_after_rings": 4, "otherwise": "hang-up",
        }.items()  # fmt: skip
        assert "rule" in told
        assert [(entry["target"], entry["number"]) for entry in told["chain"]] == [
            ("desk", "+49301111111"), ("second", "+49892223344"),
        ]  # fmt: skip
    assert "desk" in box.ok("explain", "--caller", "withheld", "--at", "2026-12-24T10:00", "--line", "office")


@pytest.mark.long
@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--caller", "+498955512345", "--at", "yesterday"),
        ("explain", "--caller", "withheld", "--at", "2026-12-24T10:00", "--line", "nowhere"),
        ("explain",),
        ("calls", "--limit", "many"),
        ("calls", "--since", "once"),
        ("frobnicate",),
        ("send-test", "--to", "110"),
        ("send-test", "--to", "hello"),
        ("send-test", "--to", "0900 123456"),
    ],
    ids=" ".join,
)
def test_wrong_input_ends_with_2(box, arguments):
    box.provisioned(GOOD)
    done = box.run(*arguments)
    assert done.returncode == 2, done
    assert done.stderr.strip() and "Traceback" not in done.stderr
    assert box.json("messages") == []


@pytest.mark.long
@pytest.mark.parametrize("arguments", [("status",), ("calls",), ("messages",), ("show-settings",), ("send-test",),
                                       ("explain", "--caller", "withheld", "--at", "2026-12-24T10:00")])  # fmt: skip
def test_nothing_set_up_yet(box, arguments):
    done = box.run(*arguments)
    assert done.returncode in (0, 1, 2)
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert done.stderr.strip() and len(done.stderr.strip().splitlines()) == 1


def test_status_without_the_engine(box):
    box.provisioned(GOOD)
    told = box.json("status")
    assert told.keys() >= {"version", "plan_now", "override", "lines", "messages"}
    (line,) = told["lines"]
    assert (line["name"], line["state"], line["problem"]) == ("office", "down", "engine not running")
    assert box.json("calls") == [] and box.json("messages") == []
    assert "office" in box.ok("status")
    assert "1234" not in box.ok("status")


@pytest.mark.long
def test_the_engine_needs_settings(box):
    """It waits for them or says so; it does not fall over with a traceback."""
    import subprocess
    import time

    box.start()
    time.sleep(3)
    try:
        code = box.terminate() if box.engine.poll() is None else box.engine.returncode
    except subprocess.TimeoutExpired:
        box.kill()
        raise
    assert code in (0, 1, 2)
    assert "Traceback" not in "".join(box.output)


@pytest.mark.long
def test_the_state_folder_by_environment(box, monkeypatch):
    box.provisioned(GOOD)
    import os
    import subprocess

    from .box import PROGRAM

    done = subprocess.run(
        [PROGRAM, "calls", "--json"], env=os.environ | {"RUFWEICHE_STATE": str(box.state)}, capture_output=True,
        text=True, check=False, cwd=box.folder,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "[]")
