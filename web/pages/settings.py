"""Settings: when and whom texts tell, other ways to be told, costs and limits. Secrets are kept and never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.core import costs as reckoning
from appliance.core import network_ways
from appliance.core.settings import MISSED, Settings
from web import asked, editing
from web.box import Box, the_box
from web.catalogues import _
from web.changes import Data

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

Answer = str | Response
Mistakes = dict[str, list[str]]


# --- texts -------------------------------------------------------------------------------------


@blueprint.get("/messages")
def messages() -> str:
    """When texts are sent, and to whom."""
    return _messages_page({}, {})


@blueprint.post("/messages")
def save_messages() -> Answer:
    """The same, changed."""
    sent = {
        name: asked.text(name, longest)
        for name, longest in (
            ("missed", 20), ("digest_at", 120), ("quiet_from", 20), ("quiet_to", 20), ("at_most_per_day", 10),
            ("over", 80), ("command_code", 40), ("escalate_minutes", 10), ("owner_mobile", 60),
        )
    }  # fmt: skip

    def edit(data: Data) -> None:
        data["business"]["owner_mobile"] = sent["owner_mobile"]
        table = data.setdefault("messages", {})
        table["missed"] = sent["missed"]
        table["digest_at"] = re.split(r"[,;\s]+", sent["digest_at"]) if sent["digest_at"] else []
        table["at_most_per_day"] = asked.as_whole(sent["at_most_per_day"]) or 0
        for name in ("quiet", "over", "escalate_minutes"):
            table.pop(name, None)
        if sent["quiet_from"] or sent["quiet_to"]:
            table["quiet"] = {"from": sent["quiet_from"], "to": sent["quiet_to"]}
        if sent["over"]:
            table["over"] = sent["over"]
        if sent["escalate_minutes"]:
            table["escalate_minutes"] = asked.as_whole(sent["escalate_minutes"]) or 0
        _keep_secret(table, "command_code", sent["command_code"])

    result = editing.change(edit, _("Saved."), ("messages", "business.owner_mobile"))
    if result.is_stored:
        return redirect(url_for("settings.messages"))
    places = {name: f"messages.{name}" for name in sent}
    places |= {"quiet_from": "messages.quiet.from", "quiet_to": "messages.quiet.to"}
    mistakes = result.named(**places | {"owner_mobile": "business.owner_mobile"})
    return _messages_page(sent, _gathered(mistakes, result.mistakes, "messages.digest_at[", "digest_at"))


@blueprint.post("/notify")
def save_notify() -> Answer:
    """A second way for alarms and summaries."""
    names = ("email_to", "host", "port", "user", "password", "webhook")
    sent = {name: asked.text(name, 500 if name == "webhook" else 254) for name in names}
    sent["password"] = asked.exact("password", 254)

    def edit(data: Data) -> None:
        table = data.pop("notify", None) or {}
        email = table.pop("email", None) or {}
        if sent["email_to"] or sent["host"]:
            email = {**email, "to": sent["email_to"], "host": sent["host"], "user": sent["user"]}
            if sent["port"]:
                email["port"] = asked.as_whole(sent["port"]) or 0
            _keep_secret(email, "password", sent["password"])
            table["email"] = email
        _keep_secret(table, "webhook", sent["webhook"])
        if table:
            data["notify"] = table

    result = editing.change(edit, _("Saved."), ("notify",))
    if result.is_stored:
        return redirect(url_for("settings.messages", _anchor="notify"))
    places = {name: f"notify.email.{name}" for name in ("host", "port", "user", "password")}
    return _messages_page(sent, result.named(email_to="notify.email.to", webhook="notify.webhook", **places))


def _messages_page(sent: dict[str, str], mistakes: Mistakes) -> str:
    here = the_box()
    settings = here.settings
    return render_template(
        "settings/messages.html",
        values=_message_values(settings) | {name: value for name, value in sent.items() if name not in _SECRET},
        has={
            "command_code": settings.messages.command_code is not None,
            "password": bool(settings.notify.email and settings.notify.email.password),
            "webhook": settings.notify.webhook is not None,
        },
        forgets={name: bool(request.form.get(f"forget_{name}")) for name in _SECRET},
        lines=[line.name for line in settings.line if line.kind == "gsm"],
        has_network_way=bool(network_ways.addresses(settings.notify)),
        version=editing.version(),
        mistakes=mistakes,
        MISSED=MISSED,
    )


_SECRET = frozenset(["command_code", "password", "webhook"])


def _message_values(settings: Settings) -> dict[str, Any]:
    table, email = settings.messages, settings.notify.email
    return {
        "owner_mobile": settings.business.owner_mobile,
        "missed": table.missed,
        "digest_at": ", ".join(f"{at:%H:%M}" for at in table.digest_at),
        "quiet_from": f"{table.quiet.from_:%H:%M}" if table.quiet else "",
        "quiet_to": f"{table.quiet.to:%H:%M}" if table.quiet else "",
        "at_most_per_day": table.at_most_per_day,
        "over": table.over or "",
        "escalate_minutes": table.escalate_minutes or "",
        "email_to": email.to if email else "",
        "host": email.host if email else "",
        "port": email.port if email else "",
        "user": email.user if email else "",
    }


def _keep_secret(table: Data, name: str, sent: str) -> None:
    """Another secret, none any more, or, where nothing was sent, the one there was."""
    if request.form.get(f"forget_{name}"):
        table.pop(name, None)
    elif sent:
        table[name] = sent


def _gathered(mistakes: Mistakes, found: Mapping[str, list[str]], beginning: str, name: str) -> Mistakes:
    """The mistakes with those of the items of a list at the field that has them all."""
    of_items = [text for place, texts in found.items() if place.startswith(beginning) for text in texts]
    if of_items:
        rest = [text for text in mistakes.pop("", []) if text not in of_items]
        mistakes[name] = [*mistakes.get(name, []), *dict.fromkeys(of_items)]
        if rest:
            mistakes[""] = rest
    return mistakes


# --- costs -------------------------------------------------------------------------------------


_COSTS = ("text_ct", "monthly_cap_eur", "cap_plan", "balance_ussd", "balance_warn_eur", "card_expires")


@blueprint.get("/costs")
def costs() -> str:
    """What this month costs, and what is done about it."""
    return _costs_page({}, {})


@blueprint.post("/costs")
def save_costs() -> Answer:
    """The tariffs, caps and limits."""
    sent = {name: asked.text(name, 80) for name in (*_COSTS, "forwards_per_hour")}
    expires = asked.date("card_expires")

    def edit(data: Data) -> None:
        table = data.setdefault("costs", {})
        for name in _COSTS:
            table.pop(name, None)
        for name in ("text_ct", "monthly_cap_eur", "balance_warn_eur"):
            if sent[name]:
                table[name] = _amount(sent[name])
        for name in ("cap_plan", "balance_ussd"):
            if sent[name]:
                table[name] = sent[name]
        if sent["card_expires"]:
            table["card_expires"] = expires or sent["card_expires"]
        data.setdefault("guard", {})["forwards_per_hour"] = asked.as_whole(sent["forwards_per_hour"]) or 0

    result = editing.change(edit, _("Saved."), ("costs", "guard"))
    if result.is_stored:
        return redirect(url_for("settings.costs"))
    places = {name: f"costs.{name}" for name in _COSTS}
    return _costs_page(sent, result.named(forwards_per_hour="guard.forwards_per_hour", **places))


def _costs_page(sent: dict[str, str], mistakes: Mistakes) -> str:
    here = the_box()
    settings = here.settings
    bill = _bill(here)
    expected = reckoning.forecast(bill.ct, here.now, here.zone)
    return render_template(
        "settings/costs.html",
        bill=bill,
        text_ct=settings.costs.text_ct,
        expected=expected,
        watched=reckoning.watch(bill.ct, settings.costs.monthly_cap_eur),
        values=_cost_values(settings) | sent,
        plans=[plan.name for plan in settings.plan],
        has_tariffs=any(target.tariff_ct for target in settings.target),
        version=editing.version(),
        mistakes=mistakes,
    )


def _bill(here: Box) -> reckoning.Bill:
    """This month so far; what was used is counted anew once anything was written."""
    targets = here.settings.target
    uses, texts = here.kept("usage", lambda: here.store.usage(*reckoning.month(here.now, here.zone)))
    return reckoning.bill(
        uses,
        texts,
        {target.name: target.number for target in targets},
        {target.name: target.tariff_ct for target in targets},
        here.settings.costs.text_ct,
    )


def _cost_values(settings: Settings) -> dict[str, Any]:
    table = settings.costs
    return {
        "text_ct": _written(table.text_ct),
        "monthly_cap_eur": _written(table.monthly_cap_eur),
        "cap_plan": table.cap_plan or "",
        "balance_ussd": table.balance_ussd or "",
        "balance_warn_eur": _written(table.balance_warn_eur),
        "card_expires": table.card_expires.isoformat() if table.card_expires else "",
        "forwards_per_hour": settings.guard.forwards_per_hour,
    }


def _amount(written: str) -> float | str:
    """An amount with a comma or a point; what is none stays as it is, for the check to say so."""
    plain = written.replace(",", ".")
    return float(plain) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", plain) else written


def _written(amount: float | None) -> str:
    if amount is None:
        return ""
    point = "," if the_box().settings.business.language == "de" else "."
    return f"{amount:.6f}".rstrip("0").rstrip(".").replace(".", point)
