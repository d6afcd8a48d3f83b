import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.callers import CallerBook
from appliance.core.contacts import Contact
from appliance.core.settings import Caller

NUMBERS = ("+4989*", "+4989777*", "+498977712345", "+4989777*", "5*", "+43*", "**611", "+498977712345*")


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
    found = CallerBook([Caller(number=number) for number in NUMBERS]).find(number)
    assert (found.rule if found else None) == (None if index is None else f"caller[{index}]")


VIP, NAMED, PEST = Caller(number="+49*", plan="vip"), Contact("+491", "B"), Contact("+49*", "List", "blocked")


@pytest.mark.parametrize(
    ("callers", "contacts", "found"),
    [
        # the settings first, whatever the contacts say; names and notes fill what they leave open
        ([Caller(number="+491", name="Own")], [Contact("+491", "B", "blocked")], ("Own", "", None, "caller[0] Own")),
        ([Caller(number="+491")], [Contact("+491", "B", plan="vip")], ("B", "", None, "caller[0]")),
        # an exact contact beats a prefix of the settings when he says anything
        ([VIP], [Contact("+491", "B", "blocked")], ("B", "blocked", None, "contact +491 B")),
        ([VIP], [Contact("+491", "B", plan="open")], ("B", "", "open", "contact +491 B")),
        # one who is only a name keeps what his prefix gives him
        ([VIP], [NAMED], ("B", "", "vip", "caller[0]")),
        ([Caller(number="+49*", name="Firm", group="g")], [Contact("+491")], ("Firm", "g", None, "caller[0] Firm")),
        # but a blocked prefix is for strangers
        ([Caller(number="+49*", group="blocked")], [NAMED], ("B", "", None, "contact +491 B")),
        ([], [PEST, NAMED], ("B", "", None, "contact +491 B")),
        ([], [PEST], ("List", "blocked", None, "contact +49* List")),
        # prefixes: the longer one, the settings' where they are as long
        ([Caller(number="+4*")], [PEST], ("List", "blocked", None, "contact +49* List")),
        ([VIP], [PEST], ("", "", "vip", "caller[0]")),
        # one number in several sources
        (
            [],
            [Contact("+491", "A", "vip", source="csv"), Contact("+491", "B", "blocked", "open", "n", "block")],
            ("A", "blocked", "open", "contact +491 A"),
        ),
        ([], [Contact("+49*", "A"), PEST], ("A", "blocked", None, "contact +49* A")),
    ],
)
def test_settings_and_contacts(callers, contacts, found):
    known = CallerBook(callers, contacts).find("+491")
    assert (known.name, known.group, known.plan, known.rule) == found
    assert known.is_blocked == (found[1] == "blocked")


def test_names_and_notes():
    book = CallerBook(
        [Caller(number="+491", name="Own"), Caller(number="+492")],
        [Contact("+491", "x", note="has a dog"), Contact("+493")],
    )
    assert [book.name(number) for number in ("+491", "+492", "+493", "+494", None)] == ["Own", None, None, None, None]
    assert book.find("+491").note == "has a dog"


digits = st.text("012", min_size=1, max_size=6)


@given(patterns=st.lists(st.tuples(digits, st.booleans()), unique=True, max_size=12), number=digits)
def test_the_book_finds_what_trying_every_entry_finds(patterns, number):
    written = [digits + "*" * is_prefix for digits, is_prefix in patterns]
    matching = [
        pattern for pattern in written
        if pattern == number or (pattern.endswith("*") and number.startswith(pattern[:-1]))
    ]  # fmt: skip
    best = max(matching, key=lambda pattern: (pattern == number, len(pattern)), default=None)
    for book in (
        CallerBook([Caller(number=pattern, plan="p") for pattern in written]),
        CallerBook([], [Contact(pattern, plan="p") for pattern in written]),
    ):
        known = book.find(number)
        rule = known.rule.replace("contact ", "") if known else None
        assert rule in ((f"caller[{written.index(best)}]", best) if best else (None,))
