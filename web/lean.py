"""What the libraries of the page load and the page never uses, left out: 7 MB of 48 on a box with 512.

Flask loads a development server and a command line, Flask-WTF a form field that asks a service of the internet; with
them come TLS, an HTTP client and the metadata of packages. In their place is as little as those who import it name.
Python's digests are OpenSSL's where it is there (3.4 MB), and else its own (hashlib), which do for a page.
Only for the process that serves: tests and the demo have all of it.
"""

from __future__ import annotations

import sys
from types import ModuleType


def leave_out() -> None:
    """Before Flask is imported for the first time; what is there already stays."""
    import click

    if "hashlib" not in sys.modules:
        sys.modules["_hashlib"] = None  # type: ignore[assignment]  # as if it were not installed (sys.modules)
    _stand_in("werkzeug.serving", run_simple=None, is_running_from_reloader=lambda: False)
    _stand_in("flask.cli", AppGroup=click.Group)
    _stand_in("flask_wtf.recaptcha", Recaptcha=None, RecaptchaField=None, RecaptchaWidget=None)


def _stand_in(name: str, **attributes: object) -> None:
    if name not in sys.modules:
        module = ModuleType(name, "Left out: see web/lean.py.")
        vars(module).update(attributes)
        sys.modules[name] = module
