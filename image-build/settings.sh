# What every script of the recipe agrees on. Sourced; each value may come from the environment instead.
# shellcheck shell=bash disable=SC2034,SC2016
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$(dirname "${BASH_SOURCE[0]}")" log -1 --format=%ct 2>/dev/null || echo 1767225600)}
export LC_ALL=C.UTF-8 TZ=UTC
SUITE=${SUITE:-trixie}
ARCH=${ARCH:-arm64}
ROOT_EPOCH=${ROOT_EPOCH:-1763942400}
# A Debian mirror, or a snapshot of one; else the one this machine's apt uses.
export MIRROR=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | sed '/security/d' | head -n 1)}
# Where what takes long is kept.
export CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rufweiche-image}

# The card, in sectors of 512 bytes. The gap before the first partition holds bootslot's state. A card of 2 GB suffices;
# the data partition takes the rest of a larger one at its first start. SIGNATURE is "RUFW" as bytes in the table.
SIGNATURE=0x57465552
BOOT_START=8192
BOOT_SECTORS=$((192 * 2048))
ROOT_SECTORS=$((768 * 2048))
A_START=$((BOOT_START + BOOT_SECTORS))
B_START=$((A_START + ROOT_SECTORS))
DATA_START=$((B_START + ROOT_SECTORS))
DATA_SECTORS=$((256 * 2048))
CARD_SECTORS=$((2048 * 2048))
