# SPDX-License-Identifier: MIT
"""The commands that hints and documents give are run, by whom they are meant for: they must help.

commands.py finds them, and knows which of them are run here. Each test shows that something does not
work, runs the command, and shows that it does.
"""

import json
import os
import re
import resource
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import commands
import physmem

PROJECT = Path(__file__).resolve().parents[2]
BUILD = os.path.dirname(os.environ["STATIC"])
NOBODY = str(physmem.NOBODY)
BIG = ("selftest", "--size", "32M", "--scattered")  # more than pipes hold for a process: 16 MiB


def given(name):
    """What stands in the texts for the test of that name."""
    return sorted({re.match(pattern, rest).group() for _, rest in commands.occurrences(PROJECT)
                   for pattern, _, what in commands.KNOWN
                   if what == name and commands.known(rest)[0] == pattern})


def shell(script, *args, user=None, prefix=()):
    """A script with the arguments $1..., and the command under test as $PHYSMEM."""
    who = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
    return subprocess.run([*prefix, *who, "sh", "-c", script, "sh", *args], text=True, check=False,
                          capture_output=True, timeout=100, env={**os.environ, "LC_ALL": "C"})


JOB = r"""
#include <stdio.h>
#include <pmem/pmem.h>

int main(void)
{
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS };
	struct pmem_region *region;
	struct pmem_ctx *ctx;
	uint64_t phys;

	(void)opts;
	(void)phys;
	if (pmem_ctx_new(&ctx) || FAILS) {
		puts(pmem_error_text(pmem_error_last()));
		return 1;
	}
	return 0;
}
"""


@unittest.skipUnless(os.geteuid() == 0, "these are commands for root, and for users that root plays")
class Case(physmem.Case):
    def setUp(self):
        # In the build's folder, since /tmp may be mounted nosuid or nodev.
        self.folder = tempfile.mkdtemp(dir=BUILD)
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def works(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def fails(self, done, word=""):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(word, done.stdout + done.stderr)

    def need_memory(self, *options):
        done = physmem.run("selftest", "--size", "4096", *options)
        if done.returncode != physmem.OK:
            self.skipTest(f"not even root gets memory here: {done.stderr}")

    def compile(self, fails):
        """A program with the library inside: the loader looks into no folder of ours for one that has
        capabilities."""
        source, program = self.path("job.c"), self.path("job")
        Path(source).write_text(JOB.replace("FAILS", fails), encoding="ascii")
        subprocess.run([*os.environ["CC_COMMAND"].split(), "-I", PROJECT / "include", "-o",
                        program, source, os.environ["STATIC"], "-lbsd", "-lpthread"], check=True)
        return program

    def node(self):
        """A device of root's."""
        path = self.path("node")
        try:
            os.mknod(path, 0o600 | stat.S_IFCHR, os.stat("/dev/null").st_rdev)
            with open(path, "rb"):
                pass
        except PermissionError as error:
            self.skipTest(f"no device can be made here: {error}")
        return path


class Known(unittest.TestCase):
    def test_each_is_run_or_listed(self):
        self.assertEqual(commands.main(PROJECT), 0)

    def test_what_is_run_has_a_test(self):
        tests = {name for case in (Files, Capabilities, Limits, Machine, Environment)
                 for name in dir(case) if name.startswith("test_")}
        for pattern, kind, what in commands.KNOWN:
            with self.subTest(pattern=pattern):
                self.assertNotEqual(what, "")
                if kind == commands.RUN:
                    self.assertIn(what, tests)


class Files(Case):
    """Who may open a device."""

    OPEN = 'exec 3<>"$1"'

    def as_group(self, path):
        return shell(self.OPEN, path, prefix=("setpriv", "--reuid", NOBODY, "--regid", "12345",
                                              "--clear-groups"))

    def test_udev_rules(self):
        rules = given("test_udev_rules")
        self.assertGreaterEqual(len(rules), 6)
        for rule in rules:
            with self.subTest(rule=rule):
                keys = dict(re.findall(r'(SUBSYSTEM==|KERNEL==|GROUP=|MODE=)"([^"]+)"(?:, |$)', rule))
                self.assertEqual(rule, ", ".join(f'{key}"{value}"' for key, value in keys.items()))
                node = self.node()
                self.fails(self.as_group(node))
                os.chown(node, 0, 12345)  # as udevd does it for GROUP
                os.chmod(node, int(keys["MODE="], 8))
                self.works(self.as_group(node))
                self.fails(shell(self.OPEN, node, user=NOBODY))
                os.unlink(node)

    def test_chgrp_and_chmod(self):
        resource = self.path("resource0")  # as in sysfs: a file of root's, 0600
        Path(resource).write_bytes(bytes(4096))
        os.chmod(resource, 0o600)
        self.fails(self.as_group(resource))
        self.works(shell('chgrp 12345 "$1" && chmod g+rw "$1"', resource))
        self.works(self.as_group(resource))

    def test_mknod(self):
        """Where a container shows a plain file for /dev/mem."""
        root = self.path("root")
        os.makedirs(root + "/dev")
        Path(root, "dev/mem").write_bytes(b"")
        command = given("test_mknod")[0].replace("/dev/mem", '"$1"')
        os.unlink(root + "/dev/mem")
        done = shell(command, root + "/dev/mem")
        if "not permitted" in done.stderr:
            self.skipTest("no device can be made here")
        self.works(done)
        made = os.stat(root + "/dev/mem")
        self.assertTrue(stat.S_ISCHR(made.st_mode))
        self.assertEqual((os.major(made.st_rdev), os.minor(made.st_rdev)), (1, 1))

    def test_usermod(self):
        etc = self.path("etc")
        os.mkdir(etc)
        for command in given("test_usermod"):
            with self.subTest(command=command):
                command = command.replace("GROUP", "pmem-users").replace("USER", "pmem-user")
                group = re.match(r"usermod -aG ([\w-]+) ", command).group(1)
                script = ('mount -t tmpfs none "$1" && cp -a /etc/. "$1" && mount --bind "$1" /etc &&'
                          f"(getent group {group} || groupadd {group}) >/dev/null && useradd pmem-user &&"
                          f'id -nG pmem-user && {command} && id -nG pmem-user')
                before, after = self.works(shell(script, etc, prefix=("unshare", "-m"))).splitlines()
                self.assertNotIn(group, before.split())
                self.assertIn(group, after.split())

    def test_findmnt(self):
        self.assertIn("TARGET", self.works(shell('findmnt -T "$1"', self.folder)))


class Capabilities(Case):
    """setcap and AmbientCapabilities=, as documents and the errors of pagemap and /dev/mem say it."""

    def main_job(self):
        self.need_memory("--need-address")
        return self.compile("""pmem_region_alloc(ctx, 65536, NULL, &region) ||
            pmem_region_phys(region, &phys)""")

    def test_setcap_for_addresses(self):
        program = self.main_job()
        found = given("test_setcap_for_addresses")
        self.assertGreaterEqual(len(found), 2)
        self.fails(shell('"$1"', program, user=NOBODY), "CAP_SYS_ADMIN")
        for command in found:
            with self.subTest(command=command):
                self.works(shell(command.replace("PROGRAM", '"$1"'), program))
                self.works(shell('"$1"', program, user=NOBODY))

    def test_setcap_for_dev_mem(self):
        program = self.path("cat")
        shutil.copy("/bin/cat", program)

        def has():
            status = self.works(shell('"$1" /proc/self/status', program, user=NOBODY))
            return int(re.search(r"CapEff:\s(\w+)", status).group(1), 16) >> 17 & 1  # CAP_SYS_RAWIO

        self.assertFalse(has())
        for command in given("test_setcap_for_dev_mem"):
            with self.subTest(command=command):
                self.works(shell(command.replace("CAPABILITY", "cap_sys_rawio")
                                 .replace("PROGRAM", '"$1"'), program))
                self.assertTrue(has())
                self.works(shell('setcap -r "$1"', program))

    def test_ambient_capabilities(self):
        """As systemd starts a service: the capability stays over execve(), and the program dumpable."""
        program = self.main_job()
        self.fails(shell('"$1"', program, user=NOBODY))
        self.works(shell('"$1"', program, prefix=(
            "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps",
            "+sys_admin", "--ambient-caps", "+sys_admin")))


class Limits(Case):
    def test_ulimit_n(self):
        self.need_memory()
        self.fails(shell("ulimit -n 4; $PHYSMEM selftest --backend pages --size 4096"), "ulimit -n")
        self.works(shell("ulimit -n 64; $PHYSMEM selftest --backend pages --size 4096"))

    def test_ulimit_l(self):
        """What pipes hold for a process, 16 MiB, is taken; so more needs the right to lock memory."""
        program = self.compile("""pmem_region_alloc(ctx, 16 << 20, &opts, &region) ||
            pmem_region_alloc(ctx, 4 << 20, &opts, &region)""")
        hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
        most = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard // 1024)
        if most < 4096:
            self.skipTest(f"not even root may lock more than {most} KiB")
        limit = 'ulimit -l {}; exec setpriv --reuid 61234 --clear-groups --bounding-set=-all "$1"'
        self.fails(shell(limit.format(64), program), "ulimit -l")
        self.works(shell(limit.format(most), program))

    def test_max_map_count(self):
        self.assertEqual(given("test_max_map_count"), ["sysctl vm.max_map_count"])
        with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
            before = int(file.read())
        if before > 200000:
            self.skipTest(f"{before} mappings would take long to make")
        job = ("import mmap\n"
               f"[mmap.mmap(-1, 4096, prot=1 + i % 2 * 2) for i in range({before + 100})]\n")
        self.fails(subprocess.run(["python3", "-c", job], capture_output=True, text=True, check=False))
        try:
            done = shell(f"sysctl vm.max_map_count={2 * before}")
            if "read-only" in done.stderr.lower():
                self.skipTest("the settings of this machine cannot be changed")
            self.works(done)
            self.works(subprocess.run(["python3", "-c", job], capture_output=True, text=True,
                                      check=False))
        finally:
            shell(f"sysctl vm.max_map_count={before}")


class Machine(Case):
    def test_mount_proc(self):
        """A root directory without /proc."""
        script = ('export LD_LIBRARY_PATH="$1"; umount -l /proc && $PHYSMEM info --json; ' + given("test_mount_proc")[0] +
                  ' && $PHYSMEM info --json')
        done = self.works(shell(script, os.path.dirname(os.environ["LIBRARY"]),
                                prefix=("unshare", "-m", "-p", "-f")))
        start = re.compile(r"^\{", re.M)
        first, second = [json.JSONDecoder().raw_decode(done, match.start())[0]
                         for match in start.finditer(done)]
        pagemap = first["access"]["pagemap"]
        self.assertIn("not mounted", pagemap["error"]["message"])
        self.assertEqual(pagemap["error"]["hint"], given("test_mount_proc")[0])
        pagemap = second["access"]["pagemap"]
        self.assertTrue(pagemap["visible"] or "not mounted" not in pagemap["error"]["message"])

    def test_nr_hugepages(self):
        folder = Path("/sys/kernel/mm/hugepages")
        pools = sorted(folder.glob("hugepages-*"), key=lambda path: int(path.name[10:-2]))
        if not pools or int(pools[0].name[10:-2]) > 4096:
            self.skipTest("no pool of small huge pages")
        file = pools[0] / "nr_hugepages"

        def free():
            rows = json.loads(physmem.run("info", "--json").stdout)["memory"]["huge_pages"]
            return next(row["free"] for row in rows
                        if row["size"] == int(pools[0].name[10:-2]) * 1024)

        before, had = int(file.read_text()), free()
        try:
            file.write_text(str(before + 1))
            if int(file.read_text()) <= before:
                self.skipTest("the kernel has no huge page to reserve")
            self.assertGreater(free(), had)
        except PermissionError as error:
            self.skipTest(str(error))
        finally:
            if os.access(file, os.W_OK):
                file.write_text(str(before))

    def test_compact_memory(self):
        try:
            before = compactions()
            for command in given("test_compact_memory"):
                command = command if command.startswith("echo") else f"echo 1 > {command}"
                self.works(shell(command))
        except FileNotFoundError as error:
            self.skipTest(f"this kernel does not compact: {error}")
        self.assertGreater(compactions(), before)

    def test_dmesg(self):
        self.works(shell("dmesg"))


def compactions():
    """Pages that the kernel looked at to move them."""
    if not os.path.exists("/proc/sys/vm/compact_memory"):
        raise FileNotFoundError("/proc/sys/vm/compact_memory")
    text = Path("/proc/vmstat").read_text(encoding="ascii")
    return sum(int(n) for n in re.findall(r"^compact_\w+_scanned (\d+)$", text, re.M))


class Environment(physmem.Case):
    """LIBPMEM_*"""

    def test_backend(self):
        done = physmem.run("selftest", "--size", "4096", env={"LIBPMEM_BACKEND": "nonesuch"})
        self.assertNotEqual(done.returncode, physmem.OK)
        self.assertIn("nonesuch", done.stderr)

    def test_root(self):
        self.assertEqual(self.json("info", root=self.machine.root)["machine"]["model"],
                         "Raspberry Pi 3 Model B")

    def test_device_tree(self):
        os.rename(self.machine.path("proc/device-tree"), self.machine.path("tree"))
        self.physmem("node", "gpio", expect=physmem.UNSUPPORTED)
        self.physmem("node", "gpio", env={"LIBPMEM_DEVICE_TREE": self.machine.path("tree")})

    def need_memory(self):
        if physmem.run(*BIG).returncode != physmem.OK:
            self.skipTest("no memory can be kept in place here")

    def test_no_io_uring(self):
        self.need_memory()
        done = physmem.run(*BIG, env={"LIBPMEM_NO_IO_URING": "1"})
        self.assertEqual(done.returncode, physmem.UNSUPPORTED, done.stderr)
        self.assertIn("unset LIBPMEM_NO_IO_URING", done.stderr)

    def test_debug(self):
        self.need_memory()
        attributes = [json.loads(physmem.run(*BIG, "--json", env=env).stdout)["region"]["attributes"]
                      for env in ({}, {"LIBPMEM_DEBUG": "coherence"})]
        if "coherent" not in attributes[0]:
            self.skipTest("memory of this machine needs to be synced anyway")
        self.assertIn("needs-sync", attributes[1])


if __name__ == "__main__":
    physmem.main()
