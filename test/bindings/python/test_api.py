# SPDX-License-Identifier: MIT
"""The binding has every function, structure and number of api.json, as it is there; and each function
is reached through the binding's own classes."""

import ctypes
import re
import unittest

import bound
from bound import API, libpmem
from libpmem import _library as native

SCALARS = {"int": ctypes.c_int, "uint8_t": ctypes.c_uint8, "uint16_t": ctypes.c_uint16,
           "uint32_t": ctypes.c_uint32, "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t}
STRUCTS = {"pmem_alloc_opts": native.AllocOpts, "pmem_firmware_opts": native.FirmwareOpts,
           "pmem_extent": libpmem.Extent, "pmem_pool_opts": native.PoolOpts,
           "pmem_pool_counts": libpmem.PoolStats, "pmem_device_opts": native.DeviceOpts}
CALLBACKS = {"pmem_log_fn": native.LogFn, "pmem_selftest_alloc_fn": native.AllocFn,
             "pmem_selftest_copy_fn": native.CopyFn}
HANDLES = {one["name"] for one in API["handles"]}


def expected(text):
    """The type of ctypes for a type of C."""
    stars = text.count("*")
    name = re.sub(r"\b(const|volatile|struct)\b|\*", "", text).strip()
    if name in CALLBACKS and stars == 1:
        return CALLBACKS[name]
    if name == "char":
        return ctypes.c_char_p
    if name == "void":
        return ctypes.c_void_p if stars else None
    if name in HANDLES:
        return ctypes.c_void_p if stars == 1 else ctypes.POINTER(ctypes.c_void_p)
    base = {**SCALARS, **STRUCTS}[name]
    return ctypes.POINTER(base) if stars else base


def plain(kind):
    """Without the check of the range."""
    return kind.__mro__[1] if kind and kind.__name__.startswith("checked_") else kind


def differences(api, library):
    """Sentences about functions that the binding lacks or declares otherwise."""
    for one in api["functions"]:
        function = vars(library).get(one["name"])
        if function is None:
            yield f"{one['name']} is missing"
            continue
        takes = [expected(p["type"]) for p in one["parameters"]]
        if [plain(kind) for kind in function.argtypes] != takes:
            yield f"{one['name']} takes {function.argtypes}, not {takes}"
        if function.restype != expected(one["returns"]["type"]):
            yield f"{one['name']} returns {function.restype}"


class Api(unittest.TestCase):
    def test_functions(self):
        self.assertGreater(len(API["functions"]), 100)
        self.assertEqual(list(differences(API, native.lib)), [])
        declared = {name for name in vars(native.lib) if name.startswith("pmem_")}
        self.assertEqual(declared - {one["name"] for one in API["functions"]}, set())

    def test_a_lack_is_seen(self):
        more = {"name": "pmem_later", "parameters": [], "returns": {"type": "int"}}
        wide = {"name": "pmem_version_number", "parameters": [], "returns": {"type": "uint64_t"}}
        odd = {"name": "pmem_io_mb", "returns": {"type": "void"},
               "parameters": [{"type": "uint32_t"}]}
        found = list(differences({"functions": [more, wide, odd]}, native.lib))
        self.assertRegex("\n".join(found), r"later is missing\n.*number returns.*\n.*io_mb takes")

    def test_every_use(self):
        """Each function is named where the binding uses it, not only where it is declared."""
        text = "".join((bound.SOURCE / "bindings/python/libpmem" / name).read_text(encoding="utf-8")
                       for name in ("__init__.py", "_context.py", "_device.py", "_error.py", "_pool.py", "_region.py"))
        used = set(re.findall(r"\bpmem_[a-z0-9_]+", text))
        for stem in re.findall(r"pmem_[a-z_]+(?=\{width\})", text):
            tail = "_block" if f"{stem}{{width}}_block" in text else ""
            used |= {f"{stem}{width}{end}" for width in (8, 16, 32, 64) for end in ("", tail)}
        used |= {f"pmem_error_{name}" for name in libpmem.Error.__annotations__}
        self.assertEqual({one["name"] for one in API["functions"]} - used, set())

    def test_structures(self):
        abi = "lp64" if ctypes.sizeof(ctypes.c_void_p) == 8 else "ilp32"
        self.assertEqual({one["name"] for one in API["structures"]}, set(STRUCTS))
        for one in API["structures"]:
            kind, layout = STRUCTS[one["name"]], one["layout"][abi]
            self.assertEqual({name: getattr(kind, name).offset for name, *_ in kind._fields_},
                             layout["offsets"])
            self.assertEqual(ctypes.sizeof(kind), layout["size"], one["name"])
            for member, (_, type_) in zip(one["members"], kind._fields_):
                self.assertEqual(type_, expected(member["type"]))

    def test_callbacks(self):
        self.assertEqual({one["name"] for one in API["callbacks"]}, set(CALLBACKS))
        for one in API["callbacks"]:
            kind = CALLBACKS[one["name"]]
            self.assertEqual(kind._restype_, expected(one["returns"]["type"]))
            self.assertEqual(list(kind._argtypes_), [expected(p["type"]) for p in one["parameters"]])

    def test_numbers(self):
        numbers = {one["name"]: int(one["value"], 0) for one in API["constants"]}
        self.assertGreater(len(numbers), 100)
        version = numbers.pop("PMEM_VERSION_NUMBER")  # of the headers, not of the library
        for name, value in numbers.items():
            self.assertEqual(getattr(libpmem, name[5:]), value, name)
            self.assertEqual(libpmem.constant(name), value)
        self.assertEqual(libpmem.constant_name("PMEM_CAUSE_", 11), "PMEM_CAUSE_LOCKDOWN")
        self.assertIsNone(libpmem.constant_name("PMEM_CAUSE_", 9999))
        with self.assertRaisesRegex(AttributeError, "has no NO_SUCH"):
            print(libpmem.NO_SUCH)
        self.assertEqual(libpmem.version(), API["version"])
        self.assertEqual(libpmem.version_number(), version)

    def test_owners(self):
        """What the description says about ownership is what this binding was written by."""
        functions = {one["name"]: one for one in API["functions"]}

        def parameter(function, name):
            return next(p for p in functions[function]["parameters"] if p["name"] == name)

        self.assertEqual(parameter("pmem_region_alloc", "out")["ownership"], "caller")
        self.assertEqual(parameter("pmem_region_find", "region")["ownership"], "borrowed")
        self.assertEqual(parameter("pmem_region_close", "region")["ownership"], "released")
        self.assertEqual(parameter("pmem_vaddr_phys_bulk", "phys")["length"], "pages")
        self.assertEqual(parameter("pmem_soc_node_path", "path")["direction"], "out")
        self.assertTrue(parameter("pmem_soc_phys_to_bus", "master")["nullable"])
        self.assertEqual(functions["pmem_ctx_ref"]["returns"]["ownership"], "caller")
        self.assertEqual(functions["pmem_error_last"]["returns"]["ownership"], "borrowed")
        for one in API["functions"]:
            self.assertTrue(one["since"], one["name"])
            self.assertTrue(one["brief"] or one["doc"], one["name"])


if __name__ == "__main__":
    bound.main()
