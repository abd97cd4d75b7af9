# SPDX-License-Identifier: MIT
"""A guest's kernel: the image and the device trees of a Debian package."""

from .say import Failure

IMAGE = ("./boot/vmlinuz-*", "./boot/config-*")
TREES = ("./usr/lib/linux-image-*",)


class Kernel:
    def __init__(self, archive, guest):
        self.archive = archive
        self.meta, self.arch, self.suite = guest.kernel, guest.kernel_arch, guest.suite
        self.package = archive.concrete(self.meta, self.arch, self.suite)
        only = IMAGE if self.arch == "amd64" else IMAGE + TREES
        self.files = archive.tree(self.package, self.arch, self.suite, only)
        self.release = self.package.removeprefix("linux-image-")

    def image(self):
        return next(self.files.glob("boot/vmlinuz-*"))

    def tree(self, name):
        found = self.files / "usr/lib" / self.package / name
        if not found.exists():
            raise Failure(f"{self.package} has no device tree {name}")
        return found
