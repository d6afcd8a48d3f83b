import pytest

from appliance.core.contact_files import Dialling
from appliance.core.contact_import import read
from appliance.core.numbers import DialPlan

from .test_contact_fritzbox import BOOK
from .test_contact_vcard import FOUR


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (FOUR, "vcard"),
        ("\r\n " + FOUR.replace("BEGIN", "begin"), "vcard"),
        (BOOK.format("utf-8"), "fritzbox"),
        ("Name;Telefon\nAnna;030 1234567", "csv"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_kind_is_seen_from_the_content(text, source, mark):
    found = read((mark + text.lstrip() if source == "fritzbox" else mark + text).encode(), Dialling(DialPlan("49")))
    assert found.source == source
    assert found.contacts
