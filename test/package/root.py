# SPDX-License-Identifier: MIT
"""Roots of Debian suites: made once, kept in the cache of the guests, and used without changing them."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "guest" / "lib"))

from guest.archive import cache_dir, host_mirror  # noqa: E402 - the path is set first
from guest.say import Failure  # noqa: E402 - the path is set first


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def build_depends(control):
    """The names in Build-Depends but what only makes documents; of alternatives the first."""
    field = re.search(r"^Build-Depends:\n((?: .*\n)+)", control, re.M).group(1)
    names = [re.split(r"[ (<|:]", entry.strip())[0] for entry in field.split(",")
             if "<!nodoc>" not in entry]
    # debhelper provides the levels of compatibility and most of the sequences.
    names = ["debhelper" if name == "debhelper-compat" else name for name in names
             if name and not name.startswith("dh-sequence-")]
    return ["build-essential", *names]


def enter_namespace():
    """The same program again, where its mounts are seen by nobody and end with it."""
    if os.getuid() != 0:
        skip("making a root needs root")
    for program in ("mmdebstrap", "unshare", "chroot"):
        if not shutil.which(program):
            skip(f"there is no {program}")
    if os.environ.pop("PMEM_OWN_MOUNTS", None):
        return
    if subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], check=False).returncode:
        skip("this root cannot mount")
    os.environ["PMEM_OWN_MOUNTS"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv])


def make_root(project, suite):
    """The folder with the root in which the project can be built, or exit 77."""
    packages = build_depends((project / "debian/control").read_text(encoding="utf-8"))
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    kept = cache_dir() / "roots" / f"{suite}-{key}"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    made = pathlib.Path(tempfile.mkdtemp(dir=kept.parent))
    try:
        done = subprocess.run(["mmdebstrap", "--variant=minbase", "--mode=root", "--skip=cleanup/tmp",
                               "--include=" + ",".join(packages), suite, str(made / "root"), host_mirror()],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            skip(f"no root of {suite} can be made: {done.stderr.strip().splitlines()[-1:]}")
        if not kept.exists():
            (made / "root").rename(kept)
    except (Failure, OSError, subprocess.CalledProcessError) as why:
        skip(why)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return kept


class Root:
    """A copy of a kept root; what is written to it is in memory, and gone at the end."""

    def __init__(self, kept):
        where = kept.parent / "mount"    # one for all: each program has mounts of its own
        where.mkdir(exist_ok=True)
        self.mount("-t", "tmpfs", "none", where)
        for name in ("upper", "work", "root"):
            (where / name).mkdir()
        self.path = where / "root"
        self.mount("-t", "overlay", "overlay", "-o",
                   f"lowerdir={kept},upperdir={where}/upper,workdir={where}/work", self.path)

    @staticmethod
    def mount(*words):
        done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            skip(f"this root cannot mount: {done.stderr.strip()}")

    def run(self, command):
        """A shell command in the root, in a process namespace with a /proc of its own."""
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={self.path}/proc", "chroot",
             str(self.path), "env", "-i", "HOME=/root", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
