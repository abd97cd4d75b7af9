#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Debian packages for another processor.

usage: cross.py PROJECT_DIR depends [all]
           Can apt find all of Build-Depends for one processor in each suite, or for all? Nothing is installed.
       cross.py PROJECT_DIR SUITE ARCHITECTURE [nocheck]
           Builds the packages in a root of that suite, by Debian's cross compiler, with what apt finds by
           itself; the unit tests run under QEMU's user mode, but with nocheck.

Exit 77: that cannot be done here, and why. Roots are kept in the cache of the guests, until Build-Depends
changes.
"""

import hashlib
import inspect
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest" / "lib"))

from guest import archive  # noqa: E402 - the path is set first
from guest.archive import Archive, cache_dir, host_mirror  # noqa: E402 - the path is set first
from guest.say import Failure  # noqa: E402 - the path is set first

# GNU's name, and what readelf calls the machine. riscv64 is an architecture of Debian from 13 on.
ARCHITECTURES = {"arm64": ("aarch64-linux-gnu", "AArch64"), "armhf": ("arm-linux-gnueabihf", "ARM"),
                 "riscv64": ("riscv64-linux-gnu", "RISC-V")}
PAIRS = (("bookworm", "arm64"), ("trixie", "riscv64"), ("bookworm", "armhf"), ("trixie", "arm64"),
         ("trixie", "armhf"))
PACKAGES = ("libpmem3", "libpmem3-dev", "libpmem-dev", "libpmem-tools")


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def run(*words, **more):
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False, **more)


def depends(project, pairs):
    """apt's own answer, for an empty machine; with documents and tests, as builders do it."""
    bad = 0
    for suite, arch in pairs:
        archive.ARCHITECTURES = ("amd64", arch)
        source = Archive(cache_dir() / f"cross-{suite}-{arch}", suites=(suite,))
        source.prepare()
        done = source.command("apt-get", "--simulate", f"--host-architecture={arch}", "build-dep",
                              "--no-install-recommends", str(project))
        found = re.findall(r"^Inst (\S+)", done.stdout, re.M)
        wanted = {f"libbsd-dev:{arch}", f"libjson-c-dev:{arch}", f"libexpat1-dev:{arch}", f"check:{arch}", "cmake", "doxygen",
                  "python3-pycparser"}
        missing = wanted - set(found)
        if done.returncode or missing:
            bad += 1
            print(f"FAILED: {suite} {arch}: {sorted(missing)}\n{done.stdout[-800:]}{done.stderr[-800:]}")
        else:
            print(f"ok: {suite} {arch}: {len(found)} packages")
    return 1 if bad else 0


def make_root(project, suite, arch):
    """The tar file of a root with the compiler, and with what apt takes for Build-Depends."""
    triplet = ARCHITECTURES[arch][0]
    control = (project / "debian/control").read_text(encoding="utf-8")
    field = re.search(r"^Build-Depends:\n((?: .*\n)+)", control, re.M).group(1)
    key = hashlib.sha256((field + inspect.getsource(make_root)).encode()).hexdigest()[:12]
    tar = cache_dir() / "roots" / f"cross-{suite}-{arch}-{key}.tar"
    if tar.exists():
        return tar
    tar.parent.mkdir(parents=True, exist_ok=True)
    for old in tar.parent.glob(f"cross-{suite}-{arch}-*.tar"):
        old.unlink()
    made = tar.with_suffix(f".{os.getpid()}.tar")
    build_dep = (f"DEBIAN_FRONTEND=noninteractive apt-get -q -y --host-architecture={arch} -Pcross,nodoc "
                 "--no-install-recommends build-dep /build")
    done = run("mmdebstrap", "--variant=minbase", "--mode=root", "--skip=cleanup/tmp",
               f"--architectures=amd64,{arch}", "--dpkgopt=path-exclude=/usr/share/locale/*",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
               f"--include=build-essential,gcc-{triplet},libc6-dev:{arch},qemu-user",
               '--customize-hook=mkdir -p "$1/build"',
               f"--customize-hook=copy-in {project}/debian /build",
               f"--chrooted-customize-hook={build_dep}",
               # Of QEMU, one of thirty processors is wanted.
               f'--customize-hook=rm -r "$1/build"; find "$1/usr/bin" -name "qemu-*" '
               f'! -name "qemu-{triplet.split("-")[0]}" -delete',
               suite, made, host_mirror())
    if done.returncode != 0:
        made.unlink(missing_ok=True)
        if "apt-get -q -y" in done.stdout:
            raise AssertionError(done.stdout[-1500:])  # there is a root, but not what the packages need
        skip(f"no root of {suite} can be made: {done.stdout.strip().splitlines()[-1:]}")
    made.rename(tar)
    return tar


def build(project, root, arch, options):
    """dpkg-buildpackage in the root, in a process namespace with a /proc of its own."""
    tree = root / "build" / "libpmem"
    shutil.copytree(project, tree, symlinks=True,
                    ignore=lambda folder, names: [n for n in names if n == ".git" or
                                                  (n == "build" and pathlib.Path(folder) == project)])
    command = (f"cd /build/libpmem && DEB_BUILD_OPTIONS='nodoc parallel=2 {options}' "
               f"dpkg-buildpackage -B -us -uc -j2 -Pcross,nodoc --host-arch {arch}")
    return run("unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", root,
               "env", "-i", "HOME=/root", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command)


def look(root, arch):
    """What is wrong with the packages that were built."""
    machine, bad, files = ARCHITECTURES[arch][1], [], 0
    for name in PACKAGES:
        debs = list((root / "build").glob(f"{name}_*_{arch}.deb"))
        if len(debs) != 1:
            bad.append(f"{name}: {[path.name for path in debs]}")
            continue
        where = root / "unpacked" / name
        where.mkdir(parents=True)
        subprocess.run(["dpkg-deb", "-x", debs[0], where], check=True)
        for path in where.rglob("*"):
            if path.is_symlink() or not path.is_file() or path.read_bytes()[:4] != b"\x7fELF":
                continue
            files += 1
            if f" {machine}\n" not in run("readelf", "-h", path).stdout:
                bad.append(f"{path.name} is not for {machine}")
        depends_on = run("dpkg-deb", "-f", debs[0], "Depends").stdout
        if name == "libpmem3" and not re.search(r"libbsd0 \(.*libc6 \(", depends_on):
            bad.append(f"libpmem3 depends on {depends_on}")
    for archive_file in (root / "unpacked").rglob("libpmem-3.a"):
        files += 1
        if f" {machine}\n" not in run("readelf", "-h", archive_file).stdout:
            bad.append(f"libpmem-3.a is not for {machine}")
    if files < 3:  # library, archive, command
        bad.append(f"only {files} files of machine code")
    return bad


def packages(project, suite, arch, options):
    if os.getuid() != 0:
        skip("making a root needs root")
    for program in ("mmdebstrap", "unshare", "chroot"):
        if not shutil.which(program):
            skip(f"there is no {program}")
    try:
        tar = make_root(project, suite, arch)
    except (Failure, OSError) as why:
        skip(why)
    with tempfile.TemporaryDirectory(prefix="pmem-root-") as folder:
        root = pathlib.Path(folder)
        subprocess.run(["tar", "-C", folder, "-xf", str(tar)], check=True)
        done = build(project, root, arch, options)
        ran = re.findall(r"tests passed, (\d+) tests failed out of (\d+)", done.stdout)
        bad = look(root, arch) if done.returncode == 0 else ["\n".join(done.stdout.splitlines()[-25:])]
    if bool(ran) == ("nocheck" in options) or (ran and int(ran[-1][1]) < 40):
        bad.append(f"tests that ran: {ran}")
    if bad:
        print("FAILED:", *bad, sep="\n")
        return 1
    print(f"ok: {suite}, {arch}, {ran[-1][1] if ran else 'no'} tests")
    return 0


def main():
    project = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2] != "depends":
        return packages(project, sys.argv[2], sys.argv[3], " ".join(sys.argv[4:]))
    try:
        return depends(project, PAIRS if sys.argv[3:] == ["all"] else PAIRS[:2])
    except (Failure, OSError) as why:
        skip(why)
    return 0


if __name__ == "__main__":
    sys.exit(main())
