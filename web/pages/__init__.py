"""One module a noun, each with a blueprint of that name. A new one is listed here, and in navigation.py."""

import web.pages.plans  # noqa: F401 - its views are of the blueprint of `targets`
from web.pages import (
    access,
    announcements,
    backup,
    callers,
    calls,
    device,
    explain,
    login,
    network,
    privacy,
    restore,
    roster,
    settings,
    setup,
    statistics,
    system,
    targets,
    texts,
    today,
    voicemail,
    week,
)

BLUEPRINTS = tuple(
    page.blueprint
    for page in (
        access,
        announcements,
        backup,
        callers,
        calls,
        device,
        explain,
        login,
        network,
        privacy,
        restore,
        roster,
        settings,
        setup,
        statistics,
        system,
        targets,
        texts,
        today,
        voicemail,
        week,
    )
)
