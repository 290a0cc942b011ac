"""What lies under a folder is found, and shares of other machines are known as such."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tickreel.filesystem import file_system_of, is_network_file_system


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "SMBFS", "fuse.sshfs", "afs", "fuse.glusterfs", "ceph", "remote"]
)
def test_network_file_systems_are_known(kind: str) -> None:
    assert is_network_file_system(kind)


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "apfs", "ntfs", "overlay", "tmpfs", "fuseblk", ""]
)
def test_disks_of_this_machine_are_not_taken_for_shares(kind: str) -> None:
    assert not is_network_file_system(kind)


def test_a_folder_that_does_not_exist_yet_is_judged_by_where_it_would_be(tmp_path: Path) -> None:
    kind = file_system_of(tmp_path)
    assert file_system_of(tmp_path / "a" / "b") == kind
    assert kind == kind.lower()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's own mounts")
def test_the_deepest_mount_counts_and_links_are_followed(tmp_path: Path) -> None:
    assert file_system_of(Path("/proc/self")) == "proc"
    link = tmp_path / "link"
    link.symlink_to("/proc")
    assert file_system_of(link) == "proc"
