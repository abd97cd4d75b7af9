// SPDX-License-Identifier: MIT
//! What an allocation may ask for.

use libpmem_sys as sys;

use crate::map::made;
use crate::text::{optional, pointer};
use crate::{AllocFlags, Context, FirmwareFlags, Region, Result};

/// What an allocation may ask for; nothing is the default.
///
/// ```
/// use libpmem::{AllocFlags, AllocOptions, Context};
/// let ctx = Context::new()?;
/// let wish = AllocOptions::new()
///     .flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED)
///     .backend("pages");
/// assert_eq!(ctx.alloc_with(4096, &wish)?.backend(), "pages");
/// # Ok::<(), libpmem::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AllocOptions {
    flags: AllocFlags,
    align: u64,
    max_addr: u64,
    master: Option<String>,
    backend: Option<String>,
    heap: Option<String>,
    name: Option<String>,
    firmware: Option<FirmwareOptions>,
    wait_ms: u32,
    node: u32,
}

impl AllocOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// In place of those from before.
    pub fn flags(mut self, flags: AllocFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Of the physical address: a power of two, at most 1 GiB.
    pub fn align(mut self, align: u64) -> Self {
        self.align = align;
        self
    }

    /// The highest physical address allowed.
    pub fn max_addr(mut self, max_addr: u64) -> Self {
        self.max_addr = max_addr;
        self
    }

    /// The device that will read and write it: node path, alias, "&label" or compatible.
    pub fn master(mut self, master: impl Into<String>) -> Self {
        self.master = Some(master.into());
        self
    }

    /// Use only this backend.
    pub fn backend(mut self, backend: impl Into<String>) -> Self {
        self.backend = Some(backend.into());
        self
    }

    /// Use only this heap.
    pub fn heap(mut self, heap: impl Into<String>) -> Self {
        self.heap = Some(heap.into());
        self
    }

    /// Shown by the kernel's lists of dma-bufs.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How firmware memory is kept; other memory takes no notice.
    pub fn firmware(mut self, firmware: FirmwareOptions) -> Self {
        self.firmware = Some(firmware);
        self
    }

    /// For how many milliseconds one piece of ordinary memory may be looked for.
    pub fn wait_ms(mut self, milliseconds: u32) -> Self {
        self.wait_ms = milliseconds;
        self
    }

    /// Memory of this NUMA node, counted from 1 as in C; 0: any.
    pub fn node(mut self, node: u32) -> Self {
        self.node = node;
        self
    }

    /// Call a function with these as C has them.
    pub(crate) fn lent<R>(&self, call: impl FnOnce(&sys::pmem_alloc_opts) -> R) -> Result<R> {
        let master = optional(self.master.as_deref())?;
        let backend = optional(self.backend.as_deref())?;
        let heap = optional(self.heap.as_deref())?;
        let name = optional(self.name.as_deref())?;
        let firmware = self.firmware.map(|wish| sys::pmem_firmware_opts {
            flags: wish.flags.bits(),
            dma_channels: wish.dma_channels,
            ..Default::default()
        });
        // Pointers into what lives until the call has returned.
        Ok(call(&sys::pmem_alloc_opts {
            flags: self.flags.bits(),
            align: self.align,
            max_addr: self.max_addr,
            master: pointer(&master),
            backend: pointer(&backend),
            heap: pointer(&heap),
            name: pointer(&name),
            firmware: firmware.as_ref().map_or(std::ptr::null(), |one| one),
            wait_ms: self.wait_ms,
            node: self.node,
            ..Default::default()
        }))
    }
}

/// How memory of a Raspberry Pi's firmware is kept.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct FirmwareOptions {
    flags: FirmwareFlags,
    dma_channels: u32,
}

impl FirmwareOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// In place of those from before.
    pub fn flags(mut self, flags: FirmwareFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Bit n: DMA channel n writes here, and is stopped before the memory of a dead process is
    /// taken back.
    pub fn dma_channels(mut self, channels: u32) -> Self {
        self.dma_channels = channels;
        self
    }
}

impl Context {
    /// Memory that a device can reach: contiguous, zeroed, pinned, its address known.
    pub fn alloc(&self, size: u64) -> Result<Region> {
        made(self, |out| unsafe {
            sys::pmem_region_alloc(self.as_ptr(), size, std::ptr::null(), out)
        })
    }

    /// As [`alloc`](Context::alloc), with wishes.
    pub fn alloc_with(&self, size: u64, options: &AllocOptions) -> Result<Region> {
        options.lent(|opts| {
            made(self, |out| unsafe {
                sys::pmem_region_alloc(self.as_ptr(), size, opts, out)
            })
        })?
    }
}
