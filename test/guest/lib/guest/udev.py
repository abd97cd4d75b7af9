# SPDX-License-Identifier: MIT
"""Debian's own udevd and systemd-sysusers in a guest, with udevd's own rules and ours beside it."""

from .target import TRIPLETS

# What is taken of each package. The rules of other subsystems need programs that are not here.
PACKAGES = {
    "udev": ("./bin/udevadm", "./lib/udev/rules.d/50-udev-default.rules"),
    "systemd-standalone-sysusers": ("./*bin/systemd-sysusers*",),
}
LIBRARIES = ("libacl1", "libblkid1", "libcap2", "libcrypt1", "libkmod2", "liblzma5", "libpcre2-8-0",
             "libselinux1", "libssl3", "libzstd1")
DAEMON = "lib/systemd/systemd-udevd"  # the same program as udevadm; it looks at its name
OURS = "opt/share/udev"               # not where udevd looks: a check shows what changes with them


def files(archive, guest, source):
    """((file, path in the guest) ..., directories of their libraries); nothing without the key udev."""
    if not guest.udev:
        return [], []
    placed, folders = [], []
    for package, only in PACKAGES.items():
        tree = archive.tree(package, guest.arch, guest.udev, only)
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                placed.append((path, str(path.relative_to(tree))))
        placed += [(path, DAEMON) for path in tree.glob("bin/udevadm")]
    ours = [*(source / "udev").iterdir(), *(source / "debian").glob("libpmem-udev.post*")]
    placed += [(path, f"{OURS}/{path.name}") for path in sorted(ours)]
    for package in LIBRARIES:
        tree = archive.tree(package, guest.arch, guest.udev)
        folders += [tree / top / TRIPLETS[guest.arch] for top in ("lib", "usr/lib")]
    return placed, folders
