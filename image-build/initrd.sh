#!/usr/bin/env bash
# Makes the initrd from an unpacked root: initrd.sh ROOT OUT
#
# busybox, the modules that lead to the card and its file systems, our two scripts. 2 MB, made in a second and without
# emulation; Debian's own tool takes ten minutes under emulation and makes twenty.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
root=$1 out=$(realpath -m "$2")
# virtio: QEMU. sdhci-iproc: Pi 4, and the Pi 3's Arasan; bcm2835: the Pi 3's other controller. The regulators switch the
# Pi 4's card to its voltage. ext4 asks for crc32c by name, which no dependency shows. FAT's names need two tables.
wanted='virtio_blk virtio_mmio fixed gpio-regulator sdhci-iproc bcm2835 crc32c_generic ext4 overlay nls_ascii nls_cp437 vfat'

kernel=$(basename "$(echo "$root"/usr/lib/modules/*)")
modules=$root/usr/lib/modules/$kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# By its version, so that two of these one after the other serve two kernels (kernel-after-trial).
loaded=$work/modules/$kernel
mkdir -p "$work"/{bin,dev,proc,sys,run,root} "$loaded"
cp "$root/usr/bin/busybox" "$work/bin/busybox"
has=$("$work/bin/busybox" --list) # by emulation
for applet in cat chmod chroot cut dd echo insmod ln md5sum mkdir mount printf reboot sed sh sleep switch_root tr umount; do
  grep -qx "$applet" <<<"$has" || { echo "initrd.sh: busybox has no $applet" >&2; exit 1; }
  ln -s busybox "$work/bin/$applet"
done
ln -s busybox "$work/bin/["
install -m 755 "$here/initrd/init" "$work/init"
install -m 755 "$here/files/usr/lib/rufweiche/bootslot" "$work/bin/bootslot"

# In the order in which they can be loaded: modules.dep names what one needs, the nearest first.
path_of() { sed -n "s,^\([^:]*/$1\.ko[^:]*\):.*,\1,p" "$modules/modules.dep"; }
for name in $wanted; do
  path=$(path_of "$name")
  if [ -z "$path" ]; then
    grep -q "/$name\.ko" "$modules/modules.builtin" && continue
    echo "initrd.sh: the kernel has no module $name" >&2
    exit 1
  fi
  for file in $(sed -n "s,^$path:,,p" "$modules/modules.dep" | tr ' ' '\n' | tac) "$path"; do
    short=$(basename "${file%.xz}")
    grep -qx "$short" "$loaded/order" 2>/dev/null && continue
    case $file in *.xz) xz -dc "$modules/$file" >"$loaded/$short" ;; *) cp "$modules/$file" "$loaded/$short" ;; esac
    echo "$short" >>"$loaded/order"
  done
done
chmod -R u=rwX,go=rX "$work"
find "$work" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
(cd "$work" && find . -mindepth 1 -print0 | sort -z | cpio --null --create --format=newc --reproducible --owner=0:0 --quiet) \
  | xz -6 --check=crc32 >"$out"
