// SPDX-License-Identifier: MIT
// Written by bindings/rust/generate.py from api.json. Do not edit.
use libpmem_sys as sys;

use crate::numbers::{bits32, bits64, value32};

bits32! {
    /// What an allocation may ask for.
    AllocFlags "PMEM_ALLOC_" {
        /// several physical pieces will do
        SCATTERED = sys::PMEM_ALLOC_SCATTERED,
        /// the physical address may stay unknown
        NO_ADDRESS = sys::PMEM_ALLOC_NO_ADDRESS,
        /// the address may become untrue
        MAY_MOVE = sys::PMEM_ALLOC_MAY_MOVE,
        /// only cached memory
        CACHED = sys::PMEM_ALLOC_CACHED,
        /// only memory that the CPU does not cache
        UNCACHED = sys::PMEM_ALLOC_UNCACHED,
        /// must have a dma-buf file descriptor
        DMABUF = sys::PMEM_ALLOC_DMABUF,
        /// content may be anything
        NO_ZERO = sys::PMEM_ALLOC_NO_ZERO,
        /// not mapped: pmem_region_data() is NULL
        NO_MAP = sys::PMEM_ALLOC_NO_MAP,
        /// no device in particular: see pmem_alloc_opts.master
        NO_MASTER = sys::PMEM_ALLOC_NO_MASTER,
        /// since 3.1: may take seconds and change pools: docs/pages.md
        TRY_HARD = sys::PMEM_ALLOC_TRY_HARD,
    }
}

bits32! {
    /// What a backend can do.
    BackendCaps "PMEM_BACKEND_" {
        /// maps physical addresses
        MAP = sys::PMEM_BACKEND_MAP,
        /// maps the GPIO registers
        GPIO = sys::PMEM_BACKEND_GPIO,
        /// allocates
        ALLOC = sys::PMEM_BACKEND_ALLOC,
        /// takes a dma-buf made elsewhere
        IMPORT = sys::PMEM_BACKEND_IMPORT,
        /// regions have a dma-buf file descriptor
        EXPORT = sys::PMEM_BACKEND_EXPORT,
        /// can know physical addresses
        PHYS = sys::PMEM_BACKEND_PHYS,
        /// the allocator itself tells the bus address
        BUS = sys::PMEM_BACKEND_BUS,
        /// memory stays where it is
        PINNED = sys::PMEM_BACKEND_PINNED,
        /// can give one piece larger than a page
        CONTIGUOUS = sys::PMEM_BACKEND_CONTIGUOUS,
        /// cached memory with working cpu_begin/cpu_end
        SYNC = sys::PMEM_BACKEND_SYNC,
        /// memory outlives the process; journalled
        RECLAIM = sys::PMEM_BACKEND_RECLAIM,
        /// since 3.1: can choose the NUMA node
        NODE = sys::PMEM_BACKEND_NODE,
    }
}

value32! {
    /// Why a call failed. Numbers and names never change.
    Cause "PMEM_CAUSE_" {
        /// no error
        NONE = sys::PMEM_CAUSE_NONE,
        /// a handle or out parameter is NULL
        NULL_ARGUMENT = sys::PMEM_CAUSE_NULL_ARGUMENT,
        /// a size of 0
        ZERO_SIZE = sys::PMEM_CAUSE_ZERO_SIZE,
        /// address + size passes the end of the address space
        WRAPS = sys::PMEM_CAUSE_WRAPS,
        /// not a power of two, absurd, or an unaligned access
        ALIGNMENT = sys::PMEM_CAUSE_ALIGNMENT,
        /// unknown or contradictory flags
        FLAGS = sys::PMEM_CAUSE_FLAGS,
        /// options of a newer libpmem (-E2BIG), or a bad size
        OPTIONS = sys::PMEM_CAUSE_OPTIONS,
        /// outside the region
        BOUNDS = sys::PMEM_CAUSE_BOUNDS,
        /// the device node does not exist on this machine
        NO_DEVICE = sys::PMEM_CAUSE_NO_DEVICE,
        /// owner or mode of the file forbid it
        FILE_MODE = sys::PMEM_CAUSE_FILE_MODE,
        /// a capability is missing
        CAPABILITY = sys::PMEM_CAUSE_CAPABILITY,
        /// kernel lockdown (often: Secure Boot)
        LOCKDOWN = sys::PMEM_CAUSE_LOCKDOWN,
        /// CONFIG_STRICT_DEVMEM protects RAM of the kernel
        SYSTEM_RAM = sys::PMEM_CAUSE_SYSTEM_RAM,
        /// CONFIG_IO_STRICT_DEVMEM: a driver owns the range
        DRIVER_OWNED = sys::PMEM_CAUSE_DRIVER_OWNED,
        /// beyond the physical address width
        BUS_WIDTH = sys::PMEM_CAUSE_BUS_WIDTH,
        /// not inside the window that this device serves
        OUTSIDE_WINDOW = sys::PMEM_CAUSE_OUTSIDE_WINDOW,
        /// not enough (contiguous) memory
        NO_MEMORY = sys::PMEM_CAUSE_NO_MEMORY,
        /// a limit of the process or the kernel
        LIMIT = sys::PMEM_CAUSE_LIMIT,
        /// there is memory, but its address cannot be learnt
        ADDRESS_UNKNOWN = sys::PMEM_CAUSE_ADDRESS_UNKNOWN,
        /// memory lies above opts.max_addr
        ADDRESS_LIMIT = sys::PMEM_CAUSE_ADDRESS_LIMIT,
        /// memory is in several pieces
        NOT_CONTIGUOUS = sys::PMEM_CAUSE_NOT_CONTIGUOUS,
        /// nothing here can keep the pages in place
        NOT_PINNED = sys::PMEM_CAUSE_NOT_PINNED,
        /// cached, and its cache cannot be cleaned from here
        NOT_COHERENT = sys::PMEM_CAUSE_NOT_COHERENT,
        /// this kernel, SoC or backend has no such thing
        UNSUPPORTED = sys::PMEM_CAUSE_UNSUPPORTED,
        /// no such node, backend or heap
        NOT_FOUND = sys::PMEM_CAUSE_NOT_FOUND,
        /// the device tree is absent, broken or says otherwise
        DEVICE_TREE = sys::PMEM_CAUSE_DEVICE_TREE,
        /// the firmware refused
        FIRMWARE = sys::PMEM_CAUSE_FIRMWARE,
        /// no answer in time
        TIMEOUT = sys::PMEM_CAUSE_TIMEOUT,
        /// in use by somebody else
        BUSY = sys::PMEM_CAUSE_BUSY,
        /// the object given is of another kind
        WRONG_KIND = sys::PMEM_CAUSE_WRONG_KIND,
        /// write to a read-only region
        READONLY = sys::PMEM_CAUSE_READONLY,
        /// the self-test found wrong bytes
        MISMATCH = sys::PMEM_CAUSE_MISMATCH,
        /// pages moved while they were being pinned
        MOVED = sys::PMEM_CAUSE_MOVED,
        /// the system call failed for another reason: see errno
        SYSTEM = sys::PMEM_CAUSE_SYSTEM,
        /// since 3.1: a neighbour in the device's IOMMU group has a driver
        NOT_VIABLE = sys::PMEM_CAUSE_NOT_VIABLE,
        /// since 3.1: the IOMMU does not isolate interrupts
        NO_ISOLATION = sys::PMEM_CAUSE_NO_ISOLATION,
        /// since 3.1: the device was closed, unplugged or unbound
        DEVICE_GONE = sys::PMEM_CAUSE_DEVICE_GONE,
    }
}

bits32! {
    /// How a device may be opened, and what it is.
    DeviceFlags "PMEM_DEVICE_" {
        /// ways too where nothing protects memory: noiommu, uio, sysfs
        MAY_BE_UNSAFE = sys::PMEM_DEVICE_MAY_BE_UNSAFE,
        /// its addresses are given by pmem_device_attach(): not physical
        TRANSLATED = sys::PMEM_DEVICE_TRANSLATED,
        /// it reaches what is attached, and nothing else
        PROTECTED = sys::PMEM_DEVICE_PROTECTED,
        /// it reaches any memory, or may make the machine fail
        UNSAFE = sys::PMEM_DEVICE_UNSAFE,
        /// pmem_device_reset() works
        RESET = sys::PMEM_DEVICE_RESET,
        /// pmem_device_dmabuf() works
        P2P = sys::PMEM_DEVICE_P2P,
        /// it has a configuration space
        PCI = sys::PMEM_DEVICE_PCI,
        /// it is a platform device
        PLATFORM = sys::PMEM_DEVICE_PLATFORM,
    }
}

value32! {
    /// What the CPU is about to do with bytes, or has done.
    Direction "PMEM_DIR_" {
        /// read what a device wrote
        READ = sys::PMEM_DIR_READ,
        /// write what a device will read
        WRITE = sys::PMEM_DIR_WRITE,
        /// both
        BOTH = sys::PMEM_DIR_BOTH,
    }
}

bits32! {
    /// What a device may do with memory.
    Dma "PMEM_DMA_" {
        /// read it
        READ = sys::PMEM_DMA_READ,
        /// write it
        WRITE = sys::PMEM_DMA_WRITE,
        /// both
        BOTH = sys::PMEM_DMA_BOTH,
    }
}

bits32! {
    /// What of a PCI device can be switched on.
    Parts "PMEM_ENABLE_" {
        /// it answers at its BARs (memory decoding)
        MEMORY = sys::PMEM_ENABLE_MEMORY,
        /// it may read and write memory, and send MSI (bus mastering)
        MASTER = sys::PMEM_ENABLE_MASTER,
    }
}

bits32! {
    /// Which addresses `extents()` tells.
    Need "PMEM_EXTENTS_" {
        /// physical addresses
        PHYS = sys::PMEM_EXTENTS_PHYS,
        /// those that the region's DMA master uses
        BUS = sys::PMEM_EXTENTS_BUS,
    }
}

value32! {
    /// What the firmware of a Raspberry Pi can tell.
    Fact "PMEM_FACT_" {
        /// build time, seconds since 1970
        REVISION = sys::PMEM_FACT_REVISION,
        /// the board's revision code
        BOARD_REVISION = sys::PMEM_FACT_BOARD_REVISION,
        /// the board's serial number
        BOARD_SERIAL = sys::PMEM_FACT_BOARD_SERIAL,
        /// first byte of the CPU's part of memory
        ARM_BASE = sys::PMEM_FACT_ARM_BASE,
        /// bytes of it
        ARM_SIZE = sys::PMEM_FACT_ARM_SIZE,
        /// first byte of the VideoCore's part of memory
        VC_BASE = sys::PMEM_FACT_VC_BASE,
        /// bytes of it
        VC_SIZE = sys::PMEM_FACT_VC_SIZE,
        /// bit n: the firmware leaves DMA channel n to the CPU
        DMA_CHANNELS = sys::PMEM_FACT_DMA_CHANNELS,
        /// bit n: the kernel's driver may use channel n
        DMA_KERNEL = sys::PMEM_FACT_DMA_KERNEL,
        /// bit n: a kernel driver uses channel n now
        DMA_IN_USE = sys::PMEM_FACT_DMA_IN_USE,
    }
}

bits32! {
    /// How firmware memory is kept.
    FirmwareFlags "PMEM_FIRMWARE_" {
        /// refuse if no journal can be kept
        MUST_JOURNAL = sys::PMEM_FIRMWARE_MUST_JOURNAL,
        /// leave the memory when this process dies
        NO_RECLAIM = sys::PMEM_FIRMWARE_NO_RECLAIM,
    }
}

bits32! {
    /// What a heap gives, known by its name.
    HeapClass "PMEM_HEAP_" {
        /// each buffer is one physical piece
        CONTIGUOUS = sys::PMEM_HEAP_CONTIGUOUS,
        /// buffers are in pieces
        SCATTERED = sys::PMEM_HEAP_SCATTERED,
        /// the CPU caches it
        CACHED = sys::PMEM_HEAP_CACHED,
        /// the CPU does not cache it
        UNCACHED = sys::PMEM_HEAP_UNCACHED,
        /// the CPU may not touch it: with PMEM_ALLOC_NO_MAP only
        SECURE = sys::PMEM_HEAP_SECURE,
    }
}

value32! {
    /// A kind of interrupts.
    IrqKind "PMEM_IRQ_" {
        /// the best that the device has: MSI-X, MSI, INTx; of uio its own
        ANY = sys::PMEM_IRQ_ANY,
        /// a line, perhaps shared; masked when it fires: pmem_device_irq_unmask()
        INTX = sys::PMEM_IRQ_INTX,
        /// messages
        MSI = sys::PMEM_IRQ_MSI,
        /// messages, each with an address of its own
        MSIX = sys::PMEM_IRQ_MSIX,
        /// the kernel asks for the device back: close it soon
        REQUEST = sys::PMEM_IRQ_REQUEST,
        /// PCIe reported an error of the device that is not corrected
        ERROR = sys::PMEM_IRQ_ERROR,
    }
}

value32! {
    /// How much a log message matters.
    Level "PMEM_LEVEL_" {
        /// something was lost that cannot be given back
        ERROR = sys::PMEM_LEVEL_ERROR,
        /// works, but less well than it should
        WARNING = sys::PMEM_LEVEL_WARNING,
        /// what was chosen
        INFO = sys::PMEM_LEVEL_INFO,
        /// what was tried and refused
        DEBUG = sys::PMEM_LEVEL_DEBUG,
    }
}

bits32! {
    /// How to map and to import.
    MapFlags "PMEM_MAP_" "PMEM_IMPORT_" {
        /// writes fault; needs less permission
        READONLY = sys::PMEM_MAP_READONLY,
        /// RAM through /dev/mem: cacheable, not uncached
        CACHED = sys::PMEM_MAP_CACHED,
        /// PCI: the BAR's write-combining view
        WRITE_COMBINE = sys::PMEM_MAP_WRITE_COMBINE,
        /// RAM that Linux uses, too; it is then mapped cached
        SYSTEM_RAM = sys::PMEM_MAP_SYSTEM_RAM,
        /// pmem_region_import(): as PMEM_ALLOC_NO_MAP
        IMPORT_NO_MAP = sys::PMEM_IMPORT_NO_MAP,
    }
}

bits64! {
    /// Bits of a pagemap entry.
    PagemapBits "PMEM_PAGEMAP_" {
        /// in RAM
        PRESENT = sys::PMEM_PAGEMAP_PRESENT,
        /// in swap, or being moved
        SWAPPED = sys::PMEM_PAGEMAP_SWAPPED,
        /// of a file, or shared anonymous
        FILE = sys::PMEM_PAGEMAP_FILE,
        /// mapped here only
        EXCLUSIVE = sys::PMEM_PAGEMAP_EXCLUSIVE,
        /// written since the last clear
        SOFT_DIRTY = sys::PMEM_PAGEMAP_SOFT_DIRTY,
        /// the page frame number
        PFN_MASK = sys::PMEM_PAGEMAP_PFN_MASK,
    }
}

bits32! {
    /// What a pool may be.
    PoolFlags "PMEM_POOL_" {
        /// takes no regions: those of pmem_pool_add_region() only
        NO_GROW = sys::PMEM_POOL_NO_GROW,
        /// threads keep nothing: each call takes a lock, and no object is kept from other threads. For memory that is
        /// scarce
        NO_CACHE = sys::PMEM_POOL_NO_CACHE,
    }
}

bits32! {
    /// How to give firmware memory back.
    ReclaimFlags "PMEM_RECLAIM_" {
        /// count, but give nothing back
        DRY_RUN = sys::PMEM_RECLAIM_DRY_RUN,
    }
}

bits32! {
    /// What memory is that the device tree keeps back.
    ReservedFlags "PMEM_RESERVED_" {
        /// no RAM of Linux: pmem_region_map_node() maps it, uncached
        NO_MAP = sys::PMEM_RESERVED_NO_MAP,
        /// Linux uses it until its owner does: a CMA area
        REUSABLE = sys::PMEM_RESERVED_REUSABLE,
        /// Linux chose the place; the tree does not tell which
        DYNAMIC = sys::PMEM_RESERVED_DYNAMIC,
        /// "shared-dma-pool": drivers take their memory from it
        POOL = sys::PMEM_RESERVED_POOL,
        /// the pool of all drivers that have none of their own
        DEFAULT = sys::PMEM_RESERVED_DEFAULT,
    }
}

bits32! {
    /// How memory of the program is registered.
    RegisterFlags "PMEM_REGISTER_" {
        /// the physical address may stay unknown
        NO_ADDRESS = sys::PMEM_REGISTER_NO_ADDRESS,
        /// the address may become untrue
        MAY_MOVE = sys::PMEM_REGISTER_MAY_MOVE,
    }
}

bits32! {
    /// What a region is.
    Attrs "PMEM_REGION_" {
        /// the CPU caches it
        CACHED = sys::PMEM_REGION_CACHED,
        /// CPU and devices agree without cache operations
        COHERENT = sys::PMEM_REGION_COHERENT,
        /// a kernel object keeps it in place
        PINNED = sys::PMEM_REGION_PINNED,
        /// one physical piece
        CONTIGUOUS = sys::PMEM_REGION_CONTIGUOUS,
        /// device memory: aligned accesses only
        DEVICE = sys::PMEM_REGION_DEVICE,
        /// writes fault
        READONLY = sys::PMEM_REGION_READONLY,
        /// cpu_begin/cpu_end are required around CPU access
        NEEDS_SYNC = sys::PMEM_REGION_NEEDS_SYNC,
        /// pmem_region_fd() works
        DMABUF = sys::PMEM_REGION_DMABUF,
        /// not in this program: what it is, not how it is seen
        UNMAPPED = sys::PMEM_REGION_UNMAPPED,
        /// since 3.1: allocated for a device, to which it is one piece
        BUS_CONTIGUOUS = sys::PMEM_REGION_BUS_CONTIGUOUS,
    }
}

value32! {
    /// By which way the address of a dma-buf is known.
    Way "PMEM_WAY_" {
        /// NXP's kernels: an ioctl of the dma-buf
        NXP_IOCTL = sys::PMEM_WAY_NXP_IOCTL,
        /// NXP's kernels for Android: /dev/dmabuf_imx
        DMABUF_IMX = sys::PMEM_WAY_DMABUF_IMX,
        /// Texas Instruments' kernels: /dev/dma-buf-phys
        DMA_BUF_PHYS = sys::PMEM_WAY_DMA_BUF_PHYS,
        /// Raspberry Pi 0 to 4: /dev/vcsm-cma
        VCSM = sys::PMEM_WAY_VCSM,
        /// frames of its mapping, up to Linux 6.7
        PAGEMAP = sys::PMEM_WAY_PAGEMAP,
        /// since 3.1: the file phys_addr of a u-dma-buf
        UDMABUF_KMOD = sys::PMEM_WAY_UDMABUF_KMOD,
    }
}
