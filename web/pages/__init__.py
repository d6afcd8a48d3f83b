"""One module a noun, each with a blueprint of that name. A new one is listed here, and in navigation.py."""

from web.pages import access, calls, login, restore, setup, today, week

BLUEPRINTS = tuple(page.blueprint for page in (access, calls, login, restore, setup, today, week))
