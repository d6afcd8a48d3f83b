"""Which root starts: trial, good and bad, and a power cut at any moment of writing it down."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "image-build/files/usr/lib/rufweiche/bootslot"
SECTOR, PLACES = 512, (2048, 2064)


class Slots:
    def __init__(self, disk):
        self.disk = disk
        with disk.open("wb") as file:
            file.truncate(8192 * SECTOR)

    def __call__(self, *command, status=0):
        way = {**os.environ, "BOOTSLOT_DISK": str(self.disk)}
        done = subprocess.run(["sh", SCRIPT, *command], env=way, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout.strip()

    def record(self, place):
        with self.disk.open("rb") as file:
            file.seek(place * SECTOR)
            return file.read(SECTOR)

    def overwrite(self, place, content):
        with self.disk.open("r+b") as file:
            file.seek(place * SECTOR)
            file.write(content)


@pytest.fixture
def slots(tmp_path):
    made = Slots(tmp_path / "disk")
    made("init")
    return made


def test_a_new_card_starts_a(slots):
    assert slots("choose") == "A"
    assert slots("get-primary") == "A"
    assert (slots("get-state", "A"), slots("get-state", "B")) == ("good", "bad")


def test_a_disk_without_any_state_starts_a(tmp_path):
    assert Slots(tmp_path / "disk")("choose") == "A"


def test_a_good_slot_is_started_without_writing(slots):
    before = slots.disk.read_bytes()
    for _ in range(5):
        slots("choose")
    assert slots.disk.read_bytes() == before


def test_a_slot_on_trial_has_three_starts(slots):
    slots("set-primary", "B")
    assert [slots("choose") for _ in range(5)] == ["B", "B", "B", "A", "A"]
    assert slots("get-state", "B") == "bad"
    assert slots("get-primary") == "A"


def test_a_start_that_cannot_be_counted_is_of_the_other(slots):
    """A card that takes no writes any more."""
    slots("set-primary", "B")
    resource.prlimit(os.getpid(), resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        assert slots("choose") == "A"
    finally:
        resource.prlimit(os.getpid(), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert slots("choose") == "B"


def test_marked_good_it_stays(slots):
    slots("set-primary", "B")
    slots("choose")
    slots("set-state", "B", "good")
    assert [slots("choose") for _ in range(5)] == ["B"] * 5


def test_rauc_marks_bad_what_it_is_about_to_write(slots):
    slots("set-state", "B", "bad")
    assert slots("choose") == "A"
    slots("set-primary", "B")
    assert slots("choose") == "B"


def test_back_and_forth(slots):
    for slot in "BABA":
        slots("set-primary", slot)
        assert slots("choose") == slot
        slots("set-state", slot, "good")
    assert slots("show").startswith("first=A A=good B=good")


def test_with_nothing_good_it_still_starts(slots):
    slots("set-state", "A", "bad")
    assert slots("choose") == "A"


@pytest.mark.parametrize("kept", [0, 1, 20, 37, 45])
def test_a_torn_write_leaves_the_state_before(slots, kept):
    before = slots("show")
    old = {place: slots.record(place) for place in PLACES}
    slots("set-primary", "B")
    (place,) = [place for place in PLACES if slots.record(place) != old[place]]
    written = slots.record(place)
    slots.overwrite(place, written[:kept] + old[place][kept:])
    assert slots("show") == before
    assert slots("choose") == "A"


def test_each_write_spares_the_other_copy(slots):
    for _ in range(6):
        before = [slots.record(place) for place in PLACES]
        slots("set-primary", "B")
        after = [slots.record(place) for place in PLACES]
        assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("junk", [b"\0" * 512, b"\xff" * 512, b"seq=99\nfirst=B\nA=bad\nB=good\nsum=0\n".ljust(512)])
def test_junk_is_not_believed(slots, junk):
    slots.overwrite(2064, junk)
    assert slots("choose") == "A"


@pytest.mark.parametrize("command", [("choose", "C"), ("set-state", "A", "perfect"), ("dance",)])
def test_wrong_words(slots, command):
    slots(*command, status=2)
    assert slots("show").startswith("first=A A=good")


def test_only_a_trial_is_on_trial(slots):
    slots("on-trial", "A", status=1)
    slots("set-primary", "B")
    slots("on-trial", "B")
