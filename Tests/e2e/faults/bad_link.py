"""A bad line between this machine and a network namespace: delay, loss and partition, made by hand on two TUN devices.

    with BadLink() as link:
        server = Server(data, "--host", link.near)
        listener = Program("listen", url, prefix=link.prefix)    # on the far side
        link.shape(delay_milliseconds=80, loss=0.02)
        link.cut(True)                                           # nothing passes, nobody is told

The packets go through a process of its own, which is told how bad to be on its standard input. Needs root.
"""

import fcntl
import heapq
import json
import os
import random
import select
import shutil
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
PACKET_BYTES_MAXIMUM = 2048
"""Ethernet's 1,500 and room to spare."""
QUEUE_PACKETS_MAXIMUM = 20_000
"""What does not fit is lost, as in a router."""


def reason_not_to_run() -> str | None:
    """Why there can be no such line here; nothing where there can."""
    if os.geteuid() != 0:
        return "network namespaces and TUN devices need root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK) or not shutil.which("ip"):
        return "/dev/net/tun or ip (iproute2) is missing"
    return None


class BadLink:
    """The line, as tests hold it."""

    def __init__(self, seed: int = 1):
        self.name = f"lr{os.getpid()}"
        number = os.getpid() % 16_000
        # A network of four addresses that nobody else uses.
        base = f"10.213.{number // 64}.{number % 64 * 4}".rsplit(".", 1)
        self.near, self.far = (f"{base[0]}.{int(base[1]) + host}" for host in (1, 2))
        self.seed = seed
        self.prefix = ["ip", "netns", "exec", self.name]

    def __enter__(self):
        def ip(*words):
            subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)
        ip("netns", "add", self.name)
        try:
            ends = [open_tun(f"{self.name}{end}") for end in "ab"]
            ip("addr", "add", f"{self.near}/30", "dev", f"{self.name}a")
            ip("link", "set", f"{self.name}a", "up")
            ip("link", "set", f"{self.name}b", "netns", self.name)
            for words in (("addr", "add", f"{self.far}/30", "dev", f"{self.name}b"),
                          ("link", "set", f"{self.name}b", "up"), ("link", "set", "lo", "up")):
                ip("-n", self.name, *words)
            self.process = subprocess.Popen(
                [sys.executable, __file__, *map(str, ends), str(self.seed)], stdin=subprocess.PIPE, pass_fds=ends)
            for end in ends:
                os.close(end)
        except BaseException:
            ip("netns", "del", self.name)
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        subprocess.run(["ip", "netns", "del", self.name], stdin=subprocess.DEVNULL)

    def _order(self, **values):
        self.process.stdin.write(json.dumps(values).encode() + b"\n")
        self.process.stdin.flush()

    def shape(self, delay_milliseconds: float = 0, loss: float = 0):
        """So much later in each direction, and such a part of all packets lost."""
        self._order(delay=delay_milliseconds / 1000, loss=loss)

    def cut(self, on: bool):
        """A partition: whatever is sent is lost, what is under way too."""
        self._order(cut=on)


def open_tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def main(near: int, far: int, seed: int):
    """Carries packets until the orders end."""
    chance = random.Random(seed)
    state = {"delay": 0.0, "loss": 0.0, "cut": False}
    other = {near: far, far: near}
    under_way: list[tuple[float, int, int, bytes]] = []
    number = 0
    while True:
        wait = None if not under_way else max(0.0, under_way[0][0] - time.monotonic())
        ready, _, _ = select.select([near, far, sys.stdin], [], [], wait)
        if sys.stdin in ready:
            line = os.read(sys.stdin.fileno(), 65_536)
            if not line:
                return
            for order in line.splitlines():
                state.update(json.loads(order))
            if state["cut"]:
                under_way.clear()
        for device in (near, far):
            if device not in ready:
                continue
            packet = os.read(device, PACKET_BYTES_MAXIMUM)
            if state["cut"] or chance.random() < state["loss"] or len(under_way) >= QUEUE_PACKETS_MAXIMUM:
                continue
            number += 1
            heapq.heappush(under_way, (time.monotonic() + state["delay"], number, other[device], packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(under_way)
            try:
                os.write(device, packet)
            except OSError:
                pass  # the device is down or full: the packet is lost


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
