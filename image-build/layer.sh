#!/usr/bin/env bash
# Lays what is ours over Debian's part: layer.sh ROOT.tar PACKAGE.deb FOLDER   (run by build.sh, in a mount namespace)
# FOLDER becomes the unpacked root file system.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=image-build/settings.sh
. "$here/settings.sh"
tar=$1 deb=$2 root=$3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p "$root"
tar -x -p --numeric-owner -C "$root" -f "$tar"

cp -r --no-preserve=ownership "$here/files/." "$root/"
find "$here/files" -mindepth 1 -printf '%P\0' | (cd "$root" && xargs -0 chmod u=rwX,go=rX)
chmod 0440 "$root/etc/sudoers.d/installer"
install -m 644 "${KEYRING:?a certificate that signs updates}" "$root/etc/rauc/keyring.pem"

cp "$deb" "$root/root/rufweiche.deb"
mount -t proc proc "$root/proc"
chroot "$root" systemd-sysusers
RUFWEICHE_NO_COMPILE=1 chroot "$root" dpkg --install --force-unsafe-io /root/rufweiche.deb
rm "$root/root/rufweiche.deb"
chroot "$root" systemctl --quiet enable rufweiche-grow.service rufweiche-health.service rufweiche-screen.path \
  rufweiche-update.path rufweiche-settle.path systemd-timesyncd.service
# What waits for a network, writes to a root that is read-only, lets somebody log in who cannot, or is for machines of
# another kind and makes the start longer.
chroot "$root" systemctl --quiet disable NetworkManager-wait-online.service dpkg-db-backup.timer
for unit in sshd-keygen.service systemd-machine-id-commit.service e2scrub_all.timer e2scrub_reap.service \
  systemd-pcrphase.service systemd-pcrphase-sysinit.service apt-daily.timer systemd-binfmt.service \
  proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  sys-fs-fuse-connections.mount dev-hugepages.mount modprobe@.service systemd-pstore.service systemd-logind.service \
  getty@.service serial-getty@.service getty.target; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
umount "$root/proc"

# What differs from box to box, or must be written, lies on the data partition; the first program makes it.
mkdir -p "$root/data" "$root/boot/firmware"
for name in hostname hosts localtime; do ln -sf "/data/etc/$name" "$root/etc/$name"; done
rm -rf "$root/etc/NetworkManager/system-connections"
ln -s /data/etc/system-connections "$root/etc/NetworkManager/system-connections"
ln -sf /run/NetworkManager/resolv.conf "$root/etc/resolv.conf"
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root"/etc/ssh/ssh_host_* "$root/etc/fstab"
ln -s /etc/machine-id "$root/var/lib/dbus/machine-id"

# Nobody reads these on a box; the firmware's copy lies on the boot partition.
rm -rf "$root"/boot/firmware/* "$root"/boot/System.map-* "$root"/boot/initrd.img* "$root"/var/cache/* "$root"/var/log/* \
  "$root"/var/lib/apt/lists/* "$root"/tmp/* "$root"/var/tmp/* "$root"/usr/lib/udev/hwdb.d "$root/etc/.pwd.lock" \
  "$root"/var/lib/systemd/* "$root"/etc/*- "$root"/var/lib/dpkg/*-old
date --utc --date="@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M >"$root/etc/rufweiche-image"
# The earliest time it can be: a clock without battery starts here.
touch --date="@$SOURCE_DATE_EPOCH" "$root/usr/lib/clock-epoch"
