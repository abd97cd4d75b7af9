# SPDX-License-Identifier: MIT
"""Every command's JSON, on success and on failure, against the schema that is installed.

Readers must take keys that they do not know; here none may come that the schema does not have.
"""

import json
import os
import sys

try:
    import jsonschema
except ImportError:  # it is Debian's, so Debian's Python has it
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", "-B", *sys.argv])

import physmem
import registers

SVD = ("--svd", registers.SVD)
SCHEMA = os.path.join(os.environ["SOURCE"], "tools", "schema", "physmem-1.json")


def closed(part):
    """Without any key that is not named."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: closed(value) for key, value in part.items()}
    if made.get("type") == "object":
        made["additionalProperties"] = False
    return made


def strict(schema):
    """The top object takes what every document has and what the command's own part has."""
    head = schema["properties"]
    made = closed(schema)
    made.pop("additionalProperties")

    def with_head(part):
        if "oneOf" in part:
            return {"oneOf": [with_head(one) for one in part["oneOf"]]}
        return {**part, "properties": {**part["properties"], **head}}

    for choice in schema["else"]["oneOf"]:
        name = choice["$ref"].rsplit("/", 1)[1]
        made["$defs"][name] = with_head(made["$defs"][name])
    made["then"] = {"properties": {**head, "error": made["then"]["properties"]["error"]},
                    "additionalProperties": False}
    return made


class Schema(physmem.Case):
    def setUp(self):
        super().setUp()
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(self.schema)
        self.open = jsonschema.Draft202012Validator(self.schema)
        self.strict = jsonschema.Draft202012Validator(strict(self.schema))
        self.machine.write("dev/dma_heap/system", b"")
        self.machine.poke(physmem.played.GPIO, b"\0")
        self.seen = set()

    def validate(self, text):
        document = json.loads(text)
        for validator in (self.open, self.strict):
            best = jsonschema.exceptions.best_match(validator.iter_errors(document))
            self.assertIsNone(best, f"{best}\n{text}")
        return document

    def check(self, *args, root=True, **kwargs):
        done = physmem.run(*args, "--json", root=self.machine.root if root else None, **kwargs)
        self.assertNotEqual(done.returncode, physmem.USAGE, f"{args}: {done.stderr}")
        document = self.validate(done.stdout)
        if "error" not in document:
            self.seen.add(document["command"])
        return document

    def test_every_command(self):
        """On the played machine, on this one, and where nothing works."""
        for root in (True, False):
            self.check("info", root=root)
            self.check("info", "--stable", root=root)
            self.check("heaps", root=root)
            self.check("gc", "--dry-run", root=root)
            self.check("doctor", root=root)
            self.check("doctor", "--container", root=root)
            self.check("map", root=root)
            self.check("ls", root=root)
            self.check("addr", "0x1000", "bus:0x7e200000", "0xfffffffff", root=root)
            self.check("virt2phys", "self", "0x1000", root=root)
            self.check("virt2phys", "999999999", "0x1000", root=root)
            self.check("node", "gpio", root=root)
            self.check("node", "/cpus/cpu@0", root=root)
            self.check("node", "nonsense", root=root)
            self.check("read", "gpio", root=root)
            self.check("write", "--force", "gpio", "1", root=root)
            for args in (("dump", "gpio"), ("dump", *SVD, "GPIO"), ("dump", *SVD, "gpio"), ("watch", "-T", "1", "gpio"),
                         ("poll", "--until", "!3", "gpio:9:8"), ("read", *SVD, "GPIO.GPFSEL1"),
                         ("read", *SVD, "GPIO.GPFSEL1.FSEL1"), ("read", "gpio:3:0"), ("registers", *SVD), ("registers",),
                         ("write", "--dry-run", "--force", *SVD, "GPIO.GPFSEL1.FSEL1", "1"),
                         ("read", "--file", self.machine.path("proc/iomem"), "0")):
                self.check(*args, root=root)
            self.check("selftest", "--size", "4E", root=root)
            self.check("selftest", "--dma", root=root)
        self.check("selftest", root=False)
        self.check("bench", "--time", "1", root=False)
        self.check("alloc", "--scattered", "--no-address", "--dry-run", "4096", root=False)
        self.assertEqual(set(physmem.COMMANDS) - self.seen, self.missing())

    def missing(self):
        """Commands whose success needs what this machine may not have: memory, and firmware."""
        works = physmem.run("selftest", "--size", "4096").returncode == physmem.OK
        heaps = physmem.run("heaps").returncode == physmem.OK
        firmware = physmem.run("gc", "--dry-run").returncode == physmem.OK
        return ({"selftest", "bench", "alloc"} if not works else set()) | \
            (set() if heaps or "heaps" in self.seen else {"heaps"}) | (set() if firmware else {"gc"})

    def test_ordinary_user(self):
        if os.geteuid():
            self.skipTest("only root can become another user")
        for args in (("info",), ("doctor",), ("map",), ("ls",), ("selftest",), ("bench", "--time", "1"),
                     ("alloc", "--dry-run", "64K")):
            self.check(*args, root=False, user=physmem.NOBODY)

    def test_each_command_has_its_part(self):
        parts = {choice["$ref"].rsplit("/", 1)[1] for choice in self.schema["else"]["oneOf"]}
        self.assertEqual(parts, set(physmem.COMMANDS))

    def test_it_can_fail(self):
        """A schema that takes everything would be none."""
        document = self.check("addr", "0x1000")
        for wrong in ({**document, "schema": "physmem/2"}, {**document, "addresses": [{"phys": 4096}]},
                      {key: value for key, value in document.items() if key != "master"},
                      {**document, "command": "map"}):
            self.assertTrue(list(self.open.iter_errors(wrong)), wrong)
        more = {**document, "unheard": 1}
        self.assertFalse(list(self.open.iter_errors(more)))
        self.assertTrue(list(self.strict.iter_errors(more)))


if __name__ == "__main__":
    physmem.main()
