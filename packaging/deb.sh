#!/usr/bin/env bash
# Builds the Debian package from this tree: deb.sh [FOLDER]   (default: dist)
#
# The package brings what requirements.lock names in a virtual environment of its own under /usr/lib/rufweiche, since
# Debian's versions are older or missing, and takes the interpreter from the system. So it fits one architecture and one
# version of Python: by default this machine's. ARCH=arm64 PYTHON_VERSION=3.13 make the one for Debian 13 on a Raspberry
# Pi, from anywhere, as long as each dependency is either pure Python or published as a wheel. WHEEL: a wheel of
# Rufweiche to pack instead of this tree. COMPRESSION: xz, or none, which is quicker.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$tree"
out=${1:-dist}
lock=${LOCK:-requirements.lock}
python=$tree/.venv/bin/python
here_arch=$(dpkg --print-architecture)
here_version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
arch=${ARCH:-$here_arch}
version=${PYTHON_VERSION:-$here_version}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wheels=$work/wheels
root=$work/root
site=$root/usr/lib/rufweiche/lib/python$version/site-packages
mkdir -p "$wheels" "$site"
pip() { "$python" -m pip --quiet --disable-pip-version-check --no-input "$@"; }

# The program itself, from a copy: a build leaves traces.
if [ -n "${WHEEL:-}" ]; then
  cp "$WHEEL" "$wheels/"
else
  mkdir "$work/tree"
  git ls-files -z --cached --others --exclude-standard -- appliance web pyproject.toml README.md LICENSE \
    | while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done \
    | tar -c --null -T - | tar -x -C "$work/tree"
  pip wheel --no-deps --no-build-isolation -w "$wheels" "$work/tree"
fi

# What it depends on. For another machine: published wheels where there are any; what is published as source alone is
# pure Python and can be built here.
if [ "$arch" = "$here_arch" ] && [ "$version" = "$here_version" ]; then
  pip wheel --require-hashes --no-deps -w "$wheels" -r "$lock"
else
  case $arch in
    arm64) machine=aarch64 ;;
    amd64) machine=x86_64 ;;
    *) echo "deb.sh: no published wheels are known for $arch: build on such a machine" >&2; exit 1 ;;
  esac
  target=(--only-binary=:all: --implementation cp --python-version "$version")
  for glibc in 2_17 2_28 2_34; do target+=(--platform "manylinux_${glibc}_$machine"); done
  target+=(--platform "manylinux2014_$machine" --platform any)
  # All at once; one for which there is no wheel is built, and the rest tried again.
  cp "$lock" "$work/wanted"
  until pip download --require-hashes --no-deps "${target[@]}" -d "$wheels" -r "$work/wanted" 2>"$work/why"; do
    name=$(sed -n 's/^ERROR: No matching distribution found for \([A-Za-z0-9._-]*\)==.*/\1/p' "$work/why")
    if [ -z "$name" ]; then
      cat "$work/why" >&2
      exit 1
    fi
    "$python" - "$name" "$work/wanted" "$work/one" <<'TAKE_OUT'
import pathlib, re, sys
name, wanted, one = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
entry = re.search(rf"^{re.escape(name)}==.*?(?=^\S|\Z)", wanted.read_text(), re.M | re.S | re.I)[0]
one.write_text(entry)
wanted.write_text(wanted.read_text().replace(entry, ""))
TAKE_OUT
    before=$(find "$wheels" -name '*-none-any.whl' | wc -l)
    pip wheel --require-hashes --no-deps -w "$wheels" -r "$work/one"
    if [ "$(find "$wheels" -name '*-none-any.whl' | wc -l)" = "$before" ]; then
      echo "deb.sh: $name is neither pure Python nor published as a wheel for $arch" >&2
      exit 1
    fi
  done
fi

# Each wheel is unpacked as it is: no script of theirs is wanted, and nothing of this machine gets in.
for wheel in "$wheels"/*.whl; do
  "$python" -m zipfile -e "$wheel" "$site"
done
rm -rf "$site"/*.data/scripts
for data in "$site"/*.data; do
  [ -d "$data" ] || continue
  for part in purelib platlib; do if [ -d "$data/$part" ]; then cp -a "$data/$part/." "$site/"; fi; done
  rm -rf "$data"
done
rm -rf "$site"/pip "$site"/pip-*.dist-info # wanted by a command of sqlite-utils that nobody has here
find "$site" -type d \( -name tests -o -name test \) -path '*/site-packages/*/*' -prune -exec rm -rf {} +
app_version=$("$python" - "$site" <<'VERSION'
import importlib.metadata as m, sys
print(next(d.version for d in m.distributions(path=[sys.argv[1]]) if d.metadata["Name"] == "rufweiche"))
VERSION
)

# A virtual environment is no more than this.
mkdir -p "$root/usr/lib/rufweiche/bin" "$root/usr/bin"
ln -s /usr/bin/python3 "$root/usr/lib/rufweiche/bin/python3"
cat >"$root/usr/lib/rufweiche/pyvenv.cfg" <<CFG
home = /usr/bin
include-system-site-packages = true
CFG
install -m 755 packaging/rufweiche "$root/usr/lib/rufweiche/bin/rufweiche"
ln -s ../lib/rufweiche/bin/rufweiche "$root/usr/bin/rufweiche"
install -m 755 systemd/keep-log packaging/when-idle "$root/usr/lib/rufweiche/"

put() { install -D -m 644 "$1" "$root/$2"; }
for unit in systemd/*.service systemd/*.socket systemd/*.timer; do put "$unit" "usr/lib/systemd/system/${unit##*/}"; done
put systemd/conf/sysusers.conf usr/lib/sysusers.d/rufweiche.conf
put systemd/conf/tmpfiles.conf usr/lib/tmpfiles.d/rufweiche.conf
put systemd/conf/udev.rules usr/lib/udev/rules.d/65-rufweiche.rules
put systemd/conf/modules-load.conf usr/lib/modules-load.d/rufweiche.conf
put systemd/conf/journald.conf usr/lib/systemd/journald.conf.d/50-rufweiche.conf
put systemd/conf/watchdog.conf usr/lib/systemd/system.conf.d/50-rufweiche-watchdog.conf
put systemd/conf/networkmanager.conf usr/lib/NetworkManager/conf.d/50-rufweiche.conf
put systemd/conf/dnsmasq-shared.conf etc/NetworkManager/dnsmasq-shared.d/rufweiche.conf
put README.md usr/share/doc/rufweiche/README.md
put LICENSE usr/share/doc/rufweiche/copyright

mkdir -p "$root/DEBIAN"
sed -e "s/@VERSION@/$app_version/; s/@ARCH@/$arch/; s/@PYTHON@/$version/; s/@NEXT@/${version%.*}.$((${version#*.} + 1))/" \
  -e "s/@SIZE@/$(du -sk --apparent-size "$root/usr" | cut -f 1)/" packaging/control.in >"$root/DEBIAN/control"
install -m 755 packaging/postinst packaging/prerm packaging/postrm "$root/DEBIAN/"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod -R u=rwX,go=rX "$root"
find "$root" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"

mkdir -p "$out"
deb=$out/rufweiche_${app_version}_py${version}_$arch.deb
dpkg-deb --root-owner-group "-Z${COMPRESSION:-xz}" --build "$root" "$deb" >/dev/null
echo "$deb"
