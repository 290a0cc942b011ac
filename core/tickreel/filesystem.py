"""The disk: what kind lies under a folder, and every change that the store makes to files.

SQLite and locks are not safe on a network share, so the kind of file system is told apart.
All changes go through one :class:`Disk`, so that a test can make each of them fail, or end
the process at it.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

import psutil

# fmt: off
_NETWORK_KINDS = frozenset({
    "afpfs", "afs", "auristorfs", "beegfs", "ceph", "cifs", "coda", "curlftpfs", "davfs", "davfs2",
    "gcsfuse", "gfarm", "glusterfs", "goofys", "gpfs", "juicefs", "kafs", "lustre", "mfs", "moosefs",
    "ncpfs", "nfs", "nfs3", "nfs4", "openafs", "orangefs", "panfs", "pvfs2", "rclone", "remote",
    "s3fs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "sshfs", "webdav", "webdavfs",
})
# fmt: on


_READERS_HOLD_FILES = os.name == "nt"
_TRIES, _PAUSE_S = 5, 0.05


def take_place(source: Path, target: Path) -> None:
    """Put a file in the place of another, in one step.

    Windows refuses that while somebody reads the other, as what scans or indexes files does for a moment:
    there it is tried again for a quarter of a second.

    Raises:
        OSError: it cannot be done.
    """
    for _ in range(_TRIES if _READERS_HOLD_FILES else 0):
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(_PAUSE_S)
        else:
            return
    source.replace(target)


def file_system_of(path: Path) -> str:
    """Name the kind of file system on which *path* lies or would be created: ``ext4``, ``nfs4``.

    A Windows share is ``remote`` whatever its server uses. Empty when the system does not tell.
    """
    path = _existing(path)
    if path.drive.startswith("\\\\"):
        return "remote"
    try:
        partitions = psutil.disk_partitions(all=True)
    except OSError:
        return ""
    kind, depth = "", -1
    for partition in partitions:
        mount = Path(partition.mountpoint)
        # Of two mounts on one point the later hides the earlier, hence >=.
        if path.is_relative_to(mount) and len(mount.parts) >= depth:
            kind, depth = partition.fstype, len(mount.parts)
            if "remote" in partition.opts.split(","):
                kind = "remote"
    return kind.lower()


def is_network_file_system(kind: str) -> bool:
    """Tell whether *kind*, as :func:`file_system_of` names it, is served by another machine."""
    return kind.lower().removeprefix("fuse.") in _NETWORK_KINDS


def _existing(path: Path) -> Path:
    """Find the nearest ancestor that exists, with its links followed."""
    path = path.resolve()
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def is_plain_name(name: object) -> bool:
    """Tell whether a name that was read from a file can only lead to what lies in its own folder."""
    return isinstance(name, str) and _PLAIN_NAME.fullmatch(name) is not None


def is_plain_path(path: object) -> bool:
    """Tell whether a path that was read from a file can only lead to what lies below its folder."""
    if not isinstance(path, str) or "\0" in path or "\\" in path or PureWindowsPath(path).drive:
        return False
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts


class Disk:
    """The changes to files on which the store is built, and the clock it writes down.

    Raises what the system raises, :class:`OSError`; whoever calls says what was being done.
    """

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it; one that exists is left as it is."""
        path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> BinaryIO:
        """Open a new file for writing, without a buffer; the name must be free."""
        return path.open("xb", buffering=0)

    def write(self, file: BinaryIO, data: bytes | memoryview) -> None:
        """Write all of *data* at the file's position."""
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]

    def sync(self, file: BinaryIO) -> None:
        """Force what was written to the disk."""
        os.fsync(file.fileno())

    def sync_folder(self, path: Path) -> None:
        """Force a folder's entries to the disk; Windows does so by itself."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def move(self, source: Path, target: Path) -> None:
        """Give a file its place in one step, over what is there."""
        take_place(source, target)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is no error."""
        path.unlink(missing_ok=True)

    def free_bytes(self, folder: Path) -> int:
        """Tell how much may still be written under *folder*."""
        return shutil.disk_usage(folder).free

    def now_us(self) -> int:
        """Tell the time, in microseconds since 1970 UTC; it may jump, back as well."""
        return time.time_ns() // 1000
