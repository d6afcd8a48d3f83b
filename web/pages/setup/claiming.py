"""Before the box has an owner: language, where the data come from, and the password that makes it somebody's."""

from __future__ import annotations

import math

from flask import abort, redirect, request, url_for

from appliance.core.settings import LANGUAGES
from web import changes, claim, login, machine, standing, wishes
from web.box import the_box
from web.catalogues import _
from web.pages.setup.steps import Answer, blueprint, done, page


@blueprint.route("/language", methods=["GET", "POST"], endpoint="language")
@login.open_before_claim
def choose_language() -> Answer:
    """Which language."""
    if request.method == "POST":
        if request.form.get("language") not in LANGUAGES:
            abort(400)
        here = the_box()
        here.progress.language = request.form["language"]
        if here.stored:
            changes.change(lambda data: data["business"].update(language=here.progress.language))
        return done("language")
    lost = machine.data_lost()
    return page("language", lost=lost and standing.lost_in_words(lost))


@blueprint.route("/origin", methods=["GET", "POST"])
@login.open_before_claim
def origin() -> Answer:
    """A new box, or one from a backup."""
    if request.method == "POST":
        return redirect(url_for("restore.show")) if request.form.get("origin") == "backup" else done("origin")
    return page("origin", is_lost=machine.data_lost() is not None)


@blueprint.route("/password", methods=["GET", "POST"])
@login.open_before_claim
def password() -> Answer:
    """The owner's password; the code from the box's card proves that it is the owner who sets it."""
    here = the_box()
    if claim.is_claimed(here.store):
        return redirect(url_for("setup.start"))
    if request.method == "GET":
        return _password_page({})
    mistakes: dict[str, list[str]] = {}
    wait = login.prove_presence(request.form.get("code", ""))
    if wait:
        sentence = _("Too many wrong codes. Please wait %(num)d seconds and try again.", num=math.ceil(wait))
        return (
            _password_page({"code": [sentence]}),
            429,
            {"Retry-After": str(math.ceil(wait))},
        )
    if wait == 0:
        mistakes["code"] = [_("That is not the code. Please look it up in one of the places named here.")]
    chosen = request.form.get("password", "")
    mistakes |= claim.mistakes_in(chosen, request.form.get("again", ""))
    if mistakes:
        return _password_page(mistakes)
    claim.set_password(here.store, chosen)
    here.store.end_sessions()
    login.begin()
    here.progress.has_done("password")
    here.progress.is_finished = here.stored is not None  # provisioned from a file: there is nothing left to ask
    here.save_progress()
    return login.with_mark(redirect(url_for("setup.start")))


def _password_page(mistakes: dict[str, list[str]]) -> str:
    return page(
        "password",
        is_present=login.is_present(),
        code_places=claim.places(the_box().state, wishes.has_services()),
        mistakes=mistakes,
    )
