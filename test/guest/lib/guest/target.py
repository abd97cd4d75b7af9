# SPDX-License-Identifier: MIT
"""Builds for a guest's architecture: the library, the tool, the check programs."""

import os
import pathlib
import shutil
import subprocess

from .say import Failure, say

TRIPLETS = {
    "amd64": "x86_64-linux-gnu",
    "arm64": "aarch64-linux-gnu",
    "armhf": "arm-linux-gnueabihf",
    "armel": "arm-linux-gnueabi",
}
# Those that the tests build, too: cmake/cross.
SHARED = ("arm64", "armhf")
FLAGS = ["-std=gnu11", "-O2", "-g", "-Wall", "-Wextra", "-Werror",
         "-D_FILE_OFFSET_BITS=64", "-pthread"]


def run(*words, **keywords):
    got = subprocess.run([str(word) for word in words], capture_output=True, text=True, **keywords)
    if got.returncode:
        told = (got.stdout + got.stderr).splitlines()
        raise Failure("\n".join([" ".join(map(str, words)), *told[-30:]]))
    return got.stdout


def here():
    """Debian's name of this machine's architecture."""
    return run("dpkg", "--print-architecture").strip()


def newer(path, sources):
    """Is it there, and made after all of the sources?"""
    return path.exists() and all(path.stat().st_mtime > s.stat().st_mtime for s in sources)


class Target:
    """What is built for one architecture; shared by all guests that run it."""

    def __init__(self, arch, source, build):
        self.arch, self.source, self.build = arch, source, build / arch
        self.compiler = f"{TRIPLETS[arch]}-gcc"
        self.cross = arch != here()
        self.sysroot = self.build / "sysroot"
        self.made = self.build / "cmake"
        # In the build of which the guests are tests.
        if not self.cross and (build.parent / "CMakeCache.txt").exists():
            self.made = build.parent
        if self.cross and arch in SHARED:
            self.made, self.sysroot = source / "build" / arch, source / "build/sysroot" / arch
        self.files = []
        self.build.mkdir(parents=True, exist_ok=True)

    def make(self):
        """Builds everything; returns the files that go to /opt/bin."""
        if not self.files:
            say(f"building the library and the checks for {self.arch}")
            self.library()
            self.files = self.programs()
            tool = self.made / "tools/physmem"
            self.files += [tool] if tool.exists() else []
            self.files += self.go_programs()
        return self.files

    def library(self):
        # Neither the manual nor what bindings need: a guest runs the library and the command.
        targets = ("pmem", "physmem")
        if self.cross and self.arch in SHARED:
            run(self.source / "cmake/cross", self.arch, *targets)
            return
        options = [f"-DCMAKE_C_COMPILER={self.compiler}"]
        if self.cross:
            run(self.source / "cmake/sysroot", self.arch, self.sysroot)
            options = ["--toolchain", self.source / f"cmake/toolchains/{self.arch}.cmake",
                       f"-DPMEM_SYSROOT={self.sysroot}"]
        if not (self.made / "build.ninja").exists():
            run("cmake", "-S", self.source, "-B", self.made, "-G", "Ninja",
                "-DPMEM_TESTS=OFF", "-DCMAKE_BUILD_TYPE=RelWithDebInfo", *options)
        run("cmake", "--build", self.made, "--target", *targets)

    def sysroot_libraries(self):
        return self.sysroot / "usr/lib" / TRIPLETS[self.arch]

    def library_directories(self):
        """Where the shared libraries for this architecture are on this machine."""
        out = [self.made / "lib", self.sysroot_libraries()]
        for name in ("libc.so.6", "libgcc_s.so.1", "libbsd.so.0", "libjson-c.so.5",
                     "libexpat.so.1"):
            path = pathlib.Path(run(self.compiler, f"-print-file-name={name}").strip())
            if path.is_absolute():
                out += [path.parent, path.resolve().parent]
        return out

    def programs(self):
        folder = self.source / "test/guest/programs"
        out = sorted(path for path in folder.iterdir() if not path.suffix)  # shell, as it is
        shared = [*folder.glob("*.h"), *self.source.glob("include/pmem/*.h"), *self.source.glob("test/bench/*.h"),
                  pathlib.Path(__file__), self.source / "docs/examples/mailbox.c"]
        examples = sorted(path for path in self.source.glob("docs/examples/*.c")
                          if "\nint main(" in path.read_text(encoding="utf-8"))
        # One measurement too: what a dma-buf costs is seen where there are heaps.
        measured = self.source / "test/bench/bench_dmabuf.c"
        for source in [*sorted(folder.glob("*.c")), *examples, measured]:
            prefix = "example-" if source in examples else ""
            program = self.build / (prefix + source.stem)
            if not newer(program, [source, *shared]):
                run(self.compiler, *FLAGS, "-I", self.source / "include", "-o", program, source,
                    "-Wl,--as-needed", "-Wl,--allow-shlib-undefined", f"-L{self.made}/lib",
                    f"-Wl,-rpath-link,{self.sysroot_libraries()}", "-lpmem")
            out.append(program)
        return out

    def go_programs(self):
        """Those in Go; only for this architecture, which one guest is enough to show."""
        if self.arch != "arm64" or not shutil.which("go"):
            return []
        out = []
        package = self.source / "bindings/go"
        shared = [path for path in package.iterdir() if not path.name.endswith("_test.go")]
        for source in sorted((self.source / "test/guest/programs").glob("*.go")):
            program = self.build / source.stem
            if not newer(program, [source, *shared, *self.source.glob("include/pmem/*.h")]):
                run(self.source / "test/bindings/go/env.sh", self.made / "lib", "go", "build",
                    "-o", program.absolute(), source,
                    env={**os.environ, "GOARCH": "arm64", "CC": self.compiler, "CGO_LDFLAGS":
                         "-Wl,--allow-shlib-undefined "
                         f"-Wl,-rpath-link,{self.sysroot_libraries().absolute()}"})
            out.append(program)
        return out
