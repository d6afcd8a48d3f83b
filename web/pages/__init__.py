"""One module a noun, each with a blueprint of that name. A new one is listed here, and in navigation.py."""

from web.pages import login, setup, today

BLUEPRINTS = (login.blueprint, setup.blueprint, today.blueprint)
