// SPDX-License-Identifier: MIT

package pmem

// The numbers of the headers: ABI, so they never change. test/bindings/go/check_api.py compares
// them with the description of the API, and the tests with the library that is running.

// AllocFlags: what an allocation may ask for.
type AllocFlags uint32

// Attrs: what a region is.
type Attrs uint32

// Caps: what a backend can do.
type Caps uint32

// Cause: why a call failed; String is its stable name.
type Cause uint32

// DeviceFlags: how a device may be opened, and what it is.
type DeviceFlags uint32

// DMA: what a device may do with memory.
type DMA uint32

// Parts: what of a PCI device can be switched on.
type Parts uint32

// IRQ: a kind of interrupts.
type IRQ uint32

// Direction: what the CPU is about to do, or has done, with the bytes.
type Direction uint32

// Fact: what Context.Firmware can tell.
type Fact uint32

// FirmwareFlags: what FirmwareOptions may ask for.
type FirmwareFlags uint32

// PoolFlags: what a pool may be.
type PoolFlags uint32

// HeapClass: what a heap gives.
type HeapClass uint32

// Level: how grave a log message is.
type Level uint32

// MapFlags: how to map or import.
type MapFlags uint32

// Need: which addresses Region.Extents tells.
type Need uint32

// RegisterFlags: how Context.Register works.
type RegisterFlags uint32

// ReclaimFlags: how Context.FirmwareReclaim works.
type ReclaimFlags uint32

// ReservedFlags: what memory is that the device tree keeps back.
type ReservedFlags uint32

// Way: by which way the address of a dma-buf is known.
type Way uint32

// Constants named PMEM_BACKEND_ in C.
const (
	BackendMap        Caps = 0x1   // maps physical addresses
	BackendGpio       Caps = 0x2   // maps the GPIO registers
	BackendAlloc      Caps = 0x4   // allocates
	BackendImport     Caps = 0x8   // takes a dma-buf made elsewhere
	BackendExport     Caps = 0x10  // regions have a dma-buf file descriptor
	BackendPhys       Caps = 0x20  // can know physical addresses
	BackendBus        Caps = 0x40  // the allocator itself tells the bus address
	BackendPinned     Caps = 0x80  // memory stays where it is
	BackendContiguous Caps = 0x100 // can give one piece larger than a page
	BackendSync       Caps = 0x200 // cached memory with working CPUBegin/CPUEnd
	BackendReclaim    Caps = 0x400 // memory outlives the process; journalled
	BackendNode       Caps = 0x800 // can choose the NUMA node
)

// Constants named PMEM_LEVEL_ in C.
const (
	LevelError   Level = 1 // something was lost that cannot be given back
	LevelWarning Level = 2 // works, but less well than it should
	LevelInfo    Level = 3 // what was chosen
	LevelDebug   Level = 4 // what was tried and refused
)

// Constants named PMEM_HEAP_ in C.
const (
	HeapContiguous HeapClass = 0x1  // each buffer is one physical piece
	HeapScattered  HeapClass = 0x2  // buffers are in pieces
	HeapCached     HeapClass = 0x4  // the CPU caches it
	HeapUncached   HeapClass = 0x8  // the CPU does not cache it
	HeapSecure     HeapClass = 0x10 // the CPU may not touch it: with PMEM_ALLOC_NO_MAP only
)

// Constants named PMEM_WAY_ in C.
const (
	WayNxpIoctl    Way = 1 // NXP's kernels: an ioctl of the dma-buf
	WayDmabufImx   Way = 2 // NXP's kernels for Android: /dev/dmabuf_imx
	WayDmaBufPhys  Way = 3 // Texas Instruments' kernels: /dev/dma-buf-phys
	WayVcsm        Way = 4 // Raspberry Pi 0 to 4: /dev/vcsm-cma
	WayPagemap     Way = 5 // frames of its mapping, up to Linux 6.7
	WayUdmabufKmod Way = 6 // the file phys_addr of a u-dma-buf
)

// Constants named PMEM_RESERVED_ in C.
const (
	ReservedNoMap    ReservedFlags = 0x1  // no RAM of Linux: MapNode maps it, uncached
	ReservedReusable ReservedFlags = 0x2  // Linux uses it until its owner does: a CMA area
	ReservedDynamic  ReservedFlags = 0x4  // Linux chose the place; the tree does not tell which
	ReservedPool     ReservedFlags = 0x8  // "shared-dma-pool": drivers take their memory from it
	ReservedDefault  ReservedFlags = 0x10 // the pool of all drivers that have none of their own
)

// Constants named PMEM_CAUSE_ in C.
const (
	CauseNone           Cause = 0  // no error
	CauseNullArgument   Cause = 1  // a handle or out parameter is NULL
	CauseZeroSize       Cause = 2  // a size of 0
	CauseWraps          Cause = 3  // address + size passes the end of the address space
	CauseAlignment      Cause = 4  // not a power of two, absurd, or an unaligned access
	CauseFlags          Cause = 5  // unknown or contradictory flags
	CauseOptions        Cause = 6  // options of a newer libpmem (-E2BIG), or a bad size
	CauseBounds         Cause = 7  // outside the region
	CauseNoDevice       Cause = 8  // the device node does not exist on this machine
	CauseFileMode       Cause = 9  // owner or mode of the file forbid it
	CauseCapability     Cause = 10 // a capability is missing
	CauseLockdown       Cause = 11 // kernel lockdown (often: Secure Boot)
	CauseSystemRam      Cause = 12 // CONFIG_STRICT_DEVMEM protects RAM of the kernel
	CauseDriverOwned    Cause = 13 // CONFIG_IO_STRICT_DEVMEM: a driver owns the range
	CauseBusWidth       Cause = 14 // beyond the physical address width
	CauseOutsideWindow  Cause = 15 // not inside the window that this device serves
	CauseNoMemory       Cause = 16 // not enough (contiguous) memory
	CauseLimit          Cause = 17 // a limit of the process or the kernel
	CauseAddressUnknown Cause = 18 // there is memory, but its address cannot be learnt
	CauseAddressLimit   Cause = 19 // memory lies above AllocOptions.MaxAddr
	CauseNotContiguous  Cause = 20 // memory is in several pieces
	CauseNotPinned      Cause = 21 // nothing here can keep the pages in place
	CauseNotCoherent    Cause = 22 // cached, and its cache cannot be cleaned from here
	CauseUnsupported    Cause = 23 // this kernel, SoC or backend has no such thing
	CauseNotFound       Cause = 24 // no such node, backend or heap
	CauseDeviceTree     Cause = 25 // the device tree is absent, broken or says otherwise
	CauseFirmware       Cause = 26 // the firmware refused
	CauseTimeout        Cause = 27 // no answer in time
	CauseBusy           Cause = 28 // in use by somebody else
	CauseWrongKind      Cause = 29 // the object given is of another kind
	CauseReadonly       Cause = 30 // write to a read-only region
	CauseMismatch       Cause = 31 // the self-test found wrong bytes
	CauseMoved          Cause = 32 // pages moved while they were being pinned
	CauseSystem         Cause = 33 // the system call failed for another reason: see errno
	CauseNotViable      Cause = 34 // since 3.1: a neighbour in the device's IOMMU group has a driver
	CauseNoIsolation    Cause = 35 // since 3.1: the IOMMU does not isolate interrupts
	CauseDeviceGone     Cause = 36 // since 3.1: the device was closed, unplugged or unbound
)

// Constants named PMEM_FACT_ in C.
const (
	FactRevision      Fact = 1  // build time, seconds since 1970
	FactBoardRevision Fact = 2  // the board's revision code
	FactBoardSerial   Fact = 3  // the board's serial number
	FactArmBase       Fact = 4  // first byte of the CPU's part of memory
	FactArmSize       Fact = 5  // bytes of it
	FactVcBase        Fact = 6  // first byte of the VideoCore's part of memory
	FactVcSize        Fact = 7  // bytes of it
	FactDmaChannels   Fact = 8  // bit n: the firmware leaves DMA channel n to the CPU
	FactDmaKernel     Fact = 9  // bit n: the kernel's driver may use channel n
	FactDmaInUse      Fact = 10 // bit n: a kernel driver uses channel n now
)

// Constants named PMEM_RECLAIM_ in C.
const (
	ReclaimDryRun ReclaimFlags = 0x1 // count, but give nothing back
)

// Constants named PMEM_FIRMWARE_ in C.
const (
	FirmwareMustJournal FirmwareFlags = 0x1 // refuse if no journal can be kept
	FirmwareNoReclaim   FirmwareFlags = 0x2 // leave the memory when this process dies
)

// Constants named PMEM_MAP_ in C.
const (
	MapReadonly     MapFlags = 0x1 // writes fault; needs less permission
	MapCached       MapFlags = 0x2 // RAM through /dev/mem: cacheable, not uncached
	MapWriteCombine MapFlags = 0x4 // PCI: the BAR's write-combining view
	MapSystemRam    MapFlags = 0x8 // RAM that Linux uses, too; it is then mapped cached
)

// Constants named PMEM_IMPORT_ in C.
const (
	ImportNoMap MapFlags = 0x10 // Context.Import: as AllocNoMap
)

// Constants named PMEM_POOL_ in C.
const (
	PoolNoGrow  PoolFlags = 0x1 // takes no regions: those of Pool.Add only
	PoolNoCache PoolFlags = 0x2 // threads keep nothing: each call takes a lock
)

// Constants named PMEM_ALLOC_ in C.
const (
	AllocScattered AllocFlags = 0x1   // several physical pieces will do
	AllocNoAddress AllocFlags = 0x2   // the physical address may stay unknown
	AllocMayMove   AllocFlags = 0x4   // the address may become untrue
	AllocCached    AllocFlags = 0x8   // only cached memory
	AllocUncached  AllocFlags = 0x10  // only memory that the CPU does not cache
	AllocDmabuf    AllocFlags = 0x20  // must have a dma-buf file descriptor
	AllocNoZero    AllocFlags = 0x40  // content may be anything
	AllocNoMap     AllocFlags = 0x80  // not mapped: Region.Bytes is nil
	AllocNoMaster  AllocFlags = 0x100 // no device in particular: see AllocOptions.Master
	AllocTryHard   AllocFlags = 0x200 // may take seconds and have the kernel make room, as root
)

// Constants named PMEM_REGISTER_ in C.
const (
	RegisterNoAddress RegisterFlags = 0x1 // the physical address may stay unknown
	RegisterMayMove   RegisterFlags = 0x2 // the address may become untrue
)

// Constants named PMEM_REGION_ in C.
const (
	RegionCached        Attrs = 0x1   // the CPU caches it
	RegionCoherent      Attrs = 0x2   // CPU and devices agree without cache operations
	RegionPinned        Attrs = 0x4   // a kernel object keeps it in place
	RegionContiguous    Attrs = 0x8   // one physical piece
	RegionDevice        Attrs = 0x10  // device memory: aligned accesses only
	RegionReadonly      Attrs = 0x20  // writes fault
	RegionNeedsSync     Attrs = 0x40  // CPUBegin/CPUEnd are required around CPU access
	RegionDmabuf        Attrs = 0x80  // Region.FD works
	RegionUnmapped      Attrs = 0x100 // not in this program: what it is, not how it is seen
	RegionBusContiguous Attrs = 0x200 // since 3.1: allocated for a device, to which it is one piece
)

// Constants named PMEM_EXTENTS_ in C.
const (
	ExtentsPhys Need = 0x1 // physical addresses
	ExtentsBus  Need = 0x2 // those that the region's DMA master uses
)

// Constants named PMEM_DIR_ in C.
const (
	DirRead  Direction = 1 // read what a device wrote
	DirWrite Direction = 2 // write what a device will read
	DirBoth  Direction = 3 // both
)

// Constants named PMEM_TO_ in C.
const (
	ToEnd uint64 = 0xffffffffffffffff // A length: to the end of the region or file.
)

// Constants named PMEM_ADDRESS_ in C.
const (
	AddressNone uint64 = 0xffffffffffffffff // An address that is not known, or was not asked for.
)

// Constants named PMEM_PAGEMAP_ in C.
const (
	PagemapPresent   uint64 = 0x8000000000000000 // in RAM
	PagemapSwapped   uint64 = 0x4000000000000000 // in swap, or being moved
	PagemapFile      uint64 = 0x2000000000000000 // of a file, or shared anonymous
	PagemapExclusive uint64 = 0x100000000000000  // mapped here only
	PagemapSoftDirty uint64 = 0x80000000000000   // written since the last clear
	PagemapPfnMask   uint64 = 0x7fffffffffffff   // the page frame number
)

// Constants named PMEM_VERSION_ in C.
const (
	VersionMajor  = 3       // Version of these headers
	VersionMinor  = 1       // Version of these headers
	VersionPatch  = 0       // Version of these headers
	VersionNumber = 3001000 // One number that can be compared: major * 1000000 + minor * 1000 + patch
)

// Constants named PMEM_DEVICE_ in C.
const (
	DeviceMayBeUnsafe DeviceFlags = 0x1  // ways too where nothing protects memory: noiommu, uio, sysfs
	DeviceTranslated  DeviceFlags = 0x2  // its addresses are given by pmem_device_attach(): not physical
	DeviceProtected   DeviceFlags = 0x4  // it reaches what is attached, and nothing else
	DeviceUnsafe      DeviceFlags = 0x8  // it reaches any memory, or may make the machine fail
	DeviceReset       DeviceFlags = 0x10 // pmem_device_reset() works
	DeviceP2p         DeviceFlags = 0x20 // pmem_device_dmabuf() works
	DevicePci         DeviceFlags = 0x40 // it has a configuration space
	DevicePlatform    DeviceFlags = 0x80 // it is a platform device
)

// Constants named PMEM_ENABLE_ in C.
const (
	EnableMemory Parts = 0x1 // it answers at its BARs (memory decoding)
	EnableMaster Parts = 0x2 // it may read and write memory, and send MSI (bus mastering)
)

// Constants named PMEM_IRQ_ in C.
const (
	IrqAny     IRQ = 0x0 // the best that the device has: MSI-X, MSI, INTx; of uio its own
	IrqIntx    IRQ = 0x1 // a line, perhaps shared; masked when it fires: pmem_device_irq_unmask()
	IrqMsi     IRQ = 0x2 // messages
	IrqMsix    IRQ = 0x3 // messages, each with an address of its own
	IrqRequest IRQ = 0x4 // the kernel asks for the device back: close it soon
	IrqError   IRQ = 0x5 // PCIe reported an error of the device that is not corrected
)

// Constants named PMEM_DMA_ in C.
const (
	DmaRead  DMA = 0x1 // read it
	DmaWrite DMA = 0x2 // write it
	DmaBoth  DMA = 0x3 // both
)
