"""Where everything is: five sections, each with its pages. A page that is not built is not shown."""

from __future__ import annotations

from flask import Flask, current_app, request
from msgspec import Struct

from web.catalogues import _l


class Page(Struct, frozen=True):
    """A page by its endpoint, and what it is called."""

    endpoint: str
    label: str
    forms: tuple[str, ...] = ()
    """Endpoints of forms that are drawn again on this page; needed where its blueprint has several pages."""

    @property
    def is_here(self) -> bool:
        """Whether this request is for it, or for one of its blueprint."""
        return request.endpoint in (self.endpoint, *self.forms) or (
            request.blueprint == self.endpoint.partition(".")[0] and not _is_listed(request.endpoint)
        )

    @property
    def exists(self) -> bool:
        """Whether it is built."""
        return self.endpoint in current_app.view_functions


class Section(Struct, frozen=True):
    """One of the five. `symbol`: of ui/symbols.html. It opens with its first page."""

    label: str
    symbol: str
    pages: tuple[Page, ...]

    @property
    def is_here(self) -> bool:
        """Whether this request is for one of its pages."""
        return any(page.is_here for page in self.pages)

    @property
    def built(self) -> list[Page]:
        """Its pages that are built."""
        return [page for page in self.pages if page.exists]


SECTIONS = (
    Section(_l("Today"), "today", (Page("today.show", _l("Today")),)),
    Section(_l("Calls"), "calls", (Page("calls.show", _l("Calls")), Page("statistics.show", _l("Statistics")))),
    Section(
        _l("Who answers"),
        "week",
        (
            Page("week.show", _l("Week")),
            Page("roster.show", _l("On call")),
            Page("targets.show", _l("Targets and plans")),
            Page("callers.show", _l("Callers")),
            Page("explain.show", _l("What happens if …")),
        ),
    ),
    Section(
        _l("Messages"),
        "texts",
        (
            Page("texts.outbox", _l("Sent")),
            Page("texts.inbox", _l("Received")),
            Page("texts.templates", _l("Wording"), ("texts.reply", "texts.voice")),
            Page("announcements.show", _l("Announcements")),
            Page("voicemail.show", _l("Voicemail")),
            Page("settings.messages", _l("Settings"), ("settings.save_messages", "settings.save_notify")),
        ),
    ),
    Section(
        _l("Device"),
        "system",
        (
            Page("system.show", _l("Lines")),
            Page("device.show", _l("This box")),
            Page("backup.show", _l("Backup")),
            Page("network.show", _l("Network")),
            Page("settings.costs", _l("Costs"), ("settings.save_costs",)),
            Page("privacy.show", _l("Privacy")),
            Page("access.show", _l("Password")),
            Page("demo.show", _l("Demo")),
        ),
    ),
)


def init(app: Flask) -> None:
    """Give the templates the sections that have something to show."""
    app.jinja_env.globals["exists"] = lambda endpoint: endpoint in app.view_functions
    app.jinja_env.globals["sections"] = lambda: [section for section in SECTIONS if section.built]


def _is_listed(endpoint: str | None) -> bool:
    return any(endpoint in (page.endpoint, *page.forms) for section in SECTIONS for page in section.pages)
