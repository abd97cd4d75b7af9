# SPDX-License-Identifier: MIT
"""Packs a guest's initial file system: busybox, the programs, their shared libraries, init."""

import gzip
import os
import re
import shutil
import subprocess

from .say import Failure


def needed(path):
    """(the libraries an ELF file names, its loader); both empty for a static one, and for a text."""
    out = subprocess.run(["readelf", "-dl", path], capture_output=True, text=True).stdout
    libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", out)
    return libraries, re.findall(r"program interpreter: (/[^\]]*)\]", out)


def find(name, directories):
    for directory in directories:
        if (directory / name).exists():
            return directory / name
    raise Failure(f"no {name} in {' '.join(map(str, directories))}")


def add_libraries(root, programs, directories):
    """Copies every library that the programs need, and what these need, to /lib."""
    waiting, done = list(programs), set()
    while waiting:
        libraries, loaders = needed(waiting.pop())
        for loader in loaders:
            target = root / loader.lstrip("/")
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(find(target.name, directories), target)
        for name in set(libraries) - done:
            done.add(name)
            source = find(name, directories)
            shutil.copy(source, root / "lib" / name)
            waiting.append(source)


def stage(root, busybox, init, plan, programs, modules, directories, system=(), drivers=None):
    """system: (file, its path in the guest) of each file of Debian's that goes to its usual place;
    drivers: name and content of the kernel's own modules that are loaded."""
    shutil.rmtree(root, ignore_errors=True)
    os.umask(0o022)  # ordinary users of the guest have to come through
    for sub in ("bin", "lib", "opt/bin", "modules", "etc"):
        (root / sub).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    shutil.copy(init, root / "init")
    (root / "plan").write_text(plan)
    placed = []
    for program in programs:
        placed.append(root / "opt/bin" / program.name)
        shutil.copy(program, placed[-1])
    for source, path in system:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        placed.append(root / path)
        shutil.copy(source, placed[-1])
    for module in modules:
        shutil.copy(module, root / "modules" / module.name)
    for name, content in (drivers or {}).items():
        (root / "modules" / f"{name}.ko").write_bytes(content)
    add_libraries(root, placed, directories)


def pack(root, image):
    names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    archive = subprocess.run(["cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet"], cwd=root,
                             input=names, check=True, capture_output=True).stdout
    with gzip.open(image, "wb", compresslevel=1) as out:
        out.write(archive)
