# SPDX-License-Identifier: MIT
"""What users must find trivial: fifteen scenarios, in the order of the list that they come from. Each is run here, on
a played machine or this one; what only a kernel, a board's model or another suite shows is pointed at, and
must be there under that name and do that."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import physmem
import sandbox

SOURCE = pathlib.Path(os.environ["SOURCE"])
BUILD = os.path.dirname(os.environ["STATIC"])
PHYSMEM = os.environ["PHYSMEM"]
PI = {"bcm2835": (0x20000000, "raspberrypi,model-zero", "brcm,bcm2835"),
      "bcm2837": (0x3f000000, "raspberrypi,3-model-b", "brcm,bcm2837"),
      "bcm2711": (0xfe000000, "raspberrypi,4-model-b", "brcm,bcm2711")}


def guest(name, check, *words):
    """That guest has that check, whose command has these words."""
    text = (SOURCE / "test" / "guest" / "guests" / f"{name}.conf").read_text(encoding="utf-8")
    command = re.search(rf"(?m)^{check} = (.*)$", text.split("[checks]\n")[1]).group(1)
    missing = [word for word in words if word not in command]
    if missing:
        raise AssertionError(f"{name}: {check}: {missing}")


def suite(*names):
    """These tests are there, and run with all others."""
    listed = subprocess.run(["ctest", "-N"], cwd=os.path.dirname(os.path.dirname(PHYSMEM)), check=True,
                            capture_output=True, text=True).stdout
    missing = [name for name in names if not re.search(rf"(?m): {name}$", listed)]
    if missing:
        raise AssertionError(f"no test {missing}")


def has_test(module, name):
    if f"def {name}(" not in (SOURCE / "test" / "tool" / f"{module}.py").read_text(encoding="utf-8"):
        raise AssertionError(f"{module} has no {name}")


def pi(family):
    """A Raspberry Pi by the ranges of its tree, as a user sees one."""
    base, *compatible = PI[family]
    cells = physmem.played.cells
    nodes = {name: dict(properties) for name, properties in physmem.played.NODES.items()}
    nodes[""]["compatible"] = physmem.played.strings(*compatible)
    nodes["soc"]["ranges"] = cells(0x7e000000, base, 0x01000000)
    alias = 0x40000000 if family == "bcm2835" else 0xc0000000
    nodes["soc"]["dma-ranges"] = cells(alias, 0, 0x20000000, 0x7e000000, base, 0x01000000)
    return physmem.played.Machine(nodes=nodes, memory=False), base


class Scenarios(physmem.Case):
    def user(self):
        return physmem.NOBODY if os.geteuid() == 0 else None

    def test_01_first_contact_without_root(self):
        done = self.physmem("info", user=self.user())
        self.assertIn("Raspberry Pi 3 Model B", done.stdout)
        for refused in re.findall(r"(?m)^  \w+ +refused .*\n    (.*)\n(.*)$", done.stdout):
            self.assertTrue(refused[1].startswith("    -> "), refused)

    def test_02_eperm_is_explained(self):
        """On a kernel with STRICT_DEVMEM; what the message is made of, here."""
        guest("arm64-strict", "explained", "physmem read", "$? = 3", "IO_STRICT_DEVMEM", "iomem=relaxed")
        # Before anything is mapped: whose it is, by the same command on each machine.
        for args in (("write", "gpio:3:0", "1"), ("write", "--set", "1", "bus:0x7e200000")):
            done = self.physmem(*args, expect=physmem.FAILED)
            self.assertRegex(done.stderr, "0x3f200000 belongs to 'gpio@7e200000': --force")
        guest("arm64-strict", "refusal", "--cause driver-owned", "--cause system-ram")

    def test_03_gpio_as_the_group_gpio(self):
        """The same command on each board, and no base in it."""
        self.machine.poke(physmem.played.GPIO, b"\x78\x56\x34\x12")
        for place in ("gpio", "alias:gpio", "gpio:", "bus:0x7e200000", "compatible:brcm,bcm2835-gpio"):
            self.assertEqual(self.physmem("read", place).stdout, "0x12345678\n")
        self.assertEqual(self.physmem("read", "alias:gpio:15:8").stdout, "0x56\n")
        self.assertIn("0x3f200000: 12345678 ", self.physmem("dump", "alias:gpio", "4").stdout)
        self.physmem("poll", "--until", "0x12345678", "--timeout", "1s", "alias:gpio")
        self.assertIn("0x12345678", self.physmem("watch", "--times", "1", "alias:gpio").stdout)
        guest("raspi3b", "udev", "--gpio 0x3f200034")  # as a member of gpio, without root

    def test_04_outside_the_window_is_refused(self):
        """PWM by /dev/gpiomem: refused, and nothing is mapped."""
        self.machine.write("dev/gpiomem", b"")
        if os.geteuid() == 0:
            os.chmod(self.machine.path("dev/mem"), 0o600)
        else:
            os.chmod(self.machine.path("dev/mem"), 0)
        for command in (("read",), ("dump",), ("write", "--force"), ("poll", "--until", "1"), ("watch", "--times", "1")):
            value = ("1",) if command[0] == "write" else ()
            done = self.physmem(*command, "bus:0x7e20c000", *value, user=self.user(), expect=physmem.PERMISSION)
            self.assertIn("outside its window (/dev/gpiomem shows 0x3f200000 + 0x1000)", done.stderr)
            self.assertEqual(done.stdout, "")

    def test_05_a_buffer_for_dma_without_root(self):
        """By the rules of the package, whatever the heap is called."""
        guest("raspi3b", "udev", "--heap linux,cma-uncached", "--address", "--vcsm")
        guest("arm64-dmabuf-6.1", "heap-pagemap", "--heap linux,cma")
        guest("x86-dmabuf", "udev", "--heap system")

    def test_06_killed_500_times(self):
        guest("raspi3b", "vc-kill", "check-vc-kill 500")
        if physmem.run("gc", "--dry-run").returncode == physmem.UNSUPPORTED:
            self.assertIn("firmware", self.json("gc", "--dry-run", root=None, expect=physmem.UNSUPPORTED)["error"]["message"])

    def test_07_too_little_cma(self):
        """Asked, total and free, and the line to change."""
        guest("x86-dmabuf", "errors", "check-dmabuf-errors")
        guest("raspi3b", "vc-limits", "check-vc-limits")
        guest("raspi3b", "doctor-memory", "--size 512M", "dtoverlay=cma,cma-512")
        if physmem.run("selftest", "--size", "4096", "--need-address").returncode:
            return  # whoever gets none at all is told why: scenario 1
        done = physmem.run("doctor", "--for", "alloc", "--size", "64G")
        self.assertEqual(done.returncode, physmem.FAILED, done.stdout)
        self.assertIn("68719476736", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^    (boot|advice|config) +\S")

    def test_08_caches(self):
        guest("x86-dmabuf", "system-heap", "--rounds 10000")
        suite("contract", "unit_coherence")

    def test_09_the_dma_selftest_is_safe(self):
        guest("raspi3b", "selftest-dma", "physmem selftest --dma")
        guest("raspi4b", "selftest-dma", "physmem selftest --dma")
        guest("x86", "selftest-dma", "physmem selftest --dma")
        done = self.physmem("selftest", "--dma", root=None, expect=physmem.UNSUPPORTED)
        self.assertIn("skipped", done.stderr)
        has_test("test_memory", "test_dma_without_a_safe_channel")

    def test_10_a_line_of_python(self):
        """Without a compiler; one access of a register is one on the bus."""
        suite("bindings_python_memory", "bindings_python_register")
        line = ("import libpmem\n"
                "with libpmem.Context() as ctx, ctx.map_file('proc/iomem', size=4, flags=libpmem.MAP_READONLY) as r:\n"
                "    print(hex(r.read32(0)))\n")
        done = subprocess.run([sys.executable, "-B", "-c", line], text=True, capture_output=True, check=False, env={
            "PYTHONPATH": str(SOURCE / "bindings" / "python"), "LIBPMEM_ROOT": self.machine.root,
            "LD_LIBRARY_PATH": os.path.dirname(os.environ["LIBRARY"]), "PATH": os.environ["PATH"]})
        self.assertEqual(done.stdout, "0x30303030\n", done.stderr)  # "0000"

    def test_11_shared_with_another_process(self):
        """By descriptor: to a child here, by SCM_RIGHTS in the guests."""
        has_test("test_memory", "test_environment_and_descriptor")
        guest("arm64-dmabuf", "heap-nxp", "check-dmabuf")
        self.assertIn("send_fd", (SOURCE / "test/guest/programs/check-dmabuf.c").read_text(encoding="utf-8"))

    def test_12_no_hardware(self):
        """Another machine, played by files, for somebody who may do nothing: every device tree of Debian."""
        suite("corpus_trees", "unit_dt", "contract")
        for family in PI:
            machine, base = pi(family)
            self.addCleanup(machine.close)
            found = self.json("info", root=machine.root, user=self.user())
            self.assertEqual(found["machine"]["family"], family)
            self.assertEqual(found["addresses"]["gpio"]["phys"], f"{base + 0x200000:#010x}")

    def test_13_a_container(self):
        """The options that the doctor prints, and no more: without --privileged, with /sys read-only."""
        if os.geteuid() or physmem.run("doctor", "--for", "alloc", "--size", "64K").returncode:
            self.skipTest("only root can make one, and memory must be had")
        folder = tempfile.mkdtemp(dir=BUILD)
        self.addCleanup(shutil.rmtree, folder)
        docker = self.physmem("doctor", "--for", "alloc", "--size", "64K", "--container", root=None).stdout.split("\n")[0]
        done = sandbox.contain(docker, f"{PHYSMEM} selftest --size 64K --need-address", folder)
        self.assertEqual(done.returncode, 0, docker + done.stdout + done.stderr)
        self.assertNotIn("privileged", docker)
        has_test("test_doctor", "test_container")

    def test_14_an_upgrade(self):
        """A program of 3.0.0 with the library of today."""
        suite("released_3.0.0", "released_closed", "abi_diff", "abi_symbols")

    def test_15_addresses_are_true(self):
        """Never 0 for what is hidden; a datasheet's address on every board."""
        for family in PI:
            machine, base = pi(family)
            self.addCleanup(machine.close)
            found = self.json("addr", "bus:0x7e200000", root=machine.root)["addresses"][0]
            self.assertEqual(found["phys"], f"{base + 0x200000:#010x}")
        for board in ("raspi0", "raspi2b", "raspi3b", "raspi4b"):
            guest(board, "addr", "physmem addr bus:0x7e200000")
        with open("/proc/self/maps", encoding="ascii") as file:
            stack = next(line for line in file if "[stack]" in line)
        end = int(stack.split()[0].split("-")[1], 16)
        if self.user():
            process = subprocess.Popen(["sleep", "100"], user=self.user(), group=self.user(), extra_groups=[])
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            with open(f"/proc/{process.pid}/maps", encoding="ascii") as file:
                first = file.readline().split("-")[0]
            done = self.physmem("virt2phys", str(process.pid), f"0x{first}", root=None, user=self.user(),
                                expect=physmem.PERMISSION)
            self.assertIn("needs CAP_SYS_ADMIN", done.stderr)
            self.assertNotRegex(done.stdout, r"\b0x0+\b")
        done = physmem.run("virt2phys", str(os.getpid()), hex(end - 4096), "4096")
        if done.returncode == physmem.PERMISSION:
            self.assertIn("needs CAP_SYS_ADMIN", done.stderr)
        else:
            self.assertRegex(done.stdout, r"(?m)^  contiguous     yes$")
        self.assertRegex(done.stdout, r"(?m)^  pin            \w+$")


if __name__ == "__main__":
    physmem.main()
