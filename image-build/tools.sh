#!/usr/bin/env bash
# Runs a command within the tools of the suite itself, whatever this machine has: tools.sh COMMAND ...
#
# mke2fs before 1.47.2 takes no tar and leaks time stamps; so do others in their older versions. /work is the current
# folder, /recipe this one. The tools (a minute to make, 300 MB) are kept in $CACHE. Needs root, for chroot.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
packages=e2fsprogs,libarchive13t64,mtools,dosfstools,fdisk,cpio,xz-utils,zstd,bmap-tools,openssl,rauc,squashfs-tools,busybox-static,python3
tools=$CACHE/tools-$(echo "$SUITE $packages" | sha256sum | cut -c 1-12)
if [ ! -d "$tools" ]; then
  echo "Making the tools" >&2
  mkdir -p "$CACHE"
  mmdebstrap --quiet --variant=essential --include="$packages" --format=tar "$SUITE" "$tools.tar" "$MIRROR" >&2
  mkdir "$tools.part"
  tar -x -C "$tools.part" -f "$tools.tar"
  rm "$tools.tar"
  mkdir -p "$tools.part/work" "$tools.part/recipe"
  mv "$tools.part" "$tools"
fi
# shellcheck disable=SC2016
exec unshare --mount --propagation private sh -eu -c '
  tools=$1 recipe=$2; shift 2
  mount --bind "$PWD" "$tools/work"
  mount --bind "$recipe" "$tools/recipe"
  mount -t proc proc "$tools/proc"
  mount --bind /dev "$tools/dev"
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
  exec chroot "$tools" sh -eu -c "cd /work; exec \"\$@\"" sh "$@"' sh "$tools" "$here" "$@"
