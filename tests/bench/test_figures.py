"""The figures themselves, and the count of commits where there is no strace."""

import sqlite3
from contextlib import closing

import pytest

from tests.bench.figures import Figure, as_json, one, percentile, table
from tests.bench.module import Heard, Module
from tests.bench.texts import commits, contents


@pytest.mark.parametrize(
    ("values", "of_100", "expected"),
    [([1.0], 50, 1.0), ([3, 1, 2], 50, 2), ([1, 2, 3, 4], 50, 2), (range(1, 201), 99, 198), (range(5), 99, 4)],
)
def test_percentile(values, of_100, expected):
    assert percentile(values, of_100) == expected


@pytest.mark.parametrize(
    ("values", "limit", "limit_99", "verdict", "target"),
    [
        ((1.0, 1.0, 9.0), 1.0, 9.0, "ok", "1, 99 %: 9"),
        ((1.0, 1.1, 9.0), 1.0, 9.0, "over", "1, 99 %: 9"),
        ((1.0, 1.0, 9.1), None, 9.0, "over", "99 %: 9"),
        ((0.0,), 0, None, "ok", "0"),
        ((5.0,), None, None, "", ""),
    ],
)
def test_verdict(values, limit, limit_99, verdict, target):
    figure = Figure("x", "ms", values, limit, limit_99)
    assert (figure.verdict, figure.target) == (verdict, target)


def test_nothing_measured_is_no_figure():
    with pytest.raises(ValueError, match="nothing was measured"):
        _ = Figure("x", "ms", ()).median


def test_table_and_json_say_the_same():
    figures = [Figure("ring", "ms", (0.25, 0.5, 0.75), 0.5, 2.0, "a peer"), one("threads", "", 1)]
    lines = table(figures).splitlines()
    assert lines[2].split() == ["ring", "3", "0.500", "0.750", "ms", "0.5,", "99", "%:", "2", "ok", "a", "peer"]
    assert lines[3].split() == ["threads", "1"]
    assert [(row["median"], row["p99"], row["verdict"]) for row in as_json(figures)] == [
        (0.5, 0.75, "ok"),
        (1, 1, None),
    ]


def test_own_time_leaves_the_modules_answers_out():
    module = Module(heard=[Heard("AT+CLCC", 150, 190), Heard("ATA", 250, 260)])
    assert module.own_ns(100, module.heard[1]) == 110


def test_commits_of_a_write_ahead_log(tmp_path):
    with closing(sqlite3.connect(tmp_path / "db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        for _ in range(5):
            db.execute("BEGIN")
            db.executemany("INSERT INTO t VALUES (?)", [("x" * 3000,)] * 4)
            db.execute("COMMIT")
        wal = (tmp_path / "db-wal").read_bytes()
        assert commits(wal) == 6
        assert contents(wal).octets == len(wal) - 32
        assert contents(wal + bytes(len(wal))) == contents(wal)  # laid out for more
