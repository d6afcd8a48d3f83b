"""Codes that set diversions."""

import pytest

from appliance.simulator import starcodes
from appliance.simulator.network import IF_BUSY, NO_REPLY, UNCONDITIONAL, Subscriber


@pytest.mark.parametrize(
    ("digits", "whole"),
    [
        ("*21*030123#", True),
        ("*21*030123", False),
        ("*61*030123*20#", True),
        ("#21#", True),
        ("*#21#", True),
        ("##21#", True),
        ("*21#", True),
        ("**1", False),
        ("030123", False),
        ("*2", False),
    ],
)
def test_when_a_code_is_whole(digits, whole):
    assert starcodes.complete(digits) is whole


def test_set_ask_erase():
    subscriber = Subscriber("+498912345", None)
    assert starcodes.obey("*21*0301111111#", subscriber)
    assert subscriber.diverts(UNCONDITIONAL).number.e164 == "+49301111111"
    assert starcodes.obey("*#21#", subscriber)
    assert starcodes.obey("#21#", subscriber) and not starcodes.obey("*#21#", subscriber)
    assert starcodes.obey("*67*0049301#", subscriber) and subscriber.diverts(IF_BUSY).number.e164 == "+49301"
    assert starcodes.obey("*61*0301*99#", subscriber) and subscriber.diverts(NO_REPLY).seconds == 30
    assert not starcodes.obey("*99*1#", subscriber) and not starcodes.obey("*21#", subscriber)
