"""WAVs that are kept: whose they are."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.audio import wav


@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o2770, 0o640)])
def test_a_voice_is_for_those_who_share_the_folder(tmp_path, folder, file):
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(folder)
    path = tmp_path / "state" / "voicemail" / "1.wav"
    wav.write(str(path), np.zeros(8, np.float32))
    assert path.stat().st_mode & 0o777 == file
