# SPDX-License-Identifier: MIT
"""An engine whose copy fails is stopped before the memory that it was given is freed."""

import os
import struct
import unittest

import physmem

ACTIVE, END, WRITES, ERROR, RESET = 1, 2, 1 << 6, 1 << 8, 1 << 31
START = 1


@unittest.skipIf("fsanitize" in os.environ["CC_COMMAND"], "a sanitizer's library must be the first")
class Engine(physmem.Case):
    def run_engine(self, status, answer, config=""):
        """What was written to the status of the engine, and when the memory was freed."""
        path = self.machine.path("engine")
        done = self.physmem("selftest", "--dma", expect=physmem.FAILED, env={
            "LD_PRELOAD": os.environ["ENGINE_MODULE"], "ENGINE": path, "ENGINE_STATUS": hex(status),
            "ENGINE_ANSWER": hex(answer), "ENGINE_CONFIG": config})
        with open(path, encoding="ascii") as file:
            return done.stderr, [(line.split()[0], int(line.split()[1], 0)) for line in file]

    def test_bcm2835(self):
        """Paused, so that what is on its way arrives, and reset. Then it may be closed."""
        self.machine.write("proc/device-tree/soc/dma@7e007000/brcm,dma-channel-mask", struct.pack(">I", 1 << 4))
        self.machine.write("sys/class/dma/dma0chan0/in_use", b"0\n")
        self.machine.write("sys/class/dma/dma0chan0/device/of_node/compatible", b"brcm,bcm2835-dma\0")
        for channel in (2, 10):
            os.unlink(self.machine.path(f"sys/class/dma/dma0chan{channel}/in_use"))
            os.rmdir(self.machine.path(f"sys/class/dma/dma0chan{channel}"))
        for answer, word in ((ACTIVE, "ETIMEDOUT"), (ACTIVE | ERROR, "EIO")):
            with self.subTest(answer=answer):
                self.machine.write("engine", b"")
                self.machine.poke(0x3f007000, bytes(0x1000))
                said, seen = self.run_engine(0x400, answer)
                self.assertIn(word, said)
                self.assertEqual(seen, [("status", RESET), ("status", ACTIVE), ("status", 0), ("status", RESET),
                                        ("freed", 0), ("status", RESET)])

    def test_edu(self):
        """It cannot be stopped, so it is no bus master any more."""
        folder = "sys/bus/pci/devices/0000:00:04.0"
        for node in ("compatible", "reg", "brcm,dma-channel-mask"):
            os.unlink(self.machine.path(f"proc/device-tree/soc/dma@7e007000/{node}"))
        for name, text in (("vendor", b"0x1234\n"), ("device", b"0x11e8\n"), ("config", bytes(64)),
                           ("resource", b"0x00000000feb00000 0x00000000febfffff 0x0000000000040200\n"),
                           ("resource0", bytes(1 << 20))):
            self.machine.write(f"{folder}/{name}", text)
        said, seen = self.run_engine(0x98, START, self.machine.path(f"{folder}/config"))
        self.assertIn("ETIMEDOUT", said)
        self.assertEqual(seen, [("status", START), ("freed", 2)])


if __name__ == "__main__":
    physmem.main()
