"""What is kept about people and for how long: deletion, export, erasure, and what logs and statistics give away."""

import csv
import datetime as dt
import io
import json

import pytest

from .box import OWNER, now, settings, until
from .week import CALLER, MOBILE, OTHER, missed

OLD = dt.timedelta(days=12)


@pytest.mark.long
def test_records_are_deleted_and_counts_remain(stage):
    """After keep_days, without anybody asking; the statistics of that time still count the calls."""
    modem = stage.module()
    box = stage.box
    box.provisioned(settings(modem.link, more="keep_days = 10\n"))
    box.start()
    box.ready()
    modem.text_in(OTHER, "Rufen Sie mich an")
    missed(modem)
    box.message("sent")
    until(lambda: box.json("inbox"), 10, "the text kept")
    box.terminate()
    box.set_clock(now() + OLD)
    box.start()
    box.ready()
    missed(modem, OTHER)
    until(lambda: len(box.json("calls")) == 1, 400, "the old call deleted")
    assert box.json("calls")[0]["caller"] == OTHER
    assert not any(CALLER[3:] in row["text"].replace(" ", "") for row in box.json("messages"))
    assert box.json("inbox") == []
    assert box.json("stats")["total"]["calls"] == 2
    box.stop()
    assert CALLER[1:].encode() not in b"".join(file.read_bytes() for file in box.state.rglob("*") if file.is_file())


@pytest.mark.long
def test_export_and_erase(up):
    """All of it as JSON and as a table; then none of it, and nothing of anybody else's is gone."""
    box, modem = up(more=f'[[caller]]\nnumber = "{MOBILE}"\nname = "Frau Grün"\n')
    modem.text_in(CALLER, "Wann kommen Sie?")
    until(lambda: box.json("inbox"), 10, "the text kept")
    missed(modem)
    missed(modem, OTHER)
    box.calls(2)
    kept = box.ok("export", "089 555 12345")
    everything = json.loads(kept)
    assert "Wann kommen Sie?" in json.dumps(everything, ensure_ascii=False) and CALLER in kept
    assert OTHER not in kept
    table = list(csv.reader(io.StringIO(box.ok("export", CALLER, "--csv"))))
    assert len({len(row) for row in table}) == 1 and len(table) > 2
    box.ok("erase", CALLER)
    assert CALLER not in box.ok("calls", "--json") + box.ok("inbox", "--json")
    assert [row["caller"] for row in box.json("calls") if row["caller"]] == [OTHER]
    assert box.json("stats")["total"]["calls"] == 2, "the count of that day changed"
    assert CALLER[3:] not in box.ok("export", CALLER).replace(CALLER, "", 1)
    for form in ((), ("--csv",)):
        assert "Frau Grün" in box.ok("export", MOBILE, *form), "what the settings say of her"
    for wrong in ("", "abc"):
        assert box.run("erase", wrong).returncode == 2 and box.run("export", wrong).returncode == 2
    output = "".join(box.output)
    for number in (CALLER, OTHER, OWNER):
        assert number[1:] not in output and number[3:] not in output, "a full number in the log"
    assert "+49895…45" in output or "+49…" in output or "…" in output


@pytest.mark.long
def test_secrets_and_numbers_stay_out_of_the_log(up):
    more = 'command_code = "Geheimwort7"\n[notify]\nwebhook = "http://127.0.0.1:9/Geheimpfad"\n'
    box, modem = up(line='pin = "9753"', more=more)
    modem.text_in(OWNER, "Geheimwort7 status")
    until(lambda: modem.pdus, 15, "the answer")
    missed(modem, MOBILE)
    box.calls(1)
    box.ok("send-test")
    until(lambda: len(modem.pdus) >= 3, 20, "all texts")
    output = "".join(box.output)
    for secret in ("Geheimwort7", "Geheimpfad", "9753", MOBILE[3:], OWNER[3:]):
        assert secret not in output, secret
    shown = box.ok("show-settings")
    assert not any(secret in shown for secret in ("Geheimwort7", "Geheimpfad", "9753"))
    with_secrets = box.ok("show-settings", "--with-secrets")
    assert all(secret in with_secrets for secret in ("Geheimwort7", "Geheimpfad", "9753"))


@pytest.mark.long
def test_statistics(up):
    """By outcome, hour and weekday; they add up, and the missed share is told beside the usual one."""
    box, modem = up()
    for caller in (CALLER, OTHER, CALLER):
        missed(modem, caller)
    rows = box.calls(3)
    stats = box.json("stats")
    total = stats["total"]
    assert (total["calls"], total["missed"], total["missed_share"], stats["usual_missed_share"]) == (3, 3, 1, 0.27)
    began = [dt.datetime.fromisoformat(row["started_at"]) for row in rows]
    for hour in stats["by_hour"]:
        assert hour["calls"] == sum(at.hour == hour["hour"] for at in began)
    day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    for weekday in stats["by_weekday"]:
        assert weekday["calls"] == sum(day[at.weekday()] == weekday["weekday"] for at in began)
    assert sum(row["calls"] for row in stats["by_day"]) == sum(row["calls"] for row in stats["by_week"]) == 3
    assert "27" in box.ok("stats")
