"""A phone on the box's hotspot asks the internet whether it is there, and is shown the way to the page."""

import pytest

from web.security import HOTSPOT_PAGE, PROBES


@pytest.mark.parametrize("path", sorted(PROBES))
def test_a_probe_is_shown_the_way(guest, path):
    answer = guest.get(path, headers={"Host": "connectivitycheck.gstatic.com"})
    assert (answer.status_code, answer.headers["Location"]) == (302, HOTSPOT_PAGE)


@pytest.mark.parametrize("path", ["/", "/login", "/calls/", "/generate_204/x"])
def test_nothing_else_is_told_under_a_foreign_name(guest, path):
    assert guest.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_a_form_is_never_led_on(guest):
    assert guest.post("/generate_204", headers={"Host": "evil.example"}).status_code == 400
