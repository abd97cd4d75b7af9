#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The packages as a machine takes them from an archive, beside PMDK's packages of the same name.

usage: archive.py PROJECT_DIR SUITE FOLDER_WITH_PACKAGES (built in a root of that suite by minimal.py)

A root of the suite, with a copy of Debian's own PMDK and QEMU in a local archive, follows docs/packages.md:
install, use, upgrade, downgrade, purge. Exit 77: such a root cannot be made here. What Debian has is
fetched once and kept in the cache of the guests.
"""

import hashlib
import importlib.machinery
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from root import Root, cache_dir, enter_namespace, make_root, skip  # noqa: E402 - the path is set first

# qemu-system-x86 is linked with PMDK's libpmem.so.1; libpmemobj-dev needs PMDK's libpmem-dev.
PMDK = ("libpmemobj-dev", "qemu-system-x86")


def bad(why):
    print(f"FAILED: {why}")
    sys.exit(1)


def load_archive(project):
    loader = importlib.machinery.SourceFileLoader("archive_tool", str(project / "cmake/archive"))
    tool = importlib.util.module_from_spec(importlib.util.spec_from_loader("archive_tool", loader))
    loader.exec_module(tool)
    return tool


class Machine(Root):
    def __init__(self, kept):
        super().__init__(kept)
        (self.path / "etc/apt/apt.conf.d/90test").write_text(
            'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n'
            'Acquire::Languages "none";\nDpkg::Use-Pty "0";\n')
        (self.path / "etc/dpkg/dpkg.cfg.d/90test").write_text("force-unsafe-io\n")

    def do(self, command):
        """A shell command that succeeds; what it printed."""
        done = self.run(command)
        if done.returncode != 0:
            print(done.stdout)
            bad(f"{command}: exit {done.returncode}")
        return done.stdout

    def version(self, package):
        """Of the installed package, or nothing."""
        shown = self.do(f"dpkg-query -W -f '${{db:Status-Abbrev}}${{Version}}' {package} || true")
        return shown[3:].strip() if shown.startswith("ii ") else ""

    def candidate(self, package):
        return re.search(r"Candidate: (.*)", self.do(f"apt-cache policy {package}")).group(1)

    def would_remove(self, command):
        return re.findall(r"^Remv (\S+)", self.do(f"apt-get -s {command}"), re.M)

    def files(self):
        return set(self.do("find /etc /usr /var/lib/dpkg/info -xdev ! -type d").split("\n"))


def fetch_debian(root, suite):
    """PMDK and QEMU with all they need, from the mirror that made the root, by this machine's apt."""
    key = hashlib.sha256(" ".join(PMDK).encode()).hexdigest()[:12]
    kept = cache_dir() / "roots" / f"{suite}-pmdk-{key}"
    if kept.exists():
        return kept
    apt = ["apt-get", "-q", "-y", "-o", f"Dir={root.path}", "-o", "Debug::NoLocking=true",
           "-o", f"Dir::State::status={root.path}/var/lib/dpkg/status", "-o", "APT::Sandbox::User=root",
           "-o", "APT::Install-Recommends=false"]
    for words in (["update"], ["--download-only", "install", *PMDK]):
        done = subprocess.run(apt + words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            skip(f"PMDK of {suite} cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    made = pathlib.Path(tempfile.mkdtemp(dir=kept.parent))
    for deb in (root.path / "var/cache/apt/archives").glob("*.deb"):
        shutil.move(str(deb), made / deb.name)
    if kept.exists():
        shutil.rmtree(made)
    else:
        made.rename(kept)
    return kept


def newer(root, folder, pattern, old, new):
    """The packages again, with a version that is newer; nothing else is changed."""
    root.do(f"""set -e; cd {folder}
        for deb in {pattern}; do
            dpkg-deb -R "$deb" /tmp/deb
            sed -E -i 's/{re.escape(old)}/{new}/g' /tmp/deb/DEBIAN/control
            dpkg-deb -Zgzip -z1 -b /tmp/deb "newer-$deb" && rm -r /tmp/deb
        done""")


class Scene:
    def __init__(self, project, suite, folder, root):
        self.root, self.tool, self.suite = root, load_archive(project), suite
        self.ours, self.debian = root.path / "project/build/packages", root.path / "debian"
        shutil.copytree(fetch_debian(root, suite), self.debian)
        (root.path / "project/build").mkdir(parents=True)
        for name in ("README.md", "docs", "test/package", "cmake/libpmem.pref"):
            target = root.path / "project" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (project / name).is_dir() else shutil.copy)(project / name, target)
        shutil.copytree(folder, self.ours)
        shutil.copy(project / "cmake/libpmem.pref", self.ours)
        (root.path / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/debian ./\n")
        self.index()
        root.do("apt-get update")
        shown = root.do("apt-cache madison libpmem-dev")
        self.pmdk = re.search(r"libpmem-dev \| +(\S+) \|", shown).group(1)
        self.version = sorted(self.ours.glob("libpmem3_*.deb"))[0].name.split("_")[1]

    def index(self):
        """The archives of both. The tool is run on the machine that has the archive, so here."""
        self.tool.write_archive(self.ours)
        self.tool.write_archive(self.debian, (("Origin", "Debian"), ("Label", "Debian"),
                                              ("Suite", "stable"), ("Codename", self.suite)))

    def recipe(self):
        """The lines of docs/packages.md that set up the archive. Is our libpmem-dev taken then?"""
        text = (self.root.path / "project/docs/packages.md").read_text(encoding="utf-8")
        lines = re.search(r"^```sh\n(.*?)^```$", text, re.M | re.S).group(1).splitlines()
        if lines[0] != "./cmake/bootstrap packages" or len(lines) != 4:
            bad("docs/packages.md has another recipe")
        self.root.do("set -e; cd /project; sudo() { \"$@\"; }\n" + "\n".join(lines[1:]))
        return (self.root.path / "etc/apt/preferences.d/libpmem.pref").exists()

    def expect(self, what, **versions):
        """Which packages are installed, in which version (\"\": it is not)."""
        for name, wanted in versions.items():
            package = name.replace("_", "-")
            if self.root.version(package) != wanted:
                bad(f"{what}: {package} is {self.root.version(package)!r}, not {wanted!r}")
        print(f"ok: {what}")

    def compile(self, words, source, program):
        self.root.do(f"cd /tmp && cc -Wall -Werror {source} {words} -o {program} && ./{program}")

    def use_both(self):
        """Both libraries in one process: linked in either order, and by dlopen."""
        (self.root.path / "tmp/both.c").write_text(BOTH)
        for order in ("libpmem libpmem-3", "libpmem-3 libpmem"):
            self.compile(f"$(pkg-config --cflags --libs {order}) -ldl", "both.c", "both")
        self.root.do(f"python3 -c '{BY_DLOPEN}'")
        self.root.do("qemu-system-x86_64 -machine help")
        print("ok: both libraries in one program, linked and by dlopen; QEMU")

    def use_readme(self, name):
        """The example of README.md, static; it allocates, since this is root."""
        text = (self.root.path / "project/README.md").read_text(encoding="utf-8")
        (self.root.path / "tmp/readme.c").write_text(re.search(r"^```c\n(.*?)^```$", text, re.M | re.S).group(1))
        self.compile(f"$(pkg-config --cflags --libs {name})", "readme.c", "shared")
        self.compile(f"-static $(pkg-config --static --cflags --libs {name})", "readme.c", "static")
        linked = self.root.do("readelf -d /tmp/shared; ! readelf -d /tmp/static | grep NEEDED")
        if "libpmem.so.3" not in linked:
            bad(f"{name} does not link libpmem.so.3")
        print(f"ok: README's example by {name}, shared and static")

    # The story, in order.

    def beside(self):
        """A machine that builds for PMDK."""
        root, pmdk = self.root, self.pmdk
        root.do("apt-get install " + " ".join(PMDK))
        self.before = root.files()
        if self.recipe():
            bad("the recipe pins where PMDK's libpmem.h is")
        if root.candidate("libpmem-dev") != pmdk:
            bad("without a pin, libpmem-dev is not PMDK's")
        root.do("apt-get install libpmem3-dev libpmem-tools python3-libpmem")
        self.expect("libpmem3-dev beside PMDK", libpmem3_dev=self.version, libpmem_dev=pmdk, libpmemobj_dev=pmdk)
        self.use_both()
        self.use_readme("libpmem-3")

    def upgrade_both(self):
        new, pmdk = self.version + ".1", self.pmdk + ".1"
        newer(self.root, "/project/build/packages", "*.deb", self.version, new)
        newer(self.root, "/debian", "*pmem*.deb", self.pmdk, pmdk)
        self.index()
        self.root.do("apt-get update && apt-get dist-upgrade")
        self.expect("dist-upgrade to newer ones of both", libpmem3=new, libpmem3_dev=new, libpmem1=pmdk,
                    libpmem_dev=pmdk, libpmemobj_dev=pmdk)
        self.root.do("cp /project/cmake/libpmem.pref /etc/apt/preferences.d/")
        for command in ("upgrade", "dist-upgrade"):
            if re.search("^(Remv|Inst)", self.root.do(f"apt-get -s {command}"), re.M):
                bad(f"{command} changes PMDK's packages once libpmem.pref is there")
        self.root.do("rm /etc/apt/preferences.d/libpmem.pref")
        self.pmdk, self.version, self.old = pmdk, new, self.version

    def replace(self):
        """PMDK's short names become ours, on demand, and PMDK's again."""
        root, pmdk, version = self.root, self.pmdk, self.version
        if root.would_remove("install libpmem-dev='3.*'") != ["libpmemobj-dev"]:
            bad("ours in PMDK's place removes something else than libpmemobj-dev")
        root.do("apt-get remove libpmemobj-dev && apt-get install libpmem-dev='3.*'")
        self.expect("ours in place of PMDK's", libpmem_dev=version, libpmem1=pmdk)
        if (root.path / "usr/include/libpmem.h").exists():
            bad("PMDK's header is left")
        self.use_readme("libpmem")
        root.do("apt-get install --allow-downgrades libpmem-dev='1.*'")
        self.expect("back to PMDK's", libpmem_dev=pmdk, libpmem3_dev=version)
        self.use_both()

    def ours_only(self):
        """A machine without PMDK's development packages."""
        root, version, old = self.root, self.version, self.old
        root.do("apt-get purge libpmem-dev libpmem3-dev libpmem3")
        if not self.recipe():
            bad("the recipe does not pin")
        root.do("cd /project && apt install ./build/packages/libpmem3_*.deb ./build/packages/libpmem3-dev_*.deb")
        self.expect("installed from files", libpmem3=old, libpmem3_dev=old, libpmem_dev="")
        names = "libpmem-dev libpmem-tools python3-libpmem"
        root.do("apt-get install " + " ".join(f"{name}={old}" for name in names.split()))
        root.do("apt-get upgrade")
        self.expect("ours are upgraded", libpmem_dev=version, libpmem3_dev=version, libpmem_tools=version)
        root.do("apt-get purge libpmem-dev libpmem3-dev libpmem3 && apt-get install libpmem-dev")
        self.expect("apt install libpmem-dev", libpmem_dev=version, libpmem3_dev=version)
        root.do("apt-get install libpmem-tools python3-libpmem")
        self.use_readme("libpmem")
        print(root.do("sh /project/test/package/smoke.sh /project").splitlines()[-1])
        refused = root.run("apt-get -s install libpmemobj-dev")
        if refused.returncode == 0:
            bad(f"libpmemobj-dev is not refused: {refused.stdout}")
        if root.would_remove("dist-upgrade"):
            bad("dist-upgrade removes packages")
        print("ok: libpmemobj-dev is refused, nothing is removed")

    def purge(self):
        root = self.root
        root.do("apt-get purge libpmem-dev libpmem3-dev libpmem3 libpmem-tools python3-libpmem")
        root.do("dpkg --verify libpmem1 qemu-system-x86 && qemu-system-x86_64 -machine help")
        left = {name for name in root.files() - self.before
                if re.search("pmem|physmem", name) and "/etc/apt/" not in name}
        if left:
            bad(f"purge leaves {sorted(left)}")
        print("ok: purged, PMDK and QEMU are as before")


BOTH = """#define _GNU_SOURCE
#include <dlfcn.h>
#include <libpmem.h>
#include <pmem/pmem.h>
#include <stdio.h>
#include <string.h>

static int from(void *function, const char *file)
{
    Dl_info info;
    if (dladdr(function, &info) && strstr(info.dli_fname, file))
        return 1;
    printf("not from %s\\n", file);
    return 0;
}

int main(void)
{
    void *theirs = dlsym(RTLD_DEFAULT, "pmem_persist"), *ours = dlsym(RTLD_DEFAULT, "pmem_region_alloc");
    if (!from(theirs, "/libpmem.so.1") || !from(ours, "/libpmem.so.3"))
        return 1;
    if (dlvsym(RTLD_DEFAULT, "pmem_persist", "LIBPMEM_3.0"))
        return 2;
    struct pmem_ctx *ctx;
    if (pmem_check_version(1, 0) || pmem_ctx_new(&ctx))
        return 3;
    pmem_ctx_unref(ctx);
    return pmem_is_pmem(&ctx, sizeof ctx) || pmem_version_number() < 3000000;
}
"""

BY_DLOPEN = """import ctypes
theirs, ours = ctypes.CDLL("libpmem.so.1"), ctypes.CDLL("libpmem.so.3")
ours.pmem_version.restype = ctypes.c_char_p
assert ours.pmem_version().startswith(b"3."), ours.pmem_version()
assert theirs.pmem_check_version(1, 0) in (0, None)
assert not hasattr(theirs, "pmem_region_alloc") and not hasattr(ours, "pmem_persist")
"""


def main():
    enter_namespace()
    project, suite = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    folder = pathlib.Path(sys.argv[3])
    if not list(folder.glob("libpmem3-dev_*.deb")):
        bad(f"no packages in {folder}: the test package_minimal_{suite} makes them")
    scene = Scene(project, suite, folder, Machine(make_root(project, suite)))
    for part in (scene.beside, scene.upgrade_both, scene.replace, scene.ours_only, scene.purge):
        part()
    print(f"ok: {suite}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
