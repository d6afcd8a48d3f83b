#!/bin/sh
# Assembles the card: card.sh ROOT.tar BOOT-FOLDER CARD.img   (run within tools.sh; ROOT.tar is sorted and clamped)
# Same input, same bits: every identifier is fixed, every time stamp is SOURCE_DATE_EPOCH.
set -eu
root=$1 boot=$2 card=$3
: "${SOURCE_DATE_EPOCH:?}" "${CARD_SECTORS:?}"
export E2FSPROGS_FAKE_TIME="$SOURCE_DATE_EPOCH" MTOOLS_SKIP_CHECK=1

rm -f "$card" fat.img root.img data.img
truncate -s $((CARD_SECTORS * 512)) "$card"
sfdisk --quiet "$card" <<TABLE
label: dos
label-id: $SIGNATURE
start=$BOOT_START, size=$BOOT_SECTORS, type=c, bootable
start=$A_START, size=$ROOT_SECTORS, type=83
start=$B_START, size=$ROOT_SECTORS, type=83
start=$DATA_START, size=$DATA_SECTORS, type=83
TABLE

truncate -s $((BOOT_SECTORS * 512)) fat.img
mkfs.vfat --invariant -F 32 -s 2 -n RUFWEICHE -i 52554657 fat.img >/dev/null
find "$boot" -mindepth 1 -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
find "$boot" -mindepth 1 -printf '%P\n' | sort | while IFS= read -r name; do
  if [ -d "$boot/$name" ]; then mmd -i fat.img "::$name"; else mcopy -m -i fat.img "$boot/$name" "::$name"; fi
done

# The same options for every version: an update writes such a file system into the other slot.
ext4() { # ext4 IMAGE SECTORS LABEL UUID [TAR]
  truncate -s $(($2 * 512)) "$1"
  mke2fs -q -t ext4 -b 4096 -m 0 -L "$3" -U "$4" -E "hash_seed=$4,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0${6:-}" \
    ${5:+-d "$5"} "$1"
}
ext4 root.img "$ROOT_SECTORS" root 52554657-0000-4000-8000-00000000000a "$root"
ext4 data.img "$DATA_SECTORS" data 52554657-0000-4000-8000-00000000000d "" ",resize=67108864"

dd if=fat.img of="$card" bs=1M seek=$((BOOT_START / 2048)) conv=notrunc,sparse status=none
dd if=root.img of="$card" bs=1M seek=$((A_START / 2048)) conv=notrunc,sparse status=none
dd if=data.img of="$card" bs=1M seek=$((DATA_START / 2048)) conv=notrunc,sparse status=none
BOOTSLOT_DISK=$card sh /recipe/files/usr/lib/rufweiche/bootslot init
rm fat.img data.img
