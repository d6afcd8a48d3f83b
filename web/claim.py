"""Whose box it is: the owner's password, and before there is one the set-up code, which proves presence."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from msgspec import Struct

from appliance.store.page import PageStore
from web.catalogues import _

SHORTEST = 8
LONGEST = 200
"""Characters of a password."""
CODE_FILE = "setup-code"
"""In the state directory: the code that is printed on the box's sheet, where an installer had one made."""
CARD_FILE = "rufweiche-setup-code.txt"
"""On the first partition of a card with the image, while no sheet was printed (appliance/doorplate.py)."""
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
_LENGTH = 8  # 40 bits, and tries are limited
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's least, for 512 MB of memory
_ONE_AT_A_TIME = threading.Lock()  # four logins at once would need four times the memory

log = logging.getLogger(__name__)


def is_claimed(store: PageStore) -> bool:
    """Whether the box has an owner. Raises StoreError."""
    return store.kept("page.password") is not None


def announce(store: PageStore, state: Path) -> None:
    """See that an unclaimed box has a code, and say it in the log, which only somebody at the box can read."""
    if is_claimed(store):
        return
    is_new = store.kept("page.code") is None and _printed(state) is None
    known = code(store, state)
    if not is_new:  # else it was told as it was made
        _tell(known)


def code(store: PageStore, state: Path) -> str:
    """The set-up code: the one on the box's sheet, else one that was made up at the first start. Raises StoreError."""
    known = _printed(state) or store.kept("page.code")
    if known is None:
        known = store.keep_first("page.code", _new_code())
        _tell(known)
    return known


def _printed(state: Path) -> str | None:
    try:
        with (state / CODE_FILE).open(encoding="ascii") as file:
            return file.read(64).strip() or None
    except (OSError, ValueError):
        return None


def _tell(code: str) -> None:
    log.warning("The set-up code is %s: it is asked for once, when the page is opened first.", code)


class Places(Struct, frozen=True):
    """Where the set-up code can be read besides the log. `on_card`: the name of the file on the card's first partition;
    a box that has one shows the code on a screen, too."""

    on_sheet: bool
    on_card: str | None


def places(state: Path, has_image: bool) -> Places:
    """Of this box; `has_image`: it is made from the image."""
    on_sheet = _printed(state) is not None
    return Places(on_sheet, CARD_FILE if has_image and not on_sheet else None)


def is_code(written: str, store: PageStore, state: Path) -> bool:
    """Whether this is the set-up code, however it was typed; takes the same time for every wrong one."""
    return hmac.compare_digest(_plain(written[:64]).encode(), _plain(code(store, state)).encode())


def weakness(password: str) -> str | None:
    """What is wrong with a new password: "short", "long" or "simple"; None: nothing."""
    if len(password) > LONGEST:
        return "long"
    if len(password) < SHORTEST:
        return "short"
    if len(set(password.casefold())) < 4 or password.casefold() in _COMMON:
        return "simple"
    return None


def mistakes_in(chosen: str, again: str) -> dict[str, list[str]]:
    """What is wrong with a new password that was typed twice, by the fields `password` and `again`; {}: nothing."""
    if found := weakness(chosen):
        return {"password": [weakness_in_words(found)]}
    if chosen != again:
        return {"again": [_("The two passwords differ. Please type the same one twice.")]}
    return {}


def weakness_in_words(weakness: str) -> str:
    """What to do about it, to the owner."""
    return {
        "short": _("Please choose a password of at least %(num)d characters.", num=SHORTEST),
        "long": _("Please choose a password of at most %(num)d characters.", num=LONGEST),
        "simple": _("That password is tried first by everybody. Please choose another one, such as three words."),
    }[weakness]


def set_password(store: PageStore, password: str) -> None:
    """From now on this is the owner's password, and the set-up code is worth nothing. Raises StoreError."""
    with _ONE_AT_A_TIME:
        hashed = _HASHER.hash(_normal(password))
    store.keep(**{"page.password": hashed, "page.code": None})


def is_password(store: PageStore, password: str) -> bool:
    """Whether this is the owner's password. Raises StoreError."""
    hashed = store.kept("page.password")
    if hashed is None or len(password) > LONGEST:
        return False
    try:
        with _ONE_AT_A_TIME:
            return _HASHER.verify(hashed, _normal(password))
    except VerifyMismatchError:
        return False
    except (VerificationError, InvalidHashError) as error:
        log.error("the password that is kept cannot be read: %s", type(error).__name__)
        return False


def _new_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def _plain(written: str) -> str:
    return "".join(character for character in written.upper() if character.isalnum())


def _normal(password: str) -> bytes:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


# fmt: off
_COMMON = frozenset([
    "12345678", "123456789", "1234567890", "password", "passwort", "passwort1", "password1", "qwertzuiop", "qwertyui",
    "qwertyuiop", "hallo123", "hallo1234", "passw0rd", "schatz123", "rufweiche", "abcd1234", "abc12345", "12341234",
    "internet", "sommer2026", "winter2026", "geheim123",
])
# fmt: on
