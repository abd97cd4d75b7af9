# SPDX-License-Identifier: MIT
"""Exit status 5: with a library whose registers and copies are broken (broken.c)."""

import os

import physmem

# The sanitizer's runtime is not the first library then, which is as it should be here.
BROKEN = {"LD_PRELOAD": os.environ["BROKEN"],
          "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}


class Mismatch(physmem.Case):
    def test_register(self):
        self.machine.poke(physmem.played.GPIO, physmem.played.FILL)
        args = ("write", "--force", "--verify", "gpio+4", "0x1234")
        error = self.json(*args, env=BROKEN, expect=physmem.MISMATCH)["error"]
        self.assertIn("0x3f200004 reads 0x07060504 after 0x00001234 was written",
                      error["message"])
        self.physmem("write", "--force", "gpio+4", "0x1234", env=BROKEN)

    def test_copy(self):
        error = self.json("selftest", root=None, env=BROKEN, expect=physmem.MISMATCH)["error"]
        self.assertEqual(error["cause"], "mismatch")
        self.physmem("selftest", root=None)


if __name__ == "__main__":
    physmem.main()
