"""The page's languages. A string in the sources is English; `translations/LANGUAGE/LC_MESSAGES/NOUN.po` say it.

The catalogues are read as they are, without a compiled form beside them that could lag behind, when a language is
first asked for: some 20 ms.
"""

from __future__ import annotations

import io
import threading
from pathlib import Path

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale

from appliance.core.errors import StoreError, UserError
from appliance.core.settings import LANGUAGES
from web.box import the_box

FOLDER = Path(__file__).with_name("translations")


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """All catalogues of a language as one."""

    def __init__(self) -> None:
        super().__init__()
        self._read: dict[str, NullTranslations] = {}
        self._lock = threading.Lock()

    def get_translations(self) -> NullTranslations:
        """Those of the request's language."""
        locale = get_locale()
        language = locale.language if locale else "en"
        with self._lock:
            if language not in self._read:
                self._read[language] = read(language)
            return self._read[language]


def read(language: str) -> NullTranslations:
    """The catalogues of a language."""
    whole: Translations | None = None
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        one = Translations(compiled)
        whole = one if whole is None else whole.add(one)
    return whole or NullTranslations()


def _(message: str, **facts: object) -> str:
    """This string in the language of the request, with its facts: `_("today %(time)s", time=…)`."""
    return str(flask_babel.gettext(message, **facts))


def ngettext(one: str, many: str, num: int, **facts: object) -> str:
    """The same for a number of things, which the string has as `%(num)d`."""
    return str(flask_babel.ngettext(one, many, num, **facts))


def _l(message: str) -> str:
    """The same for a string that is written down before there is a request: said when it is shown."""
    lazy: str = flask_babel.lazy_gettext(message)
    return lazy


def language() -> str:
    """The language of this request: that of the settings, else of the set-up, else what the browser prefers."""
    try:
        if (stored := the_box().stored) is not None:
            return stored[1].business.language
        if (chosen := the_box().progress.language) in LANGUAGES:
            return chosen
    except (StoreError, UserError):
        pass  # the page that says so has a language all the same
    if has_request_context():
        return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return LANGUAGES[0]


def init(app: Flask) -> None:
    """Give the application its languages."""
    babel = Babel(
        app,
        default_locale=LANGUAGES[0],
        locale_selector=language,
        timezone_selector=lambda: str(the_box().zone),
    )
    babel.domain_instance = Catalogues()
    app.jinja_env.globals["language"] = language
