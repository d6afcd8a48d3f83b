"""A sheet for a customer, to print: the box's address with its QR code, the set-up code, the numbers for the test."""

from __future__ import annotations

import html

from appliance.core.settings import Settings

_WORDS = {
    "de": {
        "title": "Rufweiche für {name}",
        "open": "1. Öffnen Sie die Seite des Geräts",
        "open_how": "Telefon oder PC im selben Netz wie das Gerät; der Code führt zur selben Adresse.",
        "code": "2. Geben Sie den Einrichtungs-Code ein",
        "code_how": "Danach legen Sie Ihr eigenes Passwort fest; der Code gilt dann nicht mehr.",
        "password": "2. Melden Sie sich mit Ihrem Passwort an",
        "test": "3. Machen Sie den Probeanruf",
        "test_how": "Rufen Sie diese Nummern von einem anderen Telefon aus an und nehmen Sie nicht ab:",
        "then": "Nach {rings}-mal Klingeln geht der Anruf an: {chain}.",
        "nobody": "niemanden",
        "keep": "Bitte bewahren Sie dieses Blatt auf.",
    },
    "en": {
        "title": "Rufweiche for {name}",
        "open": "1. Open the page of the box",
        "open_how": "A phone or PC in the same network as the box; the QR code leads to the same address.",
        "code": "2. Enter the set-up code",
        "code_how": "Then choose a password of your own; the code is void from then on.",
        "password": "2. Log in with your password",
        "test": "3. Make the test call",
        "test_how": "Call these numbers from another phone and do not answer:",
        "then": "After {rings} rings the call goes to: {chain}.",
        "nobody": "nobody",
        "keep": "Please keep this sheet.",
    },
}
_STYLE = """
@page { size: A4; margin: 20mm }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 170mm; margin: auto; color: #111 }
h1 { font-size: 26px } h2 { font-size: 19px; margin: 1.6em 0 .2em }
.big { font-size: 24px; font-variant-numeric: tabular-nums; letter-spacing: .04em }
svg { width: 38mm; height: 38mm; display: block; margin: 3mm 0 } p { margin: .2em 0 }
"""


def sheet(settings: Settings, setup_code: str | None) -> str:
    """The page as HTML, complete in itself. `setup_code`: None where a password has been set already."""
    import segno  # only here: on the installer's PC

    words = _WORDS[settings.business.language]
    address = f"http://{settings.box.hostname}.local"
    picture = segno.make(address, error="m").svg_inline(border=2)
    plan = settings.plan_named(settings.timetable.otherwise) or settings.plan[0]
    chain = ", ".join(plan.chain) or words["nobody"]
    numbers = [line.number for line in settings.line if line.number] or list(settings.business.numbers)
    parts = [
        f"<h1>{_safe(words['title'].format(name=settings.business.name or settings.box.hostname))}</h1>",
        f"<h2>{words['open']}</h2><p class=big>{_safe(address)}</p>{picture}<p>{words['open_how']}</p>",
        f"<h2>{words['code']}</h2><p class=big>{_grouped(setup_code)}</p><p>{words['code_how']}</p>"
        if setup_code
        else f"<h2>{words['password']}</h2>",
        f"<h2>{words['test']}</h2><p>{words['test_how']}</p>",
        "".join(f"<p class=big>{_safe(number)}</p>" for number in numbers),
        f"<p>{_safe(words['then'].format(rings=plan.answer_after_rings, chain=chain))}</p>",
        f"<p>{words['keep']}</p>",
    ]
    language = settings.business.language
    title = _safe(settings.business.name or settings.box.hostname)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def _safe(text: str) -> str:
    return html.escape(text)


def _grouped(code: str) -> str:
    """ "ABCD 2345": as people read it out."""
    return _safe(" ".join(code[start : start + 4] for start in range(0, len(code), 4)))
