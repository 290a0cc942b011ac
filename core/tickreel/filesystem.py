"""What kind of disk lies under a folder, since SQLite and memory maps are not safe on a network share."""

from __future__ import annotations

from pathlib import Path

import psutil

# fmt: off
_NETWORK_KINDS = frozenset({
    "afpfs", "afs", "auristorfs", "beegfs", "ceph", "cifs", "coda", "curlftpfs", "davfs", "davfs2",
    "gcsfuse", "gfarm", "glusterfs", "goofys", "gpfs", "juicefs", "kafs", "lustre", "mfs", "moosefs",
    "ncpfs", "nfs", "nfs3", "nfs4", "openafs", "orangefs", "panfs", "pvfs2", "rclone", "remote",
    "s3fs", "smb", "smb2", "smb3", "smbfs", "smbnetfs", "sshfs", "webdav", "webdavfs",
})
# fmt: on


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
