"""What the libraries of the page load and the page never uses, left out: 8 MB of 48 on a box with 512.

Flask loads a development server, a test client and a command line, Flask-WTF forms and a field of one that asks a
service of the internet; with them come TLS, an HTTP client and the metadata of packages. In their place is as little as
those who import it name.
Python's digests are OpenSSL's where it is there (3.4 MB), and else its own (hashlib), which do for a page.
Only for the process that serves: tests and the demo have all of it.
"""

from __future__ import annotations

import re
import sys
from types import ModuleType


def leave_out() -> None:
    """Before Flask is imported for the first time; what is there already stays."""
    import click

    if "hashlib" not in sys.modules:
        _do_without("_hashlib")
    for name in ("typing_extensions", "bz2", "lzma"):  # msgspec, shutil and zipfile look whether they are there
        _do_without(name)
    _stand_in("werkzeug.test", Client=None)
    _stand_in("wtforms", ValidationError=ValueError)
    _stand_in("wtforms.csrf.core", CSRF=object)
    _stand_in("flask_wtf.form", FlaskForm=None, Form=None)
    # Numbers are read and written, never looked for in texts.
    _stand_in("phonenumbers.unicode_util", digit=_digit)
    _stand_in("phonenumbers.asyoutypeformatter", AsYouTypeFormatter=None)
    _stand_in("phonenumbers.phonenumbermatcher", PhoneNumberMatch=None, PhoneNumberMatcher=None, Leniency=None)
    _stand_in("jinja2._identifier", pattern=re.compile(r"\w+", re.ASCII))  # of names in our templates
    _stand_in("werkzeug.serving", run_simple=None, is_running_from_reloader=lambda: False)
    _stand_in("flask.cli", AppGroup=click.Group)
    _stand_in("flask_wtf.recaptcha", Recaptcha=None, RecaptchaField=None, RecaptchaWidget=None)


def _digit(character: str, default: int) -> int:
    """The value of a digit of whatever script."""
    import unicodedata  # half a megabyte, once somebody writes so

    return unicodedata.digit(character, default)


def _do_without(name: str) -> None:
    """As if it were not installed (sys.modules)."""
    if name not in sys.modules:
        sys.modules[name] = None  # type: ignore[assignment]  # the import system knows None, typeshed does not


def _stand_in(name: str, **attributes: object) -> None:
    if name not in sys.modules:
        module = ModuleType(name, "Left out: see web/lean.py.")
        vars(module).update(attributes)
        sys.modules[name] = module
