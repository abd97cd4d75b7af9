# SPDX-License-Identifier: MIT
"""physmem selftest, with this machine's real memory."""

import json
import os

import physmem
from physmem import FAILED, NOBODY, PERMISSION, USAGE, Case, need_root, run


def pages_usable():
    """Can this user and kernel give pinned pages with an address?"""
    done = run("info", "--json")
    return any(backend["name"] == "pages" and backend["usable"]
               for backend in json.loads(done.stdout)["backends"])


class Selftest(Case):
    def physmem(self, *args, **kwargs):
        kwargs.setdefault("root", None)
        return super().physmem(*args, **kwargs)

    def privileged(self):
        if not pages_usable():
            self.skipTest("the backend pages is not usable here: see physmem info")

    def test_region_and_copies(self):
        self.privileged()
        document = self.json("selftest")
        region = document["region"]
        self.assertEqual(region["size"], 65536)
        self.assertTrue({"pinned", "contiguous"} <= set(region["attributes"]), region)
        self.assertEqual([piece["size"] for piece in region["pieces"]], [65536])
        self.assertEqual(region["pieces"][0]["phys"], region["phys"])
        self.assertIsNone(document["remark"])
        self.assertTrue(document["passed"])
        sizes = {copy["size"] for copy in document["copies"]}
        self.assertTrue({1, 3, 64, 65536} <= sizes, sizes)
        self.assertIn(7, {copy["hole"] for copy in document["copies"]})

    def test_text(self):
        self.privileged()
        done = self.physmem("selftest", "--size", "8K", "--align", "16K")
        self.assertEqual(done.stderr, "")
        phys = [line.split()[1] for line in done.stdout.splitlines() if "phys" in line]
        self.assertEqual(int(phys[0], 16) % 16384, 0)
        self.assertRegex(done.stdout, r"(?m)^  copies +\d+ passed$")

    def test_one_copy(self):
        self.privileged()
        document = self.json("selftest", "--size", "5000", "--hole", "100")
        self.assertEqual(document["copies"], [{"size": 5000, "hole": 100, "passed": True}])

    def test_master(self):
        self.physmem("selftest", "--master", "/nonesuch", "--no-master", expect=USAGE)
        error = self.json("selftest", "--master", "/nonesuch", root=self.machine.root,
                          expect=FAILED)["error"]
        self.assertEqual(error["cause"], "not-found", error)
        self.privileged()
        self.json("selftest", "--size", "4K", "--no-master")

    def test_limit(self):
        self.privileged()
        error = self.json("selftest", "--below", "4096", expect=FAILED)["error"]
        self.assertIn("below 0xfff", error["message"])  # the last byte that may be used

    @need_root
    def test_ordinary_user(self):
        """The copies run without an address; what root would add is said on stderr."""
        document = self.json("selftest", user=NOBODY)
        self.assertIsNone(document["region"]["phys"])
        self.assertEqual(document["remark"]["cause"], "capability")
        self.assertTrue(document["passed"])
        done = self.physmem("selftest", user=NOBODY)
        self.assertIn("phys           unknown\n", done.stdout)
        self.assertIn("no physical address", done.stderr)

    @need_root
    def test_ordinary_user_who_needs_the_address(self):
        for more in (["--need-address"], ["--align", "64K"], ["--below", "4G"]):
            self.physmem("selftest", *more, user=NOBODY, expect=PERMISSION)

    def test_backends(self):
        self.json("selftest", "--backend", "nonsense", expect=FAILED)

    def test_every_reason(self):
        """Each backend's refusal is an error of its own, as data and as a line."""
        error = self.json("selftest", "--size", "4E", expect=FAILED)["error"]
        backends = [child["backend"] for child in error["children"]]
        self.assertTrue({"dmaheap", "udmabuf", "pages"} <= set(backends), backends)
        self.assertEqual(len(backends), len(set(backends)))
        done = self.physmem("selftest", "--size", "4E", expect=FAILED)
        for child in error["children"]:
            self.assertNotIn("children", child)
            self.assertNotIn(child["cause"], ("none", "unknown"), child)
            path = child["path"] and child["path"] + ": "
            self.assertIn(f"\n  {child['backend']}: {path}{child['message']}\n", done.stderr)
            self.assertIn(child["backend"] + ": ", error["message"])

    def test_one_backend(self):
        error = self.json("selftest", "--size", "4E", "--backend", "pages",
                          expect=FAILED)["error"]
        self.assertEqual(error["backend"], "pages")
        self.assertNotIn("children", error)

    def test_usage(self):
        for args in (("--size", "0"), ("--size", "1x"), ("--size", "-1"), ("--size", ""),
                     ("--size", "2", "--hole", "1"), ("--below", "0"), ("--align", "3"), ("x",),
                     ("--cached", "--uncached")):
            self.physmem("selftest", *args, expect=USAGE)


if __name__ == "__main__":
    os.environ.pop("LIBPMEM_ROOT", None)
    physmem.main()
