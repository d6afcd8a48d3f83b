"""The demo's outside: its modems are found where nobody has named them."""

from __future__ import annotations

from appliance.demo import DemoOutside


def test_modems_are_found_until_they_are_pulled_out(tmp_path):
    ports = {name: tmp_path / name for name in ("landline", "stick", "sound")}
    for link in ports.values():
        link.touch()
    outside = DemoOutside(ports)
    try:
        assert outside.candidates() == [str(ports["landline"]), str(ports["stick"])]
        assert outside.sibling(str(ports["stick"]), 6) == str(ports["sound"])
        assert outside.sibling(str(ports["landline"]), 6) is None
        ports["stick"].unlink()
        assert outside.candidates() == [str(ports["landline"])]
    finally:
        outside.close()
