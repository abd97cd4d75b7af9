# SPDX-License-Identifier: MIT
"""physmem virt2phys, addr, alloc, ls, bench and selftest --dma."""

import json
import mmap
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import time

import physmem

PRESENT, SWAPPED = 1 << 63, 1 << 62
PAGE = mmap.PAGESIZE
PHYSMEM = os.environ["PHYSMEM"]

def maps_line(first, end, name="", flags="rd wr", perms="rw-p"):
    return (f"{first:x}-{end:x} {perms} 00000000 00:00 9   {name}\n"
            f"Size: 4 kB\nVmFlags: {flags} \n").encode()


class Played(physmem.Case):
    """A process made of files: every state that a page can have."""

    START = 0x7f0000000000

    def process(self, smaps, entries, pid=77):
        self.machine.write(f"proc/{pid}/smaps", smaps)
        self.machine.write(f"proc/{pid}/comm", b"capture\n")
        os.makedirs(self.machine.path(f"proc/{pid}/fd"), exist_ok=True)
        self.machine.write(f"proc/{pid}/pagemap", b"")
        with open(self.machine.path(f"proc/{pid}/pagemap"), "r+b") as file:
            file.seek(self.START // PAGE * 8)
            file.write(struct.pack(f"<{len(entries)}Q", *entries))

    def runs(self, address, length, **kwargs):
        document = self.json("virt2phys", "77", hex(address), str(length), **kwargs)
        return [(run["state"], run["phys"], run["size"], run["pin"]) for run in document["runs"]], document

    def test_states(self):
        s = self.START
        self.process(maps_line(s, s + 6 * PAGE) + maps_line(s + 8 * PAGE, s + 9 * PAGE, "/dev/mem", "rd wr pf io"),
                     [PRESENT | 5, PRESENT | 6, PRESENT | 9, SWAPPED | 3, 0, PRESENT | 10, 0, 0, 0])
        runs, document = self.runs(s + 16, 9 * PAGE)
        self.assertEqual(runs, [("present", "0x00005010", 2 * PAGE - 16, "none"),
                                ("present", "0x00009000", PAGE, "none"), ("swapped", None, PAGE, "none"),
                                ("absent", None, PAGE, "none"), ("present", "0x0000a000", PAGE, "none"),
                                ("hole", None, 2 * PAGE, "none"), ("device", None, PAGE, "pinned"),
                                ("hole", None, 16, "none")])
        self.assertEqual((document["contiguous"], document["pin"]), (False, "none"))

    def test_contiguous_over_mappings(self):
        s = self.START
        self.process(maps_line(s, s + PAGE) + maps_line(s + PAGE, s + 2 * PAGE, "", "rd lo"),
                     [PRESENT | 5, PRESENT | 6])
        runs, document = self.runs(s, 2 * PAGE)
        self.assertEqual(runs, [("present", "0x00005000", PAGE, "none"), ("present", "0x00006000", PAGE, "hint")])
        self.assertEqual((document["contiguous"], document["pin"]), (True, "none"))

    def test_pins(self):
        s = self.START
        for name, flags, pin in (("/dmabuf:frame", "rd", "pinned"), ("anon_inode:[io_uring]", "rd", "pinned"),
                                 ("socket:[5]", "rd", "pinned"), ("/anon_hugepage", "rd ht", "stable"),
                                 ("", "rd lo", "hint"), ("/lib/x.so", "rd", "none")):
            self.process(maps_line(s, s + PAGE, name, flags), [PRESENT | 5])
            self.assertEqual(self.runs(s, PAGE)[1]["pin"], pin, name)

    def test_registered_buffer(self):
        """Older kernels show in fdinfo what io_uring keeps in place."""
        s = self.START
        self.process(maps_line(s, s + 4 * PAGE), [PRESENT | 5, PRESENT | 6, PRESENT | 7, PRESENT | 8])
        os.symlink("anon_inode:[io_uring]", self.machine.path("proc/77/fd/4"))
        self.machine.write("proc/77/fdinfo/4", f"SqMask:\t0x0\nUserBufs:\t1\n    0: {s + PAGE:#x}/{2 * PAGE}\n"
                           .encode())
        runs, _ = self.runs(s, 4 * PAGE)
        self.assertEqual([(run[1], run[3]) for run in runs], [("0x00005000", "none"), ("0x00006000", "pinned"),
                                                              ("0x00008000", "none")])
        pinned = self.json("ls")["pinned"]
        self.assertEqual([(entry["virt"], entry["size"], entry["by"], entry["places"]) for entry in pinned],
                         [(hex(s + PAGE), 2 * PAGE, "io_uring", [{"phys": "0x00006000", "size": 2 * PAGE}])])

    def test_hidden_is_never_zero(self):
        """The kernel gives 0 for a frame to those who may not know: that is no address."""
        s = self.START
        self.process(maps_line(s, s + PAGE), [PRESENT])
        done = self.physmem("virt2phys", "77", hex(s), expect=physmem.PERMISSION)
        self.assertRegex(done.stdout, r"(?m)^0x7f0000000000 unknown +1 unknown +none$")
        self.assertIn("needs CAP_SYS_ADMIN", done.stderr)
        self.assertNotRegex(done.stdout, r"0x0+\b")
        runs, document = self.runs(s, PAGE, expect=physmem.PERMISSION)
        self.assertEqual((runs, document["contiguous"]), ([("unknown", None, PAGE, "none")], None))

    def test_nothing_there(self):
        self.process(b"", [])
        self.assertEqual(self.runs(0, 100)[0], [("hole", None, 100, "none")])
        self.physmem("virt2phys", "78", "0", expect=physmem.FAILED)


class Real(physmem.Case):
    def holder(self, user=None):
        """A process of that user's, and its stack: (pid, first address, bytes)."""
        other = {"user": user, "group": user, "extra_groups": []} if user else {}
        process = subprocess.Popen(["sh", "-c", "echo; read line"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, **other)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        process.stdout.readline()
        with open(f"/proc/{process.pid}/maps", encoding="ascii") as file:
            line = next(line for line in file if "[stack]" in line)
        first, end = (int(number, 16) for number in line.split()[0].split("-"))
        return process.pid, first, end - first

    def entry(self, pid, address):
        with open(f"/proc/{pid}/pagemap", "rb") as file:
            file.seek(address // PAGE * 8)
            return struct.unpack("<Q", file.read(8))[0]

    def test_as_root_and_as_user(self):
        """Scenario 15 for real: the kernel's own table is the judge."""
        user = physmem.NOBODY if os.geteuid() == 0 else None
        pid, first, length = self.holder(user)
        done = physmem.run("virt2phys", str(pid), hex(first), str(length), "--json")
        runs = json.loads(done.stdout)["runs"]
        self.assertEqual(sum(run["size"] for run in runs), length)
        if done.returncode == physmem.OK:
            present = [run for run in runs if run["state"] == "present"]
            self.assertGreater(len(present), 0)
            for run in present:
                self.assertEqual(int(run["phys"], 16) // PAGE,
                                 self.entry(pid, int(run["virt"], 16)) & ((1 << 55) - 1))
        if user:
            done = self.physmem("virt2phys", str(pid), hex(first), str(length), root=None, user=user,
                                expect=physmem.PERMISSION)
            self.assertIn("needs CAP_SYS_ADMIN", done.stderr)
            self.assertIn("unknown", done.stdout)
            pid, first, length = self.holder()
            done = self.physmem("virt2phys", str(pid), hex(first), root=None, user=user,
                                expect=physmem.PERMISSION)
            self.assertIn("another user's", done.stderr)

    def test_other_ends(self):
        self.assertEqual(physmem.run("virt2phys", "999999999", "0").returncode, physmem.FAILED)
        for address in ("0xffffffffffff0000", "0xffff800000000000"):
            done = physmem.run("virt2phys", "self", address, "4096")
            self.assertEqual(done.returncode, physmem.OK, done.stderr)
            self.assertIn("hole", done.stdout)

    def test_kernel_thread(self):
        if os.geteuid() or not os.path.exists("/proc/2/pagemap"):
            self.skipTest("only root may look at those, and here is none")
        done = self.physmem("virt2phys", "2", "0x1000", root=None, expect=physmem.FAILED)
        self.assertIn("has no memory", done.stderr)
        self.assertEqual(done.stdout, "")


class Addresses(physmem.Case):
    def test_both_ways(self):
        found = self.json("addr", "dma:0x7e200000", "0x1000", "dma:0xc0001000")["addresses"]
        self.assertEqual([(entry["phys"], entry["bus"]) for entry in found],
                         [("0x3f200000", "0x7e200000"), ("0x00001000", "0xc0001000"), ("0x00001000", "0xc0001000")])
        self.assertEqual([entry["owner"] for entry in found], ["gpio@7e200000", "System RAM", "System RAM"])

    def test_datasheet(self):
        """By the device's own bus, also where the DMA master does not see it."""
        cells = physmem.played.cells
        nodes = {name: dict(properties) for name, properties in physmem.played.NODES.items()}
        nodes["soc"]["dma-ranges"] = cells(0xc0000000, 0, 0x3f000000)
        nodes["memory@0"] = {"reg": cells(0, 0xc0000000)}  # not what a datasheet means
        self.play(nodes=nodes)
        found = self.json("addr", "bus:0x7e200034", "bus:0x7e808010", "bus:0x7e20c000", "bus:0xc0001000")["addresses"]
        self.assertEqual([(entry["phys"], entry["bus"], entry["node"]) for entry in found],
                         [("0x3f200034", None, "/soc/gpio@7e200000"), ("0x3f808010", None, "/soc/hdmi@7e902000"),
                          ("0x3f20c000", None, None),  # a board's tree need not have it
                          ("0x00001000", "0xc0001000", None)])
        self.physmem("addr", "dma:0x7e200034", expect=physmem.FAILED)
        self.physmem("addr", "0x3f200034", expect=physmem.FAILED)
        self.physmem("addr", "bus:0x12345678", expect=physmem.FAILED)

    def test_bus_that_changes_nothing(self):
        """As on most SoCs: a device says that its bus is meant. The CPU's own address is none of a changing bus."""
        self.physmem("addr", "bus:0x3f200034", expect=physmem.FAILED)
        nodes = {name: dict(properties) for name, properties in physmem.played.NODES.items()}
        nodes["soc"]["ranges"] = b""
        nodes["soc"]["dma-ranges"] = physmem.played.cells(0xc0000000, 0, 0x3f000000)
        self.play(nodes=nodes)
        found = self.json("addr", "bus:0x7e200034")["addresses"][0]
        self.assertEqual((found["phys"], found["node"]), ("0x7e200034", "/soc/gpio@7e200000"))
        self.physmem("addr", "bus:0x7e20c000", expect=physmem.FAILED)

    def test_two_buses(self):
        """They have that address at different places: no guess; what one of them has is still told."""
        cells = physmem.played.cells
        scb = {"#address-cells": cells(1), "#size-cells": cells(1), "ranges": cells(0x7e200000, 0x10000000, 0x1000)}
        self.play(nodes={**physmem.played.NODES, "scb": scb})
        for space in ((), ("--json",)):
            done = self.physmem("addr", *space, "bus:0x7e200034", "bus:0x7e201000", expect=physmem.FAILED)
            self.assertIn("/scb and /soc have 0x7e200034 at different places", done.stderr)
        first, second = json.loads(done.stdout)["addresses"]
        self.assertEqual((first["phys"], first["error"]["cause"]), (None, "ambiguous"))
        self.assertEqual((second["phys"], second["node"]), ("0x3f201000", "/soc/serial@7e201000"))

    def test_not_seen(self):
        document = self.json("addr", "0xfffffffff", expect=physmem.FAILED)
        self.assertIsNone(document["addresses"][0]["bus"])
        self.assertEqual(document["addresses"][0]["error"]["cause"], "outside-window")
        done = self.physmem("addr", "0xfffffffff", "0x1000", expect=physmem.FAILED)
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_master(self):
        self.assertEqual(self.json("addr", "--master", "serial0", "0x1000")["master"], "serial0")
        self.physmem("addr", "--master", "nonsense", "0x1000", expect=physmem.FAILED)


class Lent(physmem.Case):
    def setUp(self):
        if physmem.run("alloc", "--dry-run", "--scattered", "--no-address", "64K").returncode:
            self.skipTest("no memory can be kept in place here")

    def lend(self, *args, **kwargs):
        return physmem.run("alloc", *args, **kwargs)

    def test_environment_and_descriptor(self):
        """The command maps the descriptor that it got, and finds the size that was asked for."""
        code = ("import mmap, os\n"
                "fd = int(os.environ['LIBPMEM_REGION_FD'])\n"
                "m = mmap.mmap(fd, int(os.environ['LIBPMEM_REGION_SIZE']))\n"
                "m[5] = 7\n"
                "print(os.environ['LIBPMEM_REGION_KIND'], len(m), os.fstat(fd).st_size, m[5])\n")
        done = self.lend("--scattered", "--no-address", "64K", "--", sys.executable, "-c", code)
        self.assertEqual(done.returncode, 0, done.stderr)
        kind, length, size, byte = done.stdout.split()
        self.assertIn(kind, ("dmabuf", "memfd"))
        self.assertEqual((length, size, byte), ("65536", "65536", "7"))

    def test_addresses(self):
        done = self.lend("--scattered", "64K", "--", "env")
        if done.returncode == physmem.PERMISSION:
            self.skipTest("this user may not know addresses")
        pieces = re.search(r"(?m)^LIBPMEM_REGION_PIECES=(.*)$", done.stdout).group(1).split()
        self.assertEqual(sum(int(piece.split("+")[1], 16) for piece in pieces), 65536)
        self.assertEqual("LIBPMEM_REGION_PHYS=" in done.stdout, len(pieces) == 1)

    def test_stays_where_it_is(self):
        """The command itself is in the place that its environment tells."""
        code = ("import ctypes, mmap, os, subprocess\n"
                "m = mmap.mmap(int(os.environ['LIBPMEM_REGION_FD']), 4096)\n"
                "m[0] = 1\n"
                "at = ctypes.addressof(ctypes.c_char.from_buffer(m))\n"
                "print(os.environ['LIBPMEM_REGION_PHYS'], flush=True)\n"
                f"subprocess.run([{PHYSMEM!r}, 'virt2phys', str(os.getpid()), hex(at), '4096'])\n")
        if mmap.PAGESIZE != 4096:
            self.skipTest("of one page")
        done = self.lend("4096", "--", sys.executable, "-c", code)
        if done.returncode == physmem.PERMISSION:
            self.skipTest("this user may not know addresses")
        phys, *rest = done.stdout.split("\n")
        self.assertIn(phys, "\n".join(rest))

    def test_exit_codes(self):
        for command, code in ((("true",), 0), (("sh", "-c", "exit 7"), 7), (("sh", "-c", "kill -9 $$"), 137),
                              (("/nonexistent/command",), 127), (("/etc/passwd",), 126)):
            done = self.lend("--scattered", "--no-address", "4096", "--", *command)
            self.assertEqual(done.returncode, code, (command, done.stderr))
            self.assertEqual(bool(done.stderr.strip()), code in (126, 127), done.stderr)

    def start(self, *command):
        process = subprocess.Popen([PHYSMEM, "alloc", "--scattered", "--no-address", "4096", "--", *command],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        return process, int(process.stdout.readline())

    def test_signals(self):
        """SIGTERM reaches the command; when physmem is killed, it is told."""
        process, child = self.start("sh", "-c", "trap 'exit 9' TERM; echo $$; while :; do sleep 0.05; done")
        process.terminate()
        self.assertEqual(process.wait(timeout=20), 9)
        process, child = self.start("sh", "-c", "echo $$; exec sleep 100")
        process.kill()
        process.wait()
        for _ in range(100):
            try:
                with open(f"/proc/{child}/stat", encoding="ascii") as file:
                    if file.read().split()[2] == "Z":
                        return
            except FileNotFoundError:
                return
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        self.fail("the command goes on without its memory")

    def test_options_are_those_of_selftest(self):
        """Each says the same to both: which memory is wanted, or why there is none."""
        for options in ("--backend nonsense", "-b pages", "--heap nonsense", "--align 3", "--align 8K", "--align x",
                        "--below 4096", "--below 0", "-l x", "--master nonsense", "--no-master",
                        "--master x --no-master", "--scattered", "--cached", "--uncached --need-address", "--dmabuf",
                        "--may-move", "--no-address", "--cached --uncached"):
            with self.subTest(options=options):
                alloc = self.lend("--dry-run", *options.replace("--need-address", "").split(), "4096")
                test = physmem.run("selftest", "--size", "4096", *options.split())
                self.assertEqual(alloc.returncode, test.returncode, (alloc, test))
                if alloc.returncode:
                    self.assertEqual(alloc.stderr.splitlines()[0], test.stderr.splitlines()[0])

    def test_reached_by_the_master(self):
        """Pages that are only looked at, too: the engine of this board sees the first one of memory, which nobody gets."""
        nodes = {name: dict(properties) for name, properties in physmem.played.NODES.items()}
        nodes["soc"]["dma-ranges"] = physmem.played.cells(0xc0000000, 0, 0x1000)
        self.play(nodes=nodes)
        env = {"LIBPMEM_DEVICE_TREE": self.machine.path("proc/device-tree")}
        if physmem.run("alloc", "--dry-run", "4096").returncode:
            self.skipTest("this user may not know addresses")
        for more in ((), ("--scattered",), ("--master", "serial0")):
            self.assertEqual(self.lend("--dry-run", *more, "4096", env=env).returncode, physmem.FAILED, more)
        for more in ("--no-master", "--no-address"):
            self.assertEqual(self.lend("--dry-run", more, "4096", env=env).returncode, 0, more)

    def test_json_comes_first(self):
        done = self.lend("--scattered", "--no-address", "--json", "4096", "--", "echo", "after")
        document, end = json.JSONDecoder().raw_decode(done.stdout)
        self.assertEqual(document["command"], "alloc")
        self.assertEqual(done.stdout[end:].strip(), "after")

    def test_dry_run(self):
        done = self.lend("--scattered", "--no-address", "--dry-run", "4096", "--", "echo", "never")
        self.assertNotIn("never", done.stdout)
        self.assertIn("descriptor", done.stdout)


class Held(physmem.Case):
    def test_dmabufs(self):
        """By descriptors and by mappings; two processes share one."""
        fdinfo = b"pos:\t0\nflags:\t02\nino:\t7\nsize:\t4096\ncount:\t3\nexp_name:\tsystem\nname:\tframe\x1b[2J\n"
        for pid, fds in ((10, (3, 4)), (11, (5,))):
            self.machine.write(f"proc/{pid}/comm", b"camera\n" if pid == 10 else b"display\n")
            self.machine.write(f"proc/{pid}/maps", b"7f0000000000-7f0000001000 rw-s 0 00:0c 7   /dmabuf:frame\n"
                               if pid == 11 else b"")
            os.makedirs(self.machine.path(f"proc/{pid}/fd"))
            for fd in fds:
                os.symlink("/dmabuf:frame", self.machine.path(f"proc/{pid}/fd/{fd}"))
                self.machine.write(f"proc/{pid}/fdinfo/{fd}", fdinfo)
        self.machine.write("sys/kernel/debug/dma_buf/bufinfo",
                           b"\nDma-buf Objects:\nsize\tflags\n00008192\t00000002\t00080005\t00000001\tcma\t00000008\tx\n")
        found = self.json("ls")["buffers"]
        self.assertEqual([(buffer["inode"], buffer["size"], buffer["exporter"]) for buffer in found],
                         [(7, 4096, "system"), (8, 8192, "cma")])
        self.assertEqual([(h["pid"], h["command"], h["descriptors"], h["mapped"]) for h in found[0]["holders"]],
                         [("10", "camera", 2, 0), ("11", "display", 1, 4096)])
        text = self.physmem("ls").stdout
        self.assertNotIn("\x1b", text)
        self.assertIn("held by the kernel", text)

    def test_journals(self):
        self.machine.write("run/libpmem/77-0badcafe.journal", b"")
        self.machine.write("run/libpmem/78-0badcafe.journal", b"")
        self.machine.write("proc/78/comm", b"x\n")
        journals = self.json("ls")["journals"]
        self.assertEqual([(journal["pid"], journal["alive"]) for journal in journals], [(77, False), (78, True)])
        self.assertRegex(self.physmem("ls").stdout, r"journal 77 .*dead: physmem gc")

    def test_unseen(self):
        """Processes of others are counted, not passed over in silence."""
        if os.geteuid():
            self.skipTest("only root can become another user")
        self.machine.write("proc/10/comm", b"x\n")
        os.makedirs(self.machine.path("proc/10/fd"))
        os.chmod(self.machine.path("proc/10/fd"), 0o700)
        done = self.physmem("ls", user=physmem.NOBODY)
        self.assertIn("1 processes of other users", done.stderr)

    def test_real(self):
        """What this library keeps in place is found at the address that it told."""
        done = physmem.run("alloc", "64K", "--", PHYSMEM, "ls", "--json")
        if done.returncode == physmem.PERMISSION or '"phys"' not in done.stdout:
            self.skipTest("this user may not know addresses, or nothing is pinned by io_uring here")
        self.assertTrue(any(entry["command"] == "physmem" and entry["places"]
                            for entry in json.loads(done.stdout)["pinned"]), done.stdout)


class Measured(physmem.Case):
    def test_bench(self):
        if physmem.run("selftest", "--size", "4096").returncode:
            self.skipTest("no memory can be kept in place here")
        document = json.loads(physmem.run("bench", "--time", "20", "--json").stdout)
        results = {result["name"]: result for result in document["results"]}
        self.assertIn("object-of-256", results)
        for name in ("region-of-4K", "object-of-256"):
            self.assertGreater(results[name]["picoseconds"], 0, name)
        if document["addresses"]:
            self.assertGreater(results["address-of-object"]["ratio_percent"], 0)
        self.assertRegex(physmem.run("bench", "--time", "5").stdout, r"(?m)^object-of-256 +[\d.]+ ns ")

    def test_progress(self):
        """On a terminal, and only of what takes longer than a second; the word is taken away at the end."""
        if physmem.run("selftest", "--size", "4096").returncode:
            self.skipTest("no memory can be kept in place here")
        terminal, side = pty.openpty()
        process = subprocess.Popen([PHYSMEM, "bench", "--time", "2500"], stdout=subprocess.DEVNULL, stderr=side)
        os.close(side)
        # Beside it, one whose stderr is no terminal.
        silent = subprocess.Popen([PHYSMEM, "bench", "--time", "2500"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        self.addCleanup(silent.stderr.close)
        said, end = b"", time.monotonic() + 20
        while b"\r\033[K" not in said and time.monotonic() < end and select.select([terminal], [], [], 20)[0]:
            said += os.read(terminal, 4096)
        for one in (process, silent):
            one.kill()
            one.wait()
        os.close(terminal)
        self.assertEqual(silent.stderr.read(), b"")
        self.assertTrue(said.startswith(b"\rmeasuring\033[K"), said)
        self.assertIn(b"\r\033[K", said)
        self.assertEqual(physmem.run("bench", "--time", "1").stderr, "")

    def test_dma_without_an_engine(self):
        done = self.physmem("selftest", "--dma", root=None, expect=physmem.UNSUPPORTED)
        self.assertIn("skipped: there is no DMA engine here", done.stderr)
        self.assertEqual(done.stdout, "")

    def engine(self, in_use=(0, 0), mask=0x30, **registers):
        """A played Pi whose kernel has the channels of that mask, two, with so many clients of each."""
        self.play()
        self.machine.write("proc/device-tree/soc/dma@7e007000/brcm,dma-channel-mask", struct.pack(">I", mask))
        for channel in (0, 2, 10):
            shutil.rmtree(self.machine.path(f"sys/class/dma/dma0chan{channel}"))
        for channel, clients in enumerate(in_use):
            self.machine.write(f"sys/class/dma/dma0chan{channel}/in_use", f"{clients}\n".encode())
            self.machine.write(f"sys/class/dma/dma0chan{channel}/device/of_node/compatible", b"brcm,bcm2835-dma\0")
        for name, value in registers.items():  # "cs4" of channel 4, "block5" of channel 5
            offset = int(name[-1]) * 0x100 + (0 if name.startswith("cs") else 4)
            self.machine.poke(0x3f007000 + offset, struct.pack("<I", value))
        before = self.machine.peek(0x3f007000, 0x1000)
        done = physmem.run("selftest", "--dma", root=self.machine.root)
        # Nobody has memory for DMA on a played machine, so not a byte was written, whatever was found.
        self.assertEqual(self.machine.peek(0x3f007000, 0x1000), before)
        self.assertEqual(done.stdout, "")
        return done

    def test_dma_without_a_safe_channel(self):
        for case in ({"in_use": (1, 1)}, {"in_use": (0, 1), "cs4": 1}, {"block4": 0x1000, "in_use": (0, 2)},
                     {"cs4": 1, "block5": 32}, {"mask": 0x5}, {"mask": 0x9}, {"mask": 0x1800}, {"in_use": (0,)}):
            with self.subTest(case=case):
                done = self.engine(**case)
                self.assertEqual(done.returncode, physmem.UNSUPPORTED)
                self.assertIn("skipped: no safe channel", done.stderr)

    def test_dma_with_a_safe_channel(self):
        """It goes on to the memory that the engine would need."""
        for case in ({}, {"in_use": (1, 0)}, {"cs4": 1}, {"block5": 32}, {"mask": 0x600}):
            with self.subTest(case=case):
                done = self.engine(**case)
                self.assertIn("control block", done.stderr)
                self.assertNotIn("skipped", done.stderr)


if __name__ == "__main__":
    physmem.main()
