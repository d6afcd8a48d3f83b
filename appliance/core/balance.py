"""The balance of a prepaid card, out of what the network answers to the operator's code (`*100#`, `*101#`)."""

from __future__ import annotations

import re

_CURRENCY = r"(?:€|euros?\b|eur\b|chf\b|£|gbp\b|\$|usd\b|z[lł]\b|pln\b)"
_AMOUNT = re.compile(
    rf"(?<![\w.,*#])(?:(?P<before>{_CURRENCY})\s*)?(?P<sign>[-−])?"
    rf"(?P<whole>\d{{1,3}}(?:[.,’' ]\d{{3}})+|\d+)(?:[.,](?P<part>\d{{1,2}}|\d{{4}}))?(?![\d*#]|[.,]\d)"
    rf"\s*(?P<after>{_CURRENCY}|(?:ct|cents?)\b)?"
    rf"(?:\s*(?:und\s+|and\s+)?(?P<cents>\d{{1,2}})\s*(?:ct|cents?)\b)?",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(r"guthaben|kontostand|saldo|balance|credit|stan konta", re.IGNORECASE)
_OF_A_KIND = re.compile(r"\s*\w+guthaben", re.IGNORECASE)
"""After an amount: one of several kinds of credit, which together are the balance."""
_TOP_UP = re.compile(r"auflad|aufgelad|\blade|mindest|top.?up|recharg", re.IGNORECASE)
"""Of an amount somebody may pay, not of one that is there."""
_SOMETHING_ELSE = re.compile(rf"{_TOP_UP.pattern}|\bab\b|\bbis\b|until|valid|\bfor\b", re.IGNORECASE)
"""Between the word and the amount: then that is a date or a price."""
_SENTENCE_ENDS = re.compile(r"[!?;\n\r]|\.(?=\s|$)")


def balance(answer: str) -> int | None:
    """What is left, in hundredths of the currency (ct); None when no balance can be found for sure.

    Looked for in this order: an amount behind a word for balance in the same sentence, one before it, the only amount
    there is. An amount has a currency, or two decimals right behind the word. Several kinds of credit
    ("… EUR Startguthaben, … EUR Kaufguthaben") are added up.
    """
    sentences = [part for part in _SENTENCE_ENDS.split(answer.replace("\N{NO-BREAK SPACE}", " ")) if part.strip()]
    for look in (_behind_a_word, _before_a_word, _alone):
        for sentence in sentences:
            if (found := look(sentence)) is not None:
                return found
        if look is _before_a_word and sum(len(_amounts(sentence)) for sentence in sentences) != 1:
            return None
    return None


def _behind_a_word(sentence: str) -> int | None:
    for word in _IN_WORDS.finditer(sentence):
        amount = _AMOUNT.search(sentence, word.end())
        while amount and not _has_currency(amount) and not _is_right_behind(word, amount):
            amount = _AMOUNT.search(sentence, amount.end())
        if amount is None or _SOMETHING_ELSE.search(sentence[word.end() : amount.start()]):
            continue
        if _TOP_UP.match(sentence[amount.end() :].lstrip()):
            continue
        if not _OF_A_KIND.match(sentence, amount.end()):
            return _hundredths(amount)
        kinds = [one for one in _amounts(sentence[word.end() :]) if _OF_A_KIND.match(one.string, one.end())]
        return sum(map(_hundredths, kinds))
    return None


def _before_a_word(sentence: str) -> int | None:
    for word in _IN_WORDS.finditer(sentence):
        found = _amounts(sentence[: word.start()])
        if found and not _TOP_UP.search(sentence):
            return _hundredths(found[-1])
    return None


def _alone(sentence: str) -> int | None:
    found = _amounts(sentence)
    return _hundredths(found[0]) if found and not _TOP_UP.search(sentence) else None


def _amounts(sentence: str) -> list[re.Match[str]]:
    return [one for one in _AMOUNT.finditer(sentence) if _has_currency(one)]


def _has_currency(amount: re.Match[str]) -> bool:
    return bool(amount["before"] or amount["after"])


def _is_right_behind(word: re.Match[str], amount: re.Match[str]) -> bool:
    words = word.string[word.end() : amount.start()].strip(" :=\t").lower()
    return words in ("", "ist", "is", "beträgt", "betraegt", "betragt") and len(amount["part"] or "") == 2


def _hundredths(amount: re.Match[str]) -> int:
    whole = int(re.sub(r"\D", "", amount["whole"]))
    part = int((amount["part"] or "0").ljust(2, "0")[:2])
    if (amount["after"] or "").lower().startswith(("ct", "cent")):
        found = whole
    else:
        found = whole * 100 + part + int(amount["cents"] or 0)
    return -found if amount["sign"] else found
