// SPDX-License-Identifier: MIT
//! What a region is and where, without its bytes.

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::c_int;
use std::os::unix::io::{BorrowedFd, FromRawFd, OwnedFd};
use std::panic::RefUnwindSafe;
use std::ptr::NonNull;

use libpmem_sys as sys;

use crate::error::check;
use crate::text::{fixed, optional, pointer};
use crate::{Attrs, Need, Result};

/// What a region is and where it is: all that can be asked while others use its bytes.
#[repr(C)]
pub struct Place {
    _opaque: UnsafeCell<[u8; 0]>,
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

// Any number of threads may ask one region at once.
unsafe impl Send for Place {}
unsafe impl Sync for Place {}
// Its state is C's, which no panic passes through.
impl RefUnwindSafe for Place {}

/// A piece of a region: one address follows the other in each kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Of its first byte in the region.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Physical address, if that was asked for.
    pub phys: Option<u64>,
    /// The address that the region's DMA master uses, if that was asked for.
    pub bus: Option<u64>,
}

/// Which region something is. That of a closed region may become that of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegionId(usize);

impl RegionId {
    pub(crate) fn new(region: *const sys::pmem_region) -> Self {
        RegionId(region as usize)
    }

    /// The region itself.
    ///
    /// # Safety
    /// It is not closed during 'a.
    pub unsafe fn place<'a>(self) -> &'a Place {
        unsafe { &*(self.0 as *const Place) }
    }
}

/// What a function tells that counts the pieces first. There may be others by the second call.
pub(crate) fn pieces(
    ask: impl Fn(*mut sys::pmem_extent, usize, &mut usize) -> c_int,
) -> Result<Vec<Extent>> {
    const ENOSPC: i32 = 28;
    let (mut count, none) = (0, sys::PMEM_ADDRESS_NONE);
    let empty = sys::pmem_extent {
        offset: 0,
        length: 0,
        phys: none,
        bus: none,
    };
    let mut room = Vec::new();
    loop {
        check(ask(std::ptr::null_mut(), 0, &mut count))?;
        room.resize(count, empty);
        if count == 0 {
            break;
        }
        match check(ask(room.as_mut_ptr(), room.len(), &mut count)) {
            Err(why) if why.raw_os_error() == ENOSPC => {}
            result => {
                result?;
                break;
            }
        }
    }
    let known = |address| Some(address).filter(|one| *one != none);
    let piece = |one: &sys::pmem_extent| Extent {
        offset: one.offset,
        length: one.length,
        phys: known(one.phys),
        bus: known(one.bus),
    };
    Ok(room[..count].iter().map(piece).collect())
}

impl Place {
    pub(crate) fn as_ptr(&self) -> *mut sys::pmem_region {
        self as *const Place as *mut sys::pmem_region
    }

    /// Which region this is: for comparing with [`Context::find_phys`](crate::Context::find_phys).
    pub fn id(&self) -> RegionId {
        RegionId::new(self.as_ptr())
    }

    /// Bytes, as asked for.
    pub fn size(&self) -> u64 {
        unsafe { sys::pmem_region_size(self.as_ptr()) }
    }

    /// What the region is.
    pub fn attrs(&self) -> Attrs {
        Attrs::from_bits(unsafe { sys::pmem_region_attrs(self.as_ptr()) })
    }

    /// The name of the backend that made it.
    pub fn backend(&self) -> &'static str {
        // Names of backends are constants of the library.
        unsafe { fixed(sys::pmem_region_backend(self.as_ptr())) }
    }

    /// Where the region begins in this program; None if it is not mapped.
    pub fn data(&self) -> Option<NonNull<u8>> {
        NonNull::new(unsafe { sys::pmem_region_data(self.as_ptr()) }.cast())
    }

    /// The physical address of the first byte.
    pub fn phys(&self) -> Result<u64> {
        let mut phys = 0;
        check(unsafe { sys::pmem_region_phys(self.as_ptr(), &mut phys) })?;
        Ok(phys)
    }

    /// The address to give to the region's DMA master for the first byte.
    pub fn bus(&self) -> Result<u64> {
        let mut bus = 0;
        check(unsafe { sys::pmem_region_bus(self.as_ptr(), &mut bus) })?;
        Ok(bus)
    }

    /// The address to give to another DMA master; None is the SoC's general engine.
    pub fn bus_for(&self, master: Option<&str>) -> Result<u64> {
        let (master, mut bus) = (optional(master)?, 0);
        check(unsafe { sys::pmem_region_bus_for(self.as_ptr(), pointer(&master), &mut bus) })?;
        Ok(bus)
    }

    /// The physical address of one byte, and how many bytes are left of its piece.
    pub fn extent(&self, offset: u64) -> Result<(u64, u64)> {
        let (mut phys, mut length) = (0, 0);
        check(unsafe { sys::pmem_region_extent(self.as_ptr(), offset, &mut phys, &mut length) })?;
        Ok((phys, length))
    }

    /// All pieces of a part of the region; the length may be [`TO_END`](crate::TO_END).
    pub fn extents(&self, offset: u64, length: u64, need: Need) -> Result<Vec<Extent>> {
        pieces(|room, capacity, count| unsafe {
            let (region, need) = (self.as_ptr(), need.bits());
            sys::pmem_region_extents(region, offset, length, need, room, capacity, count)
        })
    }

    /// The dma-buf descriptor, lent: for system calls.
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        let fd = check(unsafe { sys::pmem_region_fd(self.as_ptr()) })?;
        // It lives as long as the region.
        Ok(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// A dma-buf descriptor of the caller's own, to hand to a driver or another process.
    pub fn dup_fd(&self) -> Result<OwnedFd> {
        let fd = check(unsafe { sys::pmem_region_dup_fd(self.as_ptr()) })?;
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("size", &self.size())
            .field("backend", &self.backend())
            .field("attrs", &self.attrs())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::pieces;
    use libpmem_sys as sys;
    use std::cell::Cell;
    use std::slice;

    /// One piece more when it was counted, and one less when it is told.
    #[test]
    fn that_move_meanwhile() {
        let calls = Cell::new(0);
        let found = pieces(|room, capacity, count| {
            calls.set(calls.get() + 1);
            if room.is_null() {
                *count = if calls.get() == 1 { 2 } else { 3 };
                return 0;
            }
            if capacity < 3 {
                return -28; // and the count is as it was
            }
            for one in unsafe { slice::from_raw_parts_mut(room, 2) } {
                one.length = 4096;
                one.phys = sys::PMEM_ADDRESS_NONE;
            }
            *count = 2;
            0
        })
        .unwrap();
        assert_eq!((found.len(), found[1].length, calls.get()), (2, 4096, 4));
    }
}
