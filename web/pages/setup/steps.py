"""What the pages of the set-up share: their blueprint, where each leads, and the fields that were left empty."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web import claim, login
from web.box import the_box
from web.catalogues import _
from web.progress import STEPS, UNCLAIMED_STEPS

blueprint = Blueprint("setup", __name__, url_prefix="/setup")

Answer = str | Response | tuple[str, int, dict[str, str]]


@blueprint.get("/")
@login.open_before_claim
def start() -> Response:
    """Where the set-up goes on."""
    here = the_box()
    if here.progress.is_finished and here.stored:
        return redirect(url_for("today.show"))
    return redirect(url_for(f"setup.{here.progress.next_step(claim.is_claimed(here.store))}"))


@blueprint.post("/later")
def later() -> Response:
    """The rest is done another time, on the pages themselves."""
    here = the_box()
    if here.stored is None:
        return redirect(url_for("setup.start"))
    here.progress.is_finished = True
    here.save_progress()
    return redirect(url_for("today.show"))


def page(step: str, **facts: object) -> str:
    here = the_box()
    index = STEPS.index(step)
    back = STEPS[index - 1] if index > 0 else None
    if back in UNCLAIMED_STEPS and claim.is_claimed(here.store):
        back = None
    return render_template(
        f"setup/{step}.html", number=index + 1, count=len(STEPS), back=back, can_wait=here.stored is not None, **facts
    )


def done(step: str) -> Response:
    here = the_box()
    here.progress.has_done(step)
    here.save_progress()
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return redirect(url_for(f"setup.{following}"))


def missing(values: Mapping[str, str]) -> dict[str, list[str]]:
    """The mistakes of fields that were left empty."""
    return {name: [_("Please fill this in.")] for name, value in values.items() if not value}
