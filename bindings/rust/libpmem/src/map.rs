// SPDX-License-Identifier: MIT
//! Regions of what exists: registers, files, dma-bufs; and finding the region of an address.

use std::os::raw::c_int;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{AsFd, AsRawFd};
use std::path::Path;
use std::ptr::NonNull;

use libpmem_sys as sys;

use crate::error::check;
use crate::text::c_string;
use crate::{Cause, Context, Error, MapFlags, Place, Region, RegionId, Result};

/// The region that a function of the library makes.
pub(crate) fn made(
    context: &Context,
    make: impl FnOnce(*mut *mut sys::pmem_region) -> c_int,
) -> Result<Region> {
    let mut out = std::ptr::null_mut();
    let result = make(&mut out);
    // Written only on success; and owned before check(), from which a callback's panic may go on.
    let region = NonNull::new(out).map(|one| unsafe { Region::from_parts(one, context.clone()) });
    check(result)?;
    region.ok_or_else(|| Error::refused(22, Cause::SYSTEM, "the library made no region", ""))
}

impl Context {
    /// Map physical addresses, usually registers. Any base, any size; nothing is read.
    ///
    /// # Safety
    /// What is there is no memory of this program or of another one that relies on it, or is not
    /// written to; nobody else writes to it while a slice of it lives; and what is written to
    /// registers makes no device write to memory that this program does not lend it.
    pub unsafe fn map(&self, phys: u64, size: u64, flags: MapFlags) -> Result<Region> {
        made(self, |out| unsafe {
            sys::pmem_region_map(self.as_ptr(), phys, size, flags.bits(), out)
        })
    }

    /// Map the SoC's GPIO registers, without root where /dev/gpiomem exists. Safe, since pins reach
    /// no memory, and registers are no slices. The only flag is READONLY.
    pub fn map_gpio(&self, flags: MapFlags) -> Result<Region> {
        if !MapFlags::READONLY.contains(flags) {
            // Cached, they would be memory, and a slice.
            return Err(Error::refused(
                22,
                Cause::FLAGS,
                "registers are not cached",
                "",
            ));
        }
        made(self, |out| unsafe {
            sys::pmem_region_map_gpio(self.as_ptr(), flags.bits(), out)
        })
    }

    /// Map the registers of a device by its node: path, alias, "&label" or compatible.
    ///
    /// # Safety
    /// As of [`map`](Context::map).
    pub unsafe fn map_node(&self, node: &str, index: u32, flags: MapFlags) -> Result<Region> {
        let node = c_string(node)?;
        made(self, |out| unsafe {
            sys::pmem_region_map_node(self.as_ptr(), node.as_ptr(), index, flags.bits(), out)
        })
    }

    /// Map a base address register of a PCI device, such as 0 of "0000:00:04.0".
    ///
    /// # Safety
    /// As of [`map`](Context::map).
    pub unsafe fn map_pci(&self, bdf: &str, bar: u32, flags: MapFlags) -> Result<Region> {
        let bdf = c_string(bdf)?;
        made(self, |out| unsafe {
            sys::pmem_region_map_pci(self.as_ptr(), bdf.as_ptr(), bar, flags.bits(), out)
        })
    }

    /// Map a device file, or registers that were saved in a file. The size may be
    /// [`TO_END`](crate::TO_END); `phys` is what the first byte stands for, and is believed.
    ///
    /// # Safety
    /// As of [`map`](Context::map): nobody else writes to the file while a slice of it lives.
    pub unsafe fn map_file(
        &self,
        path: impl AsRef<Path>,
        offset: u64,
        size: u64,
        phys: Option<u64>,
        flags: MapFlags,
    ) -> Result<Region> {
        let path = c_string(path.as_ref().as_os_str().as_bytes())?;
        let phys = phys.unwrap_or(sys::PMEM_ADDRESS_NONE);
        made(self, |out| unsafe {
            let (ctx, path) = (self.as_ptr(), path.as_ptr());
            sys::pmem_region_map_file(ctx, path, offset, size, phys, flags.bits(), out)
        })
    }

    /// Map a dma-buf that somebody else made; the descriptor stays the caller's.
    ///
    /// # Safety
    /// Nobody else writes to the buffer while a slice of it lives, nor reads it while a mutable one
    /// does: no other process, no device, and no other region of the same buffer.
    pub unsafe fn import(&self, dmabuf: impl AsFd, flags: MapFlags) -> Result<Region> {
        let fd = dmabuf.as_fd().as_raw_fd();
        made(self, |out| unsafe {
            sys::pmem_region_import(self.as_ptr(), fd, flags.bits(), out)
        })
    }

    /// The region of this context that bytes lie in, and their offset.
    ///
    /// What is lent for `'a` keeps the region mapped, so it can be asked where it is; its bytes are
    /// not to be had this way.
    pub fn find<'a>(&self, bytes: &'a [u8]) -> Result<(&'a Place, u64)> {
        if bytes.is_empty() {
            // A pointer to no bytes keeps nothing.
            let what = "no bytes: they lie nowhere";
            return Err(Error::refused(
                22,
                Cause::ZERO_SIZE,
                what,
                "give one byte or more",
            ));
        }
        let (id, offset) = self.find_pointer(bytes.as_ptr())?;
        // The region is not closed during 'a: that would need a borrow that ends the slice's.
        Ok((unsafe { id.place() }, offset))
    }

    /// Which region of this context an address of this program is in, and the offset.
    pub fn find_pointer<T>(&self, pointer: *const T) -> Result<(RegionId, u64)> {
        let (mut region, mut offset) = (std::ptr::null_mut(), 0);
        let pointer = pointer.cast();
        check(unsafe { sys::pmem_region_find(self.as_ptr(), pointer, &mut region, &mut offset) })?;
        Ok((RegionId::new(region), offset))
    }

    /// Which region of this context holds a physical address, and the offset.
    pub fn find_phys(&self, phys: u64) -> Result<(RegionId, u64)> {
        let (mut region, mut offset) = (std::ptr::null_mut(), 0);
        check(unsafe {
            sys::pmem_region_find_phys(self.as_ptr(), phys, &mut region, &mut offset)
        })?;
        Ok((RegionId::new(region), offset))
    }
}
