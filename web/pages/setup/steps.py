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

HOME = "today.show"
HOMES = {
    "modem": "system.show",
    "connection": "system.show",
    "targets": "targets.show",
    "hours": "week.show",
    "test": "system.show",
}
"""The pages on which what a step asks for is changed later on."""
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
    """A step's page; outside of the set-up it leads back to the page it belongs to."""
    here = the_box()
    if _is_over():
        return render_template(f"setup/{step}.html", home=HOMES.get(step, HOME), **facts)

    index = STEPS.index(step)
    back = STEPS[index - 1] if index > 0 else None
    if back in UNCLAIMED_STEPS and claim.is_claimed(here.store):
        back = None
    return render_template(
        f"setup/{step}.html", number=index + 1, count=len(STEPS), back=back, can_wait=here.stored is not None, **facts
    )


def done(step: str) -> Response:
    """On to the next; outside of the set-up, to the page it belongs to. That does not begin it."""
    here = the_box()
    if _is_over():
        return redirect(url_for(HOMES.get(step, HOME)))
    here.progress.has_done(step)
    here.save_progress()
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return redirect(url_for(f"setup.{following}"))


def _is_over() -> bool:
    """Whether there is no set-up under way: it is finished, or a file made it unnecessary from the first."""
    here = the_box()
    return here.stored is not None and claim.is_claimed(here.store) and not here.progress.is_under_way


def missing(values: Mapping[str, str]) -> dict[str, list[str]]:
    """The mistakes of fields that were left empty."""
    return {name: [_("Please fill this in.")] for name, value in values.items() if not value}
