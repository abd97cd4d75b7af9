// SPDX-License-Identifier: MIT
// Written by bindings/rust/generate.py from api.json. Do not edit.
use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_void};

type Opaque = PhantomData<(*mut u8, PhantomPinned)>;

/// The version of the headers.
pub const VERSION: &str = "3.1.0";
/// maps physical addresses
pub const PMEM_BACKEND_MAP: u32 = 0x1;
/// maps the GPIO registers
pub const PMEM_BACKEND_GPIO: u32 = 0x2;
/// allocates
pub const PMEM_BACKEND_ALLOC: u32 = 0x4;
/// takes a dma-buf made elsewhere
pub const PMEM_BACKEND_IMPORT: u32 = 0x8;
/// regions have a dma-buf file descriptor
pub const PMEM_BACKEND_EXPORT: u32 = 0x10;
/// can know physical addresses
pub const PMEM_BACKEND_PHYS: u32 = 0x20;
/// the allocator itself tells the bus address
pub const PMEM_BACKEND_BUS: u32 = 0x40;
/// memory stays where it is
pub const PMEM_BACKEND_PINNED: u32 = 0x80;
/// can give one piece larger than a page
pub const PMEM_BACKEND_CONTIGUOUS: u32 = 0x100;
/// cached memory with working cpu_begin/cpu_end
pub const PMEM_BACKEND_SYNC: u32 = 0x200;
/// memory outlives the process; journalled
pub const PMEM_BACKEND_RECLAIM: u32 = 0x400;
/// since 3.1: can choose the NUMA node
pub const PMEM_BACKEND_NODE: u32 = 0x800;
/// something was lost that cannot be given back
pub const PMEM_LEVEL_ERROR: u32 = 0x1;
/// works, but less well than it should
pub const PMEM_LEVEL_WARNING: u32 = 0x2;
/// what was chosen
pub const PMEM_LEVEL_INFO: u32 = 0x3;
/// what was tried and refused
pub const PMEM_LEVEL_DEBUG: u32 = 0x4;
/// ways too where nothing protects memory: noiommu, uio, sysfs
pub const PMEM_DEVICE_MAY_BE_UNSAFE: u32 = 0x1;
/// its addresses are given by pmem_device_attach(): not physical
pub const PMEM_DEVICE_TRANSLATED: u32 = 0x2;
/// it reaches what is attached, and nothing else
pub const PMEM_DEVICE_PROTECTED: u32 = 0x4;
/// it reaches any memory, or may make the machine fail
pub const PMEM_DEVICE_UNSAFE: u32 = 0x8;
/// pmem_device_reset() works
pub const PMEM_DEVICE_RESET: u32 = 0x10;
/// pmem_device_dmabuf() works
pub const PMEM_DEVICE_P2P: u32 = 0x20;
/// it has a configuration space
pub const PMEM_DEVICE_PCI: u32 = 0x40;
/// it is a platform device
pub const PMEM_DEVICE_PLATFORM: u32 = 0x80;
/// it answers at its BARs (memory decoding)
pub const PMEM_ENABLE_MEMORY: u32 = 0x1;
/// it may read and write memory, and send MSI (bus mastering)
pub const PMEM_ENABLE_MASTER: u32 = 0x2;
/// the best that the device has: MSI-X, MSI, INTx; of uio its own
pub const PMEM_IRQ_ANY: u32 = 0x0;
/// a line, perhaps shared; masked when it fires: pmem_device_irq_unmask()
pub const PMEM_IRQ_INTX: u32 = 0x1;
/// messages
pub const PMEM_IRQ_MSI: u32 = 0x2;
/// messages, each with an address of its own
pub const PMEM_IRQ_MSIX: u32 = 0x3;
/// the kernel asks for the device back: close it soon
pub const PMEM_IRQ_REQUEST: u32 = 0x4;
/// PCIe reported an error of the device that is not corrected
pub const PMEM_IRQ_ERROR: u32 = 0x5;
/// read it
pub const PMEM_DMA_READ: u32 = 0x1;
/// write it
pub const PMEM_DMA_WRITE: u32 = 0x2;
/// both
pub const PMEM_DMA_BOTH: u32 = 0x3;
/// each buffer is one physical piece
pub const PMEM_HEAP_CONTIGUOUS: u32 = 0x1;
/// buffers are in pieces
pub const PMEM_HEAP_SCATTERED: u32 = 0x2;
/// the CPU caches it
pub const PMEM_HEAP_CACHED: u32 = 0x4;
/// the CPU does not cache it
pub const PMEM_HEAP_UNCACHED: u32 = 0x8;
/// the CPU may not touch it: with PMEM_ALLOC_NO_MAP only
pub const PMEM_HEAP_SECURE: u32 = 0x10;
/// NXP's kernels: an ioctl of the dma-buf
pub const PMEM_WAY_NXP_IOCTL: u32 = 0x1;
/// NXP's kernels for Android: /dev/dmabuf_imx
pub const PMEM_WAY_DMABUF_IMX: u32 = 0x2;
/// Texas Instruments' kernels: /dev/dma-buf-phys
pub const PMEM_WAY_DMA_BUF_PHYS: u32 = 0x3;
/// Raspberry Pi 0 to 4: /dev/vcsm-cma
pub const PMEM_WAY_VCSM: u32 = 0x4;
/// frames of its mapping, up to Linux 6.7
pub const PMEM_WAY_PAGEMAP: u32 = 0x5;
/// since 3.1: the file phys_addr of a u-dma-buf
pub const PMEM_WAY_UDMABUF_KMOD: u32 = 0x6;
/// no error
pub const PMEM_CAUSE_NONE: u32 = 0x0;
/// a handle or out parameter is NULL
pub const PMEM_CAUSE_NULL_ARGUMENT: u32 = 0x1;
/// a size of 0
pub const PMEM_CAUSE_ZERO_SIZE: u32 = 0x2;
/// address + size passes the end of the address space
pub const PMEM_CAUSE_WRAPS: u32 = 0x3;
/// not a power of two, absurd, or an unaligned access
pub const PMEM_CAUSE_ALIGNMENT: u32 = 0x4;
/// unknown or contradictory flags
pub const PMEM_CAUSE_FLAGS: u32 = 0x5;
/// options of a newer libpmem (-E2BIG), or a bad size
pub const PMEM_CAUSE_OPTIONS: u32 = 0x6;
/// outside the region
pub const PMEM_CAUSE_BOUNDS: u32 = 0x7;
/// the device node does not exist on this machine
pub const PMEM_CAUSE_NO_DEVICE: u32 = 0x8;
/// owner or mode of the file forbid it
pub const PMEM_CAUSE_FILE_MODE: u32 = 0x9;
/// a capability is missing
pub const PMEM_CAUSE_CAPABILITY: u32 = 0xa;
/// kernel lockdown (often: Secure Boot)
pub const PMEM_CAUSE_LOCKDOWN: u32 = 0xb;
/// CONFIG_STRICT_DEVMEM protects RAM of the kernel
pub const PMEM_CAUSE_SYSTEM_RAM: u32 = 0xc;
/// CONFIG_IO_STRICT_DEVMEM: a driver owns the range
pub const PMEM_CAUSE_DRIVER_OWNED: u32 = 0xd;
/// beyond the physical address width
pub const PMEM_CAUSE_BUS_WIDTH: u32 = 0xe;
/// not inside the window that this device serves
pub const PMEM_CAUSE_OUTSIDE_WINDOW: u32 = 0xf;
/// not enough (contiguous) memory
pub const PMEM_CAUSE_NO_MEMORY: u32 = 0x10;
/// a limit of the process or the kernel
pub const PMEM_CAUSE_LIMIT: u32 = 0x11;
/// there is memory, but its address cannot be learnt
pub const PMEM_CAUSE_ADDRESS_UNKNOWN: u32 = 0x12;
/// memory lies above opts.max_addr
pub const PMEM_CAUSE_ADDRESS_LIMIT: u32 = 0x13;
/// memory is in several pieces
pub const PMEM_CAUSE_NOT_CONTIGUOUS: u32 = 0x14;
/// nothing here can keep the pages in place
pub const PMEM_CAUSE_NOT_PINNED: u32 = 0x15;
/// cached, and its cache cannot be cleaned from here
pub const PMEM_CAUSE_NOT_COHERENT: u32 = 0x16;
/// this kernel, SoC or backend has no such thing
pub const PMEM_CAUSE_UNSUPPORTED: u32 = 0x17;
/// no such node, backend or heap
pub const PMEM_CAUSE_NOT_FOUND: u32 = 0x18;
/// the device tree is absent, broken or says otherwise
pub const PMEM_CAUSE_DEVICE_TREE: u32 = 0x19;
/// the firmware refused
pub const PMEM_CAUSE_FIRMWARE: u32 = 0x1a;
/// no answer in time
pub const PMEM_CAUSE_TIMEOUT: u32 = 0x1b;
/// in use by somebody else
pub const PMEM_CAUSE_BUSY: u32 = 0x1c;
/// the object given is of another kind
pub const PMEM_CAUSE_WRONG_KIND: u32 = 0x1d;
/// write to a read-only region
pub const PMEM_CAUSE_READONLY: u32 = 0x1e;
/// the self-test found wrong bytes
pub const PMEM_CAUSE_MISMATCH: u32 = 0x1f;
/// pages moved while they were being pinned
pub const PMEM_CAUSE_MOVED: u32 = 0x20;
/// the system call failed for another reason: see errno
pub const PMEM_CAUSE_SYSTEM: u32 = 0x21;
/// since 3.1: a neighbour in the device's IOMMU group has a driver
pub const PMEM_CAUSE_NOT_VIABLE: u32 = 0x22;
/// since 3.1: the IOMMU does not isolate interrupts
pub const PMEM_CAUSE_NO_ISOLATION: u32 = 0x23;
/// since 3.1: the device was closed, unplugged or unbound
pub const PMEM_CAUSE_DEVICE_GONE: u32 = 0x24;
/// build time, seconds since 1970
pub const PMEM_FACT_REVISION: u32 = 0x1;
/// the board's revision code
pub const PMEM_FACT_BOARD_REVISION: u32 = 0x2;
/// the board's serial number
pub const PMEM_FACT_BOARD_SERIAL: u32 = 0x3;
/// first byte of the CPU's part of memory
pub const PMEM_FACT_ARM_BASE: u32 = 0x4;
/// bytes of it
pub const PMEM_FACT_ARM_SIZE: u32 = 0x5;
/// first byte of the VideoCore's part of memory
pub const PMEM_FACT_VC_BASE: u32 = 0x6;
/// bytes of it
pub const PMEM_FACT_VC_SIZE: u32 = 0x7;
/// bit n: the firmware leaves DMA channel n to the CPU
pub const PMEM_FACT_DMA_CHANNELS: u32 = 0x8;
/// bit n: the kernel's driver may use channel n
pub const PMEM_FACT_DMA_KERNEL: u32 = 0x9;
/// bit n: a kernel driver uses channel n now
pub const PMEM_FACT_DMA_IN_USE: u32 = 0xa;
/// count, but give nothing back
pub const PMEM_RECLAIM_DRY_RUN: u32 = 0x1;
/// refuse if no journal can be kept
pub const PMEM_FIRMWARE_MUST_JOURNAL: u32 = 0x1;
/// leave the memory when this process dies
pub const PMEM_FIRMWARE_NO_RECLAIM: u32 = 0x2;
/// takes no regions: those of pmem_pool_add_region() only
pub const PMEM_POOL_NO_GROW: u32 = 0x1;
/// threads keep nothing: each call takes a lock, and no object is kept from other threads. For memory that is
/// scarce
pub const PMEM_POOL_NO_CACHE: u32 = 0x2;
/// writes fault; needs less permission
pub const PMEM_MAP_READONLY: u32 = 0x1;
/// RAM through /dev/mem: cacheable, not uncached
pub const PMEM_MAP_CACHED: u32 = 0x2;
/// PCI: the BAR's write-combining view
pub const PMEM_MAP_WRITE_COMBINE: u32 = 0x4;
/// RAM that Linux uses, too; it is then mapped cached
pub const PMEM_MAP_SYSTEM_RAM: u32 = 0x8;
/// pmem_region_import(): as PMEM_ALLOC_NO_MAP
pub const PMEM_IMPORT_NO_MAP: u32 = 0x10;
/// several physical pieces will do
pub const PMEM_ALLOC_SCATTERED: u32 = 0x1;
/// the physical address may stay unknown
pub const PMEM_ALLOC_NO_ADDRESS: u32 = 0x2;
/// the address may become untrue
pub const PMEM_ALLOC_MAY_MOVE: u32 = 0x4;
/// only cached memory
pub const PMEM_ALLOC_CACHED: u32 = 0x8;
/// only memory that the CPU does not cache
pub const PMEM_ALLOC_UNCACHED: u32 = 0x10;
/// must have a dma-buf file descriptor
pub const PMEM_ALLOC_DMABUF: u32 = 0x20;
/// content may be anything
pub const PMEM_ALLOC_NO_ZERO: u32 = 0x40;
/// not mapped: pmem_region_data() is NULL
pub const PMEM_ALLOC_NO_MAP: u32 = 0x80;
/// no device in particular: see pmem_alloc_opts.master
pub const PMEM_ALLOC_NO_MASTER: u32 = 0x100;
/// since 3.1: may take seconds and change pools: docs/pages.md
pub const PMEM_ALLOC_TRY_HARD: u32 = 0x200;
/// the physical address may stay unknown
pub const PMEM_REGISTER_NO_ADDRESS: u32 = 0x1;
/// the address may become untrue
pub const PMEM_REGISTER_MAY_MOVE: u32 = 0x2;
/// the CPU caches it
pub const PMEM_REGION_CACHED: u32 = 0x1;
/// CPU and devices agree without cache operations
pub const PMEM_REGION_COHERENT: u32 = 0x2;
/// a kernel object keeps it in place
pub const PMEM_REGION_PINNED: u32 = 0x4;
/// one physical piece
pub const PMEM_REGION_CONTIGUOUS: u32 = 0x8;
/// device memory: aligned accesses only
pub const PMEM_REGION_DEVICE: u32 = 0x10;
/// writes fault
pub const PMEM_REGION_READONLY: u32 = 0x20;
/// cpu_begin/cpu_end are required around CPU access
pub const PMEM_REGION_NEEDS_SYNC: u32 = 0x40;
/// pmem_region_fd() works
pub const PMEM_REGION_DMABUF: u32 = 0x80;
/// not in this program: what it is, not how it is seen
pub const PMEM_REGION_UNMAPPED: u32 = 0x100;
/// since 3.1: allocated for a device, to which it is one piece
pub const PMEM_REGION_BUS_CONTIGUOUS: u32 = 0x200;
/// physical addresses
pub const PMEM_EXTENTS_PHYS: u32 = 0x1;
/// those that the region's DMA master uses
pub const PMEM_EXTENTS_BUS: u32 = 0x2;
/// read what a device wrote
pub const PMEM_DIR_READ: u32 = 0x1;
/// write what a device will read
pub const PMEM_DIR_WRITE: u32 = 0x2;
/// both
pub const PMEM_DIR_BOTH: u32 = 0x3;
/// no RAM of Linux: pmem_region_map_node() maps it, uncached
pub const PMEM_RESERVED_NO_MAP: u32 = 0x1;
/// Linux uses it until its owner does: a CMA area
pub const PMEM_RESERVED_REUSABLE: u32 = 0x2;
/// Linux chose the place; the tree does not tell which
pub const PMEM_RESERVED_DYNAMIC: u32 = 0x4;
/// "shared-dma-pool": drivers take their memory from it
pub const PMEM_RESERVED_POOL: u32 = 0x8;
/// the pool of all drivers that have none of their own
pub const PMEM_RESERVED_DEFAULT: u32 = 0x10;
/// A length: to the end of the region or file.
pub const PMEM_TO_END: u64 = 0xffffffffffffffff;
/// An address that is not known, or was not asked for.
pub const PMEM_ADDRESS_NONE: u64 = 0xffffffffffffffff;
/// in RAM
pub const PMEM_PAGEMAP_PRESENT: u64 = 0x8000000000000000;
/// in swap, or being moved
pub const PMEM_PAGEMAP_SWAPPED: u64 = 0x4000000000000000;
/// of a file, or shared anonymous
pub const PMEM_PAGEMAP_FILE: u64 = 0x2000000000000000;
/// mapped here only
pub const PMEM_PAGEMAP_EXCLUSIVE: u64 = 0x100000000000000;
/// written since the last clear
pub const PMEM_PAGEMAP_SOFT_DIRTY: u64 = 0x80000000000000;
/// the page frame number
pub const PMEM_PAGEMAP_PFN_MASK: u64 = 0x7fffffffffffff;
/// another one is another library
pub const PMEM_VERSION_MAJOR: u32 = 0x3;
/// grows with each release that adds functions
pub const PMEM_VERSION_MINOR: u32 = 0x1;
/// grows with each release that only mends
pub const PMEM_VERSION_PATCH: u32 = 0x0;
/// One number that can be compared: major \* 1000000 + minor \* 1000 + patch.
pub const PMEM_VERSION_NUMBER: u32 = 0x2dcaa8;

/// Opaque; given back by [`pmem_ctx_unref`].
#[repr(C)]
pub struct pmem_ctx {
    _opaque: [u8; 0],
    _marker: Opaque,
}

/// Opaque; given back by [`pmem_region_close`].
#[repr(C)]
pub struct pmem_region {
    _opaque: [u8; 0],
    _marker: Opaque,
}

/// Opaque; given back by [`pmem_error_free`].
#[repr(C)]
pub struct pmem_error {
    _opaque: [u8; 0],
    _marker: Opaque,
}

/// Opaque; given back by [`pmem_pool_close`].
#[repr(C)]
pub struct pmem_pool {
    _opaque: [u8; 0],
    _marker: Opaque,
}

/// Opaque; given back by [`pmem_device_close`].
#[repr(C)]
pub struct pmem_device {
    _opaque: [u8; 0],
    _marker: Opaque,
}

/// What an allocation may ask for. Zero in every field is the default; set `size` first: `struct pmem_alloc_opts
/// opts = { .size = sizeof(opts), .align = 4096 };` A library that is older than the program refuses fields that
/// it does not know, unless they are zero (-E2BIG).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_alloc_opts {
    /// sizeof(struct pmem_alloc_opts)
    pub size: u32,
    /// PMEM_ALLOC_\*
    pub flags: u32,
    /// of the physical address; power of two, at most 1 GiB; 0: a page of the kernel
    pub align: u64,
    /// highest physical address allowed; 0: any
    pub max_addr: u64,
    /// the device that will read and write it: node path, alias, "&label", compatible, or (since 3.1)
    /// "pci:0001:01:00.0"; NULL: the SoC's general DMA engine, where the library knows which that is
    pub master: *const c_char,
    /// use only this backend; NULL: choose
    pub backend: *const c_char,
    /// use only this heap (dma-heap, ION; since 3.1: a u-dma-buf); NULL: choose
    pub heap: *const c_char,
    /// shown by the kernel's dma-buf lists; NULL: "libpmem"
    pub name: *const c_char,
    /// firmware.h; NULL: the defaults
    pub firmware: *const pmem_firmware_opts,
    /// NULL
    pub reserved: *mut c_void,
    /// since 3.1: how long one piece of ordinary memory is looked for; 0: at most 170
    pub wait_ms: u32,
    /// since 3.1: memory of this NUMA node, counted from 1; 0: any
    pub node: u32,
    /// since 3.1: who will use it, instead of master; see device.h
    pub device: *mut pmem_device,
    /// NULL
    pub reserved2: *mut c_void,
}

/// A piece of a region: one address follows the other in each kind that was asked for.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_extent {
    /// of its first byte in the region
    pub offset: u64,
    /// bytes
    pub length: u64,
    /// PMEM_ADDRESS_NONE: not asked for
    pub phys: u64,
    /// PMEM_ADDRESS_NONE: not asked for
    pub bus: u64,
}

/// What an allocation may ask for of firmware memory: pmem_alloc_opts.firmware. Other memory takes no notice of
/// it. Zero in every field is the default; set `size` first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_firmware_opts {
    /// sizeof(struct pmem_firmware_opts)
    pub size: u32,
    /// PMEM_FIRMWARE_\*
    pub flags: u32,
    /// bit n = the SoC's DMA channel n may write here and must be stopped before the memory of a dead process is
    /// taken back
    pub dma_channels: u32,
    /// 0
    pub reserved: u32,
}

/// What a pool may be. Zero in every field is the default; set `size` first. Unknown fields are refused as those
/// of struct pmem_alloc_opts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_pool_opts {
    /// sizeof(struct pmem_pool_opts)
    pub size: u32,
    /// PMEM_POOL_\*
    pub flags: u32,
    /// of each object, at least; power of two up to 1 GiB; 0: 64
    pub align: u64,
    /// no object crosses a multiple of it, as 4 KiB, 64 KiB or 4 GiB: power of two, not below align; sizes are
    /// rounded up to powers of two if it is below 2 MiB; 0: any may be crossed
    pub boundary: u64,
    /// bytes of each region that it takes, if no object needs more; 0: 2 MiB
    pub grow: u64,
    /// bytes of all regions that it takes; 0: as much as there is
    pub max: u64,
    /// how it takes regions; copied; NULL: the defaults
    pub alloc: *const pmem_alloc_opts,
    /// NULL
    pub reserved: *mut c_void,
}

/// What a pool has. Set `size` first; what the library does not know stays as it is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_pool_counts {
    /// sizeof(struct pmem_pool_counts)
    pub size: u32,
    /// taken and given
    pub regions: u32,
    /// of its memory
    pub bytes: u64,
    /// of those in no object, nor set apart for objects of some size
    pub free_bytes: u64,
    /// that are handed out
    pub objects: u64,
    /// of those, with what their sizes were rounded up by
    pub object_bytes: u64,
    /// objects that threads keep
    pub cached: u64,
    /// of those
    pub cached_bytes: u64,
    /// that keep objects
    pub threads: u64,
}

/// How a device is opened. Zero in every field is the default; set `size` first. Unknown fields are refused as
/// those of struct pmem_alloc_opts. Descriptors come from a program with more rights, which opened them. They
/// stay the caller's: the library keeps duplicates. 0 is none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct pmem_device_opts {
    /// sizeof(struct pmem_device_opts)
    pub size: u32,
    /// PMEM_DEVICE_MAY_BE_UNSAFE
    pub flags: u32,
    /// highest address that the device can emit, which nothing else checks; 0: any
    pub max_addr: u64,
    /// only this way; NULL: choose
    pub way: *const c_char,
    /// be in the address space of this device; NULL: in one's own
    pub share: *mut pmem_device,
    /// /dev/vfio/devices/vfioX; with way "uio" /dev/uioN; 0: open it
    pub device_fd: c_int,
    /// /dev/vfio/N, of the device's group; 0: open it
    pub group_fd: c_int,
    /// /dev/iommu, or with group_fd /dev/vfio/vfio; 0: open it
    pub iommu_fd: c_int,
    /// 0
    pub reserved: u32,
}

/// Receives the library's log messages; libpmem itself never prints.
pub type pmem_log_fn = unsafe extern "C" fn(user: *mut c_void, level: u32, message: *const c_char);

/// Makes one buffer of at least `size` bytes; called twice. The self-test closes it.
pub type pmem_selftest_alloc_fn = unsafe extern "C" fn(user: *mut c_void, size: u64, out: *mut *mut pmem_region) -> c_int;

/// The engine under test: copy `length` bytes and return when they are there.
pub type pmem_selftest_copy_fn = unsafe extern "C" fn(user: *mut c_void, dst: *mut pmem_region, dst_offset: u64, src: *mut pmem_region, src_offset: u64, length: u64) -> c_int;

extern "C" {
    /// PMEM_BACKEND_\* bits of backend `i`; 0 if there is none.
    pub fn pmem_backend_caps(ctx: *const pmem_ctx, i: usize) -> u32;
    /// How many backends there are; 0 only if `ctx` is NULL.
    pub fn pmem_backend_count(ctx: *const pmem_ctx) -> usize;
    /// The name of backend `i`, such as "pages"; NULL if there is none.
    pub fn pmem_backend_name(ctx: *const pmem_ctx, i: usize) -> *const c_char;
    /// Can backend `i` be used here and now by this program?
    ///
    /// Returns 0 usable; -EINVAL no such backend; -ENOMEM refused, and `why` says that there was no memory to keep
    /// the reason; else the errno of the refusal
    pub fn pmem_backend_status(ctx: *mut pmem_ctx, i: usize, why: *mut *mut pmem_error) -> c_int;
    /// Constant number `i`, to list them all, in the order of the headers.
    ///
    /// Returns its name, static text; NULL after the last
    pub fn pmem_constant_at(i: usize, value: *mut u64) -> *const c_char;
    /// The name of a number among the constants that begin alike.
    ///
    /// Returns static text such as "PMEM_CAUSE_LOCKDOWN"; NULL if none has that number, or `prefix` is NULL
    pub fn pmem_constant_name(prefix: *const c_char, value: u64) -> *const c_char;
    /// The number of a constant.
    ///
    /// Returns 0; -ENOENT this version has no such constant (PMEM_CAUSE_NOT_FOUND); -EINVAL
    pub fn pmem_constant_value(name: *const c_char, value: *mut u64) -> c_int;
    /// The last failure of a call that was made with this context, or with a region made from it.
    ///
    /// Returns 0; -ENOENT none has failed yet (PMEM_CAUSE_NOT_FOUND); -EINVAL; -ENOMEM
    pub fn pmem_ctx_error(ctx: *mut pmem_ctx, out: *mut *mut pmem_error) -> c_int;
    /// Make a context.
    ///
    /// Returns 0; -EINVAL; -ENOMEM; -ENAMETOOLONG if LIBPMEM_ROOT is longer than a path may be
    pub fn pmem_ctx_new(out: *mut *mut pmem_ctx) -> c_int;
    /// Take one more reference.
    ///
    /// Returns `ctx`, NULL if it is NULL.
    pub fn pmem_ctx_ref(ctx: *mut pmem_ctx) -> *mut pmem_ctx;
    /// Set the log callback, or remove it with NULL.
    ///
    /// Returns 0, -EINVAL
    pub fn pmem_ctx_set_log(ctx: *mut pmem_ctx, function: Option<pmem_log_fn>, user: *mut c_void) -> c_int;
    /// Give a reference back; the last one frees the context. NULL is allowed.
    pub fn pmem_ctx_unref(ctx: *mut pmem_ctx);
    /// Let the device see a region.
    ///
    /// Returns 0; -EINVAL NULL, direction (PMEM_CAUSE_FLAGS); -EOPNOTSUPP memory of a dma-heap, of ION or of the
    /// firmware, or registers (PMEM_CAUSE_UNSUPPORTED, the hint says what to use instead); not pinned, without an
    /// IOMMU (PMEM_CAUSE_NOT_PINNED); -EXDEV in pieces, without an IOMMU (PMEM_CAUSE_NOT_CONTIGUOUS); -ENOMEM
    /// RLIMIT_MEMLOCK (PMEM_CAUSE_LIMIT: the message says whose, how much is used and wanted); -ENOSPC too many
    /// attachments (PMEM_CAUSE_LIMIT); -ERANGE no address is left below max_addr (PMEM_CAUSE_ADDRESS_LIMIT); -EBUSY
    /// it is attached for another direction; -EACCES a read-only region, to be written
    pub fn pmem_device_attach(device: *mut pmem_device, region: *mut pmem_region, direction: u32, bus: *mut u64) -> c_int;
    /// What it is: PMEM_DEVICE_\* bits; 0 if `device` is NULL.
    pub fn pmem_device_attrs(device: *const pmem_device) -> u32;
    /// The address of a region that the device sees.
    ///
    /// Returns 0; -ENOENT it is not attached (PMEM_CAUSE_NOT_FOUND); -EINVAL NULL
    pub fn pmem_device_bus(device: *mut pmem_device, region: *const pmem_region, bus: *mut u64) -> c_int;
    /// Give it back. It is gone afterwards, whatever is returned.
    ///
    /// Returns 0, or the first error met on the way
    pub fn pmem_device_close(device: *mut pmem_device) -> c_int;
    /// One read of the configuration space, of exactly that width.
    ///
    /// Returns 0; -EOPNOTSUPP not PCI; -EINVAL NULL, width (PMEM_CAUSE_OPTIONS), alignment; -ERANGE beyond the end,
    /// or beyond what an ordinary user may read through sysfs; -EIO; -ENODEV (PMEM_CAUSE_DEVICE_GONE)
    pub fn pmem_device_config_read(device: *mut pmem_device, offset: u32, width: u32, value: *mut u32) -> c_int;
    /// One write to the configuration space: as pmem_device_config_read().
    pub fn pmem_device_config_write(device: *mut pmem_device, offset: u32, width: u32, value: u32) -> c_int;
    /// Undo one pmem_device_attach(). After the last the device does not see the region.
    ///
    /// Returns 0; -ENOENT it is not attached (PMEM_CAUSE_NOT_FOUND); -EBUSY it was allocated for this device: close
    /// it; -EINVAL NULL; else what the kernel said: then the device still sees it, and its address is not used again
    pub fn pmem_device_detach(device: *mut pmem_device, region: *mut pmem_region) -> c_int;
    /// Switch off parts of it. Touching registers may raise SIGBUS then.
    pub fn pmem_device_disable(device: *mut pmem_device, parts: u32) -> c_int;
    /// Part of a BAR as a dma-buf, for other devices to read and write. Linux 6.19.
    ///
    /// Returns a descriptor, the caller's to close; -EOPNOTSUPP this kernel or way has no such thing
    /// (PMEM_CAUSE_UNSUPPORTED; see PMEM_DEVICE_P2P); -ENOENT no such BAR; -EINVAL NULL, alignment; -ERANGE outside
    /// the BAR; else what the kernel said
    pub fn pmem_device_dmabuf(device: *mut pmem_device, index: u32, offset: u64, length: u64) -> c_int;
    /// Switch on parts of a PCI device; others stay as they are.
    ///
    /// Returns 0; of a platform device too, which has no such switches; -EINVAL NULL, unknown parts; else as
    /// pmem_device_config_write()
    pub fn pmem_device_enable(device: *mut pmem_device, parts: u32) -> c_int;
    /// How many interrupts of a kind it has.
    ///
    /// Returns 0; -EINVAL NULL, no such kind (PMEM_CAUSE_OPTIONS)
    pub fn pmem_device_irq_count(device: *mut pmem_device, kind: u32, count: *mut u32) -> c_int;
    /// Switch an interrupt on, and get a descriptor to wait for it with poll().
    ///
    /// Returns the descriptor, borrowed: it lives as long as the device; -ENOENT no such interrupt; -EBUSY another
    /// kind is on; -EINVAL NULL, no such kind; -ENOSPC the machine has no more interrupts; else what the kernel said
    pub fn pmem_device_irq_fd(device: *mut pmem_device, kind: u32, index: u32) -> c_int;
    /// Let an INTx, or uio's interrupt, fire again. Others need it not: nothing is done, and that works.
    ///
    /// Returns as pmem_device_irq_fd(), but 0
    pub fn pmem_device_irq_unmask(device: *mut pmem_device, kind: u32, index: u32) -> c_int;
    /// Wait for an interrupt, which is switched on if it was not.
    ///
    /// Returns 0; -ETIMEDOUT; -EINTR a signal handler ran; else as pmem_device_irq_fd()
    pub fn pmem_device_irq_wait(device: *mut pmem_device, kind: u32, index: u32, timeout_ms: u32, count: *mut u64) -> c_int;
    /// Map registers of it.
    ///
    /// Returns 0; -ENOENT no such map; -ENODEV I/O ports, or not mappable; -EINVAL NULL, flags; else as
    /// pmem_region_map_pci()
    pub fn pmem_device_map(device: *mut pmem_device, index: u32, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// How many places there are for maps: 6 for PCI, also where a BAR is missing.
    ///
    /// Returns 0 if `device` is NULL
    pub fn pmem_device_map_count(device: *const pmem_device) -> u32;
    /// How large a map is.
    ///
    /// Returns 0; -ENOENT there is none; -EINVAL NULL
    pub fn pmem_device_map_size(device: *mut pmem_device, index: u32, size: *mut u64) -> c_int;
    /// Its full name, such as "0000:00:04.0"; "" if `device` is NULL.
    pub fn pmem_device_name(device: *const pmem_device) -> *const c_char;
    /// Take a device.
    ///
    /// Returns 0; -EINVAL NULL, unknown flags, options that contradict each other; -E2BIG options of a newer
    /// libpmem; -ENOENT no such device or way (PMEM_CAUSE_NOT_FOUND), or it is not bound to a driver for programs
    /// (PMEM_CAUSE_NO_DEVICE, the hint has the lines to type); -EACCES mode of a node (PMEM_CAUSE_FILE_MODE, the hint
    /// has the udev rule); -EBUSY somebody has it; -EPERM a neighbour in its group has a driver of the kernel
    /// (PMEM_CAUSE_NOT_VIABLE), interrupts are not isolated (PMEM_CAUSE_NO_ISOLATION), or noiommu needs
    /// CAP_SYS_RAWIO; -ENODEV there is no IOMMU that is on (PMEM_CAUSE_UNSUPPORTED, the hint has the word for the
    /// kernel); -ENODEV the device is gone (PMEM_CAUSE_DEVICE_GONE); what each way said is pmem_error_child()
    pub fn pmem_device_open(ctx: *mut pmem_ctx, name: *const c_char, opts: *const pmem_device_opts, out: *mut *mut pmem_device) -> c_int;
    /// Reset it. What is attached stays attached; what was enabled may be off.
    ///
    /// Returns 0; -EOPNOTSUPP it cannot be (see PMEM_DEVICE_RESET); -EINVAL NULL; else what the kernel said
    pub fn pmem_device_reset(device: *mut pmem_device) -> c_int;
    /// The way by which it was opened, such as "vfio"; "" if `device` is NULL.
    pub fn pmem_device_way(device: *const pmem_device) -> *const c_char;
    /// Before the CPU touches a dma-buf that is no region of this library.
    ///
    /// Returns 0; -EBADF no open file, -EINVAL not a dma-buf (PMEM_CAUSE_WRONG_KIND); -EINVAL wrong direction
    /// (PMEM_CAUSE_FLAGS); -EOPNOTSUPP Linux before 4.6, which has no such call (PMEM_CAUSE_UNSUPPORTED); else what
    /// the maker's driver said
    pub fn pmem_dmabuf_cpu_begin(ctx: *mut pmem_ctx, fd: c_int, direction: u32) -> c_int;
    /// After the CPU, before a driver touches it; as pmem_dmabuf_cpu_begin().
    pub fn pmem_dmabuf_cpu_end(ctx: *mut pmem_ctx, fd: c_int, direction: u32) -> c_int;
    /// The backend that refused, such as "devmem", or the way within one, such as "io_uring"; "" if the error is not
    /// of one. Never NULL.
    pub fn pmem_error_backend(err: *const pmem_error) -> *const c_char;
    /// One of PMEM_CAUSE_\*; PMEM_CAUSE_NONE if `err` is NULL.
    pub fn pmem_error_cause(err: *const pmem_error) -> u32;
    /// The stable name of a cause, such as "driver-owned".
    ///
    /// Returns static text; "unknown" for a number that this version does not know.
    pub fn pmem_error_cause_name(cause: u32) -> *const c_char;
    /// One of them, in the order in which the backends were asked.
    ///
    /// Returns borrowed from `err`, and valid as long as that is; NULL if `i` is not below pmem_error_child_count().
    /// pmem_error_dup() keeps it longer.
    pub fn pmem_error_child(err: *const pmem_error, i: usize) -> *const pmem_error;
    /// How many backends refused a request, if several did; or how many heaps or ways of one backend.
    ///
    /// Returns 0 if `err` is NULL, is of one thing alone, or there was no memory to keep the reasons.
    pub fn pmem_error_child_count(err: *const pmem_error) -> usize;
    /// What the failing call returned: a negative errno; 0 if `err` is NULL.
    pub fn pmem_error_code(err: *const pmem_error) -> c_int;
    /// Copy an error, with its children, to keep it longer.
    ///
    /// Returns 0, -EINVAL, -ENOMEM
    pub fn pmem_error_dup(err: *const pmem_error, out: *mut *mut pmem_error) -> c_int;
    /// Free a copy; NULL is allowed, and so is nothing but a copy.
    pub fn pmem_error_free(err: *mut pmem_error);
    /// The next step to take, or "" if there is none. Never NULL.
    pub fn pmem_error_hint(err: *const pmem_error) -> *const c_char;
    /// The last error of this thread.
    ///
    /// Returns borrowed, valid until the next failing call of this thread; NULL if none failed yet.
    pub fn pmem_error_last() -> *const pmem_error;
    /// What is wrong, one sentence. Never NULL.
    pub fn pmem_error_message(err: *const pmem_error) -> *const c_char;
    /// The operation that failed, such as "open" or "mmap". Never NULL.
    pub fn pmem_error_operation(err: *const pmem_error) -> *const c_char;
    /// The file concerned, or "" if none. Never NULL.
    pub fn pmem_error_path(err: *const pmem_error) -> *const c_char;
    /// All of it in one line, for people. Never NULL.
    pub fn pmem_error_text(err: *const pmem_error) -> *const c_char;
    /// One fact.
    ///
    /// Returns 0; -ENODEV no such firmware here; -EOPNOTSUPP this firmware does not
    /// tell; -EACCES, -EPERM; -ETIMEDOUT; -EINVAL; what is there and cannot be read is the error of that (-EIO, -ENOMEM, ...), never -ENODEV
    pub fn pmem_firmware_get(ctx: *mut pmem_ctx, what: u32, value: *mut u64) -> c_int;
    /// Give back firmware memory of processes that have died.
    ///
    /// Returns 0; -EINVAL; -ENODEV no such firmware here; else the first error, after trying all
    pub fn pmem_firmware_reclaim(ctx: *mut pmem_ctx, flags: u32, count: *mut usize, bytes: *mut u64) -> c_int;
    /// PMEM_HEAP_\* bits of heap `i`; 0 if nothing is known, or there is none.
    pub fn pmem_heap_class(ctx: *mut pmem_ctx, i: usize) -> u32;
    /// How many heaps there are. Opens none of them.
    ///
    /// Returns 0; -ENOENT this kernel has neither heaps nor such a buffer
    /// (PMEM_CAUSE_NO_DEVICE); -EACCES; -ENOMEM; -EINVAL
    pub fn pmem_heap_count(ctx: *mut pmem_ctx, count: *mut usize) -> c_int;
    /// The name of heap `i`, for pmem_alloc_opts.heap.
    ///
    /// Returns borrowed from the context; NULL if there is no such heap
    pub fn pmem_heap_name(ctx: *mut pmem_ctx, i: usize) -> *const c_char;
    /// Its device file, such as "/dev/dma_heap/system".
    ///
    /// Returns borrowed from the context; NULL if there is no such heap
    pub fn pmem_heap_path(ctx: *mut pmem_ctx, i: usize) -> *const c_char;
    /// By which way the address of this heap's memory can be known.
    ///
    /// Returns 0; -ENXIO by none (PMEM_CAUSE_ADDRESS_UNKNOWN); -EOPNOTSUPP a secure heap; -EINVAL no such heap
    /// (PMEM_CAUSE_NOT_FOUND); else why there is no list, as pmem_heap_count(), or why the heap refused, as
    /// pmem_region_alloc()
    pub fn pmem_heap_way(ctx: *mut pmem_ctx, i: usize, way: *mut u32) -> c_int;
    /// Bytes in and out of device memory (PMEM_REGION_DEVICE)
    pub fn pmem_io_copy_from(to: *mut c_void, from: *const c_void, bytes: usize);
    /// Bytes in and out of device memory (PMEM_REGION_DEVICE)
    pub fn pmem_io_copy_to(to: *mut c_void, from: *const c_void, bytes: usize);
    /// Bytes in and out of device memory (PMEM_REGION_DEVICE)
    pub fn pmem_io_fill(to: *mut c_void, value: u8, bytes: usize);
    /// All accesses before it are done before any after it.
    pub fn pmem_io_mb();
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_read16(addr: *const c_void) -> u16;
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_read16_block(addr: *const c_void, to: *mut u16, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_read32(addr: *const c_void) -> u32;
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_read32_block(addr: *const c_void, to: *mut u32, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_read64(addr: *const c_void) -> u64;
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_read64_block(addr: *const c_void, to: *mut u64, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_read8(addr: *const c_void) -> u8;
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_read8_block(addr: *const c_void, to: *mut u8, count: usize);
    /// Reads before it are done before reads after it.
    pub fn pmem_io_rmb();
    /// Writes before it are seen by devices before writes after it.
    pub fn pmem_io_wmb();
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_write16(addr: *mut c_void, value: u16);
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_write16_block(addr: *mut c_void, from: *const u16, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_write32(addr: *mut c_void, value: u32);
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_write32_block(addr: *mut c_void, from: *const u32, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_write64(addr: *mut c_void, value: u64);
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_write64_block(addr: *mut c_void, from: *const u64, count: usize);
    /// One access. 64 bits on a 32-bit CPU is one doubleword access where it has one.
    pub fn pmem_io_write8(addr: *mut c_void, value: u8);
    /// `count` consecutive elements of that width, in order, one access each.
    pub fn pmem_io_write8_block(addr: *mut c_void, from: *const u8, count: usize);
    /// Let the pool use a region: of any backend, allocated, mapped or imported.
    ///
    /// Returns 0; -EINVAL NULL, or nothing of it can be used (PMEM_CAUSE_BOUNDS); -EEXIST the pool has it
    /// (PMEM_CAUSE_BUSY); -ERANGE a fifth place (PMEM_CAUSE_LIMIT); -EOPNOTSUPP not mapped; -EACCES read-only
    /// (PMEM_CAUSE_READONLY); -ENOENT another process's pool; -ENOMEM
    pub fn pmem_pool_add_region(pool: *mut pmem_pool, region: *mut pmem_region) -> c_int;
    /// An object.
    ///
    /// Returns its first byte; NULL on failure, see errno and pmem_error_last(): EINVAL `pool` is NULL, size 0
    /// (PMEM_CAUSE_ZERO_SIZE), align or a size above the boundary (PMEM_CAUSE_ALIGNMENT); ENOMEM the pool may not
    /// grow any more (PMEM_CAUSE_LIMIT), or there is no memory; EBUSY asked for by a log callback while this very
    /// thread takes a region; ENOENT another process's pool; else as pmem_region_alloc() of the region that it needs
    pub fn pmem_pool_alloc(pool: *mut pmem_pool, size: u64, align: u64) -> *mut c_void;
    /// The address of a byte for the DMA master of its region: see pmem_region_bus().
    ///
    /// Returns as pmem_pool_phys(), and as pmem_region_bus() where that fails
    pub fn pmem_pool_bus(pool: *const pmem_pool, pointer: *const c_void, bus: *mut u64) -> c_int;
    /// Give back all of its regions but those of pmem_pool_add_region(). Objects that are handed out are gone, too.
    ///
    /// Returns 0, or the first error met on the way
    pub fn pmem_pool_close(pool: *mut pmem_pool) -> c_int;
    /// Give an object back.
    ///
    /// Returns 0; -EALREADY it has been given back; -EINVAL the pointer is to the inside of an object
    /// (PMEM_CAUSE_WRONG_KIND), or `pool` is NULL; -ENOENT no object of this pool is there, or the pool is another
    /// process's (PMEM_CAUSE_NOT_FOUND). An object that was given back may be told as any of these
    pub fn pmem_pool_free(pool: *mut pmem_pool, pointer: *mut c_void) -> c_int;
    /// Make a pool. It takes its first region when it needs it.
    ///
    /// Returns 0; -EINVAL NULL, unknown flags (PMEM_CAUSE_FLAGS; also PMEM_ALLOC_NO_MAP, for a pool has pointers),
    /// align or boundary (PMEM_CAUSE_ALIGNMENT); -E2BIG options of a newer libpmem; of opts.alloc as
    /// pmem_region_alloc(), as far as that is seen without allocating; -ENOMEM
    pub fn pmem_pool_new(ctx: *mut pmem_ctx, opts: *const pmem_pool_opts, out: *mut *mut pmem_pool) -> c_int;
    /// The physical address of a byte of the pool's memory.
    ///
    /// Returns 0; -ENOENT not in this pool's memory (PMEM_CAUSE_NOT_FOUND); -ENXIO it cannot be known; -EINVAL
    pub fn pmem_pool_phys(pool: *const pmem_pool, pointer: *const c_void, phys: *mut u64) -> c_int;
    /// The region that a byte of the pool's memory is in: for cpu_begin, cpu_end and descriptors.
    ///
    /// Returns as pmem_pool_phys()
    pub fn pmem_pool_region(pool: *const pmem_pool, pointer: *const c_void, region: *mut *mut pmem_region, offset: *mut u64) -> c_int;
    /// What it has at this moment; near to it, while other threads use it.
    ///
    /// Returns 0; -EINVAL NULL, or a size that no version has (PMEM_CAUSE_OPTIONS); -ENOENT another process's pool
    pub fn pmem_pool_stats(pool: *mut pmem_pool, stats: *mut pmem_pool_counts) -> c_int;
    /// Give back what this thread keeps, and each region that the pool took and no object is in.
    ///
    /// Returns 0; -EINVAL; -ENOENT another process's pool; else the first error of closing one
    pub fn pmem_pool_trim(pool: *mut pmem_pool, bytes: *mut u64) -> c_int;
    /// Allocate memory that a device can reach.
    ///
    /// Returns 0; -EINVAL NULL, size 0, bad alignment or contradictory flags: the cause tells; -EOVERFLOW size cannot
    /// be rounded to pages; -E2BIG options of a newer libpmem; -ENOENT unknown backend or heap, or no such node as
    /// the master; -ENODEV a master is named, but there is no device tree; as pmem_device_attach() for a
    /// device; -ERANGE nothing below max_addr, or nothing that the master sees (PMEM_CAUSE_ADDRESS_LIMIT,
    /// PMEM_CAUSE_OUTSIDE_WINDOW); else that of the refusal that counts most; each backend's own is
    /// pmem_error_child()
    pub fn pmem_region_alloc(ctx: *mut pmem_ctx, size: u64, opts: *const pmem_alloc_opts, out: *mut *mut pmem_region) -> c_int;
    /// A checked pointer into the region.
    ///
    /// Returns the pointer; NULL if outside (ERANGE), unaligned (EINVAL) or not mapped (EOPNOTSUPP), see
    /// pmem_error_last()
    pub fn pmem_region_at(region: *const pmem_region, offset: u64, size: u64, align: u64) -> *mut c_void;
    /// PMEM_REGION_\* bits.
    pub fn pmem_region_attrs(region: *const pmem_region) -> u32;
    /// The name of the backend that made it; "" if `region` is NULL.
    pub fn pmem_region_backend(region: *const pmem_region) -> *const c_char;
    /// The address to give to the region's DMA master for the first byte.
    ///
    /// Returns as pmem_region_phys() and pmem_soc_phys_to_bus(), for the whole region: -ERANGE if the master does not
    /// see all of it, -EXDEV if it sees it through windows with different offsets: use pmem_region_extents()
    pub fn pmem_region_bus(region: *const pmem_region, bus: *mut u64) -> c_int;
    /// The address to give to another DMA master for the first byte.
    ///
    /// Returns as pmem_region_bus(); -ENOENT no such node; -ENODEV there is no device tree
    pub fn pmem_region_bus_for(region: *const pmem_region, master: *const c_char, bus: *mut u64) -> c_int;
    /// Unmap and give back. The region is gone afterwards, whatever is returned.
    ///
    /// Returns 0, or the first error met on the way
    pub fn pmem_region_close(region: *mut pmem_region) -> c_int;
    /// Before the CPU touches bytes that a device may have written.
    ///
    /// Returns 0 when the CPU's view is true; -EOPNOTSUPP if it cannot be made true (PMEM_CAUSE_NOT_COHERENT), or the
    /// region is not mapped (PMEM_CAUSE_UNSUPPORTED; see pmem_dmabuf_cpu_begin()); -ERANGE; -EINVAL
    pub fn pmem_region_cpu_begin(region: *const pmem_region, offset: u64, length: u64, direction: u32) -> c_int;
    /// After the CPU, before a device touches them; as pmem_region_cpu_begin().
    pub fn pmem_region_cpu_end(region: *const pmem_region, offset: u64, length: u64, direction: u32) -> c_int;
    /// Where the region begins in this program.
    ///
    /// Returns NULL if it is PMEM_REGION_UNMAPPED, or `region` is NULL
    pub fn pmem_region_data(region: *const pmem_region) -> *mut c_void;
    /// A dma-buf file descriptor of the region, to hand to a driver or another process.
    ///
    /// Returns a new close-on-exec descriptor, the caller's to close; -EOPNOTSUPP if the region has none (ask for
    /// PMEM_ALLOC_DMABUF)
    pub fn pmem_region_dup_fd(region: *const pmem_region) -> c_int;
    /// The physical piece that holds one byte of the region.
    ///
    /// Returns 0; -ERANGE offset outside; -ENXIO unknown
    pub fn pmem_region_extent(region: *const pmem_region, offset: u64, phys: *mut u64, length: *mut u64) -> c_int;
    /// All pieces of a part of the region, as scatter lists, PRPs and cyclic DMA need them.
    ///
    /// Returns 0; -ENOSPC there are more than `capacity`: nothing is written; -EINVAL NULL, or `need`
    /// (PMEM_CAUSE_FLAGS); -ERANGE outside the region (PMEM_CAUSE_BOUNDS), or not seen by the master
    /// (PMEM_CAUSE_OUTSIDE_WINDOW); -ENXIO an address that was asked for cannot be known
    pub fn pmem_region_extents(region: *const pmem_region, offset: u64, length: u64, need: u32, extents: *mut pmem_extent, capacity: usize, count: *mut usize) -> c_int;
    /// The dma-buf file descriptor of the region, for a system call.
    ///
    /// Returns borrowed: it lives as long as the region, and is not to be closed; -EOPNOTSUPP if the region has none
    /// (ask for PMEM_ALLOC_DMABUF)
    pub fn pmem_region_fd(region: *const pmem_region) -> c_int;
    /// The region that a pointer points into.
    ///
    /// Returns 0; -ENOENT no region of this context is there (PMEM_CAUSE_NOT_FOUND); -EINVAL
    pub fn pmem_region_find(ctx: *mut pmem_ctx, pointer: *const c_void, region: *mut *mut pmem_region, offset: *mut u64) -> c_int;
    /// The region that holds a physical address; as pmem_region_find().
    ///
    /// Returns as pmem_region_find(); -ENOMEM
    pub fn pmem_region_find_phys(ctx: *mut pmem_ctx, phys: u64, region: *mut *mut pmem_region, offset: *mut u64) -> c_int;
    /// Map a dma-buf that another program, a V4L2 or a DRM device made.
    ///
    /// Returns 0; -EBADF no open file; -EINVAL not a dma-buf (PMEM_CAUSE_WRONG_KIND); -ENOMEM
    pub fn pmem_region_import(ctx: *mut pmem_ctx, dmabuf_fd: c_int, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Map physical addresses, usually registers.
    ///
    /// Returns 0; -EINVAL for NULL (PMEM_CAUSE_NULL_ARGUMENT), size 0 (PMEM_CAUSE_ZERO_SIZE) and unknown flags
    /// (PMEM_CAUSE_FLAGS); -EOVERFLOW phys + size wraps (PMEM_CAUSE_WRAPS); -ERANGE beyond the bus width; -ENOENT no
    /// device; -EACCES file mode; -EPERM the cause tells which of capability, lockdown, system RAM or driver; -ENOMEM
    pub fn pmem_region_map(ctx: *mut pmem_ctx, phys: u64, size: u64, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Map a device file, or registers that were saved in a file.
    ///
    /// Returns 0; -EINVAL NULL, size 0, unknown flags, PMEM_TO_END of a device, or what is neither a plain file nor a
    /// character device, or is /dev/mem (PMEM_CAUSE_WRONG_KIND); -ERANGE beyond the end of a plain file
    /// (PMEM_CAUSE_BOUNDS); -EOVERFLOW offset or address wrap; -ENOENT, -EACCES, -EPERM, -EBUSY as the file
    /// is; -ENODEV it cannot be mapped; else what the device's driver said
    pub fn pmem_region_map_file(ctx: *mut pmem_ctx, path: *const c_char, offset: u64, size: u64, phys: u64, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Map the SoC's GPIO registers, without root where /dev/gpiomem exists.
    ///
    /// Returns as pmem_region_map(); -ENODEV this machine's device tree shows no GPIO registers
    pub fn pmem_region_map_gpio(ctx: *mut pmem_ctx, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Map the registers of a device by its node: see soc.h for how nodes are named.
    ///
    /// Returns as pmem_soc_node() and pmem_region_map()
    pub fn pmem_region_map_node(ctx: *mut pmem_ctx, node: *const c_char, index: u32, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Map a base address register of a PCI device through sysfs.
    ///
    /// Returns as pmem_region_map(); -ENOENT no such device or BAR; -ENODEV the BAR is an I/O port range
    pub fn pmem_region_map_pci(ctx: *mut pmem_ctx, bdf: *const c_char, bar: u32, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// The physical address of the first byte.
    ///
    /// Returns 0; -ENXIO it cannot be known (PMEM_CAUSE_ADDRESS_UNKNOWN, the message says why); -EXDEV the region is
    /// in several pieces: use pmem_region_extents()
    pub fn pmem_region_phys(region: *const pmem_region, phys: *mut u64) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_read16(region: *const pmem_region, offset: u64, value: *mut u16) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_read32(region: *const pmem_region, offset: u64, value: *mut u32) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_read64(region: *const pmem_region, offset: u64, value: *mut u64) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_read8(region: *const pmem_region, offset: u64, value: *mut u8) -> c_int;
    /// Keep memory that the program already has in place, and tell where it is (docs/pages.md).
    ///
    /// Returns 0; -EINVAL NULL, length 0, unknown flags; -EOVERFLOW addr + length wraps; -EFAULT, -EOPNOTSUPP not
    /// mapped, not writable, of a file or a device (PMEM_CAUSE_WRONG_KIND); -ENOMEM PMEM_CAUSE_LIMIT; -EPERM the
    /// kernel hides addresses (PMEM_CAUSE_CAPABILITY); -EOPNOTSUPP PMEM_CAUSE_NOT_PINNED: Linux before 5.12, or no
    /// io_uring; PMEM_CAUSE_NOT_COHERENT
    pub fn pmem_region_register(ctx: *mut pmem_ctx, addr: *mut c_void, length: u64, flags: u32, out: *mut *mut pmem_region) -> c_int;
    /// Bytes of the region, as asked for; 0 only if `region` is NULL.
    pub fn pmem_region_size(region: *const pmem_region) -> u64;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_write16(region: *mut pmem_region, offset: u64, value: u16) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_write32(region: *mut pmem_region, offset: u64, value: u32) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_write64(region: *mut pmem_region, offset: u64, value: u64) -> c_int;
    /// One register access of exactly that width, bounds and alignment checked
    ///
    /// Returns 0; -ERANGE outside the region (PMEM_CAUSE_BOUNDS); -EINVAL unaligned (PMEM_CAUSE_ALIGNMENT); -EACCES
    /// write to a read-only region; -EOPNOTSUPP not mapped
    pub fn pmem_region_write8(region: *mut pmem_region, offset: u64, value: u8) -> c_int;
    /// Copy between two buffers and compare every byte.
    ///
    /// Returns 0 passed; -EILSEQ wrong bytes (PMEM_CAUSE_MISMATCH; the message says where and shows both sides in
    /// hexadecimal); -EINVAL impossible arguments; else what a callback returned
    pub fn pmem_selftest_copy(ctx: *mut pmem_ctx, size: u64, hole: u64, src_offset: u64, alloc: Option<pmem_selftest_alloc_fn>, copy: Option<pmem_selftest_copy_fn>, user: *mut c_void) -> c_int;
    /// From the address that a DMA master uses to the physical address.
    ///
    /// Returns 0; -ERANGE the master cannot see that address (PMEM_CAUSE_OUTSIDE_WINDOW); -ENOENT; -ENODEV a node is
    /// named and there is no device tree; -ENXIO an IOMMU decides, or nothing tells
    /// (PMEM_CAUSE_ADDRESS_UNKNOWN); -EINVAL "pci:" and no address of a device
    pub fn pmem_soc_bus_to_phys(ctx: *const pmem_ctx, master: *const c_char, from: u64, out: *mut u64) -> c_int;
    /// Do the CPU caches see what a DMA master writes, and the other way round?
    ///
    /// Returns 1 coherent, 0 not; -ENOENT; -ENODEV a node is named and there is no device tree
    pub fn pmem_soc_coherent(ctx: *const pmem_ctx, master: *const c_char) -> c_int;
    /// The root's compatible string number `i`, most specific first; NULL after the last, and as of
    /// pmem_soc_family().
    pub fn pmem_soc_compatible(ctx: *const pmem_ctx, i: usize) -> *const c_char;
    /// The family of the SoC, such as "bcm2837", "sun8i-h3", "x86_64", or "generic".
    ///
    /// Returns borrowed from the context; NULL if `ctx` is NULL, and if the machine cannot be looked at now (no
    /// memory, no descriptors, files that may not be read): pmem_error_last() says why. That is not remembered: the
    /// next question tries again.
    pub fn pmem_soc_family(ctx: *const pmem_ctx) -> *const c_char;
    /// Where the GPIO registers are that pmem_region_map_gpio() maps; nothing is opened.
    ///
    /// Returns 0; -ENODEV this machine's device tree shows no GPIO registers
    pub fn pmem_soc_gpio(ctx: *const pmem_ctx, phys: *mut u64, size: *mut u64) -> c_int;
    /// The model text of the board; "" if the machine does not tell, NULL as of pmem_soc_family().
    pub fn pmem_soc_model(ctx: *const pmem_ctx) -> *const c_char;
    /// Where a device of the tree is, as the CPU sees it.
    ///
    /// Returns 0; -ENOENT no such node or entry (PMEM_CAUSE_NOT_FOUND); -ENXIO the node is there but its address
    /// cannot be translated (PMEM_CAUSE_DEVICE_TREE); -ENODEV no device tree
    pub fn pmem_soc_node(ctx: *const pmem_ctx, node: *const c_char, index: u32, phys: *mut u64, size: *mut u64) -> c_int;
    /// Is a node enabled: its own `status` and that of all nodes above it.
    ///
    /// Returns 1 or 0; -ENOENT; -ENODEV
    pub fn pmem_soc_node_available(ctx: *const pmem_ctx, node: *const c_char) -> c_int;
    /// The full path of a node.
    ///
    /// Returns 0; -ENOENT; -ENOSPC if `size` is too small; -ENODEV no device tree
    pub fn pmem_soc_node_path(ctx: *const pmem_ctx, node: *const c_char, nth: u32, path: *mut c_char, size: usize) -> c_int;
    /// Which reserved memory a device of the tree uses, by its `memory-region`.
    ///
    /// Returns 0; -ENOENT no such node or entry, or one that leads to nothing that Linux reserves
    /// (PMEM_CAUSE_NOT_FOUND); -EINVAL NULL, or both a name and an index (PMEM_CAUSE_FLAGS); -ENODEV no device tree
    pub fn pmem_soc_node_reserved(ctx: *const pmem_ctx, node: *const c_char, index: u32, name: *const c_char, i: *mut usize) -> c_int;
    /// Bytes in a page of the running kernel; 0 only if `ctx` is NULL.
    pub fn pmem_soc_page_size(ctx: *const pmem_ctx) -> u64;
    /// From the physical address to the one that a DMA master uses; as pmem_soc_bus_to_phys().
    ///
    /// Returns as pmem_soc_bus_to_phys()
    pub fn pmem_soc_phys_to_bus(ctx: *const pmem_ctx, master: *const c_char, from: u64, out: *mut u64) -> c_int;
    /// One of them.
    ///
    /// Returns 0; -EINVAL there is none of that number (PMEM_CAUSE_NOT_FOUND), or `ctx` is NULL; -ENODEV
    pub fn pmem_soc_reserved(ctx: *const pmem_ctx, i: usize, phys: *mut u64, size: *mut u64, flags: *mut u32) -> c_int;
    /// The first compatible string of its node; "" if it has none, NULL as of pmem_soc_reserved_path().
    pub fn pmem_soc_reserved_compatible(ctx: *const pmem_ctx, i: usize) -> *const c_char;
    /// How many pieces of memory the device tree keeps back: the children of /reserved-memory.
    ///
    /// Returns 0; -EINVAL; -ENODEV no device tree
    pub fn pmem_soc_reserved_count(ctx: *const pmem_ctx, count: *mut usize) -> c_int;
    /// The full path of its node, such as "/reserved-memory/buffer@10000000": for pmem_region_map_node().
    ///
    /// Returns borrowed from the context; NULL if there is none of that number
    pub fn pmem_soc_reserved_path(ctx: *const pmem_ctx, i: usize) -> *const c_char;
    /// The maker of the SoC, such as "Broadcom"; "" if unknown, NULL as of pmem_soc_family().
    pub fn pmem_soc_vendor(ctx: *const pmem_ctx) -> *const c_char;
    /// The physically contiguous pieces of a range, as pmem_region_extents() tells those of a region.
    ///
    /// Returns 0; -ENOSPC there are more than `capacity`: nothing is written; -EINVAL NULL; -EOVERFLOW addr + length
    /// wraps (PMEM_CAUSE_WRAPS); -ENOMEM; as pmem_vaddr_phys()
    pub fn pmem_vaddr_extents(ctx: *mut pmem_ctx, addr: *const c_void, length: u64, extents: *mut pmem_extent, capacity: usize, count: *mut usize) -> c_int;
    /// The raw pagemap entry of the page that holds `addr`.
    ///
    /// Returns 0; -EINVAL; -ENOENT kernel without pagemap; -EPERM or -EACCES the file is refused
    pub fn pmem_vaddr_pagemap(ctx: *mut pmem_ctx, addr: *const c_void, entry: *mut u64) -> c_int;
    /// The physical address of one byte.
    ///
    /// Returns 0; -EPERM the kernel hides frames from this program (PMEM_CAUSE_CAPABILITY); -ENXIO no page there: not
    /// touched yet, swapped, the shared zero page, or a device mapping (PMEM_CAUSE_ADDRESS_UNKNOWN; the message tells
    /// which); -ENOENT; -EINVAL
    pub fn pmem_vaddr_phys(ctx: *mut pmem_ctx, addr: *const c_void, phys: *mut u64) -> c_int;
    /// The physical addresses of consecutive pages, in as few system calls as the kernel allows.
    ///
    /// Returns as pmem_vaddr_phys(); the message names the first page that has no address
    pub fn pmem_vaddr_phys_bulk(ctx: *mut pmem_ctx, addr: *const c_void, pages: usize, phys: *mut u64) -> c_int;
    /// The physical addresses of bytes that lie anywhere, in one call.
    ///
    /// Returns as pmem_vaddr_phys(); -ENOMEM; the message names the byte that has no address
    pub fn pmem_vaddr_phys_list(ctx: *mut pmem_ctx, addrs: *const u64, count: usize, phys: *mut u64) -> c_int;
    /// Version of the library that is running.
    ///
    /// Returns text such as "3.0.0"; static, never NULL.
    pub fn pmem_version() -> *const c_char;
    /// Version of the library that is running, as a number.
    ///
    /// Returns the same form as PMEM_VERSION_NUMBER.
    pub fn pmem_version_number() -> u32;
}

#[cfg(test)]
pub(crate) mod layout {
    use std::mem::{size_of, MaybeUninit};
    use std::ptr::addr_of;

    /// Name, found and described: the size of `pmem_alloc_opts` and each member's place.
    pub(crate) fn pmem_alloc_opts() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [96, 0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 76, 80, 88];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [64, 0, 4, 8, 16, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [64, 0, 4, 8, 16, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60];
        let value = MaybeUninit::<super::pmem_alloc_opts>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_alloc_opts>(), expected[0]),
                ("size", addr_of!((*base).size) as usize - base as usize, expected[1]),
                ("flags", addr_of!((*base).flags) as usize - base as usize, expected[2]),
                ("align", addr_of!((*base).align) as usize - base as usize, expected[3]),
                ("max_addr", addr_of!((*base).max_addr) as usize - base as usize, expected[4]),
                ("master", addr_of!((*base).master) as usize - base as usize, expected[5]),
                ("backend", addr_of!((*base).backend) as usize - base as usize, expected[6]),
                ("heap", addr_of!((*base).heap) as usize - base as usize, expected[7]),
                ("name", addr_of!((*base).name) as usize - base as usize, expected[8]),
                ("firmware", addr_of!((*base).firmware) as usize - base as usize, expected[9]),
                ("reserved", addr_of!((*base).reserved) as usize - base as usize, expected[10]),
                ("wait_ms", addr_of!((*base).wait_ms) as usize - base as usize, expected[11]),
                ("node", addr_of!((*base).node) as usize - base as usize, expected[12]),
                ("device", addr_of!((*base).device) as usize - base as usize, expected[13]),
                ("reserved2", addr_of!((*base).reserved2) as usize - base as usize, expected[14]),
            ]
        }
    }

    /// Name, found and described: the size of `pmem_extent` and each member's place.
    pub(crate) fn pmem_extent() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [32, 0, 8, 16, 24];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [32, 0, 8, 16, 24];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [32, 0, 8, 16, 24];
        let value = MaybeUninit::<super::pmem_extent>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_extent>(), expected[0]),
                ("offset", addr_of!((*base).offset) as usize - base as usize, expected[1]),
                ("length", addr_of!((*base).length) as usize - base as usize, expected[2]),
                ("phys", addr_of!((*base).phys) as usize - base as usize, expected[3]),
                ("bus", addr_of!((*base).bus) as usize - base as usize, expected[4]),
            ]
        }
    }

    /// Name, found and described: the size of `pmem_firmware_opts` and each member's place.
    pub(crate) fn pmem_firmware_opts() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [16, 0, 4, 8, 12];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [16, 0, 4, 8, 12];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [16, 0, 4, 8, 12];
        let value = MaybeUninit::<super::pmem_firmware_opts>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_firmware_opts>(), expected[0]),
                ("size", addr_of!((*base).size) as usize - base as usize, expected[1]),
                ("flags", addr_of!((*base).flags) as usize - base as usize, expected[2]),
                ("dma_channels", addr_of!((*base).dma_channels) as usize - base as usize, expected[3]),
                ("reserved", addr_of!((*base).reserved) as usize - base as usize, expected[4]),
            ]
        }
    }

    /// Name, found and described: the size of `pmem_pool_opts` and each member's place.
    pub(crate) fn pmem_pool_opts() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [56, 0, 4, 8, 16, 24, 32, 40, 48];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [48, 0, 4, 8, 16, 24, 32, 40, 44];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [48, 0, 4, 8, 16, 24, 32, 40, 44];
        let value = MaybeUninit::<super::pmem_pool_opts>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_pool_opts>(), expected[0]),
                ("size", addr_of!((*base).size) as usize - base as usize, expected[1]),
                ("flags", addr_of!((*base).flags) as usize - base as usize, expected[2]),
                ("align", addr_of!((*base).align) as usize - base as usize, expected[3]),
                ("boundary", addr_of!((*base).boundary) as usize - base as usize, expected[4]),
                ("grow", addr_of!((*base).grow) as usize - base as usize, expected[5]),
                ("max", addr_of!((*base).max) as usize - base as usize, expected[6]),
                ("alloc", addr_of!((*base).alloc) as usize - base as usize, expected[7]),
                ("reserved", addr_of!((*base).reserved) as usize - base as usize, expected[8]),
            ]
        }
    }

    /// Name, found and described: the size of `pmem_pool_counts` and each member's place.
    pub(crate) fn pmem_pool_counts() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [64, 0, 4, 8, 16, 24, 32, 40, 48, 56];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [64, 0, 4, 8, 16, 24, 32, 40, 48, 56];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [64, 0, 4, 8, 16, 24, 32, 40, 48, 56];
        let value = MaybeUninit::<super::pmem_pool_counts>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_pool_counts>(), expected[0]),
                ("size", addr_of!((*base).size) as usize - base as usize, expected[1]),
                ("regions", addr_of!((*base).regions) as usize - base as usize, expected[2]),
                ("bytes", addr_of!((*base).bytes) as usize - base as usize, expected[3]),
                ("free_bytes", addr_of!((*base).free_bytes) as usize - base as usize, expected[4]),
                ("objects", addr_of!((*base).objects) as usize - base as usize, expected[5]),
                ("object_bytes", addr_of!((*base).object_bytes) as usize - base as usize, expected[6]),
                ("cached", addr_of!((*base).cached) as usize - base as usize, expected[7]),
                ("cached_bytes", addr_of!((*base).cached_bytes) as usize - base as usize, expected[8]),
                ("threads", addr_of!((*base).threads) as usize - base as usize, expected[9]),
            ]
        }
    }

    /// Name, found and described: the size of `pmem_device_opts` and each member's place.
    pub(crate) fn pmem_device_opts() -> Vec<(&'static str, usize, usize)> {
        #[cfg(target_pointer_width = "64")]
        let expected = [48, 0, 4, 8, 16, 24, 32, 36, 40, 44];
        #[cfg(all(target_pointer_width = "32", not(target_arch = "x86")))]
        let expected = [40, 0, 4, 8, 16, 20, 24, 28, 32, 36];
        #[cfg(all(target_pointer_width = "32", target_arch = "x86"))]
        let expected = [40, 0, 4, 8, 16, 20, 24, 28, 32, 36];
        let value = MaybeUninit::<super::pmem_device_opts>::uninit();
        let base = value.as_ptr();
        // Addresses only: nothing is read.
        unsafe {
            vec![
                ("all of it", size_of::<super::pmem_device_opts>(), expected[0]),
                ("size", addr_of!((*base).size) as usize - base as usize, expected[1]),
                ("flags", addr_of!((*base).flags) as usize - base as usize, expected[2]),
                ("max_addr", addr_of!((*base).max_addr) as usize - base as usize, expected[3]),
                ("way", addr_of!((*base).way) as usize - base as usize, expected[4]),
                ("share", addr_of!((*base).share) as usize - base as usize, expected[5]),
                ("device_fd", addr_of!((*base).device_fd) as usize - base as usize, expected[6]),
                ("group_fd", addr_of!((*base).group_fd) as usize - base as usize, expected[7]),
                ("iommu_fd", addr_of!((*base).iommu_fd) as usize - base as usize, expected[8]),
                ("reserved", addr_of!((*base).reserved) as usize - base as usize, expected[9]),
            ]
        }
    }

    pub(crate) const CONSTANTS: [(&str, u64); 147] = [
        ("PMEM_BACKEND_MAP", super::PMEM_BACKEND_MAP as u64),
        ("PMEM_BACKEND_GPIO", super::PMEM_BACKEND_GPIO as u64),
        ("PMEM_BACKEND_ALLOC", super::PMEM_BACKEND_ALLOC as u64),
        ("PMEM_BACKEND_IMPORT", super::PMEM_BACKEND_IMPORT as u64),
        ("PMEM_BACKEND_EXPORT", super::PMEM_BACKEND_EXPORT as u64),
        ("PMEM_BACKEND_PHYS", super::PMEM_BACKEND_PHYS as u64),
        ("PMEM_BACKEND_BUS", super::PMEM_BACKEND_BUS as u64),
        ("PMEM_BACKEND_PINNED", super::PMEM_BACKEND_PINNED as u64),
        ("PMEM_BACKEND_CONTIGUOUS", super::PMEM_BACKEND_CONTIGUOUS as u64),
        ("PMEM_BACKEND_SYNC", super::PMEM_BACKEND_SYNC as u64),
        ("PMEM_BACKEND_RECLAIM", super::PMEM_BACKEND_RECLAIM as u64),
        ("PMEM_BACKEND_NODE", super::PMEM_BACKEND_NODE as u64),
        ("PMEM_LEVEL_ERROR", super::PMEM_LEVEL_ERROR as u64),
        ("PMEM_LEVEL_WARNING", super::PMEM_LEVEL_WARNING as u64),
        ("PMEM_LEVEL_INFO", super::PMEM_LEVEL_INFO as u64),
        ("PMEM_LEVEL_DEBUG", super::PMEM_LEVEL_DEBUG as u64),
        ("PMEM_DEVICE_MAY_BE_UNSAFE", super::PMEM_DEVICE_MAY_BE_UNSAFE as u64),
        ("PMEM_DEVICE_TRANSLATED", super::PMEM_DEVICE_TRANSLATED as u64),
        ("PMEM_DEVICE_PROTECTED", super::PMEM_DEVICE_PROTECTED as u64),
        ("PMEM_DEVICE_UNSAFE", super::PMEM_DEVICE_UNSAFE as u64),
        ("PMEM_DEVICE_RESET", super::PMEM_DEVICE_RESET as u64),
        ("PMEM_DEVICE_P2P", super::PMEM_DEVICE_P2P as u64),
        ("PMEM_DEVICE_PCI", super::PMEM_DEVICE_PCI as u64),
        ("PMEM_DEVICE_PLATFORM", super::PMEM_DEVICE_PLATFORM as u64),
        ("PMEM_ENABLE_MEMORY", super::PMEM_ENABLE_MEMORY as u64),
        ("PMEM_ENABLE_MASTER", super::PMEM_ENABLE_MASTER as u64),
        ("PMEM_IRQ_ANY", super::PMEM_IRQ_ANY as u64),
        ("PMEM_IRQ_INTX", super::PMEM_IRQ_INTX as u64),
        ("PMEM_IRQ_MSI", super::PMEM_IRQ_MSI as u64),
        ("PMEM_IRQ_MSIX", super::PMEM_IRQ_MSIX as u64),
        ("PMEM_IRQ_REQUEST", super::PMEM_IRQ_REQUEST as u64),
        ("PMEM_IRQ_ERROR", super::PMEM_IRQ_ERROR as u64),
        ("PMEM_DMA_READ", super::PMEM_DMA_READ as u64),
        ("PMEM_DMA_WRITE", super::PMEM_DMA_WRITE as u64),
        ("PMEM_DMA_BOTH", super::PMEM_DMA_BOTH as u64),
        ("PMEM_HEAP_CONTIGUOUS", super::PMEM_HEAP_CONTIGUOUS as u64),
        ("PMEM_HEAP_SCATTERED", super::PMEM_HEAP_SCATTERED as u64),
        ("PMEM_HEAP_CACHED", super::PMEM_HEAP_CACHED as u64),
        ("PMEM_HEAP_UNCACHED", super::PMEM_HEAP_UNCACHED as u64),
        ("PMEM_HEAP_SECURE", super::PMEM_HEAP_SECURE as u64),
        ("PMEM_WAY_NXP_IOCTL", super::PMEM_WAY_NXP_IOCTL as u64),
        ("PMEM_WAY_DMABUF_IMX", super::PMEM_WAY_DMABUF_IMX as u64),
        ("PMEM_WAY_DMA_BUF_PHYS", super::PMEM_WAY_DMA_BUF_PHYS as u64),
        ("PMEM_WAY_VCSM", super::PMEM_WAY_VCSM as u64),
        ("PMEM_WAY_PAGEMAP", super::PMEM_WAY_PAGEMAP as u64),
        ("PMEM_WAY_UDMABUF_KMOD", super::PMEM_WAY_UDMABUF_KMOD as u64),
        ("PMEM_CAUSE_NONE", super::PMEM_CAUSE_NONE as u64),
        ("PMEM_CAUSE_NULL_ARGUMENT", super::PMEM_CAUSE_NULL_ARGUMENT as u64),
        ("PMEM_CAUSE_ZERO_SIZE", super::PMEM_CAUSE_ZERO_SIZE as u64),
        ("PMEM_CAUSE_WRAPS", super::PMEM_CAUSE_WRAPS as u64),
        ("PMEM_CAUSE_ALIGNMENT", super::PMEM_CAUSE_ALIGNMENT as u64),
        ("PMEM_CAUSE_FLAGS", super::PMEM_CAUSE_FLAGS as u64),
        ("PMEM_CAUSE_OPTIONS", super::PMEM_CAUSE_OPTIONS as u64),
        ("PMEM_CAUSE_BOUNDS", super::PMEM_CAUSE_BOUNDS as u64),
        ("PMEM_CAUSE_NO_DEVICE", super::PMEM_CAUSE_NO_DEVICE as u64),
        ("PMEM_CAUSE_FILE_MODE", super::PMEM_CAUSE_FILE_MODE as u64),
        ("PMEM_CAUSE_CAPABILITY", super::PMEM_CAUSE_CAPABILITY as u64),
        ("PMEM_CAUSE_LOCKDOWN", super::PMEM_CAUSE_LOCKDOWN as u64),
        ("PMEM_CAUSE_SYSTEM_RAM", super::PMEM_CAUSE_SYSTEM_RAM as u64),
        ("PMEM_CAUSE_DRIVER_OWNED", super::PMEM_CAUSE_DRIVER_OWNED as u64),
        ("PMEM_CAUSE_BUS_WIDTH", super::PMEM_CAUSE_BUS_WIDTH as u64),
        ("PMEM_CAUSE_OUTSIDE_WINDOW", super::PMEM_CAUSE_OUTSIDE_WINDOW as u64),
        ("PMEM_CAUSE_NO_MEMORY", super::PMEM_CAUSE_NO_MEMORY as u64),
        ("PMEM_CAUSE_LIMIT", super::PMEM_CAUSE_LIMIT as u64),
        ("PMEM_CAUSE_ADDRESS_UNKNOWN", super::PMEM_CAUSE_ADDRESS_UNKNOWN as u64),
        ("PMEM_CAUSE_ADDRESS_LIMIT", super::PMEM_CAUSE_ADDRESS_LIMIT as u64),
        ("PMEM_CAUSE_NOT_CONTIGUOUS", super::PMEM_CAUSE_NOT_CONTIGUOUS as u64),
        ("PMEM_CAUSE_NOT_PINNED", super::PMEM_CAUSE_NOT_PINNED as u64),
        ("PMEM_CAUSE_NOT_COHERENT", super::PMEM_CAUSE_NOT_COHERENT as u64),
        ("PMEM_CAUSE_UNSUPPORTED", super::PMEM_CAUSE_UNSUPPORTED as u64),
        ("PMEM_CAUSE_NOT_FOUND", super::PMEM_CAUSE_NOT_FOUND as u64),
        ("PMEM_CAUSE_DEVICE_TREE", super::PMEM_CAUSE_DEVICE_TREE as u64),
        ("PMEM_CAUSE_FIRMWARE", super::PMEM_CAUSE_FIRMWARE as u64),
        ("PMEM_CAUSE_TIMEOUT", super::PMEM_CAUSE_TIMEOUT as u64),
        ("PMEM_CAUSE_BUSY", super::PMEM_CAUSE_BUSY as u64),
        ("PMEM_CAUSE_WRONG_KIND", super::PMEM_CAUSE_WRONG_KIND as u64),
        ("PMEM_CAUSE_READONLY", super::PMEM_CAUSE_READONLY as u64),
        ("PMEM_CAUSE_MISMATCH", super::PMEM_CAUSE_MISMATCH as u64),
        ("PMEM_CAUSE_MOVED", super::PMEM_CAUSE_MOVED as u64),
        ("PMEM_CAUSE_SYSTEM", super::PMEM_CAUSE_SYSTEM as u64),
        ("PMEM_CAUSE_NOT_VIABLE", super::PMEM_CAUSE_NOT_VIABLE as u64),
        ("PMEM_CAUSE_NO_ISOLATION", super::PMEM_CAUSE_NO_ISOLATION as u64),
        ("PMEM_CAUSE_DEVICE_GONE", super::PMEM_CAUSE_DEVICE_GONE as u64),
        ("PMEM_FACT_REVISION", super::PMEM_FACT_REVISION as u64),
        ("PMEM_FACT_BOARD_REVISION", super::PMEM_FACT_BOARD_REVISION as u64),
        ("PMEM_FACT_BOARD_SERIAL", super::PMEM_FACT_BOARD_SERIAL as u64),
        ("PMEM_FACT_ARM_BASE", super::PMEM_FACT_ARM_BASE as u64),
        ("PMEM_FACT_ARM_SIZE", super::PMEM_FACT_ARM_SIZE as u64),
        ("PMEM_FACT_VC_BASE", super::PMEM_FACT_VC_BASE as u64),
        ("PMEM_FACT_VC_SIZE", super::PMEM_FACT_VC_SIZE as u64),
        ("PMEM_FACT_DMA_CHANNELS", super::PMEM_FACT_DMA_CHANNELS as u64),
        ("PMEM_FACT_DMA_KERNEL", super::PMEM_FACT_DMA_KERNEL as u64),
        ("PMEM_FACT_DMA_IN_USE", super::PMEM_FACT_DMA_IN_USE as u64),
        ("PMEM_RECLAIM_DRY_RUN", super::PMEM_RECLAIM_DRY_RUN as u64),
        ("PMEM_FIRMWARE_MUST_JOURNAL", super::PMEM_FIRMWARE_MUST_JOURNAL as u64),
        ("PMEM_FIRMWARE_NO_RECLAIM", super::PMEM_FIRMWARE_NO_RECLAIM as u64),
        ("PMEM_POOL_NO_GROW", super::PMEM_POOL_NO_GROW as u64),
        ("PMEM_POOL_NO_CACHE", super::PMEM_POOL_NO_CACHE as u64),
        ("PMEM_MAP_READONLY", super::PMEM_MAP_READONLY as u64),
        ("PMEM_MAP_CACHED", super::PMEM_MAP_CACHED as u64),
        ("PMEM_MAP_WRITE_COMBINE", super::PMEM_MAP_WRITE_COMBINE as u64),
        ("PMEM_MAP_SYSTEM_RAM", super::PMEM_MAP_SYSTEM_RAM as u64),
        ("PMEM_IMPORT_NO_MAP", super::PMEM_IMPORT_NO_MAP as u64),
        ("PMEM_ALLOC_SCATTERED", super::PMEM_ALLOC_SCATTERED as u64),
        ("PMEM_ALLOC_NO_ADDRESS", super::PMEM_ALLOC_NO_ADDRESS as u64),
        ("PMEM_ALLOC_MAY_MOVE", super::PMEM_ALLOC_MAY_MOVE as u64),
        ("PMEM_ALLOC_CACHED", super::PMEM_ALLOC_CACHED as u64),
        ("PMEM_ALLOC_UNCACHED", super::PMEM_ALLOC_UNCACHED as u64),
        ("PMEM_ALLOC_DMABUF", super::PMEM_ALLOC_DMABUF as u64),
        ("PMEM_ALLOC_NO_ZERO", super::PMEM_ALLOC_NO_ZERO as u64),
        ("PMEM_ALLOC_NO_MAP", super::PMEM_ALLOC_NO_MAP as u64),
        ("PMEM_ALLOC_NO_MASTER", super::PMEM_ALLOC_NO_MASTER as u64),
        ("PMEM_ALLOC_TRY_HARD", super::PMEM_ALLOC_TRY_HARD as u64),
        ("PMEM_REGISTER_NO_ADDRESS", super::PMEM_REGISTER_NO_ADDRESS as u64),
        ("PMEM_REGISTER_MAY_MOVE", super::PMEM_REGISTER_MAY_MOVE as u64),
        ("PMEM_REGION_CACHED", super::PMEM_REGION_CACHED as u64),
        ("PMEM_REGION_COHERENT", super::PMEM_REGION_COHERENT as u64),
        ("PMEM_REGION_PINNED", super::PMEM_REGION_PINNED as u64),
        ("PMEM_REGION_CONTIGUOUS", super::PMEM_REGION_CONTIGUOUS as u64),
        ("PMEM_REGION_DEVICE", super::PMEM_REGION_DEVICE as u64),
        ("PMEM_REGION_READONLY", super::PMEM_REGION_READONLY as u64),
        ("PMEM_REGION_NEEDS_SYNC", super::PMEM_REGION_NEEDS_SYNC as u64),
        ("PMEM_REGION_DMABUF", super::PMEM_REGION_DMABUF as u64),
        ("PMEM_REGION_UNMAPPED", super::PMEM_REGION_UNMAPPED as u64),
        ("PMEM_REGION_BUS_CONTIGUOUS", super::PMEM_REGION_BUS_CONTIGUOUS as u64),
        ("PMEM_EXTENTS_PHYS", super::PMEM_EXTENTS_PHYS as u64),
        ("PMEM_EXTENTS_BUS", super::PMEM_EXTENTS_BUS as u64),
        ("PMEM_DIR_READ", super::PMEM_DIR_READ as u64),
        ("PMEM_DIR_WRITE", super::PMEM_DIR_WRITE as u64),
        ("PMEM_DIR_BOTH", super::PMEM_DIR_BOTH as u64),
        ("PMEM_RESERVED_NO_MAP", super::PMEM_RESERVED_NO_MAP as u64),
        ("PMEM_RESERVED_REUSABLE", super::PMEM_RESERVED_REUSABLE as u64),
        ("PMEM_RESERVED_DYNAMIC", super::PMEM_RESERVED_DYNAMIC as u64),
        ("PMEM_RESERVED_POOL", super::PMEM_RESERVED_POOL as u64),
        ("PMEM_RESERVED_DEFAULT", super::PMEM_RESERVED_DEFAULT as u64),
        ("PMEM_TO_END", super::PMEM_TO_END),
        ("PMEM_ADDRESS_NONE", super::PMEM_ADDRESS_NONE),
        ("PMEM_PAGEMAP_PRESENT", super::PMEM_PAGEMAP_PRESENT),
        ("PMEM_PAGEMAP_SWAPPED", super::PMEM_PAGEMAP_SWAPPED),
        ("PMEM_PAGEMAP_FILE", super::PMEM_PAGEMAP_FILE),
        ("PMEM_PAGEMAP_EXCLUSIVE", super::PMEM_PAGEMAP_EXCLUSIVE),
        ("PMEM_PAGEMAP_SOFT_DIRTY", super::PMEM_PAGEMAP_SOFT_DIRTY),
        ("PMEM_PAGEMAP_PFN_MASK", super::PMEM_PAGEMAP_PFN_MASK),
        ("PMEM_VERSION_MAJOR", super::PMEM_VERSION_MAJOR as u64),
        ("PMEM_VERSION_MINOR", super::PMEM_VERSION_MINOR as u64),
        ("PMEM_VERSION_PATCH", super::PMEM_VERSION_PATCH as u64),
        ("PMEM_VERSION_NUMBER", super::PMEM_VERSION_NUMBER as u64),
    ];
}
