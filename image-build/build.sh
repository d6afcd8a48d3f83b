#!/usr/bin/env bash
# Builds the image: build.sh [FOLDER]   (default: dist; about 12 min the first time, then about 3)
#
# Leaves there rufweiche-VERSION.img.xz with its checksum, block map, list of contents (SPDX) and Raspberry Pi Imager's
# list, and the unpacked card and root file system for tests and for the update bundle. Needs root: it unpacks a root
# file system with its owners. KEYRING: the certificate whose key signs updates; else a development key is made in
# $CACHE, and such an image takes development updates.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(dirname "$here")
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
mkdir -p "${1:-$tree/dist}" "$CACHE"
out=$(realpath "${1:-$tree/dist}")
if [ "$(id -u)" != 0 ]; then echo "build.sh: needs root" >&2; exit 1; fi
say() { echo "[$(date +%T)] $*" >&2; }

# Programs for the other architecture run by emulation; the kernel must know how.
if [ "$ARCH" != "$(dpkg --print-architecture)" ] && [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  [ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register
fi

base=$CACHE/root-$({ echo "$SUITE $ARCH $MIRROR $ROOT_EPOCH"; cat "$here/packages.list" "$here/root.sh"; } | sha256sum | cut -c 1-12).tar
if [ ! -e "$base" ]; then
  say "Debian's part, under emulation (about 10 min)"
  "$here/root.sh" "$base" >"$base.log" 2>&1 || { tail -n 20 "$base.log" >&2; exit 1; }
fi

if [ -z "${KEYRING:-}" ]; then
  "$here/bundle.sh" --development-key
  KEYRING=$CACHE/development-key/cert.pem
fi
export KEYRING

say "The package"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
python=$(tar -tf "$base" | sed -n 's,^\./usr/bin/python\(3\.[0-9]*\)$,\1,p' | head -n 1)
deb=$(ARCH=$ARCH PYTHON_VERSION=$python COMPRESSION=none "$tree/packaging/deb.sh" "$work")
version=$(basename "$deb" | cut -d _ -f 2)
name=rufweiche-$version

say "Our layer"
unshare --mount --propagation private "$here/layer.sh" "$base" "$deb" "$work/root" >"$work/layer.log" 2>&1 \
  || { tail -n 30 "$work/layer.log" >&2; exit 1; }
# Compiled code is the same on every machine, as long as its Python is of the same version. No time stamps in it, and no
# look at the sources when it is loaded: nobody can change them here. Without columns for tracebacks it is loaded sooner.
# By one process: what others have compiled before shows in a file's bits.
(cd "$work" && "$here/tools.sh" env PYTHONWARNINGS=ignore PYTHONNODEBUGRANGES=1 PYTHONHASHSEED=0 "python$python" \
  -m compileall -q --invalidation-mode unchecked-hash -s root root/usr/lib/rufweiche/lib "root/usr/lib/python$python") \
  || say "Not all of the Python code could be compiled"
(cd "$work" && "$here/tools.sh" /recipe/initrd.sh root root/boot/initrd.img)
tar -c --sort=name --numeric-owner --clamp-mtime --mtime="@$SOURCE_DATE_EPOCH" --format=gnu -C "$work/root" -f "$work/root.tar" .

say "The card"
kernel=$(echo "$work"/root/boot/vmlinuz-*)
boot=$work/boot
mkdir "$boot"
cp "$work"/root/usr/lib/raspi-firmware/{bootcode.bin,start{,_cd,4,4cd}.elf,fixup{,_cd,4,4cd}.dat} "$boot/"
cp "$work"/root/usr/lib/linux-image-"${kernel##*/vmlinuz-}"/broadcom/bcm2{837,711}-rpi-*.dtb "$boot/"
cp "$kernel" "$boot/vmlinuz"
cp "$work/root/boot/initrd.img" "$boot/initrd.img"
cp "$here/boot/"* "$boot/"
sed -i 's/$/\r/' "$boot/LIES-MICH.txt" # for Windows' editor
export BOOT_START BOOT_SECTORS ROOT_SECTORS A_START B_START DATA_START DATA_SECTORS CARD_SECTORS SIGNATURE
(cd "$work" && "$here/tools.sh" sh /recipe/card.sh root.tar boot card.img)
mv "$work/card.img" "$out/$name.img"
mv "$work/root.img" "$out/$name.root.ext4"
cp "$boot/vmlinuz" "$boot/initrd.img" "$out/"
echo "$SOURCE_DATE_EPOCH" >"$out/source-date-epoch"
"$here/sbom.py" "$work/root" "$name" >"$out/$name.spdx.json"

if [ -n "${SKIP_COMPRESSION:-}" ]; then exit 0; fi
say "Compressing"
# shellcheck disable=SC2016
(cd "$out" && "$here/tools.sh" sh -eu -c '
  bmaptool --quiet create -o "$1.bmap" "$1"
  xz -6 --threads=2 --force --keep "$1"
  sha256sum "$1.xz" >"$1.xz.sha256"' sh "$name.img")
"$here/imager.py" "$out/$name.img" "$version" >"$out/rpi-imager.json"
echo "$(($(stat -c %s "$out/$name.img.xz") / 1000000)) MB compressed" >&2
