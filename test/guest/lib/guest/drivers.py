# SPDX-License-Identifier: MIT
"""Drivers of Debian's kernel as modules, and those that only another configuration has."""

import hashlib
import lzma
import pathlib
import re
import shutil
import subprocess
import tempfile

from .archive import locked
from .say import Failure, say

# What guests use of an image's modules; everything else stays in the package.
FOLDERS = ("drivers/vfio", "drivers/uio", "drivers/block", "drivers/virtio",
           "drivers/net/ethernet/intel/e1000")
X86 = ("virt/lib",)  # irqbypass; built in elsewhere
SOURCES = ("drivers/vfio", "drivers/uio", "drivers/iommu/iommufd", "drivers/iommu/*.h",
           "lib/interval_tree.c")


def spelled(name):
    """The kernel takes '-' for '_' in the name of a module."""
    return name.replace("-", "_")


def depends(data):
    """The modules that this one needs, as it says itself."""
    found = re.search(rb"(?:^|\0)depends=([^\0]*)\0", data)
    return [name for name in found.group(1).decode().split(",") if name] if found else []


class Drivers:
    """Every module that a guest can name: those of its kernel's package, and before them those
    that were built from the kernel's source with other options ("rebuilt")."""

    def __init__(self, kernel, rebuilt, source):
        self.kernel = kernel
        self.files = {}
        folders = FOLDERS + (X86 if kernel.arch == "amd64" else ())
        package = kernel.archive.tree(kernel.modules_package(), kernel.arch, kernel.suite,
                                      [f"*/kernel/{folder}/*" for folder in folders])
        for path in package.rglob("*.ko*"):
            self.files[spelled(path.name.split(".ko")[0])] = path
        for what in rebuilt:
            for path in self.built(what, source).glob("*.ko"):
                self.files[spelled(path.stem)] = path

    def read(self, name):
        path = self.files.get(spelled(name))
        if not path:
            raise Failure(f"{self.kernel.release} has no module {name}")
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data

    def needed(self, names):
        """{name: content}: the modules and what they need, in an order that insmod can follow."""
        out = {}

        def add(name):
            data = self.read(name)
            for other in depends(data):
                if spelled(other) not in out:
                    add(other)
            out.setdefault(spelled(name), data)

        for name in names:
            add(name)
        return out

    def tree(self):
        """The part of Debian's kernel source that is built. The package is too large to be kept."""
        kernel = self.kernel
        package = "linux-source-" + ".".join(kernel.release.split(".")[:2])
        version = kernel.archive.show(package, "amd64", kernel.suite, "Version")
        where = kernel.archive.cache / "sources" / f"{package}_{version.replace(':', '%')}"
        if where.exists():
            return where
        where.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kernel.archive.cache) as tmp:
            whole = pathlib.Path(tmp) / "package"
            kernel.archive.fetch(package, "amd64", version, whole, ("*.tar.xz",))
            made = pathlib.Path(tmp) / "tree"
            made.mkdir()
            subprocess.run(["tar", "-xJf", next(whole.rglob("*.tar.xz")), "-C", made,
                            "--no-same-owner", "--strip-components=1", "--wildcards",
                            *(f"*/{name}" for name in SOURCES)], check=True)
            made.rename(where)
        return where

    def built(self, what, source):
        kernel = self.kernel
        digest = hashlib.sha256((source / "Makefile").read_bytes()).hexdigest()[:12]
        version = kernel.archive.show(kernel.package, kernel.arch, kernel.suite, "Version")
        out = (kernel.archive.cache / "modules"
               / f"{kernel.release}_{version.replace(':', '%')}-{what}-{digest}")
        with locked(kernel.archive.cache / "modules.lock"):
            if not out.exists():
                tree, build = self.tree(), kernel.headers()
                say(f"building {what} of Debian's source for {kernel.release}")
                made = out.with_suffix(".new")
                shutil.rmtree(made, ignore_errors=True)
                kernel.make(source, build, made, f"SOURCE={tree}", f"WHAT={what}")
                made.rename(out)
        return out
