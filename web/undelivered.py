"""Why a message did not get out, in the owner's language. What only a modem or a server said stays as it said it."""

from __future__ import annotations

import re

from appliance.core.outbox import LOST_REPLY, NOT_DELIVERED
from web.catalogues import _


def in_words(error: str | None) -> str:
    """The sentence for what courier, modem or sender noted (`Message.error`); "" for nothing."""
    if not error:
        return ""
    known = _known().get(error)
    if known is not None:
        return known
    for pattern, sentence in _patterns():
        if found := re.fullmatch(pattern, error, re.DOTALL):
            return sentence % {"what": found[1]}
    return error


def is_refusal(error: str | None) -> bool:
    """Whether network, card or server was asked and said no; else it never came to that."""
    said_no = r"\+CM[SE] ERROR|ERROR$|the mail server refuses|the webhook's server answers"
    return re.match(said_no, error or "") is not None


def _known() -> dict[str, str]:
    """Of appliance/courier.py, notify.py, notify_sender.py and lines/gsm_texts.py, word for word."""
    return {
        NOT_DELIVERED: _("the network could not deliver it"),
        LOST_REPLY: _("the server never said whether it took it"),
        "no line can send texts": _("no line can send texts"),
        "too late to be of use": _("it was too late to be of use"),
        "the day's limit of texts is reached": _("the day's limit of texts is reached"),
        "the number wants no texts": _("the number wants no texts"),
        "the modem did not ask for the text": _("the modem did not take it"),
        "the server does not answer": _("the server does not answer; please check its name and port"),
        "the server took too long": _("the server took too long"),
        "the mail server offers no encryption (STARTTLS) or no login": _(
            "the mail server offers no encryption (STARTTLS) or no login; please check the port"
        ),
        "the mail server ended the connection": _("the mail server ended the connection"),
        "the webhook is no web address": _("the webhook is no web address"),
        "no email is set up": _("no e-mail is set up any more"),
        "no webhook is set up": _("no webhook is set up any more"),
    }


def _patterns() -> tuple[tuple[str, str], ...]:
    """Those with something of the other side in them, each with its sentence, which says it as %(what)s."""
    return (
        (r"the server's certificate is not valid: (.*)", _("the server's certificate is not valid (%(what)s)")),
        (
            r"the server cannot be reached: (.*)",
            _("the server cannot be reached; please check its name and the box's network (%(what)s)"),
        ),
        (
            r"the mail server refuses user or password \((.*)\)",
            _("the mail server refuses user or password; please enter them again (%(what)s)"),
        ),
        (
            r"the mail server refuses the recipient \((.*)\)",
            _("the mail server refuses the recipient; please check the address (%(what)s)"),
        ),
        (r"the mail server refuses the message \((.*)\)", _("the mail server refuses the message (%(what)s)")),
        (
            r"the webhook's server does not speak HTTP \((.*)\)",
            _("the webhook's server does not answer as a web server does (%(what)s)"),
        ),
        (
            r"the webhook's server sends us on to (.*)",
            _("the webhook's server sends us on to another one (%(what)s); please enter its address"),
        ),
        (
            r"the webhook's server answers (.*)",
            _("the webhook's server refuses it (%(what)s); please check the address"),
        ),
        (r"cannot be sent now: (.*)", _("it cannot be sent now (%(what)s)")),
        (r"the sender failed \((.*)\)", _("sending broke off (%(what)s)")),
        (r"(\+CM[SE] ERROR.*|ERROR)", _("the network or the SIM card refuses it (%(what)s)")),
    )
