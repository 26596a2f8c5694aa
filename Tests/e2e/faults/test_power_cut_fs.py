"""The judge before the judged: the disk that loses its power loses what was not synced, and nothing else."""

import errno
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from faults.power_cut_fs import PowerCutDisk, reason_not_to_run
from faults.volatile_tree import VolatileTree

needs_fuse = pytest.mark.skipif(reason_not_to_run() is not None, reason=reason_not_to_run() or "")

WRITER = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
folder = os.open(os.path.dirname(sys.argv[1]), os.O_RDONLY)
if sys.argv[2] != "never": os.fsync(folder)
for number in range(1_000_000):
    os.write(log, b"%d\\n" % number)
    if sys.argv[2] == "always": os.fdatasync(log)
    sys.stdout.write("%d\\n" % number); sys.stdout.flush()
"""


@pytest.fixture()
def disk(tmp_path):
    with PowerCutDisk(tmp_path / "disk") as mounted:
        yield mounted


def acknowledged_and_kept(disk, when: str, seed=None) -> tuple[list[int], list[int]]:
    """What a writer said it had written, and what stands in its file after a cut in the middle."""
    path = disk.path / f"{when}.log"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), when], stdout=subprocess.PIPE)
    for _ in range(300):
        writer.stdout.readline()
    said = []
    reader = threading.Thread(target=lambda: said.extend(writer.stdout.read().split()))
    reader.start()
    disk.cut([writer], seed=seed)
    reader.join()
    kept = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    # The last word may have been cut off on its way out; the 300 before were read.
    return list(range(300)) + [int(word) for word in said[:-1]], [int(line) for line in kept if line.isdigit()]


@needs_fuse
def test_a_writer_that_never_syncs_loses_what_it_acknowledged(disk):
    said, kept = acknowledged_and_kept(disk, "never")
    assert len(said) >= 300 and kept == []


@needs_fuse
def test_a_writer_that_syncs_the_folder_alone_loses_its_lines(disk):
    said, kept = acknowledged_and_kept(disk, "folder")
    assert len(said) >= 300 and kept == []


@needs_fuse
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_writer_that_syncs_before_it_speaks_loses_nothing(disk, seed):
    said, kept = acknowledged_and_kept(disk, "always", seed)
    assert kept[:len(said)] == said


@needs_fuse
def test_a_rename_holds_once_its_folder_is_synced(disk):
    folder = os.open(disk.path, os.O_RDONLY)
    for content in ("old", "new"):
        with open(disk.path / "beside", "w") as beside:
            beside.write(content)
            beside.flush()
            os.fsync(beside.fileno())
        os.rename(disk.path / "beside", disk.path / "place")
        if content == "old":
            os.fsync(folder)
    assert (disk.path / "place").read_text() == "new"
    disk.cut()
    assert (disk.path / "place").read_text() == "old"
    os.close(folder)


@needs_fuse
def test_an_order_that_a_file_be_removed_is_lost_without_a_sync(disk):
    (disk.path / "kept").write_text("text")
    with open(disk.path / "kept") as file:
        os.fsync(file.fileno())
    folder = os.open(disk.path, os.O_RDONLY)
    os.fsync(folder)
    os.unlink(disk.path / "kept")
    assert os.listdir(disk.path) == []
    disk.cut()
    assert (disk.path / "kept").read_text() == "text"


@needs_fuse
def test_a_file_opened_before_the_cut_is_dead_after_it(disk):
    with open(disk.path / "file", "wb", buffering=0) as file:
        disk.cut()
        with pytest.raises(OSError) as refused:
            file.write(b"too late")
        assert refused.value.errno == errno.EIO


@needs_fuse
def test_a_second_name_holds_once_its_folder_is_synced(disk):
    folder = os.open(disk.path, os.O_RDONLY)
    with open(disk.path / "first", "w") as file:
        file.write("text")
        file.flush()
        os.fsync(file.fileno())
    os.link(disk.path / "first", disk.path / "second")
    os.unlink(disk.path / "first")
    os.fsync(folder)
    disk.cut()
    assert os.listdir(disk.path) == ["second"] and (disk.path / "second").read_text() == "text"
    os.close(folder)


@needs_fuse
def test_a_stalled_sync_waits_while_writes_go_on(disk):
    file = os.open(disk.path / "file", os.O_WRONLY | os.O_CREAT)
    disk.stall(1.0)
    started = time.monotonic()
    os.write(file, b"x")
    assert time.monotonic() - started < 0.5
    os.fdatasync(file)
    assert 0.9 < time.monotonic() - started < 5
    os.close(file)


@needs_fuse
def test_a_full_disk_takes_what_fits_and_then_nothing(disk):
    file = os.open(disk.path / "file", os.O_WRONLY | os.O_CREAT)
    disk.leave_free(10)
    assert os.write(file, b"0123456789abc") == 10
    with pytest.raises(OSError) as refused:
        os.write(file, b"d")
    assert refused.value.errno == errno.ENOSPC
    status = os.statvfs(disk.path)
    assert status.f_bavail == 0
    disk.full(False)
    assert os.write(file, b"d") == 1
    os.close(file)


@needs_fuse
def test_a_read_only_disk_refuses_changes_and_can_be_read(disk):
    (disk.path / "file").write_text("text")
    disk.read_only(True)
    with pytest.raises(OSError) as refused:
        (disk.path / "other").write_text("text")
    assert refused.value.errno == errno.EROFS
    assert (disk.path / "file").read_text() == "text"
    disk.read_only(False)
    (disk.path / "other").write_text("text")


@needs_fuse
def test_after_a_failed_sync_the_next_one_lies(disk):
    folder = os.open(disk.path, os.O_RDONLY)
    file = os.open(disk.path / "file", os.O_WRONLY | os.O_CREAT)
    os.fsync(folder)
    os.write(file, b"lost")
    disk.fail(["fsync"], count=1)
    with pytest.raises(OSError):
        os.fdatasync(file)
    os.fdatasync(file)
    os.close(file)
    disk.cut()
    assert (disk.path / "file").read_bytes() == bytes(4)


@needs_fuse
def test_sqlite_with_a_write_ahead_log_works_on_it(disk):
    path = disk.path / "index.sqlite"
    base = sqlite3.connect(path)
    assert base.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    base.execute("PRAGMA synchronous=FULL")
    base.execute("CREATE TABLE t (x INTEGER)")
    base.commit()
    for number in range(50):
        base.execute("INSERT INTO t VALUES (?)", (number,))
        base.commit()
    folder = os.open(disk.path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    base.execute("INSERT INTO t VALUES (50)")
    base.commit()
    disk.cut()
    assert [row[0] for row in sqlite3.connect(path).execute("SELECT x FROM t ORDER BY x")] == list(range(51))


def test_the_tree_keeps_a_first_part_of_what_was_not_synced():
    for seed in range(200):
        chance = random.Random(seed)
        tree = VolatileTree()
        file = tree.create("/log", 0o600)
        tree.sync_folder(tree.root)
        content, synced = bytearray(), 0
        for _ in range(chance.randrange(20)):
            piece = chance.randbytes(chance.randrange(1, 50))
            tree.write(file, piece, len(content))
            content += piece
            if chance.random() < 0.3:
                file.sync()
                synced = len(content)
        tree.cut(chance)
        kept = bytes(tree.find("/log").live)
        assert len(kept) >= synced and bytes(content).startswith(kept), seed


def test_the_tree_keeps_a_first_part_of_its_entries_in_their_order():
    for seed in range(200):
        tree = VolatileTree()
        for number in range(10):
            tree.create(f"/{number}", 0o600)
        tree.cut(random.Random(seed))
        assert sorted(tree.root.live) == [str(number) for number in range(len(tree.root.live))], seed
