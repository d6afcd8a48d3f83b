import subprocess
import sys
from pathlib import Path

import pytest

from appliance.core.errors import UserError
from appliance.core.settings import from_json, to_json
from appliance.core.settings_check import check_file

from .settings_sample import FULL, SMALL

TREE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def full():
    return check_file(FULL.encode()).settings


def test_stored_settings_are_the_same(full):
    assert from_json(to_json(full)) == full


def test_settings_stored_by_a_later_version_can_be_read(full):
    assert from_json(to_json(full).replace(b'"name":"open"', b'"colour":"red","name":"open"')) == full


@pytest.mark.parametrize("stored", [b"", b"{}", b"[]", b'{"business":{}}', b"\xff", b"null"])
def test_damaged_settings_are_our_own_error(stored):
    with pytest.raises(UserError, match="provision"):
        from_json(stored)


def test_finding_by_name(full):
    assert full.line_named("stick").number == "+491711234567"
    assert full.plan_named("vip").chain == ("anna",)
    assert full.target_named("desk").number == "+49301111111"
    assert full.line_named("x") is full.plan_named("x") is full.target_named("x") is None


def test_own_numbers(full):
    assert full.own_numbers() == ("+498912346", "+491711234567", "+498912347", "+498912348", "+498912345")


def test_the_line_that_sends_texts(full):
    assert full.texting_line().name == "stick"
    assert check_file(SMALL.encode()).settings.texting_line().name == "office"
    analog = SMALL.replace('kind = "gsm"', 'kind = "analog"')
    assert check_file(analog.encode()).settings.texting_line() is None


IN_MANY_THREADS = """
import sys, threading
sys.setswitchinterval(1e-6)
from appliance.core.errors import UserError
from appliance.core.settings import from_json

together = threading.Barrier(8)

def decode():
    together.wait()
    try:
        from_json(b'{"business": {"owner_mobile": "+4915112345678"}}')
    except UserError:
        pass

threads = [threading.Thread(target=decode) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_many_threads_may_be_the_first_to_read_them():
    """The page's: a phone that opens it asks for several things at once. Where it goes wrong it does in one of ten."""
    running = [subprocess.Popen([sys.executable, "-c", IN_MANY_THREADS], cwd=TREE) for _ in range(12)]
    assert [process.wait(60) for process in running] == [0] * 12
