# SPDX-License-Identifier: MIT
"""physmem device on a played sysfs; a thread plays the kernel behind driver_override, unbind and drivers_probe."""

import os
import re
import select
import shutil
import threading
import time
import unittest

import physmem

EDU, NIC, DISK, NVME, BRIDGE = ("0000:00:04.0", "0000:00:05.1", "0000:00:1f.2", "0000:01:00.0", "0000:00:1c.0")

LIST = """\
0000:00:04.0   1234:11e8  other       driver vfio-pci        group 2    DMA-FQ
  open           vfio /dev/vfio/2
0000:00:05.0   1234:11e8  other       driver -               group 3    DMA-FQ
  with           0000:00:05.1 (e1000)
  open           no: it has no driver
0000:00:05.1   8086:100e  network     driver e1000           group 3    DMA-FQ
  with           0000:00:05.0 (-)
  open           no: the driver e1000 has it
0000:00:1c.0   8086:a110  bridge      driver pcieport        group 4    DMA-FQ
  open           no: the driver pcieport has it
0000:00:1f.2   8086:2922  storage     driver ahci            group 7    DMA-FQ
  open           no: the driver ahci has it
0000:01:00.0   144d:a80a  storage     driver nvme            group 9    DMA-FQ
  open           no: the driver nvme has it
fe800000.dma   -          other       driver vfio-platform   group 11   DMA
  open           no: /dev/vfio/11: No such file or directory
"""

MOUNTS = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
ROUTE = ("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
         "{}\t00000000\t0102000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
         "{}\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n")


class Sysfs:
    """A PC below the root of a played machine."""

    def __init__(self, machine):
        self.machine, self.real = machine, {}
        self.add(EDU, "0x1234", "0x11e8", "0x00ff00", 2, "vfio-pci")
        self.add("0000:00:05.0", "0x1234", "0x11e8", "0x00ff00", 3, None)
        self.add(NIC, "0x8086", "0x100e", "0x020000", 3, "e1000")
        self.add(BRIDGE, "0x8086", "0xa110", "0x060400", 4, "pcieport")
        self.add(DISK, "0x8086", "0x2922", "0x010601", 7, "ahci")
        self.add(NVME, "0x144d", "0xa80a", "0x010802", 9, "nvme", under=f"/{BRIDGE}")
        self.add("fe800000.dma", None, None, None, 11, "vfio-platform", bus="platform")
        self.add("serial8250", None, None, None, None, "serial8250", bus="platform")
        self.text("dev/vfio/vfio", "")
        self.text("dev/vfio/2", "")
        self.link("sys/class/net/eth0", f"{self.real[NIC]}/net/eth0")
        self.block("sda", DISK, "ata1/host0/block/sda", "8:0")
        self.block("sda1", DISK, "ata1/host0/block/sda/sda1", "8:1")
        self.block("sda2", DISK, "ata1/host0/block/sda/sda2", "8:2")

    def text(self, path, text):
        self.machine.write(path, text.encode())

    def link(self, path, target):
        """To a folder that is made, both below the root."""
        os.makedirs(self.machine.path(target), exist_ok=True)
        full = self.machine.path(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if os.path.islink(full):
            os.unlink(full)
        os.symlink(os.path.relpath(self.machine.path(target), os.path.dirname(full)), full)

    def add(self, name, vendor, device, class_, group, driver, bus="pci", under=""):
        folder = f"sys/devices/pci0000:00{under}/{name}" if bus == "pci" else f"sys/devices/platform/{name}"
        self.real[name] = folder
        for key, value in (("vendor", vendor), ("device", device), ("class", class_),
                           ("driver_override", "(null)")):
            if value:
                self.text(f"{folder}/{key}", value + "\n")
        self.link(f"sys/bus/{bus}/devices/{name}", folder)
        self.text(f"sys/bus/{bus}/drivers_probe", "")
        if driver:
            self.bind(name, driver, bus)
        if group is not None:
            self.link(f"{folder}/iommu_group", f"sys/kernel/iommu_groups/{group}")
            self.link(f"sys/kernel/iommu_groups/{group}/devices/{name}", folder)
            self.text(f"sys/kernel/iommu_groups/{group}/type", "DMA-FQ\n" if bus == "pci" else "DMA\n")

    def bind(self, name, driver, bus="pci"):
        self.text(f"sys/bus/{bus}/drivers/{driver}/unbind", "")
        self.link(f"{self.real[name]}/driver", f"sys/bus/{bus}/drivers/{driver}")

    def free(self, name):
        os.unlink(self.machine.path(f"{self.real[name]}/driver"))

    def block(self, name, device, where, number):
        self.link(f"sys/class/block/{name}", f"{self.real[device]}/{where}")
        self.text(f"{self.real[device]}/{where}/dev", number + "\n")

    def everything(self):
        """What could have been changed."""
        found = {}
        for folder, folders, files in os.walk(self.machine.path("sys")):
            for name in folders + files:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    found[path] = os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, encoding="ascii") as file:
                        found[path] = file.read()
        return found


class Kernel:
    """Does what is written to one device's files, as drivers/base/bus.c does: each is a FIFO."""

    def __init__(self, sysfs, name, native, takes=True):
        self.sysfs, self.name, self.native, self.takes = sysfs, name, native, takes
        self.override, self.seen, self.fds = "", [], {}
        device = sysfs.real[name]
        for path in (f"{device}/driver_override", "sys/bus/pci/drivers_probe",
                     *(f"sys/bus/pci/drivers/{driver}/unbind"
                       for driver in os.listdir(sysfs.machine.path("sys/bus/pci/drivers")))):
            full = sysfs.machine.path(path)
            os.unlink(full)
            os.mkfifo(full)
            self.fds[os.open(full, os.O_RDWR | os.O_NONBLOCK)] = path
        self.stop_fd, self.stopped = os.pipe()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while True:
            ready, _, _ = select.select([*self.fds, self.stop_fd], [], [])
            if self.stop_fd in ready:
                return
            # In the order of the protocol, where several are there already.
            for fd in sorted(ready, key=lambda fd: "drivers_probe" in self.fds[fd]):
                self.written(self.fds[fd], os.read(fd, 4096).decode())

    def written(self, path, text):
        self.seen.append((os.path.basename(path), text))
        if path.endswith("driver_override"):
            self.override = text.splitlines()[-1]  # of two writes that came at once, the second one
        elif path.endswith("unbind"):
            self.sysfs.free(self.name)
        else:
            driver = self.override or self.native
            if driver and (self.takes or driver == self.native):
                self.sysfs.link(f"{self.sysfs.real[self.name]}/driver", f"sys/bus/pci/drivers/{driver}")

    def close(self):
        os.write(self.stopped, b"x")
        self.thread.join()
        for fd in (*self.fds, self.stop_fd, self.stopped):
            os.close(fd)


class Device(physmem.Case):
    def setUp(self):
        super().setUp()
        self.sysfs = Sysfs(self.machine)

    def kernel(self, name, native, **kwargs):
        kernel = Kernel(self.sysfs, name, native, **kwargs)
        self.addCleanup(kernel.close)
        return kernel

    @staticmethod
    def wait(done):
        """The played kernel is a thread: it may do what was written after the command has ended."""
        end = time.monotonic() + 10
        while not done() and time.monotonic() < end:
            time.sleep(0.01)

    def content(self, path):
        with open(self.machine.path(path), encoding="ascii") as file:
            return file.read()

    def driver(self, name):
        path = self.machine.path(f"{self.sysfs.real[name]}/driver")
        return os.path.basename(os.readlink(path)) if os.path.islink(path) else None


class List(Device):
    def entry(self, name):
        return {one["name"]: one for one in self.json("device", "list", "--all")["devices"]}[name]

    def test_golden(self):
        self.assertEqual(self.physmem("device", "list").stdout, LIST)

    def test_all(self):
        self.assertIn("serial8250", self.physmem("device", "list", "--all").stdout)

    def test_json(self):
        self.assertEqual(self.entry(NIC), {
            "name": NIC, "bus": "pci", "id": "8086:100e", "class": "0x020000", "driver": "e1000",
            "group": 3, "group_type": "DMA-FQ", "neighbours": [{"name": "0000:00:05.0", "driver": None}],
            "node": None, "way": None, "protected": False, "reason": "the driver e1000 has it"})
        edu = self.entry(EDU)
        self.assertEqual((edu["way"], edu["node"], edu["protected"], edu["reason"]),
                         ("vfio", "/dev/vfio/2", True, None))

    def test_a_neighbour_is_in_the_way(self):
        self.sysfs.bind("0000:00:05.0", "vfio-pci")
        self.sysfs.text("dev/vfio/3", "")
        self.assertEqual(self.entry("0000:00:05.0")["reason"],
                         "a driver of the kernel has its neighbour 0000:00:05.1 (e1000)")
        self.sysfs.bind(NIC, "pcieport")
        self.assertEqual(self.entry("0000:00:05.0")["way"], "vfio")

    def test_iommufd_first(self):
        self.sysfs.text(f"{self.sysfs.real[EDU]}/vfio-dev/vfio0/dev", "511:0\n")
        self.assertEqual(self.entry(EDU)["node"], "/dev/vfio/2")
        self.sysfs.text("dev/vfio/devices/vfio0", "")
        self.assertEqual(self.entry(EDU)["way"], "vfio")  # there is no /dev/iommu
        self.sysfs.text("dev/iommu", "")
        edu = self.entry(EDU)
        self.assertEqual((edu["way"], edu["node"]), ("iommufd", "/dev/vfio/devices/vfio0"))

    def test_without_protection(self):
        self.sysfs.text("sys/kernel/iommu_groups/2/type", "unknown\n")
        self.sysfs.text("dev/vfio/noiommu-2", "")
        edu = self.entry(EDU)
        self.assertEqual((edu["way"], edu["node"], edu["protected"]), ("noiommu", "/dev/vfio/noiommu-2", False))
        self.assertIn("nothing protects memory", self.physmem("device", "list").stdout)
        self.sysfs.bind(EDU, "uio_pci_generic")
        self.assertIn("no /dev/uio", self.entry(EDU)["reason"])
        os.makedirs(self.machine.path(f"{self.sysfs.real[EDU]}/uio/uio0"))
        self.sysfs.text("dev/uio0", "")
        self.assertEqual((self.entry(EDU)["way"], self.entry(EDU)["node"]), ("uio", "/dev/uio0"))
        self.sysfs.free(EDU)
        self.assertEqual(self.entry(EDU)["reason"], "it has no driver")
        self.sysfs.text(f"{self.sysfs.real[EDU]}/resource0", "")
        edu = self.entry(EDU)
        self.assertEqual((edu["way"], edu["node"]), ("sysfs", f"/sys/bus/pci/devices/{EDU}/resource0"))
        # Of a domain of the kernel's own nothing is the device's: its transfers reach nothing.
        for kind, word in (("unknown", "nothing protects memory"), ("identity", "nothing protects memory"),
                           ("DMA", "the IOMMU drops its DMA"), ("DMA-FQ", "the IOMMU drops its DMA"),
                           ("blocked", "the IOMMU drops its DMA")):
            self.sysfs.text("sys/kernel/iommu_groups/2/type", kind + "\n")
            self.assertRegex(self.physmem("device", "list").stdout, rf"open +sysfs \S+/resource0 \({word}")
            self.assertFalse(self.entry(EDU)["protected"])

    @physmem.need_root
    def test_not_permitted(self):
        os.chmod(self.machine.path("dev/vfio/2"), 0o600)
        out = self.physmem("device", "list", user=physmem.NOBODY).stdout
        self.assertIn("no: /dev/vfio/2 belongs to root, mode 0600", out)

    def test_nothing(self):
        self.play()
        self.physmem("device", "list", expect=physmem.UNSUPPORTED)


class Bind(Device):
    LINES = ("echo vfio-pci > /sys/bus/pci/devices/{0}/driver_override\n"
             "echo {0} > /sys/bus/pci/devices/{0}/driver/unbind\n"
             "echo {0} > /sys/bus/pci/drivers_probe\n")

    def test_dry_run_changes_nothing(self):
        before = self.sysfs.everything()
        for name in (DISK, "00:1f.2", "pci:" + DISK):
            done = self.physmem("device", "bind", "--dry-run", name)
            self.assertEqual(done.stdout, self.LINES.format(DISK))
        done = self.physmem("device", "bind", "-n", "0000:00:05.0")
        self.assertEqual(done.stdout.splitlines()[0], self.LINES.format("0000:00:05.0").splitlines()[0])
        self.assertEqual(len(done.stdout.splitlines()), 2)  # it has no driver to be taken from
        self.assertIn("0000:00:05.1 (e1000)", done.stderr)
        done = self.physmem("device", "bind", "-n", "-d", "uio_pci_generic", DISK)
        self.assertEqual(done.stdout.splitlines()[0], "modprobe uio_pci_generic")
        self.assertEqual(self.physmem("device", "unbind", "-n", EDU).stdout,
                         self.LINES.format(EDU).replace("echo vfio-pci >", "echo >"))
        self.assertEqual(self.sysfs.everything(), before)

    def test_there_and_back(self):
        kernel = self.kernel(DISK, "ahci")
        document = self.json("device", "bind", DISK)
        self.assertEqual(self.driver(DISK), "vfio-pci")
        self.assertEqual((document["driver_before"], document["device"]["driver"]), ("ahci", "vfio-pci"))
        self.assertEqual("\n".join(document["lines"]) + "\n", self.LINES.format(DISK))
        self.assertEqual(kernel.seen, [("driver_override", "vfio-pci\n"), ("unbind", DISK + "\n"),
                                       ("drivers_probe", DISK + "\n")])
        kernel.seen.clear()
        self.assertIn("driver vfio-pci", self.physmem("device", "bind", DISK).stdout)
        self.assertEqual(kernel.seen, [])  # it was so already
        self.assertIn("driver ahci", self.physmem("device", "unbind", DISK).stdout)
        self.assertEqual(self.driver(DISK), "ahci")
        self.assertEqual(kernel.seen[0], ("driver_override", "\n"))
        self.assertEqual(self.physmem("device", "unbind", DISK, expect=physmem.FAILED).stdout, "")

    def test_no_driver_wants_it_back(self):
        kernel = self.kernel(EDU, None)
        self.assertIn("no driver of the kernel takes it", self.physmem("device", "unbind", EDU).stderr)
        self.assertEqual(len(kernel.seen), 3)

    def test_not_taken(self):
        """Without an IOMMU vfio-pci refuses: the device goes back to its driver."""
        os.unlink(self.machine.path(f"{self.sysfs.real[DISK]}/iommu_group"))
        kernel = self.kernel(DISK, "ahci", takes=False)
        error = self.json("device", "bind", DISK, expect=physmem.UNSUPPORTED)["error"]
        self.assertIn("no IOMMU", error["message"])
        self.assertIn("intel_iommu=on", error["hint"])
        self.wait(lambda: self.driver(DISK) == "ahci" and not kernel.override)
        self.assertEqual(self.driver(DISK), "ahci")
        self.assertEqual(kernel.override, "")

    def test_not_unbound(self):
        """Its driver keeps it: nothing of the attempt stays, or the next probe would give it away."""
        kernel = self.kernel(DISK, "ahci")
        unbind = self.machine.path("sys/bus/pci/drivers/ahci/unbind")
        os.unlink(unbind)
        os.mkdir(unbind)
        error = self.json("device", "bind", DISK, expect=physmem.FAILED)["error"]
        self.assertIn("driver/unbind: Is a directory", error["message"])
        self.assertEqual(self.driver(DISK), "ahci")
        self.wait(lambda: kernel.seen and not kernel.override)
        self.assertTrue(kernel.seen)
        self.assertEqual(kernel.override, "")

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_override_of_before(self):
        """What somebody else had written to driver_override is there again after a bind that fails, and the driver
        that the device had is asked for by its name, which is not the one that stands there."""
        override = f"{self.sysfs.real[DISK]}/driver_override"
        self.sysfs.text(override, "uio_pci_generic\n")
        # A kernel that takes what is written and does nothing.
        trace = self.machine.path("trace")
        self.physmem("device", "bind", DISK, expect=physmem.FAILED, prefix=("strace", "-f", "-qq", "-o", trace))
        names = re.findall(r'write\(\d+, "([a-z_-]+)\\n"', self.content("trace"))
        self.assertEqual(names, ["vfio-pci", "ahci", "uio_pci_generic"])
        self.assertEqual(self.content(override), "uio_pci_generic\n")
        unbind = self.machine.path("sys/bus/pci/drivers/ahci/unbind")
        os.unlink(unbind)
        os.mkdir(unbind)
        self.physmem("device", "bind", DISK, expect=physmem.FAILED)
        self.assertEqual(self.content(override), "uio_pci_generic\n")

    def test_not_given_back(self):
        kernel = self.kernel(EDU, None)
        unbind = self.machine.path("sys/bus/pci/drivers/vfio-pci/unbind")
        os.unlink(unbind)
        os.mkdir(unbind)
        error = self.json("device", "unbind", EDU, expect=physmem.FAILED)["error"]
        self.assertIn("driver/unbind: Is a directory", error["message"])
        self.assertEqual((self.driver(EDU), [name for name, _ in kernel.seen if name != "driver_override"]),
                         ("vfio-pci", []))

    @physmem.need_root
    def test_not_root(self):
        self.machine.write("proc/swaps", b"")
        done = self.physmem("device", "bind", DISK, user=physmem.NOBODY, expect=physmem.PERMISSION)
        for line in self.LINES.format(DISK).splitlines():
            self.assertIn(line, done.stderr)
        self.assertEqual(self.driver(DISK), "ahci")

    def test_arguments(self):
        for args in ((), ("nonsense",), ("list", EDU), ("list", "--force"), ("list", "--driver", "vfio-pci"),
                     ("bind",), ("unbind",), ("bind", EDU, NIC), ("bind", "--all", EDU),
                     ("bind", "--driver", "e1000", DISK), ("unbind", "--driver", "vfio-pci", EDU), ("-x",)):
            self.physmem("device", *args, expect=physmem.USAGE)
        for name in ("0000:00:06.0", "", "..", "a/b", "0000:00:04.0/../0000:00:04.0", "x" * 300):
            error = self.json("device", "bind", name, expect=physmem.FAILED)["error"]
            self.assertEqual(error["cause"], "not-found", name)

    def test_modprobe_is_not_run_for_a_played_machine(self):
        self.physmem("device", "bind", "-d", "uio_pci_generic", DISK, expect=physmem.FAILED)
        self.assertEqual(self.driver(DISK), "ahci")


class InUse(Device):
    """What stays where it is unless --force says so."""

    def refused(self, name, word, *args):
        before = self.sysfs.everything()
        error = self.json("device", "bind", *args, name, expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "busy")
        self.assertIn(word, error["message"])
        self.assertEqual(self.sysfs.everything(), before)
        self.physmem("device", "bind", "--dry-run", name, expect=physmem.FAILED)
        self.physmem("device", "bind", "--dry-run", "--force", name)

    def free(self, name):
        self.physmem("device", "bind", "--dry-run", name)

    def test_mounted(self):
        self.free(DISK)
        self.sysfs.text("proc/self/mountinfo", MOUNTS)
        self.refused(DISK, "/dev/sda1 is mounted on /")
        self.sysfs.text("proc/self/mountinfo", MOUNTS.replace("8:1", "8:17").replace("sda1", "sdb1"))
        self.free(DISK)
        # btrfs: a number of its own.
        self.sysfs.text("proc/self/mountinfo", MOUNTS.replace("8:1", "0:22").replace("ext4", "btrfs"))
        self.refused(DISK, "/dev/sda1")

    def test_swap(self):
        self.sysfs.text("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1000 0 -2\n")
        self.refused(DISK, "/dev/sda2 is swap")
        self.sysfs.text("proc/swaps", "Filename Type Size Used Priority\n/swapfile file 1000 0 -2\n")
        self.free(DISK)

    def test_mapped(self):
        self.sysfs.link(f"{self.sysfs.real[DISK]}/ata1/host0/block/sda/sda2/holders/dm-0",
                        "sys/devices/virtual/block/dm-0")
        self.refused(DISK, "/dev/sda2 is part of dm-0")

    def test_second_device_of_btrfs(self):
        self.sysfs.link("sys/fs/btrfs/1234/devices/sda2", f"{self.sysfs.real[DISK]}/ata1/host0/block/sda/sda2")
        self.refused(DISK, "btrfs")

    def test_below_a_bridge(self):
        self.sysfs.block("nvme0n1", NVME, "nvme/nvme0/nvme0n1", "259:0")
        self.sysfs.text("proc/self/mountinfo", MOUNTS.replace("8:1", "259:0").replace("sda1", "root"))
        self.refused(NVME, "/dev/nvme0n1")
        self.refused(BRIDGE, "/dev/nvme0n1")
        self.free(DISK)

    def test_nvme_with_several_ways(self):
        """The drive is below its subsystem, not below the device."""
        self.sysfs.link("sys/class/nvme/nvme0", f"{self.sysfs.real[NVME]}/nvme/nvme0")
        subsystem = "sys/devices/virtual/nvme-subsystem/nvme-subsys0"
        self.sysfs.link("sys/class/nvme-subsystem/nvme-subsys0", subsystem)
        self.sysfs.link(f"{subsystem}/nvme0", f"{self.sysfs.real[NVME]}/nvme/nvme0")
        self.sysfs.link("sys/class/block/nvme0n1", f"{subsystem}/nvme0n1")
        self.sysfs.text(f"{subsystem}/nvme0n1/dev", "259:0\n")
        self.free(NVME)
        self.sysfs.text("proc/self/mountinfo", MOUNTS.replace("8:1", "259:0").replace("sda1", "root"))
        self.refused(NVME, "/dev/nvme0n1")
        self.free(DISK)

    def test_network(self):
        self.free(NIC)
        self.sysfs.text("proc/net/route", ROUTE.format("wlan0", "eth0"))
        self.free(NIC)  # not the default one
        self.sysfs.text("proc/net/route", ROUTE.format("eth0", "eth0"))
        self.refused(NIC, "the default route goes through eth0")
        self.free(DISK)

    def test_bridge_of_networks(self):
        self.sysfs.link("sys/class/net/br0/lower_bond0", "sys/class/net/bond0")
        self.sysfs.link("sys/class/net/bond0/lower_eth0", f"{self.sysfs.real[NIC]}/net/eth0")
        self.sysfs.text("proc/net/route", ROUTE.format("br0", "br0"))
        self.refused(NIC, "the default route goes through br0 (eth0)")

    def test_ipv6(self):
        zeros = "0" * 32
        line = f"{zeros} 00 {zeros} 00 fe80{'0' * 28} 00000400 00000001 00000000 00000003 {{:>8}}\n"
        self.sysfs.text("proc/net/ipv6_route", line.format("lo"))
        self.free(NIC)
        self.sysfs.text("proc/net/ipv6_route", line.format("eth0"))
        self.refused(NIC, "eth0")

    @physmem.need_root
    def test_hidden(self):
        """Who may bind must see what uses it; who may not is told what root would type, and what he was not shown."""
        override = self.machine.path(f"{self.sysfs.real[DISK]}/driver_override")
        for hidden in ("proc/self/mountinfo", "proc/swaps", "proc/net/route", "dev/sda", "sys/class/block"):
            path = self.machine.path(hidden)
            if not os.path.exists(path):
                self.sysfs.text(hidden, "")
            mode = os.stat(path).st_mode & 0o777
            os.chmod(path, 0)
            os.chmod(override, 0o666)
            done = self.physmem("device", "bind", DISK, user=physmem.NOBODY, expect=physmem.FAILED)
            self.assertIn("whether something uses it cannot be read", done.stderr, hidden)
            self.physmem("device", "bind", "--dry-run", "--force", DISK, user=physmem.NOBODY)
            os.chmod(override, 0o644)
            done = self.physmem("device", "bind", DISK, user=physmem.NOBODY, expect=physmem.PERMISSION)
            self.assertIn("is not shown to this user", done.stderr, hidden)
            os.chmod(path, mode)
        self.assertEqual(self.driver(DISK), "ahci")

    def test_forced(self):
        self.sysfs.text("proc/self/mountinfo", MOUNTS)
        self.kernel(DISK, "ahci")
        self.physmem("device", "bind", "--force", DISK)
        self.assertEqual(self.driver(DISK), "vfio-pci")


if __name__ == "__main__":
    physmem.main()
