"""Wishes of the page: what root's service does with that of an update, and how little else such services may."""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance import settling
from web import machine, updating, wishes

FILES = Path(__file__).parents[2] / "image-build/files"
UNITS = FILES / "etc/systemd/system"
SCRIPT = FILES / "usr/lib/rufweiche/update-from-page"
HIGHEST_EXPOSURE = 2.0
WISHES = {"update": updating.WISH, "settle": wishes.NETWORK}


@pytest.fixture
def box(tmp_path):
    """The script, with a folder and an installer of its own, which says what it was told and ends as `status` says."""
    folder, installer = tmp_path / updating.FOLDER, tmp_path / "installer"
    folder.mkdir()
    installer.write_text('#!/bin/sh\necho "$1" >>$(dirname "$0")/told\n[ "$STATUS" != 0 ] || $2\nexit $STATUS\n')
    installer.chmod(0o755)

    def run(status=0):
        way = {**os.environ, "UPDATE_FOLDER": str(folder), "UPDATE": str(installer), "STATUS": str(status),
               "RESTART": str(tmp_path / "restart")}  # fmt: skip
        done = subprocess.run(["sh", SCRIPT], env=way, check=False, timeout=10)
        told = tmp_path / "told"
        return done.returncode, told.read_text().split() if told.exists() else []

    run.folder, run.restart = folder, tmp_path / "restart"
    return run


def wish(folder, content=b"hsqs"):
    (folder / updating.REQUEST).touch()
    (folder / updating.BUNDLE).write_bytes(content)


def test_the_bundle_is_installed_and_used_up(box):
    wish(box.folder)
    assert box() == (0, [str(box.folder / updating.BUNDLE)])
    assert list(box.folder.iterdir()) == []
    assert box.restart.exists()


def test_refused_it_is_gone_and_nothing_restarts(box):
    wish(box.folder)
    assert box(1)[0] == 0
    assert list(box.folder.iterdir()) == []
    assert not box.restart.exists()


def test_busy_lines_leave_it_to_be_wished_for_again(box):
    wish(box.folder)
    assert box(75)[0] == 0
    assert [path.name for path in box.folder.iterdir()] == [updating.BUNDLE]
    assert not box.restart.exists()


def test_a_wish_without_a_bundle(box):
    (box.folder / updating.REQUEST).touch()
    assert box() == (0, [])
    assert list(box.folder.iterdir()) == []


@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_what_is_no_file_is_not_looked_at(box, what, tmp_path):
    (box.folder / updating.REQUEST).touch()
    place = box.folder / updating.BUNDLE
    if what == "link":
        (tmp_path / "other").write_text("secret")
        place.symlink_to(tmp_path / "other")
    elif what == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)
    assert box() == (0, [])
    assert not (box.folder / updating.REQUEST).exists()  # or it would be asked for ever


def test_a_folder_that_leads_elsewhere(box, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    wish(elsewhere)
    box.folder.rmdir()
    box.folder.symlink_to(elsewhere)
    assert box() == (1, [])
    assert len(list(elsewhere.iterdir())) == 2


# --- the installer ------------------------------------------------------------------------------

TOOLS = {
    "setpriv": "",
    "rauc": 'echo "rauc $1" >>"$BOX/done"; [ "$1" != install ] || exit "${REFUSED:-0}"',
    "rufweiche": "echo rufweiche, version 1.2.3",
    "when-idle": """n=$(($(cat "$BOX/asked" 2>/dev/null || echo 0) + 1)); echo $n >"$BOX/asked"
        case " $BUSY " in *" $n "*) exit 75 ;; esac; shift; exec "$@" """,
    "start-again": 'echo restart >>"$BOX/done"; exit "${STATUS:-0}"',
    "sync": "",
}
INSTALLED = ["rauc install", "rauc status"]


@pytest.fixture
def install(tmp_path):
    """Runs it with tools that say what they were asked to do; `busy`: at which of the times it asks the lines are."""
    tools, run, system = tmp_path / "tools", tmp_path / "run", tmp_path / "system"
    for folder in (tools, run, system):
        folder.mkdir()
    for name, does in TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    (run / "slot").write_text("A\n")
    way = {
        **os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "BOX": str(run), "SYSTEM": str(system),
        "WHEN_IDLE": str(tools / "when-idle"), "RUFWEICHE": str(tools / "rufweiche"),
    }  # fmt: skip

    def started(busy="", **more):
        command = ["sh", SCRIPT.with_name("update"), "x.raucb", "start-again"]
        ended = subprocess.run(command, env=way | {"BUSY": busy} | more, check=False, timeout=20).returncode
        done, said = run / "done", run / "update"
        return ended, done.read_text().splitlines() if done.exists() else [], said.read_text() if said.exists() else ""

    started.run, started.system = run, system
    return started


def test_it_installs_notes_and_restarts(install):
    ended, done, said = install(BUNDLE_SUM="abc")
    assert (ended, done) == (0, [*INSTALLED, "restart"])
    assert said == "installed: starting again when no line is busy\n"
    assert (install.system / "last-update").read_text() == "A 1.2.3 abc\n"


def test_busy_for_an_hour_nothing_has_begun(install):
    assert install("1") == (75, [], "busy: the lines were busy for an hour\n")


def test_once_installed_it_waits_as_long_as_the_lines_are_busy(install):
    ended, done, said = install("2 3 4")
    assert (ended, done) == (0, [*INSTALLED, "restart"])
    assert said.startswith("installed")


def test_a_restart_that_fails_is_not_tried_for_ever(install):
    assert install(STATUS="1")[:2] == (1, [*INSTALLED, "restart"])


def test_one_that_is_refused(install):
    ended, done, said = install(REFUSED="1")
    assert (ended, done) == (1, ["rauc install"])
    assert said.startswith("refused x.raucb")


def test_two_at_once(install):
    with (install.run / "update-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert install() == (75, [], "")
    assert install()[0] == 0


def test_on_trial_there_is_no_other(install):
    (install.run / "on-trial").touch()
    assert install()[:2] == (75, [])


# --- the units ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    system = folder / "usr/lib/systemd/system"
    system.mkdir(parents=True)
    for path in [
        *UNITS.glob("rufweiche-update.*"),
        *UNITS.glob("rufweiche-settle.*"),
        *Path("/usr/lib/systemd/system").glob("*.target"),
    ]:
        shutil.copy(path, system)
    for name in ("-.slice", "system.slice"):
        if (found := Path("/usr/lib/systemd/system", name)).exists():
            shutil.copy(found, system)
    for program in ("usr/lib/rufweiche/update-from-page", "usr/bin/rufweiche", "bin/sh", "bin/systemctl"):
        (folder / program).parent.mkdir(parents=True, exist_ok=True)
        (folder / program).write_text("#!/bin/sh\n")
        (folder / program).chmod(0o755)
    return folder


@pytest.mark.parametrize("name", [f"rufweiche-{what}.{kind}" for what in WISHES for kind in ("service", "path")])
def test_systemd_finds_nothing_wrong(name, root):
    command = ["systemd-analyze", "verify", "--man=no", f"--root={root}", f"/usr/lib/systemd/system/{name}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "rufweiche" in line] == []
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("what", WISHES)
def test_exposure_is_small(root, what):
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        "--no-pager",
        f"--root={root}",
        f"rufweiche-{what}.service",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert score, done.stderr
    assert float(score[1]) <= HIGHEST_EXPOSURE


@pytest.mark.parametrize("what", WISHES)
def test_one_file_is_the_only_wish(what):
    watched = re.findall(r"^Path\w+=(.+)$", (UNITS / f"rufweiche-{what}.path").read_text(), re.MULTILINE)
    assert watched == [f"/var/lib/rufweiche/{WISHES[what]}"]


def test_page_and_service_mean_the_same_wish():
    assert wishes.NETWORK == settling.WISH
    assert settling.TOLD == machine.RUN / "network"


def test_root_keeps_no_rights_but_to_become_the_engines_user():
    said = (UNITS / "rufweiche-update.service").read_text()
    assert re.findall(r"^CapabilityBoundingSet=(.*)$", said, re.MULTILINE) == ["CAP_SETUID CAP_SETGID"]
    assert re.findall(r"^Exec\w+=\+.*$", said, re.MULTILINE) == [
        "ExecStartPost=+/bin/sh -c 'if [ -e /run/rufweiche-box/restart ]; then exec systemctl reboot; fi'",
        "ExecStartPost=+/bin/sh -c 'if read -r device </run/rufweiche-box/stick-again; then"
        " rm /run/rufweiche-box/stick-again;"
        ' exec systemctl --no-block start "rufweiche-stick@$$device.service"; fi 2>/dev/null\'',
    ]
