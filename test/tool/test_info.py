# SPDX-License-Identifier: MIT
"""physmem info, heaps and gc."""

import os

import physmem


class Info(physmem.Case):
    def test_played_board(self):
        document = self.json("info")
        machine = document["machine"]
        self.assertEqual(machine["model"], "Raspberry Pi 3 Model B")
        self.assertEqual(machine["family"], "bcm2837")
        self.assertEqual(machine["vendor"], "Broadcom")
        self.assertEqual(machine["compatible"], ["raspberrypi,3-model-b", "brcm,bcm2837"])
        self.assertEqual(document["addresses"], {
            "gpio": {"phys": "0x3f200000", "size": "0x000000b4"},
            "peripherals": {"phys": "0x3f000000", "bus": "0x7e000000"}})
        self.assertEqual(document["memory"]["cma_total"], 65536 * 1024)
        self.assertEqual(document["memory"]["transparent_huge_pages"], "madvise")
        self.assertEqual([(pool["size"], pool["total"], pool["free"])
                          for pool in document["memory"]["huge_pages"]],
                         [(65536, 0, 0), (2097152, 4, 3)])
        self.assertEqual(document["access"]["lockdown"], "none")
        self.assertEqual([channel["name"] for channel in document["dma"]["channels"]],
                         ["dma0chan0", "dma0chan2", "dma0chan10"])
        # brcm,dma-channel-mask 0x7f35
        self.assertEqual(document["dma"]["left_by_firmware"], [0, 2, 4, 5, 8, 9, 10, 11, 12, 13, 14])

    def test_every_refusal_is_explained(self):
        backends = self.json("info")["backends"]
        self.assertIn("devmem", [backend["name"] for backend in backends])
        for backend in backends:
            self.assertEqual("error" in backend, not backend["usable"], backend)
            if not backend["usable"]:
                self.assertNotEqual(backend["error"]["message"], "", backend)
                self.assertNotIn(backend["error"]["cause"], ("none", "unknown"), backend)

    def test_same_facts_as_text(self):
        text = self.physmem("info").stdout
        for line in ("  model          Raspberry Pi 3 Model B\n", "  cma total      65536 KiB\n",
                     "  gpio           phys 0x3f200000 size 0x000000b4\n",
                     "  huge 2048K     4 pages, 3 free\n", "  lockdown       none\n"):
            self.assertIn(line, text)

    def test_stable(self):
        first = self.physmem("info", "--stable").stdout
        self.machine.write("proc/meminfo", b"MemTotal: 947732 kB\nCmaTotal: 65536 kB\nCmaFree: 1 kB\n")
        self.machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", b"0\n")
        self.machine.write("sys/class/dma/dma0chan2/in_use", b"1\n")
        self.assertEqual(self.physmem("info", "--stable").stdout, first)
        self.assertNotEqual(self.physmem("info").stdout, first)

    def test_bare_machine(self):
        """Nothing is there: every fact is unknown, and that is no failure."""
        self.play(nodes={}, files={}, memory=False)
        document = self.json("info")
        self.assertIsNone(document["addresses"]["gpio"])
        self.assertIsNone(document["memory"]["cma_total"])
        self.assertIsNone(document["access"]["lockdown"])
        self.assertIsNone(document["firmware"])
        self.assertEqual(document["heaps"], [])
        self.assertIn("  lockdown       unknown", self.physmem("info").stdout)

    def test_no_cma_and_unknown_cma(self):
        self.machine.write("proc/meminfo", b"MemTotal: 947732 kB\n")
        for more in ((), ("--stable",)):
            self.assertEqual(self.json("info", *more)["memory"]["cma_total"], 0)
            self.assertIn("\n  cma            none\n", self.physmem("info", *more).stdout)
        os.unlink(self.machine.path("proc/meminfo"))
        for more in ((), ("--stable",)):
            self.assertIsNone(self.json("info", *more)["memory"]["cma_total"])
            self.assertIn("\n  cma            unknown\n", self.physmem("info", *more).stdout)

    def test_real_machine(self):
        done = self.physmem("info", root=None)
        self.assertEqual(done.stderr, "")

    @physmem.need_root
    def test_ordinary_user(self):
        done = self.physmem("info", root=None, user=physmem.NOBODY)
        self.assertEqual(done.stderr, "")
        self.assertIn("  pagemap        hidden\n    capability: ", done.stdout)

    def test_full_disk(self):
        with open("/dev/full", "w") as full:
            done = physmem.subprocess.run([os.environ["PHYSMEM"], "info"], stdout=full,
                                          stderr=physmem.subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, physmem.FAILED)
        self.assertIn("No space left", done.stderr)

    def test_usage(self):
        self.physmem("info", "more", expect=physmem.USAGE)
        self.physmem("info", "--no-such-option", expect=physmem.USAGE)


class Heaps(physmem.Case):
    NAMES = {"default_cma_region": ("contiguous", True), "linux,cma": ("contiguous", True),
             "linux,cma-uncached": ("contiguous", False), "reserved": ("contiguous", True),
             "vendor-thing": ("unknown", None), "secure-thing": ("secure", None),
             "system": ("scattered", True)}

    def test_classes(self):
        for name in self.NAMES:
            self.machine.write("dev/dma_heap/" + name, b"")
            os.chmod(self.machine.path("dev/dma_heap/" + name), 0o640)
        heaps = self.json("heaps")["heaps"]
        self.assertEqual({heap["name"]: (heap["kind"], heap["cached"]) for heap in heaps},
                         self.NAMES)
        self.assertEqual({heap["name"]: heap["free"] for heap in heaps if heap["free"]},
                         {name: 61440 * 1024
                          for name in ("default_cma_region", "linux,cma", "reserved")})
        for heap in heaps:  # plain files, of which nothing can be allocated
            self.assertIsNone(heap.pop("address"))
            self.assertNotEqual(heap.pop("address_error")["message"], "")
            del heap["free"]
        self.assertEqual({heap["mode"] for heap in heaps}, {"0640"})
        self.assertEqual(len(self.physmem("heaps").stdout.splitlines()), len(self.NAMES))
        self.assertEqual(self.json("info")["heaps"], heaps)

    def test_none(self):
        self.json("heaps", expect=physmem.UNSUPPORTED)
        os.makedirs(self.machine.path("dev/dma_heap"))
        self.physmem("heaps", expect=physmem.UNSUPPORTED)

    @physmem.need_root
    def test_not_allowed(self):
        self.machine.write("dev/dma_heap/system", b"")
        os.chmod(self.machine.path("dev/dma_heap"), 0o700)
        self.physmem("heaps", user=physmem.NOBODY, expect=physmem.PERMISSION)


class Collect(physmem.Case):
    def test_no_firmware(self):
        self.play(nodes={})
        error = self.json("gc", "--dry-run", expect=physmem.UNSUPPORTED)["error"]
        self.assertNotEqual(error["message"], "")

    def test_usage(self):
        self.physmem("gc", "now", expect=physmem.USAGE)


if __name__ == "__main__":
    physmem.main()
