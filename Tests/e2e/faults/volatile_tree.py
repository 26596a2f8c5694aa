"""A tree of files in memory that knows what a power cut would leave of it.

Every file and folder exists twice: as programs see it now, and as it lies on the disk. `fsync` of a file carries its
content over, `fsync` of a folder its entries, nothing else does: POSIX promises no more. Paths and errors are those of
the system calls; nothing here knows of FUSE.
"""

import errno
import os
import random
import stat
import time

PAGE_BYTES = 4096
"""What a disk writes at once; a torn tail loses whole pages or stops in the middle of one."""
NAME_BYTES_MAXIMUM = 255
"""As most file systems."""


class File:
    """Content now, content on the disk, and how far both are the same."""

    def __init__(self, mode: int):
        self.mode = stat.S_IFREG | mode
        self.live, self.durable, self.same = bytearray(), bytearray(), 0
        self.changed = time.time()
        self.links = 1

    def write(self, data: bytes, offset: int):
        if offset > len(self.live):
            self.live.extend(bytes(offset - len(self.live)))
        self.same = min(self.same, offset)
        self.live[offset:offset + len(data)] = data
        self.changed = time.time()

    def truncate(self, length: int):
        self.same = min(self.same, length)
        if length < len(self.live):
            del self.live[length:]
        else:
            self.live.extend(bytes(length - len(self.live)))
        self.changed = time.time()

    @property
    def is_dirty(self) -> bool:
        return self.same < len(self.live) or len(self.durable) != len(self.live)

    def sync(self):
        self.durable[self.same:] = self.live[self.same:]
        self.same = len(self.live)

    def forget(self):
        """As kernels do after a failed sync: what could not be written counts as clean and is lost."""
        if len(self.durable) < len(self.live):
            self.durable.extend(bytes(len(self.live) - len(self.durable)))
        self.same = len(self.live)

    def cut(self, chance: random.Random | None, is_reordered: bool):
        """Loses what was not synced; with chance, keeps as much of it as chance wants."""
        if chance is not None and self.is_dirty:
            kept = chance.randint(self.same, len(self.live))
            tail = self.live[self.same:kept]
            if is_reordered and len(tail) > 1:
                hole = chance.randrange(len(tail))
                end = min(hole + PAGE_BYTES, len(tail))
                tail[hole:end] = bytes(end - hole)
            self.durable[self.same:] = tail
        self.live = bytearray(self.durable)
        self.same = len(self.live)


class Folder:
    """Entries now, and entries on the disk."""

    def __init__(self, mode: int):
        self.mode = stat.S_IFDIR | mode
        self.live: dict[str, "File | Folder"] = {}
        self.durable: dict[str, "File | Folder"] = {}
        self.changed = time.time()
        self.links = 2

    def sync(self):
        self.durable = dict(self.live)

    def cut(self):
        self.live = dict(self.durable)


class VolatileTree:
    """The tree and its room. Methods are system calls by name; they raise `OSError`."""

    def __init__(self):
        self.root = Folder(0o700)
        self.capacity_bytes: int | None = None
        self.used_bytes = 0
        # Changes of entries since the last sync of their folder, oldest first: a journal may keep the first of them.
        self.journal: list[tuple[Folder, str, File | Folder | None]] = []

    # Finding

    def find(self, path: str) -> File | Folder:
        node: File | Folder = self.root
        for part in filter(None, path.split("/")):
            if not isinstance(node, Folder):
                raise OSError(errno.ENOTDIR, path)
            if part not in node.live:
                raise OSError(errno.ENOENT, path)
            node = node.live[part]
        return node

    def folder(self, path: str) -> Folder:
        node = self.find(path)
        if not isinstance(node, Folder):
            raise OSError(errno.ENOTDIR, path)
        return node

    def place(self, path: str) -> tuple[Folder, str]:
        """The folder of a path, and the last name in it."""
        above, _, name = path.rstrip("/").rpartition("/")
        if len(name.encode()) > NAME_BYTES_MAXIMUM:
            raise OSError(errno.ENAMETOOLONG, path)
        return self.folder(above), name

    # Changing entries

    def _set(self, folder: Folder, name: str, node: File | Folder | None):
        if node is None:
            del folder.live[name]
        else:
            folder.live[name] = node
        folder.changed = time.time()
        self.journal.append((folder, name, node))

    def create(self, path: str, mode: int) -> File:
        folder, name = self.place(path)
        if name in folder.live:
            raise OSError(errno.EEXIST, path)
        self._need(0)
        file = File(mode & 0o7777)
        self._set(folder, name, file)
        return file

    def mkdir(self, path: str, mode: int):
        folder, name = self.place(path)
        if name in folder.live:
            raise OSError(errno.EEXIST, path)
        self._need(0)
        self._set(folder, name, Folder(mode & 0o7777))

    def link(self, path: str, new: str):
        node, (folder, name) = self.find(path), self.place(new)
        if name in folder.live:
            raise OSError(errno.EEXIST, new)
        if isinstance(node, Folder):
            raise OSError(errno.EPERM, path)
        node.links += 1
        self._set(folder, name, node)

    def unlink(self, path: str):
        folder, name = self.place(path)
        node = self.find(path)
        if isinstance(node, Folder):
            raise OSError(errno.EISDIR, path)
        self._drop(node)
        self._set(folder, name, None)

    def rmdir(self, path: str):
        folder, name = self.place(path)
        if self.folder(path).live:
            raise OSError(errno.ENOTEMPTY, path)
        self._set(folder, name, None)

    def rename(self, old: str, new: str):
        source, old_name = self.place(old)
        target, new_name = self.place(new)
        node, there = self.find(old), target.live.get(new_name)
        if there is node:
            return
        if isinstance(there, Folder) and (there.live or not isinstance(node, Folder)):
            raise OSError(errno.ENOTEMPTY if there.live else errno.EISDIR, new)
        if isinstance(there, File):
            if isinstance(node, Folder):
                raise OSError(errno.ENOTDIR, new)
            self._drop(there)
        self._set(target, new_name, node)
        self._set(source, old_name, None)

    # Changing content

    def write(self, file: File, data: bytes, offset: int) -> int:
        """How many bytes were taken: at the edge of the room fewer than were given, as with real disks."""
        growth = max(0, offset + len(data) - len(file.live))
        room = self.free_bytes()
        if growth > room:
            data = data[:max(0, len(data) - (growth - room))]
            if not data:
                raise OSError(errno.ENOSPC, "write")
        before = len(file.live)
        file.write(data, offset)
        self.used_bytes += len(file.live) - before
        return len(data)

    def truncate(self, file: File, length: int):
        self._need(max(0, length - len(file.live)))
        self.used_bytes += length - len(file.live)
        file.truncate(length)

    def sync_folder(self, folder: Folder):
        folder.sync()
        self.journal = [entry for entry in self.journal if entry[0] is not folder]

    # Room

    def free_bytes(self) -> int:
        return 1 << 40 if self.capacity_bytes is None else max(0, self.capacity_bytes - self.used_bytes)

    def leave_free(self, count: int | None):
        """So much room from now on; without a count as much as anybody wants."""
        self.capacity_bytes = None if count is None else self.used_bytes + count

    def _need(self, count: int):
        # A new entry needs room too, a little.
        if self.free_bytes() < max(count, 1):
            raise OSError(errno.ENOSPC, "no room")

    def _drop(self, file: File):
        file.links -= 1
        if file.links == 0:
            self.used_bytes -= len(file.live)

    # The end

    def files(self) -> list[File]:
        """All that can be reached now or after a cut."""
        found: dict[int, File] = {}
        seen: set[int] = set()
        folders = [self.root]
        while folders:
            folder = folders.pop()
            if id(folder) in seen:
                continue
            seen.add(id(folder))
            for node in (*folder.live.values(), *folder.durable.values()):
                if isinstance(node, Folder):
                    folders.append(node)
                else:
                    found[id(node)] = node
        return list(found.values())

    def cut(self, chance: random.Random | None = None, is_reordered: bool = False) -> dict:
        """The power goes. Without chance all goes that was not synced; with it, chance keeps a first part of the
        journal and of each file's tail. Returns what was lost."""
        dirty = [file for file in self.files() if file.is_dirty]
        lost_bytes = sum(len(file.live) - file.same for file in dirty)
        kept = 0 if chance is None else chance.randint(0, len(self.journal))
        lost_entries = len(self.journal) - kept
        for folder, name, node in self.journal[:kept]:
            if node is None:
                folder.durable.pop(name, None)
            else:
                folder.durable[name] = node
        for file in self.files():
            file.cut(chance, is_reordered)
            file.links = 0
        folders = [self.root]
        while folders:
            folder = folders.pop()
            folder.cut()
            for node in folder.live.values():
                if isinstance(node, Folder):
                    folders.append(node)
                else:
                    node.links += 1
        self.journal.clear()
        free = self.free_bytes()
        self.used_bytes = sum(len(file.live) for file in self.files() if file.links)
        if self.capacity_bytes is not None:
            self.capacity_bytes = self.used_bytes + free
        return {"lostFiles": len(dirty), "lostBytes": lost_bytes, "lostEntries": lost_entries}


def attributes(node: File | Folder) -> dict:
    size = len(node.live) if isinstance(node, File) else PAGE_BYTES
    return {"st_mode": node.mode, "st_nlink": max(node.links, 0), "st_size": size, "st_uid": os.getuid(),
            "st_gid": os.getgid(), "st_blocks": (size + 511) // 512, "st_blksize": PAGE_BYTES, "st_ino": id(node),
            **{name: int(node.changed * 1e9) for name in ("st_atime", "st_mtime", "st_ctime")}}
