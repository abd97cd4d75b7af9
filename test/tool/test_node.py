# SPDX-License-Identifier: MIT
"""physmem node on a played device tree."""

import os

import physmem


class Node(physmem.Case):
    def test_by_every_name(self):
        for name in ("/soc/gpio@7e200000", "gpio", "brcm,bcm2835-gpio"):
            done = self.physmem("node", name)
            self.assertEqual(done.stdout, "/soc/gpio@7e200000\n"
                             "  available      yes\n"
                             "  reg 0          phys 0x3f200000 size 0x000000b4 bus 0x7e200000\n")
            self.assertEqual(done.stderr, "")

    def test_label(self):
        document = self.json("node", "&uart1")
        self.assertEqual(document["nodes"], [{
            "path": "/soc/serial@7e215040", "available": False,
            "reg": [{"index": 0, "phys": "0x3f215040", "size": "0x00000040",
                     "bus": "0x7e215040"}]}])

    def test_every_entry_and_one(self):
        reg = self.json("node", "brcm,bcm2835-hdmi")["nodes"][0]["reg"]
        self.assertEqual([entry["phys"] for entry in reg], ["0x3f902000", "0x3f808000"])
        reg = self.json("node", "brcm,bcm2835-hdmi", "1")["nodes"][0]["reg"]
        self.assertEqual([entry["index"] for entry in reg], [1])
        self.physmem("node", "brcm,bcm2835-hdmi", "2", expect=physmem.FAILED)

    def test_all_matches(self):
        paths = [node["path"] for node in self.json("node", "--all", "brcm,bcm2835-i2c")["nodes"]]
        self.assertEqual(sorted(paths), ["/soc/i2c@7e205000", "/soc/i2c@7e804000"])
        self.assertEqual(len(self.json("node", "brcm,bcm2835-i2c")["nodes"]), 1)

    def test_a_number_that_is_no_address(self):
        entry = self.json("node", "/cpus/cpu@0")["nodes"][0]["reg"][0]
        self.assertIsNone(entry["phys"])
        self.assertEqual(entry["error"]["cause"], "device-tree")

    def test_a_pci_device_without_address(self):
        """The entry of the configuration space is no address: it says so, and what to do."""
        cells, strings = physmem.played.cells, physmem.played.strings
        host = {"compatible": strings("brcm,bcm2711-pcie"), "device_type": strings("pci"),
                "#address-cells": cells(3), "#size-cells": cells(2), "reg": cells(0x7d500000, 0x9310),
                "ranges": cells(0x02000000, 0, 0xf8000000, 0x3f800000, 0, 0x4000000)}
        self.play(nodes={**physmem.played.NODES, "soc/pcie@7d500000": host,
                         "soc/pcie@7d500000/usb@1,0": {"reg": cells(0x10000, 0, 0, 0, 0)}})
        node = self.json("node", "/soc/pcie@7d500000/usb@1,0")["nodes"][0]
        self.assertEqual(node["reg"], [])
        self.assertIn("PCI", node["reg_error"]["message"])
        self.assertNotIn("reg_error", self.json("node", "/cpus")["nodes"][0])
        os.rename(self.machine.path("proc/device-tree"), self.machine.path("tree"))
        other = self.json("node", "/soc/pcie@7d500000/usb@1,0", env={
            "LIBPMEM_DEVICE_TREE": self.machine.path("tree")})["nodes"][0]
        self.assertEqual(other["reg_error"]["message"], node["reg_error"]["message"])
        os.rename(self.machine.path("tree"), self.machine.path("proc/device-tree"))
        out = self.physmem("node", "/soc/pcie@7d500000/usb@1,0").stdout
        self.assertIn("PCI", out)
        self.assertIn("pci:", out)

    def test_unknown(self):
        error = self.json("node", "/soc/none@0", expect=physmem.FAILED)["error"]
        self.assertEqual(error["cause"], "not-found")

    def test_no_tree(self):
        self.play(nodes={})
        self.physmem("node", "gpio", expect=physmem.UNSUPPORTED)

    def test_usage(self):
        for args in ((), ("a", "b"), ("a", "1", "2"), ("a", "256"), ("--nonsense", "a")):
            self.physmem("node", *args, expect=physmem.USAGE)


if __name__ == "__main__":
    physmem.main()
