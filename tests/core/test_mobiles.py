"""Which numbers can be texted."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.mobiles import is_mobile


@pytest.mark.parametrize(
    ("number", "mobile"),
    [
        ("+4915112345678", True), ("+491701234567", True), ("+4916012345678", True), ("+491631234567", True),
        ("+498912345678", False), ("+4930123456", False), ("+491901234567", False), ("+4918012345", False),
        ("+49161123456789", False), ("+4915", False), ("+491771234567890123", False),
        ("+436641234567", True), ("+4312345678", False), ("+393351234567", True), ("+882161234567", False),
        ("+999123456789", False), ("50", False), ("**611", False), ("015112345678", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_is_mobile(number, mobile):
    assert is_mobile(number) is mobile


@given(st.one_of(st.text(), st.from_regex(r"\+[0-9]{1,18}", fullmatch=True)))
def test_it_never_raises(number):
    assert is_mobile(number) in (True, False)


def test_german_numbers_cost_no_library():
    code = "import sys; from appliance.core.mobiles import is_mobile; assert is_mobile('+4915112345678'); "
    code += "assert not is_mobile('+498912345678'); assert 'phonenumbers' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
