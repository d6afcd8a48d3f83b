#!/usr/bin/env bash
# Makes the tar of Debian's part of the root file system: root.sh OUT.tar
#
# Everything of ours is laid over it by layer.sh, so that this slow part (12 to 30 min, most of it under emulation) is
# made once per package list. MIRROR: a Debian mirror, or a snapshot of one for the same bits a year later; else the
# mirror this machine's apt uses.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
out=${1:?"usage: root.sh OUT.tar"}

# Not that of the commit: this tar outlives many.
export SOURCE_DATE_EPOCH=$ROOT_EPOCH
packages=$(sed 's/ *#.*//; /^$/d' "$here/packages.list" | paste -sd, -)
components=main,non-free-firmware

# Hooks that would build an initrd under emulation (8 to 11 min) or copy to a boot partition that is not there yet,
# and what no box reads.
export HOOKS='etc/kernel/postinst.d/initramfs-tools etc/kernel/postinst.d/z50-raspi-firmware
  etc/kernel/postrm.d/z50-raspi-firmware etc/initramfs/post-update.d/z50-raspi-firmware'
exclude=(
  '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' '/usr/share/lintian/*'
  '/usr/share/bash-completion/*' '/usr/share/zsh/*' '/usr/share/doc/*'
  '/usr/lib/modules/*/kernel/drivers/gpu/*'
  '/usr/lib/modules/*/kernel/drivers/media/*'
  '/usr/lib/modules/*/kernel/drivers/infiniband/*'
  '/usr/lib/modules/*/kernel/drivers/net/ethernet/mellanox/*'
  '/usr/lib/modules/*/kernel/drivers/net/ethernet/intel/*'
  '/usr/lib/modules/*/kernel/fs/ocfs2/*' '/usr/lib/modules/*/kernel/fs/xfs/*' '/usr/lib/modules/*/kernel/fs/btrfs/*'
)
# Of the graphics drivers that of the Raspberry Pi, so that a screen shows the box's address, and what it is made of.
include=(
  '/usr/share/doc/*/copyright'
  '/usr/lib/modules/*/kernel/drivers/gpu/drm/drm*.ko*' '/usr/lib/modules/*/kernel/drivers/gpu/drm/vc4/*'
  '/usr/lib/modules/*/kernel/drivers/gpu/drm/display/*' '/usr/lib/modules/*/kernel/drivers/gpu/drm/scheduler/*'
  '/usr/lib/modules/*/kernel/drivers/media/cec/*' '/usr/lib/modules/*/kernel/drivers/media/rc/rc-core.ko*'
)
options=()
for path in $HOOKS; do options+=("--dpkgopt=path-exclude=/$path"); done
for path in "${exclude[@]}"; do options+=("--dpkgopt=path-exclude=$path"); done
for path in "${include[@]}"; do options+=("--dpkgopt=path-include=$path"); done
options+=('--dpkgopt=force-confold')

# shellcheck disable=SC2016
mmdebstrap --architectures="$ARCH" --variant=essential --components="$components" --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
  --dpkgopt=force-unsafe-io "${options[@]}" \
  --essential-hook='for name in $HOOKS; do mkdir -p "$1/${name%/*}"; ln -s /bin/true "$1/$name"; done' \
  --customize-hook='for name in $HOOKS; do rm -f "$1/$name"; done; rm -f "$1"/etc/ssh/ssh_host_*' \
  "$SUITE" "${out%.tar}.part.tar" "$MIRROR"
mv "${out%.tar}.part.tar" "$out"
