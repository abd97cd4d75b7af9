# SPDX-License-Identifier: MIT
"""QEMU: this machine's own, or a newer one of Debian's backports, private to the guests."""

import os
import shutil

from .archive import locked


def directory(archive, suite):
    """Where the binaries of a suite's qemu-system-arm are. Its libraries are those of this
    machine's own QEMU, which needs the same; its loadable modules are not needed."""
    tree = archive.tree("qemu-system-arm", "amd64", suite, ("./usr/bin/*",))
    out = archive.cache / "emulators" / tree.name
    with locked(archive.cache / "emulators.lock"):
        if not out.exists():
            made = out.with_suffix(".new")
            shutil.rmtree(made, ignore_errors=True)
            shutil.copytree(tree / "usr/bin", made)
            # Told by this folder that it is not installed, QEMU does not load the modules of the
            # other version in /usr/lib (util/cutils.c of QEMU, get_relocated_path).
            os.mkdir(made / "qemu-bundle")
            made.rename(out)
    return out


def command(archive, guest):
    """The start of a guest's command line."""
    program, *options = guest.qemu
    if guest.emulator:
        program = directory(archive, guest.emulator) / program
    return [str(program), *options]
