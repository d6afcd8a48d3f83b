#!/usr/bin/env bash
# Makes the signed update bundle from a built image: bundle.sh [FOLDER]   (default: dist)
#
# RELEASE_KEY and RELEASE_CERT: the files that sign. They come from outside and are never in the tree. Without them the
# development key in $CACHE signs, which only images built on this machine accept. "bundle.sh --development-key" makes
# that key if it is missing. RUFWEICHE_ROOT: another root file system to pack; BUNDLE_VERSION: another version to name.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
keys=$CACHE/development-key
if [ ! -s "$keys/cert.pem" ]; then
  mkdir -p "$keys"
  chmod 700 "$keys"
  (cd "$keys" && "$here/tools.sh" openssl req -x509 -newkey rsa:3072 -nodes -keyout key.pem -out cert.pem -days 7300 \
    -subj "/CN=Rufweiche development key, for tests only" 2>/dev/null && chmod 600 key.pem)
fi
if [ "${1:-}" = --development-key ]; then exit 0; fi

out=$(realpath "${1:-$(dirname "$here")/dist}")
root=${RUFWEICHE_ROOT:-$(find "$out" -maxdepth 1 -name "rufweiche-*.root.ext4" | sort -V | tail -n 1)}
version=${BUNDLE_VERSION:-$(basename "$root" .root.ext4 | sed 's/^rufweiche-//')}
work=$(mktemp -d "$out/bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/content"
cp "${RELEASE_KEY:-$keys/key.pem}" "$work/key.pem"
cp "${RELEASE_CERT:-$keys/cert.pem}" "$work/cert.pem"
cp --sparse=always "$root" "$work/content/rootfs.ext4"
cat >"$work/content/manifest.raucm" <<MANIFEST
[update]
compatible=rufweiche-rpi-arm64
version=$version
[bundle]
format=verity
[image.rootfs]
filename=rootfs.ext4
MANIFEST
(cd "$work" && "$here/tools.sh" rauc bundle --cert=cert.pem --key=key.pem --mksquashfs-args="-comp zstd -Xcompression-level 6" \
  content bundle.raucb >/dev/null)
mv "$work/bundle.raucb" "$out/rufweiche-$version.raucb"
echo "$out/rufweiche-$version.raucb"
