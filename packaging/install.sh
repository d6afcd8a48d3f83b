#!/usr/bin/env bash
# Installs Rufweiche on this Debian or Raspberry Pi OS, or removes it again: install.sh [--uninstall [--purge]]
#
# Builds the package from this checkout (or takes the one named by DEB) and hands it to apt, which brings what it needs.
# Run again it installs the present state. --purge also deletes settings and call log.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$tree"
if [ "$(id -u)" != 0 ]; then exec sudo --preserve-env=DEB "${BASH_SOURCE[0]}" "$@"; fi
export DEBIAN_FRONTEND=noninteractive
case ${1:-} in
  '')
    if [ -z "${DEB:-}" ]; then
      [ -x .venv/bin/python ] || { echo "install.sh: run make install, which sets up the checkout first" >&2; exit 1; }
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      chmod 755 "$folder"
      DEB=$(packaging/deb.sh "$folder" | tail -n 1)
    fi
    # By its path, or apt would look for it in the archive; again, or the same version would be left as it is.
    apt-get install --yes --reinstall --allow-downgrades "$(realpath "$DEB")" </dev/null
    if [ -d /run/systemd/system ]; then
      for _ in $(seq 20); do
        if systemctl --quiet is-active rufweiche-web.socket; then break; fi
        sleep 0.5
      done
      if ! systemctl --quiet is-active rufweiche-web.socket; then
        echo "Rufweiche is installed, but another program has port 80, so its page cannot be opened. Which one:" >&2
        echo "  ss -ltnp 'sport = :80'     Stop it, then: systemctl restart rufweiche-web.socket" >&2
        exit 1
      fi
    fi
    echo "Rufweiche is installed. Its page: http://$(hostname).local or http://$(hostname -I | cut -d ' ' -f 1)/"
    ;;
  --uninstall)
    if [ "${2:-}" = --purge ]; then action=purge; else action=remove; fi
    if ! dpkg-query --show rufweiche >/dev/null 2>&1; then
      echo "Rufweiche is not installed."
      exit 0
    fi
    apt-get "$action" --yes rufweiche </dev/null
    ;;
  *) echo "usage: install.sh [--uninstall [--purge]]" >&2; exit 2 ;;
esac
