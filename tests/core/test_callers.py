import pytest

from appliance.core.callers import find
from appliance.core.settings import Caller

CALLERS = [
    Caller(number=number)
    for number in ("+4989*", "+4989777*", "+498977712345", "+4989777*", "5*", "+43*", "**611", "+498977712345*")
]


@pytest.mark.parametrize(
    ("number", "index"),
    [
        ("+498911111", 0),
        ("+498977799999", 1),  # the longer prefix; of equal ones the first
        ("+498977712345", 2),
        ("+4989777123456", 7),
        ("+4989777", 1),
        ("+4989", 0),
        ("50", 4),
        ("**611", 6),
        ("+4930123456", None),
        ("+436641234567", 5),
        ("", None),
        (None, None),
    ],
)
def test_the_most_exact_entry(number, index):
    found = find(CALLERS, number)
    assert (found[0] if found else None) == index
