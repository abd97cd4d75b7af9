# SPDX-License-Identifier: MIT
"""Debian packages of any architecture and suite, without touching the machine's own apt.

A private apt directory in the cache has its own sources list (the mirror is the one that this
machine's apt uses), its own lists and an empty status file, so nothing is installed and no
foreign architecture is added to dpkg.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from .say import Failure, say

ARCHITECTURES = ("amd64", "arm64", "armhf", "armel")
SUITES = ("bookworm", "bookworm-backports")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LISTS_LIVE_SECONDS = 24 * 3600


def cache_dir():
    """$LIBPMEM_GUEST_CACHE, else libpmem-guest in the user's cache directory."""
    named = os.environ.get("LIBPMEM_GUEST_CACHE")
    if named:
        return pathlib.Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "libpmem-guest"


@contextlib.contextmanager
def locked(path):
    """Two runs at once must not unpack or build the same thing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def host_mirror():
    """The mirror from which this machine gets Debian, as its apt knows it."""
    named = os.environ.get("LIBPMEM_GUEST_MIRROR")
    if named:
        return named
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    out = subprocess.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
                         check=True, capture_output=True, text=True).stdout
    rows = [line.split("|") for line in out.splitlines()]
    for origin, label, uri in rows:
        if origin == "Debian" and label == "Debian":
            return uri
    for _, _, uri in rows:  # before the first "apt-get update" the origin is not known
        if re.search(r"/debian/?$", uri):
            return uri
    raise Failure("apt names no Debian mirror; set LIBPMEM_GUEST_MIRROR to the address of one")


class Archive:
    def __init__(self, cache=None, suites=None, kind="deb", architectures=None, name="apt"):
        self.cache = cache or cache_dir()
        self.suites, self.kind = suites, kind  # kind: "deb", or "deb-src" for sources
        self.architectures = architectures or ARCHITECTURES  # cmake/sysroot changes it
        self.apt = self.cache / name  # of each set of suites its own, or the lists of others vanish
        self.unpacked = self.cache / "packages"
        self.conf = self.apt / "apt.conf"
        self.lock = self.cache / "lock"
        self.ready = False

    def command(self, *words, cwd=None):
        env = dict(os.environ, APT_CONFIG=str(self.conf), LC_ALL="C")
        return subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True)

    def configure(self):
        for sub in ("state/lists/partial", "cache/archives/partial", "etc/empty"):
            (self.apt / sub).mkdir(parents=True, exist_ok=True)
        (self.apt / "status").touch()
        mirror = host_mirror()
        (self.apt / "etc/sources.list").write_text("".join(
            f"{self.kind} [signed-by={KEYRING}] {mirror} {suite} main\n"
            for suite in self.suites or SUITES))
        acquire = subprocess.run(["apt-config", "dump", "Acquire"], check=True,
                                 capture_output=True, text=True).stdout
        architectures = " ".join(f'"{arch}";' for arch in self.architectures)
        self.conf.write_text(acquire + f'''
Dir::State "{self.apt}/state";
Dir::State::status "{self.apt}/status";
Dir::Cache "{self.apt}/cache";
Dir::Etc::SourceList "{self.apt}/etc/sources.list";
Dir::Etc::SourceParts "{self.apt}/etc/empty";
Dir::Etc::Preferences "{self.apt}/etc/none";
Dir::Etc::PreferencesParts "{self.apt}/etc/empty";
Dir::Etc::Parts "{self.apt}/etc/empty";
Dir::Etc::Main "{self.apt}/etc/none";
APT::Architecture "amd64";
APT::Architectures {{ {architectures} }};
APT::Sandbox::User "";
Acquire::Languages "none";
''')

    def update(self):
        say(f"updating the package lists in {self.apt}")
        got = self.command("apt-get", "update")
        if got.returncode or "Err:" in got.stdout:
            say("apt-get update failed; going on with what the cache has: "
                + (got.stderr.strip().splitlines() or ["no message"])[-1])
            return
        (self.apt / "updated").touch()

    def prepare(self):
        if self.ready:
            return
        self.configure()
        stamp = self.apt / "updated"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > LISTS_LIVE_SECONDS:
            self.update()
        self.ready = True

    def show(self, package, arch, suite, field):
        """One field of the newest version of a package in a suite."""
        self.prepare()
        out = self.command("apt-cache", "show", f"{package}:{arch}/{suite}").stdout
        found = re.search(rf"^{field}: (.*)$", out, re.M)
        if not found:
            raise Failure(f"no package {package}:{arch} in {suite}, or it has no {field}")
        return found.group(1)

    def concrete(self, meta, arch, suite):
        """The package behind a metapackage such as linux-image-arm64: names with a version in
        them vanish at each point release, the metapackage stays."""
        names = [part.split("(")[0].strip()
                 for part in self.show(meta, arch, suite, "Depends").split(",")]
        return next((name for name in names if name.startswith("linux-image-")), names[0])

    def tree(self, package, arch, suite, only=None):
        """Directory with a package's unpacked files (only: tar patterns). Fetched once."""
        with locked(self.lock):
            version = self.show(package, arch, suite, "Version")
            tag = hashlib.sha256(repr(only).encode()).hexdigest()[:8] if only else "all"
            where = self.unpacked / f"{package}_{version.replace(':', '%')}_{arch}.{tag}"
            if not where.exists():
                self.fetch(package, arch, version, where, only)
            return where

    def fetch(self, package, arch, version, where, only):
        say(f"fetching {package} {version} {arch}")
        with tempfile.TemporaryDirectory(dir=self.cache) as tmp:
            name = f"{package}:{arch}={version}"
            got = self.command("apt-get", "download", name, cwd=tmp)
            if got.returncode:
                self.update()
                got = self.command("apt-get", "download", name, cwd=tmp)
            debs = list(pathlib.Path(tmp).glob("*.deb"))
            if got.returncode or len(debs) != 1:
                raise Failure(f"cannot fetch {name}: {got.stderr.strip()}")
            out = pathlib.Path(tmp) / "out"
            out.mkdir()
            files = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", debs[0]],
                                     stdout=subprocess.PIPE)
            patterns = ["--wildcards", *only] if only else []
            subprocess.run(["tar", "-x", "-C", out, "--no-same-owner", *patterns],
                           stdin=files.stdout, check=True)
            if files.wait():
                raise Failure(f"cannot unpack {debs[0].name}")
            where.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(where, ignore_errors=True)
            out.rename(where)
