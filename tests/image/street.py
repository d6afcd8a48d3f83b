"""What is around a box, within the emulated one: runs there as root. street.py COMMAND ...

The kernel's simulated radios (mac80211_hwsim) hear each other; one is the box's, the other is put into a network name
space of its own, the street, and is a router's or a passing phone's.

make: the radios; router SSID KEY: a Wi-Fi with DHCP, until `away`; phone SSID KEY: waits for that Wi-Fi, joins it, does
what phones do, and says on the console what it met; mdns NAME: the addresses a name has for whoever asks the network.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

SPACE, HERE = Path("/run/netns/street"), Path("/run/street")
CONSOLE = Path("/dev/ttyAMA0")
PHONE_WAITS = 600
LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" >/run/NetworkManager/resolv.conf
"""


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


def attribute(kind, data):
    """Of a netlink message (linux/netlink.h): length, kind, data, padding to 4 octets."""
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def generic(family, command, *attributes):
    """One generic netlink command; the answer's octets after its header of 20."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16) as line:  # NETLINK_GENERIC
        line.bind((0, 0))
        body = struct.pack("=BBH", command, 1, 0) + b"".join(attributes)
        line.send(struct.pack("=IHHII", 16 + len(body), family, 0x5, 1, 0) + body)  # NLM_F_REQUEST | NLM_F_ACK
        answer = line.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] == 2 and (error := struct.unpack_from("=i", answer, 16)[0]):
            raise OSError(-error, os.strerror(-error))
        return answer[20:]


def nl80211():
    """The number of its family: CTRL_CMD_GETFAMILY, asked by name."""
    answer = generic(16, 3, attribute(2, b"nl80211\0"))
    while answer:
        length, kind = struct.unpack_from("=HH", answer)
        if kind == 1:  # CTRL_ATTR_FAMILY_ID
            return struct.unpack_from("=H", answer, 4)[0]
        answer = answer[(length + 3) & ~3 :]
    raise OSError("no nl80211")


def make():
    run("modprobe", "mac80211_hwsim", "radios=2")
    while not Path("/sys/class/net/wlan1/phy80211/index").exists():
        time.sleep(0.2)
    radio = int(Path("/sys/class/net/wlan1/phy80211/index").read_text())
    run("ip", "netns", "add", "street")
    space = os.open(SPACE, os.O_RDONLY)
    # NL80211_CMD_SET_WIPHY_NETNS with NL80211_ATTR_WIPHY and NL80211_ATTR_NETNS_FD (linux/nl80211.h)
    generic(nl80211(), 49, attribute(1, struct.pack("=I", radio)), attribute(219, struct.pack("=I", space)))


def enter():
    """This process, and what it starts, is in the street from now on, with names of its own."""
    HERE.mkdir(exist_ok=True)
    os.setns(os.open(SPACE, os.O_RDONLY), os.CLONE_NEWNET)
    os.unshare(os.CLONE_NEWNS)
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "tmpfs", "street", "/run/NetworkManager")  # where /etc/resolv.conf leads
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "set", "wlan1", "up")


def join(network):
    """wpa_supplicant, as a router or as a guest."""
    (HERE / "wpa.conf").write_text(network)
    run("wpa_supplicant", "-B", "-i", "wlan1", "-c", str(HERE / "wpa.conf"), "-P", str(HERE / "wpa.pid"))


def router(ssid, key):
    enter()
    join(f'network={{\nssid="{ssid}"\nmode=2\nfrequency=2437\nkey_mgmt=WPA-PSK\nproto=RSN\npairwise=CCMP\n'
         f'psk="{key}"\n}}\n')  # fmt: skip
    run("ip", "address", "replace", "192.168.77.1/24", "dev", "wlan1")
    run("dnsmasq", "--conf-file=/dev/null", "--port=0", "--interface=wlan1", "--bind-interfaces", "--user=root",
        "--dhcp-range=192.168.77.10,192.168.77.50", f"--dhcp-leasefile={HERE / 'leases'}",
        "--dhcp-option=option:dns-server,192.168.77.1", f"--pid-file={HERE / 'dnsmasq.pid'}")  # fmt: skip


def away():
    with suppress(OSError):
        os.setns(os.open(SPACE, os.O_RDONLY), os.CLONE_NEWNET)
    for name in ("wpa.pid", "dnsmasq.pid"):
        with suppress(OSError, ValueError):
            os.kill(int((HERE / name).read_text()), 15)
    run("ip", "address", "flush", "dev", "wlan1", check=False)


def phone(ssid, key):
    enter()
    lease = HERE / "lease"
    lease.write_text(LEASE)
    lease.chmod(0o755)
    began = time.monotonic()
    join(f'network={{\nssid="{ssid}"\nscan_ssid=1\nkey_mgmt=WPA-PSK\npsk="{key}"\n}}\n')
    told = {"address": ""}
    while not told["address"] and time.monotonic() < began + PHONE_WAITS:
        run("busybox", "udhcpc", "-i", "wlan1", "-s", str(lease), "-n", "-q", "-t", "5", "-T", "2", check=False)
        told["address"] = run("ip", "-4", "-o", "address", "show", "wlan1").partition("inet ")[2].split(" ")[0]
    told["after"] = round(time.monotonic() - began)
    try:
        told["name"] = socket.gethostbyname("connectivitycheck.example.com")
        with urllib.request.urlopen("http://connectivitycheck.example.com/generate_204", timeout=200) as answer:
            told |= {"status": answer.status, "url": answer.url, "page": answer.read().decode()}
    except OSError as error:
        told["error"] = str(error)
    told["page"] = " ".join(told.get("page", "").split())[:20000]
    away()
    CONSOLE.write_text(f"\nphone: {json.dumps(told)}\n")


def mdns(name):
    """A question as anybody in the network asks it (RFC 6762, 6.7: from another port, answered to it)."""
    asked = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(3)
        own = run("ip", "-4", "-o", "address", "show", "eth0").partition("inet ")[2].partition("/")[0]
        line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        line.sendto(struct.pack(">6H", 1, 0, 1, 0, 0, 0) + asked + struct.pack(">2H", 1, 1), ("224.0.0.251", 5353))
        with suppress(TimeoutError):
            answer = line.recv(9000)
            if struct.unpack_from(">H", answer, 6)[0]:
                sys.stdout.write(f"{socket.inet_ntoa(answer[-4:])}\n")  # the only record's data come last


if __name__ == "__main__":
    {"make": make, "router": router, "away": away, "phone": phone, "mdns": mdns}[sys.argv[1]](*sys.argv[2:])
