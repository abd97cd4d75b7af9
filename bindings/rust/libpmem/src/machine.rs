// SPDX-License-Identifier: MIT
//! What machine this is, by its own device tree and firmware; and its ways to memory.

use std::borrow::Cow;
use std::ffi::CStr;

use libpmem_sys as sys;

use crate::callback::settle;
use crate::context::text_of;
use crate::error::check;
use crate::place::pieces;
use crate::text::{c_string, fixed, lent, optional, pointer};
use crate::{
    BackendCaps, Context, Error, Extent, Fact, PagemapBits, ReclaimFlags, ReservedFlags, Result,
};

/// A way to physical memory.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Backend {
    /// Such as "pages".
    pub name: &'static str,
    /// What it can do.
    pub caps: BackendCaps,
    /// Why this program cannot use it here and now; None: it can.
    pub refused: Option<Error>,
}

/// Memory that the device tree keeps back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reserved<'ctx> {
    /// Of its node, for [`Context::map_node`].
    pub path: Cow<'ctx, str>,
    /// Its first compatible string, or "".
    pub compatible: Cow<'ctx, str>,
    /// None: Linux chose the place.
    pub phys: Option<u64>,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub flags: ReservedFlags,
}

impl Context {
    /// The family of the SoC, such as "bcm2837", "x86_64" or "generic".
    pub fn family(&self) -> Result<Cow<'_, str>> {
        text_of(self, |ctx| unsafe { sys::pmem_soc_family(ctx) })
    }

    /// The maker of the SoC; "" if unknown.
    pub fn vendor(&self) -> Result<Cow<'_, str>> {
        text_of(self, |ctx| unsafe { sys::pmem_soc_vendor(ctx) })
    }

    /// The model text of the board; "" if the machine does not tell.
    pub fn model(&self) -> Result<Cow<'_, str>> {
        text_of(self, |ctx| unsafe { sys::pmem_soc_model(ctx) })
    }

    /// The root's compatible strings, most specific first.
    pub fn compatible(&self) -> Result<Vec<Cow<'_, str>>> {
        self.family()?; // NULL below is the end, once the machine could be looked at
        let texts = (0..).map_while(|i| {
            let text = unsafe { sys::pmem_soc_compatible(self.as_ptr(), i) };
            (!text.is_null()).then(|| unsafe { lent(text) })
        });
        Ok(texts.collect())
    }

    /// Bytes in a page of the running kernel.
    pub fn page_size(&self) -> u64 {
        unsafe { sys::pmem_soc_page_size(self.as_ptr()) }
    }

    /// Where a device of the tree is: physical address and size. A node is a path, an alias, a
    /// "&label" or a compatible string.
    pub fn node(&self, node: &str, index: u32) -> Result<(u64, u64)> {
        let (node, mut phys, mut size) = (c_string(node)?, 0, 0);
        check(unsafe {
            sys::pmem_soc_node(self.as_ptr(), node.as_ptr(), index, &mut phys, &mut size)
        })?;
        Ok((phys, size))
    }

    /// Where the GPIO registers are: physical address and size.
    pub fn gpio(&self) -> Result<(u64, u64)> {
        let (mut phys, mut size) = (0, 0);
        check(unsafe { sys::pmem_soc_gpio(self.as_ptr(), &mut phys, &mut size) })?;
        Ok((phys, size))
    }

    /// The full path of the nth node of that name.
    pub fn node_path(&self, node: &str, nth: u32) -> Result<String> {
        let (node, mut path) = (c_string(node)?, vec![0u8; 4096]);
        check(unsafe {
            sys::pmem_soc_node_path(
                self.as_ptr(),
                node.as_ptr(),
                nth,
                path.as_mut_ptr().cast(),
                path.len(),
            )
        })?;
        // The text ends with a byte 0 inside the buffer.
        Ok(unsafe { CStr::from_ptr(path.as_ptr().cast()) }
            .to_string_lossy()
            .into_owned())
    }

    /// Is a node enabled, and all above it?
    pub fn node_available(&self, node: &str) -> Result<bool> {
        let node = c_string(node)?;
        Ok(check(unsafe { sys::pmem_soc_node_available(self.as_ptr(), node.as_ptr()) })? == 1)
    }

    /// From the address that a DMA master uses to the physical one. None is the SoC's general
    /// engine.
    pub fn bus_to_phys(&self, master: Option<&str>, bus: u64) -> Result<u64> {
        let (master, mut phys) = (optional(master)?, 0);
        check(unsafe {
            sys::pmem_soc_bus_to_phys(self.as_ptr(), pointer(&master), bus, &mut phys)
        })?;
        Ok(phys)
    }

    /// From the physical address to the one that a DMA master uses.
    pub fn phys_to_bus(&self, master: Option<&str>, phys: u64) -> Result<u64> {
        let (master, mut bus) = (optional(master)?, 0);
        check(unsafe {
            sys::pmem_soc_phys_to_bus(self.as_ptr(), pointer(&master), phys, &mut bus)
        })?;
        Ok(bus)
    }

    /// Do the CPU's caches see what a DMA master writes, and the other way round?
    pub fn coherent(&self, master: Option<&str>) -> Result<bool> {
        let master = optional(master)?;
        Ok(check(unsafe { sys::pmem_soc_coherent(self.as_ptr(), pointer(&master)) })? == 1)
    }

    /// The memory that the device tree keeps back.
    pub fn reserved(&self) -> Result<Vec<Reserved<'_>>> {
        let mut count = 0;
        check(unsafe { sys::pmem_soc_reserved_count(self.as_ptr(), &mut count) })?;
        let all = (0..count).map(|i| {
            let (mut phys, mut size, mut flags) = (0, 0, 0);
            check(unsafe {
                sys::pmem_soc_reserved(self.as_ptr(), i, &mut phys, &mut size, &mut flags)
            })?;
            Ok(Reserved {
                path: unsafe { lent(sys::pmem_soc_reserved_path(self.as_ptr(), i)) },
                compatible: unsafe { lent(sys::pmem_soc_reserved_compatible(self.as_ptr(), i)) },
                phys: (phys != sys::PMEM_ADDRESS_NONE).then(|| phys),
                size,
                flags: ReservedFlags::from_bits(flags),
            })
        });
        all.collect()
    }

    /// Which of [`reserved`](Context::reserved) a node uses, by entry number index of its memory-region.
    pub fn node_reserved(&self, node: &str, index: u32) -> Result<usize> {
        let (node, mut i) = (c_string(node)?, 0);
        check(unsafe {
            sys::pmem_soc_node_reserved(
                self.as_ptr(),
                node.as_ptr(),
                index,
                std::ptr::null(),
                &mut i,
            )
        })?;
        Ok(i)
    }

    /// The same, by what its memory-region-names call it.
    pub fn node_reserved_named(&self, node: &str, name: &str) -> Result<usize> {
        let (node, name, mut i) = (c_string(node)?, c_string(name)?, 0);
        check(unsafe {
            sys::pmem_soc_node_reserved(self.as_ptr(), node.as_ptr(), 0, name.as_ptr(), &mut i)
        })?;
        Ok(i)
    }

    /// The ways to physical memory, and which of them this program can use.
    pub fn backends(&self) -> Vec<Backend> {
        let count = unsafe { sys::pmem_backend_count(self.as_ptr()) };
        let all = (0..count).map(|i| unsafe {
            let mut why = std::ptr::null_mut();
            let status = sys::pmem_backend_status(self.as_ptr(), i, &mut why);
            let refused = match (status, why.is_null()) {
                (0, _) => None,
                (_, false) => Some(Error::owned(why)),
                (code, true) => Some(Error::last(code)),
            };
            Backend {
                name: fixed(sys::pmem_backend_name(self.as_ptr(), i)),
                caps: BackendCaps::from_bits(sys::pmem_backend_caps(self.as_ptr(), i)),
                refused,
            }
        });
        let all = all.collect();
        settle();
        all
    }

    /// One fact of a Raspberry Pi's firmware.
    pub fn firmware(&self, fact: Fact) -> Result<u64> {
        let mut value = 0;
        check(unsafe { sys::pmem_firmware_get(self.as_ptr(), fact.number(), &mut value) })?;
        Ok(value)
    }

    /// Give back firmware memory of processes that have died: how many handles, and bytes.
    pub fn firmware_reclaim(&self, flags: ReclaimFlags) -> Result<(usize, u64)> {
        let (mut count, mut bytes) = (0, 0);
        check(unsafe {
            sys::pmem_firmware_reclaim(self.as_ptr(), flags.bits(), &mut count, &mut bytes)
        })?;
        Ok((count, bytes))
    }

    /// The raw pagemap entry of the page that holds an address. The address is not looked into.
    pub fn vaddr_pagemap<T>(&self, address: *const T) -> Result<PagemapBits> {
        let mut entry = 0;
        let address = address.cast();
        check(unsafe { sys::pmem_vaddr_pagemap(self.as_ptr(), address, &mut entry) })?;
        Ok(PagemapBits::from_bits(entry))
    }

    /// Where one byte of this program is, now. Only pinned memory stays there.
    pub fn vaddr_phys<T>(&self, address: *const T) -> Result<u64> {
        let mut phys = 0;
        check(unsafe { sys::pmem_vaddr_phys(self.as_ptr(), address.cast(), &mut phys) })?;
        Ok(phys)
    }

    /// The physical addresses of consecutive pages, in as few system calls as the kernel allows.
    pub fn vaddr_phys_bulk<T>(&self, address: *const T, pages: usize) -> Result<Vec<u64>> {
        let mut all = vec![0; pages];
        check(unsafe {
            sys::pmem_vaddr_phys_bulk(self.as_ptr(), address.cast(), pages, all.as_mut_ptr())
        })?;
        Ok(all)
    }

    /// The physical addresses of bytes that lie anywhere, in their order.
    pub fn vaddr_phys_list<T>(&self, addresses: &[*const T]) -> Result<Vec<u64>> {
        let list: Vec<u64> = addresses.iter().map(|one| *one as usize as u64).collect();
        let mut all = vec![0; list.len()];
        let (from, to) = (list.as_ptr(), all.as_mut_ptr());
        check(unsafe { sys::pmem_vaddr_phys_list(self.as_ptr(), from, list.len(), to) })?;
        Ok(all)
    }

    /// The physically contiguous pieces of a range of this program, now; offsets count from its
    /// first byte. [`register`](Context::register) keeps them.
    pub fn vaddr_extents<T>(&self, address: *const T, length: u64) -> Result<Vec<Extent>> {
        let address = address.cast();
        pieces(|room, capacity, count| unsafe {
            sys::pmem_vaddr_extents(self.as_ptr(), address, length, room, capacity, count)
        })
    }
}
