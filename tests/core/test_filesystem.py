"""What lies under a folder is found, and shares of other machines are known as such."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tickreel import filesystem
from tickreel.filesystem import file_system_of, is_network_file_system, take_place


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


class Held:
    """A file that somebody reads: to replace it is refused so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refusals: int) -> None:
        self.left = refusals
        replace = Path.replace

        def held(path: Path, target: Path) -> Path:
            if self.left:
                self.left -= 1
                raise PermissionError(13, "the file is in use")
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", held)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    new, old = tmp_path / "new", tmp_path / "old"
    new.write_text("new")
    old.write_text("old")
    return new, old


def test_a_file_that_is_read_for_a_moment_is_replaced_where_readers_hold_files(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = files
    monkeypatch.setattr(filesystem, "_READERS_HOLD_FILES", True)
    monkeypatch.setattr(filesystem, "_PAUSE_S", 0.0)
    Held(monkeypatch, 2)
    take_place(new, old)
    assert (old.read_text(), new.exists()) == ("new", False)


@pytest.mark.parametrize(("holds", "refusals"), [(True, 99), (False, 1)])
def test_one_that_stays_held_is_told_and_elsewhere_nothing_is_tried_again(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, holds: bool, refusals: int
) -> None:
    new, old = files
    monkeypatch.setattr(filesystem, "_READERS_HOLD_FILES", holds)
    monkeypatch.setattr(filesystem, "_PAUSE_S", 0.0)
    Held(monkeypatch, refusals)
    with pytest.raises(PermissionError):
        take_place(new, old)
    assert (old.read_text(), new.read_text()) == ("old", "new")
