"""Update bundles for the tests: made from the image's own root file system, good and bad."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .guest import RECIPE, copy_sparse, newest


def _edit(root: Path, *commands: str) -> None:
    """Change an ext4 image with debugfs."""
    tool = next(path for path in ("/usr/sbin/debugfs", "/sbin/debugfs") if Path(path).exists())
    for command in commands:
        done = subprocess.run([tool, "-w", "-R", command, root], check=True, capture_output=True, text=True)
        assert done.stderr.count("\n") <= 1, done.stderr  # it ends well whatever it could not do


def bundle(kind: str, folder: Path) -> Path:
    """`good`; `no-init`: cannot start; `no-engine`: starts, page and all, but its engine does not."""
    root = copy_sparse(newest("rufweiche-*.root.ext4"), folder / "root.ext4")
    mark = folder / "mark"
    mark.write_text(f"{kind}\n")
    _edit(root, "rm /etc/rufweiche-image", f"write {mark} /etc/rufweiche-image")
    if kind == "no-init":
        _edit(root, "rm /usr/sbin/init", "rm /usr/lib/systemd/systemd")
    elif kind == "no-engine":
        _edit(root, "rm /usr/lib/rufweiche/lib/python3.13/site-packages/appliance/service.py")
    how = {**os.environ, "RUFWEICHE_ROOT": str(root), "BUNDLE_VERSION": f"9-{kind}"}
    said = subprocess.run([RECIPE / "bundle.sh", folder], env=how, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    root.unlink()
    return Path(said.stdout.split()[-1])


def bad_bundle(kind: str, good: Path, folder: Path) -> Path:
    """A good one made bad: `truncated`: its end is missing; `other-key`: signed by somebody else."""
    made = folder / good.name
    if kind == "truncated":
        copy_sparse(good, made)
        os.truncate(made, made.stat().st_size // 2)
        return made
    copy_sparse(good, folder / "good.raucb")
    cache = Path(os.environ.get("CACHE", Path.home() / ".cache/rufweiche-image"))
    copy_sparse(cache / "development-key/cert.pem", folder / "good.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
         folder / "cert.pem", "-days", "30", "-subj", "/CN=Somebody else"], check=True, capture_output=True,
    )  # fmt: skip
    resign = ["rauc", "resign", "--keyring=good.pem", "--signing-keyring=cert.pem", "--cert=cert.pem", "--key=key.pem"]
    subprocess.run([RECIPE / "tools.sh", *resign, "good.raucb", made.name], cwd=folder, check=True, capture_output=True)
    return made
