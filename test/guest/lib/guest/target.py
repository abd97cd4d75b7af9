# SPDX-License-Identifier: MIT
"""Builds for a guest's architecture: the check programs, the library, the tool."""

import pathlib
import subprocess

from .say import Failure, say

TRIPLETS = {
    "amd64": "x86_64-linux-gnu",
    "arm64": "aarch64-linux-gnu",
    "armhf": "arm-linux-gnueabihf",
    "armel": "arm-linux-gnueabi",
}
FLAGS = ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"]


def run(*words, **keywords):
    got = subprocess.run([str(word) for word in words], capture_output=True, text=True, **keywords)
    if got.returncode:
        raise Failure(f"{' '.join(map(str, words))}\n{got.stdout}{got.stderr}")
    return got.stdout


class Target:
    """What is built for one architecture; shared by all guests that run it."""

    def __init__(self, arch, source, build):
        self.arch, self.source, self.build = arch, source, build / arch
        self.compiler = f"{TRIPLETS[arch]}-gcc"
        self.build.mkdir(parents=True, exist_ok=True)

    def library_directories(self):
        """Where this architecture's shared libraries are on this machine."""
        out = []
        for name in ("libc.so.6", "libgcc_s.so.1"):
            path = pathlib.Path(run(self.compiler, f"-print-file-name={name}").strip())
            out.append(path.resolve().parent)
        return out

    def programs(self):
        sources = sorted((self.source / "test/guest/programs").glob("*.c"))
        say(f"building {len(sources)} check programs for {self.arch}")
        out = []
        for source in sources:
            program = self.build / source.stem
            run(self.compiler, *FLAGS, "-o", program, source)
            out.append(program)
        return out
