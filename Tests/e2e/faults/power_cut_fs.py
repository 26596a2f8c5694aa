"""A disk that can lose its power, stall, fill up, turn read-only or fail, as a file system in user space.

    disk = PowerCutDisk(folder).mount()
    server = Server(disk.path / "data")
    lost = disk.cut([server.program.process])     # what was not synced is gone; the process is killed
    server.start()

It lies in memory, in a process of its own that is told what to do on its standard input. As soon as the power is cut
every call waits, so that nobody can acknowledge anything any more; the processes named are killed; then the disk is as
it was synced last, and files opened before are dead. Needs `/dev/fuse` and Debian's `fuse3`.
"""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

WAIT_SECONDS = 20.0
"""Mounting and every order are done long before."""


def reason_not_to_run() -> str | None:
    """Why there can be no such disk here; nothing where there can."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be opened: run as root, or install fuse3"
    try:
        os.environ.setdefault("FUSE_LIBRARY_NAME", "fuse3")
        import mfusepy  # noqa: F401  the import looks for the library
    except (ImportError, OSError) as failure:
        return f"no FUSE for Python: {failure}"
    return None


class PowerCutDisk:
    """The disk, as tests hold it."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.process: subprocess.Popen | None = None
        self.orders = threading.Lock()

    def mount(self) -> "PowerCutDisk":
        self.path.mkdir(parents=True, exist_ok=True)
        self.log = open(self.path.parent / f"{self.path.name}.log", "ab")
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            env={**os.environ, "FUSE_LIBRARY_NAME": "fuse3", "PYTHONDONTWRITEBYTECODE": "1"})
        deadline = time.monotonic() + WAIT_SECONDS
        while not os.path.ismount(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise OSError(errno.EIO, f"could not mount: see {self.log.name}")
            time.sleep(0.01)
        return self

    def __enter__(self):
        return self if self.process else self.mount()

    def __exit__(self, *_):
        self.unmount()

    def _order(self, word: str, **values) -> dict:
        with self.orders:
            self.process.stdin.write(json.dumps({"do": word, **values}).encode() + b"\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        if not answer:
            raise OSError(errno.EIO, f"the disk has died: see {self.log.name}")
        return json.loads(answer)

    def cut(self, victims=(), seed: int | None = None, reordered: bool = False) -> dict:
        """Cuts the power for the disk and the victims (`Popen`s), then gives it back to the disk. With a seed, chance
        keeps a first part of what was not synced (a torn tail), with `reordered` with a hole in it. Returns
        what was lost."""
        self._order("freeze")
        for victim in victims:
            if victim.poll() is None:
                victim.send_signal(signal.SIGKILL)
        lost = self._order("cut", seed=seed, reordered=reordered)
        for victim in victims:
            victim.wait(timeout=WAIT_SECONDS)
        return lost

    def stall(self, seconds: float, writes: bool = False):
        """From now on every sync waits until so many seconds are over; every write too where asked for."""
        self._order("stall", seconds=seconds, writes=writes)

    def slow(self, milliseconds: float):
        """Every sync takes at least so long; 0 ends it."""
        self._order("slow", milliseconds=milliseconds)

    def full(self, on: bool = True):
        """No room at all from now on, or as much as anybody wants."""
        self.leave_free(0 if on else None)

    def leave_free(self, count: int | None):
        """So many bytes may still be written; what is removed gives room again. Without a count: any number."""
        self._order("free", bytes=count)

    def read_only(self, on: bool = True):
        """Refuses every change with EROFS."""
        self._order("readOnly", on=on)

    def fail(self, calls, count: int | None = None, number: int = errno.EIO):
        """The next so many (without a count: all) of these calls fail: names of `SwitchedDisk`'s methods, such as
        `write`, `fsync`, `rename`. A failed sync loses its data for good, as with real kernels."""
        self._order("fail", calls=list(calls), count=count, number=number)

    def heal(self):
        """Ends stalls, slowness, fullness, read-only and failures."""
        self._order("heal")

    def counts(self) -> dict:
        """How often each call was made so far."""
        return self._order("counts")

    def unmount(self):
        if self.process is None:
            return
        subprocess.run(["fusermount3", "-uz", str(self.path)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Whoever still has a file open there keeps it alive otherwise.
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()
        self.process = None


# The process of the disk.


class SwitchedDisk:
    """The calls of FUSE on a `VolatileTree`, behind the switches."""

    use_ns = True

    def __init__(self):
        from volatile_tree import VolatileTree
        self.tree = VolatileTree()
        self.changed = threading.Condition()
        self.handles: dict[int, object] = {}
        self.next_handle = 1
        self.is_frozen, self.life = False, 0
        self.counted: dict[str, int] = {}
        self.switch_off()

    def switch_off(self):
        self.stalled_until, self.are_writes_stalled, self.slow_seconds = 0.0, False, 0.0
        self.is_read_only, self.failures = False, {}
        self.tree.leave_free(None)

    # Orders

    def obey(self, order: dict) -> dict:
        with self.changed:
            answer = getattr(self, "order_" + order.pop("do"))(**order) or {}
            self.changed.notify_all()
            return answer

    def order_freeze(self):
        self.is_frozen = True

    def order_cut(self, seed, reordered):
        lost = self.tree.cut(None if seed is None else random.Random(seed), reordered)
        self.handles.clear()
        self.stalled_until = 0.0
        self.is_frozen = False
        self.life += 1
        return lost

    def order_stall(self, seconds, writes):
        self.stalled_until, self.are_writes_stalled = time.monotonic() + seconds, writes

    def order_slow(self, milliseconds):
        self.slow_seconds = milliseconds / 1000

    def order_free(self, bytes):
        self.tree.leave_free(bytes)

    def order_readOnly(self, on):
        self.is_read_only = on

    def order_fail(self, calls, count, number):
        for call in calls:
            self.failures[call] = (count, number)

    def order_heal(self):
        self.switch_off()

    def order_counts(self):
        return dict(self.counted)

    # Before each call; the caller holds `changed`.

    def enter(self, call: str, is_change: bool = False, is_sync: bool = False):
        self.counted[call] = self.counted.get(call, 0) + 1
        life = self.life
        asked = time.monotonic()
        while True:
            if self.life != life:
                raise OSError(errno.EIO, call)
            now = time.monotonic()
            until = 0.0
            if is_sync:
                until = max(self.stalled_until, asked + self.slow_seconds)
            elif is_change and self.are_writes_stalled:
                until = self.stalled_until
            if not self.is_frozen and until <= now:
                break
            self.changed.wait(None if self.is_frozen else until - now)
        if is_change and self.is_read_only:
            raise OSError(errno.EROFS, call)
        count, number = self.failures.get(call, (0, 0))
        if count == 0:
            return
        if count is not None:
            self.failures[call] = (count - 1, number)
        raise OSError(number, call)

    def opened(self, node) -> int:
        handle = self.next_handle
        self.next_handle += 1
        self.handles[handle] = node
        return handle

    def node(self, path, handle):
        if handle:
            if handle not in self.handles:
                raise OSError(errno.EIO, "opened before the cut")
            return self.handles[handle]
        return self.tree.find(path)

    # Calls

    def getattr(self, path, fh=None):
        from volatile_tree import attributes
        with self.changed:
            self.enter("getattr")
            return attributes(self.node(path, fh))

    def readdir(self, path, fh):
        with self.changed:
            self.enter("readdir")
            return [".", "..", *self.tree.folder(path).live]

    def open(self, path, flags):
        with self.changed:
            self.enter("open", is_change=bool(flags & (os.O_WRONLY | os.O_RDWR)))
            return self.opened(self.tree.find(path))

    def opendir(self, path):
        with self.changed:
            self.enter("opendir")
            return self.opened(self.tree.folder(path))

    def create(self, path, mode, flags=0):
        with self.changed:
            self.enter("create", is_change=True)
            return self.opened(self.tree.create(path, mode))

    def release(self, path, fh):
        with self.changed:
            self.handles.pop(fh, None)
        return 0

    releasedir = release

    def read(self, path, size, offset, fh):
        with self.changed:
            self.enter("read")
            return bytes(self.node(path, fh).live[offset:offset + size])

    def write(self, path, data, offset, fh):
        with self.changed:
            self.enter("write", is_change=True)
            return self.tree.write(self.node(path, fh), data, offset)

    def truncate(self, path, length, fh=None):
        with self.changed:
            self.enter("truncate", is_change=True)
            self.tree.truncate(self.node(path, fh), length)
        return 0

    def fsync(self, path, datasync, fh):
        with self.changed:
            file = self.node(path, fh)
            try:
                self.enter("fsync", is_sync=True)
            except OSError:
                file.forget()
                raise
            if self.is_read_only and file.is_dirty:
                raise OSError(errno.EROFS, "fsync")
            file.sync()
        return 0

    def fsyncdir(self, path, datasync, fh):
        with self.changed:
            self.enter("fsyncdir", is_sync=True)
            self.tree.sync_folder(self.tree.folder(path))
        return 0

    def mkdir(self, path, mode):
        with self.changed:
            self.enter("mkdir", is_change=True)
            self.tree.mkdir(path, mode)
        return 0

    def link(self, target, source):
        # FUSE for Python calls the new name `target`.
        with self.changed:
            self.enter("link", is_change=True)
            self.tree.link(source, target)
        return 0

    def unlink(self, path):
        with self.changed:
            self.enter("unlink", is_change=True)
            self.tree.unlink(path)
        return 0

    def rmdir(self, path):
        with self.changed:
            self.enter("rmdir", is_change=True)
            self.tree.rmdir(path)
        return 0

    def rename(self, old, new):
        with self.changed:
            self.enter("rename", is_change=True)
            self.tree.rename(old, new)
        return 0

    def chmod(self, path, mode):
        with self.changed:
            self.enter("chmod", is_change=True)
            node = self.tree.find(path)
            node.mode = (node.mode & ~0o7777) | (mode & 0o7777)
        return 0

    def chown(self, path, uid, gid):
        return 0

    def utimens(self, path, times=None):
        return 0

    def flush(self, path, fh):
        return 0

    def statfs(self, path):
        with self.changed:
            self.enter("statfs")
            free, used = self.tree.free_bytes() // 4096, self.tree.used_bytes // 4096
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": free + used, "f_bfree": free, "f_bavail": free,
                "f_files": 1 << 20, "f_ffree": 1 << 20, "f_namemax": 255}


def main(mountpoint: str):
    import mfusepy
    disk = SwitchedDisk()
    sys.setswitchinterval(0.0005)

    def listen():
        for line in sys.stdin.buffer:
            try:
                answer = disk.obey(json.loads(line))
            except Exception as failure:  # told to the test, which fails by it
                answer = {"failure": repr(failure)}
            sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
            sys.stdout.buffer.flush()
        # The test is gone: so is the disk.
        subprocess.run(["fusermount3", "-uz", mountpoint], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    threading.Thread(target=listen, daemon=True).start()
    # No caches, so that after a cut nobody sees what is gone; as many threads as may wait for a stalled sync.
    mfusepy.FUSE(disk, mountpoint, foreground=True, fsname="power-cut", max_threads=128, hard_remove=True,
                 attr_timeout=0.0, entry_timeout=0.0, negative_timeout=0.0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1])
