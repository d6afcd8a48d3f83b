"""The box's way into the network, on a NetworkManager that is none."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from appliance.clock_setter import ClockSetter
from appliance.core.hotspot import OPEN_AFTER, SETTLED, Picture
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.doorplate import CODE_FILE
from appliance.front_panel import ANNOUNCE
from appliance.network_watch import FILE, TOLD, Service
from appliance.ports.clock import boot_id
from appliance.ports.network import NetworkError
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.store.page import PageStore
from tests.core.settings_sample import SMALL

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOME = ("192.168.178.20",)


class Networks:
    def __init__(self):
        self.addresses, self.is_open, self.key, self.broken, self.opened = (), False, None, False, 0

    def picture(self):
        if self.broken:
            raise NetworkError("NetworkManager is not here")
        return Picture(self.addresses, has_radio=True, is_open=self.is_open)

    def open_hotspot(self, name, key):
        assert name == "Rufweiche"
        self.is_open, self.key, self.opened = True, key, self.opened + 1

    def close_hotspot(self):
        self.is_open = False


class Machine:
    """No NTP, no hardware clock."""

    def up(self):
        return 10.0

    def synchronised(self):
        return False

    def hardware_agrees(self, wall):
        return False


class Box:
    def __init__(self, folder):
        self.state, self.boot = folder / "state", folder / "boot"
        self.screen = folder / "issue.d" / "rufweiche.issue"
        for place in (self.boot, self.screen.parent):
            place.mkdir()
        self.now, self.wall, self.networks = 1000.0, NOON, Networks()
        self.start()

    def start(self):
        setter, clocks = ClockSetter(Machine(), self.set), (lambda: self.now, lambda: self.wall)
        self.service = Service(self.state, self.networks, self.boot, setter, *clocks, screen=self.screen)

    def set(self, at):
        self.wall = at
        return True

    def store(self, *changes, settings=None):
        with Store.open(self.state, create=True) as store:
            if settings:
                checked = check_file(settings.encode())
                assert checked.settings, checked.mistakes
                store.save_settings(to_json(checked.settings))
            if changes:
                store.write(*changes)

    def messages(self):
        with Store.open(self.state) as store:
            return store.messages()

    def run(self, seconds):
        until = self.now + seconds
        while self.now < until:
            self.service.tick()
            self.now += 5
            self.wall += timedelta(seconds=5)


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    return Box(tmp_path)


def test_a_fresh_box_without_a_network_opens_its_hotspot_with_the_code_on_its_card(box):
    box.store()
    (box.state / "setup-code").write_text("ABCD2345\n")
    box.run(OPEN_AFTER + 20)
    assert (box.networks.is_open, box.networks.key) == (True, "ABCD2345")
    box.networks.addresses = HOME
    box.run(70)
    assert not box.networks.is_open


def test_without_a_card_it_is_open_until_the_box_has_an_owner(box):
    box.run(OPEN_AFTER + 20)
    assert (box.networks.is_open, box.networks.key) == (True, None)
    box.networks.close_hotspot()
    box.store(Keep("page.password", "$argon2id$"))
    box.run(1000)
    assert not box.networks.is_open
    box.store(Keep(ANNOUNCE, "2026-11-23T13:00:00+00:00"))
    box.run(20)
    assert box.networks.is_open


def test_the_address_goes_to_the_owner_and_onto_the_boot_partition(box):
    box.store(settings=SMALL)
    box.networks.addresses = HOME
    box.run(SETTLED + 70)
    (message,) = box.messages()
    assert (message.kind, message.to, message.state) == ("alarm", "+4915112345678", "queued")
    assert "http://192.168.178.20" in message.text
    assert "http://rufweiche.local" in (box.boot / FILE).read_text()
    box.start()
    box.run(1000)
    assert len(box.messages()) == 1
    with Store.open(box.state) as store:
        assert json.loads(store.kept(TOLD)) == list(HOME)


def test_without_a_line_for_texts_the_address_goes_over_the_network(box):
    analog = SMALL.replace('kind = "gsm"', 'kind = "analog"')
    assert analog != SMALL
    box.store(settings=analog + '[notify]\nwebhook = "https://ntfy.example/secret"\n')
    box.networks.addresses = HOME
    box.run(SETTLED + 70)
    assert [(one.channel, one.to) for one in box.messages()] == [("webhook", "ntfy.example")]
    assert "http://192.168.178.20" in box.messages()[0].text


def test_at_night_the_text_waits(box):
    box.store(settings=SMALL + '[messages]\nquiet = { from = "22:00", to = "06:00" }\n')
    box.wall = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    box.networks.addresses = HOME
    box.run(SETTLED + 70)
    assert box.messages()[0].not_before == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_before_there_are_settings_only_the_file_is_written(box):
    box.networks.addresses = HOME
    box.run(SETTLED + 70)
    assert box.messages() == []
    assert (box.boot / FILE).exists()


def test_asked_for_at_the_box(box):
    box.store(Keep(TOLD, json.dumps(HOME)), Keep(ANNOUNCE, "long ago"), settings=SMALL)
    box.networks.addresses = HOME
    box.start()
    box.run(100)
    assert box.messages() == []
    box.store(Keep(ANNOUNCE, "2026-11-23T13:00:00+00:00"))
    box.run(10)
    assert (len(box.messages()), box.networks.is_open) == (1, True)


def test_the_file_is_written_when_something_is_new_and_never_else(box):
    box.networks.addresses = HOME
    box.run(SETTLED + 70)
    before = (box.boot / FILE).stat().st_mtime_ns
    box.start()
    box.run(200)
    assert (box.boot / FILE).stat().st_mtime_ns == before
    (box.boot / FILE).unlink()
    box.boot.rmdir()
    box.networks.addresses = ("10.0.0.7",)
    box.run(200)  # nowhere to write it: no trouble


def test_networkmanager_that_comes_later(box, caplog):
    box.networks.broken = True
    box.run(300)
    assert [record.message for record in caplog.records] == ["NetworkManager is not here"]
    box.networks.broken = False
    box.run(200)
    assert box.networks.is_open


def live(box, heard, state="ready", age=0.0):
    mobile = heard and {"utc": heard.isoformat(), "monotonic": box.now - age}
    beat = {
        "boot_id": boot_id(),
        "monotonic": box.now,
        "lines": [{"name": "office", "state": state}],
        "clock": {"known": False, "by": None, "mobile": mobile},
    }
    (box.state / "run").mkdir(parents=True, exist_ok=True)
    (box.state / "run/status.json").write_text(json.dumps(beat))


def test_the_clock_is_set_by_what_the_mobile_network_said(box):
    live(box, NOON + timedelta(days=9), age=100.0)
    box.service.tick()
    assert box.wall == NOON + timedelta(days=9, seconds=100)


def test_not_during_a_call_and_never_back(box):
    live(box, NOON + timedelta(days=9), state="in_call")
    box.service.tick()
    live(box, NOON - timedelta(days=9))
    box.service.tick()
    live(box, None)
    box.service.tick()
    assert box.wall == NOON


def test_without_an_engine_the_clock_goes_on_from_the_last_time_believed(box):
    box.store(Keep("clock", json.dumps({"at": (NOON + timedelta(days=2)).isoformat(), "boot": "x", "by": "network"})))
    box.service.tick()
    assert box.wall == NOON + timedelta(days=2)


@pytest.mark.parametrize("mobile", [3, [], {"utc": 3}, {"utc": "soon", "monotonic": 1}, {"utc": "2026-11-24T00:00:00"}])
def test_a_live_file_that_is_none(box, mobile):
    live(box, None)
    path = box.state / "run/status.json"
    said = json.loads(path.read_text())
    said["clock"]["mobile"] = mobile
    path.write_text(json.dumps(said))
    box.service.tick()
    assert box.wall == NOON


def test_the_set_up_code_is_shown_at_the_box_until_the_box_has_an_owner(box):
    box.store(Keep("page.code", "ABCD-2345"))
    box.run(10)
    file = box.boot / CODE_FILE
    assert "ABCD-2345" in file.read_text() and "ABCD-2345" in box.screen.read_text()
    assert "Rufweiche" in box.screen.read_text()
    box.networks.addresses = HOME
    box.run(100)
    assert "http://192.168.178.20" in box.screen.read_text()
    with file.open("rb") as sectors, PageStore.open(box.state) as store:
        size = file.stat().st_size
        store.keep(**{"page.password": "$argon2id$", "page.code": None})
        box.run(10)
        assert not file.exists()
        assert sectors.read() == bytes(size)  # nothing of it is left on the card
    assert "ABCD" not in box.screen.read_text()
    assert "http://rufweiche.local" in box.screen.read_text()


def test_a_code_that_is_on_a_sheet_is_shown_nowhere(box):
    box.store(Keep("page.code", "ABCD-2345"))
    (box.state / "setup-code").write_text("WXYZ6789\n")
    box.run(10)
    assert not (box.boot / CODE_FILE).exists()
    assert "Code" not in box.screen.read_text()


def test_a_note_of_an_earlier_life_goes_with_a_restored_owner(box):
    (box.boot / CODE_FILE).write_text("ABCD-2345")
    box.store(Keep("page.password", "$argon2id$"))
    box.run(10)
    assert not (box.boot / CODE_FILE).exists()
