#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the Debian packages as a builder does: with their tests, in a root of a Debian suite that
holds nothing but the essential packages and what debian/control names.

usage: minimal.py PROJECT_DIR SUITE. Exit 77: such a root cannot be made here, and why. The root is
made once and kept in the cache of the guests, until Build-Depends changes.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest" / "lib"))

from guest.archive import cache_dir, host_mirror  # noqa: E402
from guest.say import Failure  # noqa: E402


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def build_depends(control):
    """The names in Build-Depends but what only makes documents; of alternatives the first."""
    field = re.search(r"^Build-Depends:\n((?: .*\n)+)", control, re.M).group(1)
    names = [re.split(r"[ (<|:]", entry.strip())[0] for entry in field.split(",")
             if "<!nodoc>" not in entry]
    names = ["debhelper" if name == "debhelper-compat" else name for name in names if name]
    return ["build-essential", *names]


def make_root(suite, packages):
    """The tar file of the root."""
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    tar = cache_dir() / "roots" / f"{suite}-{key}.tar"
    if tar.exists():
        return tar
    tar.parent.mkdir(parents=True, exist_ok=True)
    made = tar.with_suffix(f".{os.getpid()}.tar")
    done = subprocess.run(["mmdebstrap", "--variant=minbase", "--mode=root", "--skip=cleanup/tmp",
                           "--include=" + ",".join(packages), suite, str(made), host_mirror()],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        made.unlink(missing_ok=True)
        skip(f"no root of {suite} can be made: {done.stderr.strip().splitlines()[-1:]}")
    made.rename(tar)
    return tar


def build(project, root):
    """dpkg-buildpackage in the root, in a process namespace with a /proc of its own."""
    tree = root / "build" / "libpmem"
    shutil.copytree(project, tree, symlinks=True,
                    ignore=lambda folder, names: [n for n in names if n == ".git" or
                                                  (n == "build" and pathlib.Path(folder) == project)])
    command = "cd /build/libpmem && DEB_BUILD_OPTIONS=nodoc dpkg-buildpackage -b -us -uc -j2 -Pnodoc"
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", f"--mount-proc={root}/proc",
                           "chroot", str(root), "env", "-i", "HOME=/root", "LC_ALL=C",
                           "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def main():
    project, suite = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    if os.getuid() != 0:
        skip("making a root needs root")
    for program in ("mmdebstrap", "unshare", "chroot"):
        if not shutil.which(program):
            skip(f"there is no {program}")
    packages = build_depends((project / "debian/control").read_text(encoding="utf-8"))
    try:
        tar = make_root(suite, packages)
    except (Failure, OSError, subprocess.CalledProcessError) as why:
        skip(why)
    with tempfile.TemporaryDirectory(prefix="pmem-root-") as folder:
        root = pathlib.Path(folder)
        subprocess.run(["tar", "-C", folder, "-xf", str(tar)], check=True)
        done = build(project, root)
        ran = re.findall(r"tests passed, (\d+) tests failed out of (\d+)", done.stdout)
        debs = sorted(path.name for path in (root / "build").glob("*.deb"))
    print("\n".join(done.stdout.splitlines()[-25:] if done.returncode else debs))
    if done.returncode != 0 or not ran or int(ran[-1][1]) < 40:
        print(f"FAILED: dpkg-buildpackage: {done.returncode}, tests: {ran}")
        return 1
    if any(name.startswith("libpmem-doc_") for name in debs):
        print("FAILED: libpmem-doc was built, although nothing that makes it is there")
        return 1
    print(f"ok: {suite}, {ran[-1][1]} tests")
    return 0 if len(debs) >= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
