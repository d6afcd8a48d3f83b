"""What fits, what is said in other letters, where a text is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.alphabet import (
    BASIC,
    EXTENSION,
    MOST_PARTS,
    Alphabet,
    choose,
    clean,
    decode,
    encode,
    fits,
    septets,
    split,
    transliterate,
    units,
)


def test_the_table():
    assert len(BASIC) == len(set(BASIC)) == 128
    assert [BASIC[code] for code in (0x00, 0x0A, 0x0D, 0x10, 0x1B, 0x24, 0x40, 0x5B, 0x5F, 0x60, 0x7B, 0x7F)] == list(
        "@\n\rΔ\x1b¤¡Ä§¿äà"
    )
    assert encode("€[]{}~^|\\") == bytes.fromhex("1b651b3c1b3e1b281b291b3d1b141b401b2f")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Grüße", 5),
        ("ÄÖÜäöüß", 7),
        ("5 €", 4),
        ("[x]", 5),
        ("§ 1 Abs. 2", 10),
        ("@\n", 2),
        ("à é è ù ì ò", 11),
    ],
)
def test_length(text, length):
    assert fits(text)
    assert septets(text) == len(encode(text)) == length


@pytest.mark.parametrize("text", ["„", "…", "á", "ç", "ÿ", "`", "\t", "\x1b", "\0", "Ж", "👍", "\u00a0", "\ud800"])
def test_what_does_not_fit(text):
    assert not fits(text)
    with pytest.raises(ValueError, match="not in the GSM alphabet"):
        encode(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("„Büro“ ‚a‘ »b« ›c‹ “d” ‘e’", "\"Büro\" 'a' \"b\" 'c' \"d\" 'e'"),
        ("9–17 Uhr — bis…", "9-17 Uhr - bis..."),
        ("Tel.\u00a0030\u202f12\u200934", "Tel. 030 12 34"),
        ("Café", "Café"),
        ("Garçon, Ángel, Jérôme, Núñez", "Garcon, Angel, Jérome, Nuñez"),
        ("Łódź, Dvořák, Şahin, Đorđe", "Lodz, Dvorak, Sahin, Dorde"),
        ("Nguyễn Thị", "Nguyen Thi"),
        ("Cafe\u0301 Mu\u0308ller", "Café Müller"),
        ("STRAẞE, Œuvre, þ", "STRASSE, OEuvre, th"),
        ("1½ m², 10², H₂O, ①", "1 1/2 m^2, 10^2, H2O, (1)"),
        ("ﬁx ＡＢＣ ㎞ Ⅳ №", "fix ABC km IV No"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("• 3 × 4 ÷ 2 → 6™", "* 3 x 4 / 2 -> 6(TM)"),
        ("it´s `so`", "it's 'so'"),
        ("a\u2028b", "a\nb"),
        ("Привет", None),
        ("Müller 👍", None),
        ("日本", None),
        ("α", None),
        ("20 °C", None),
        ("µF", None),
        ("\ufffd", None),
    ],
)
def test_other_letters(text, plain):
    assert transliterate(text) == plain


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b\x07c\x1b[31md\x7fe\x9ff", "abc[31mdef"),
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd e"),
        ("a\ud800b\udc4dc", "a?b?c"),
        ("+49\u202e12345\u2066", "+4912345"),
        ("a\u0308", "ä"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_cleaning(text, kept):
    assert clean(text) == kept


@pytest.mark.parametrize(
    ("text", "alphabet", "sent"),
    [
        ("Grüße", Alphabet.GSM7, "Grüße"),
        ("„Grüße“", Alphabet.UCS2, "„Grüße“"),  # one part either way: as it was written
        ("…" * 70, Alphabet.UCS2, "…" * 70),  # two parts otherwise
        ("„" + "x" * 70, Alphabet.GSM7, '"' + "x" * 70),  # two parts in UCS-2
        ("…" * 40 + "x" * 60, Alphabet.UCS2, "…" * 40 + "x" * 60),  # two parts either way
        ("…" + "x" * 140, Alphabet.GSM7, "..." + "x" * 140),  # one part against three
        ("я" + "x" * 200, Alphabet.UCS2, "я" + "x" * 200),  # no way round it
        ("Müller\0", Alphabet.GSM7, "Müller"),
    ],
)
def test_choice(text, alphabet, sent):
    assert choose(text) == (alphabet, sent)


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("x" * 160, [160]),
        ("x" * 161, [153, 8]),
        ("x" * 306, [153, 153]),
        ("x" * 307, [153, 153, 1]),
        ("€" * 80, [80]),
        ("€" * 81, [76, 5]),
        ("x" * 159 + "€", [153, 7]),
        ("я" * 70, [70]),
        ("я" * 71, [67, 4]),
        ("👍" * 35, [35]),
        ("👍" * 36, [33, 3]),
        ("x" * 1530, [153] * 10),
    ],
)
def test_parts(text, lengths):
    parts = split(text)
    assert [len(part) for part in parts] == lengths
    assert "".join(parts) == text


def test_what_is_cut_says_so():
    assert split("x" * 1531)[-1] == "x" * 150 + "..."
    assert split("€" * 1000)[-1] == "€" * 75 + "..."
    assert split("я" * 671)[-1] == "я" * 66 + "…"
    assert split("👍" * 400)[-1] == "👍" * 33 + "…"


@given(st.text(max_size=1200))
def test_any_text_has_parts_that_hold(text):
    alphabet, sent = choose(text)
    parts = split(sent)
    measure = septets if alphabet is Alphabet.GSM7 else units
    assert 1 <= len(parts) <= MOST_PARTS
    assert all(measure(part) <= (alphabet.one if len(parts) == 1 else alphabet.part) for part in parts)
    assert fits(sent) is (alphabet is Alphabet.GSM7)
    if not parts[-1].endswith(("...", "…")):
        assert "".join(parts) == sent
    assert choose(sent) == (alphabet, sent)
    sent.encode()


@given(st.text())
def test_other_letters_fit_and_stay(text):
    plain = transliterate(text)
    if plain is not None:
        assert fits(plain)
        assert transliterate(plain) == plain


@given(st.text(st.sampled_from([*(char for char in BASIC if char != "\x1b"), *EXTENSION.values()])))
def test_there_and_back(text):
    assert decode(encode(text)) == text


@given(st.binary().map(lambda octets: [octet & 0x7F for octet in octets]))
def test_any_septets_are_text(codes):
    assert fits(decode(codes).replace("\x1b", ""))
