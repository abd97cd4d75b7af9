# SPDX-License-Identifier: MIT
"""A guest's kernel: image and device trees of a Debian package, headers, the test modules."""

import hashlib
import os
import shutil

from .archive import locked
from .say import Failure, say
from .target import TRIPLETS, run

IMAGE = ("./boot/vmlinuz-*", "./boot/config-*")
SPLIT = ("./usr/lib/modules/*/vmlinuz",)  # since 7.0 the image's package is empty, and others have its parts
TREES = ("./usr/lib/linux-image-*",)
MACHINES = {"amd64": "x86", "arm64": "arm64", "armhf": "arm", "armel": "arm"}


class Kernel:
    def __init__(self, archive, guest):
        self.archive = archive
        self.meta, self.arch, self.suite = guest.kernel, guest.kernel_arch, guest.suite
        self.package = archive.concrete(self.meta, self.arch, self.suite)
        self.release = self.package.removeprefix("linux-image-")
        self.split = int(self.release.split(".")[0]) >= 7
        if self.split:
            self.files = archive.tree(self.part("binary"), self.arch, self.suite, SPLIT)
        else:
            only = IMAGE if self.arch == "amd64" else IMAGE + TREES
            self.files = archive.tree(self.package, self.arch, self.suite, only)

    def part(self, what):
        return f"linux-{what}-{self.release}" if self.split else self.package

    def image(self):
        return next(self.files.rglob("vmlinuz*"))

    def tree(self, name, disable, where):
        """The board's device tree, without the nodes that its model does not play."""
        found = self.files / "usr/lib" / self.package / name
        if not found.exists():
            raise Failure(f"{self.package} has no device tree {name}")
        tree = shutil.copy(found, where / "board.dtb")
        for node in disable:
            run("fdtput", "-t", "s", tree, node, "status", "disabled")
        return tree

    def headers(self):
        """A kernel build directory: three packages merged, the absolute path in one of them made
        to point to where they are. The programs among them are this machine's own."""
        name = f"linux-headers-{self.release}"
        short = self.release.removesuffix(self.meta.removeprefix("linux-image")).split("-rt")[0]
        version = self.archive.show(self.package, self.arch, self.suite, "Version")
        where = self.archive.cache / "headers" / f"{name}_{version.replace(':', '%')}"
        build = where / "usr/src" / name
        if where.exists():
            return build
        # bookworm names the shared parts without the Debian revision: linux-kbuild-6.1
        kbuild = next(word.split()[0] for word in self.archive.show(
            name, self.arch, self.suite, "Depends").split(", ") if "linux-kbuild" in word)
        parts = [(name, self.arch), (f"linux-headers-{short}-common", "all"), (kbuild, "amd64")]
        made = where.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        for package, arch in parts:
            arch = "amd64" if arch == "all" else arch
            shutil.copytree(self.archive.tree(package, arch, self.suite), made, symlinks=True,
                            dirs_exist_ok=True)
        makefile = made / "usr/src" / name / "Makefile"
        makefile.write_text(makefile.read_text().replace("/usr/src", f"{where}/usr/src"))
        made.rename(where)
        return build

    def modules(self, source):
        """Directory with the test modules for this kernel; built once per kernel and source."""
        digest = hashlib.sha256()
        for path in sorted(source.iterdir()):
            if path.is_file() and path.suffix != ".md":
                digest.update(path.name.encode() + path.read_bytes())
        out = self.archive.cache / "modules" / f"{self.release}-{digest.hexdigest()[:12]}"
        with locked(self.archive.cache / "modules.lock"):
            if not (out / "load-order").exists():
                build = self.headers()
                say(f"building the test modules for {self.release}")
                self.make(source, build, out)
        return out

    def make(self, source, build, out, *words):
        """Runs a makefile that builds modules against the headers in build."""
        run("make", f"-j{os.cpu_count()}", "-C", source, f"KDIR={build}", f"O={out}",
            f"ARCH={MACHINES[self.arch]}", f"CROSS_COMPILE={TRIPLETS[self.arch]}-", *words)

    def modules_package(self):
        """The package with the kernel's own modules."""
        return self.part("modules")
