// SPDX-License-Identifier: MIT
//! A region and its bytes.

use std::fmt;
use std::mem::{align_of, size_of, ManuallyDrop};
use std::ops::{Deref, DerefMut};
use std::os::raw::c_void;
use std::ptr::NonNull;

use libpmem_sys as sys;

use crate::callback::settle;
use crate::error::check;
use crate::{Attrs, Cause, Context, Error, Place, Pod, Result};

/// Registers or memory with a known place; dropping it gives it back. Made by a [`Context`].
///
/// What can be done with it is that of [`RegionRef`] and [`Place`].
pub struct Region {
    region: NonNull<sys::pmem_region>,
    context: Context,
}

// Any number of threads may use one region at once, and any thread may close it; that none does so
// while it is used is what borrows are for.
unsafe impl Send for Region {}
unsafe impl Sync for Region {}

impl Region {
    /// # Safety
    /// The region is this one's to close.
    pub(crate) unsafe fn from_parts(region: NonNull<sys::pmem_region>, context: Context) -> Self {
        Region { region, context }
    }

    pub(crate) fn into_parts(self) -> (NonNull<sys::pmem_region>, Context) {
        let this = ManuallyDrop::new(self);
        // Each is taken once, since drop() does not run.
        (this.region, unsafe { std::ptr::read(&this.context) })
    }

    /// The context that it was made with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Unmap and give back, and hear whether that worked. The region is gone in any case.
    pub fn close(self) -> Result<()> {
        let (region, _context) = self.into_parts();
        check(unsafe { sys::pmem_region_close(region.as_ptr()) }).map(drop)
    }

    /// The pointer, for another library, which closes it.
    pub fn into_raw(self) -> *mut sys::pmem_region {
        let (region, context) = self.into_parts();
        context.keep_log();
        region.as_ptr()
    }

    /// A region of somebody else.
    ///
    /// # Safety
    /// The pointer is a region of that context, and its owner gives it up to this.
    pub unsafe fn from_raw(region: *mut sys::pmem_region, context: Context) -> Region {
        let region = NonNull::new(region).expect("a region is not NULL");
        unsafe { Region::from_parts(region, context) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // Who wants to hear of failures calls close().
        unsafe { sys::pmem_region_close(self.region.as_ptr()) };
        settle();
    }
}

impl Deref for Region {
    type Target = RegionRef;

    fn deref(&self) -> &RegionRef {
        unsafe { RegionRef::from_ptr(self.region.as_ptr()) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut RegionRef {
        unsafe { RegionRef::from_mut_ptr(self.region.as_ptr()) }
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place: &Place = self;
        place.fmt(f)
    }
}

/// A region that is borrowed: its bytes. Reading takes `&self`, writing `&mut self`, as of a slice.
#[repr(transparent)]
pub struct RegionRef(Place);

impl Deref for RegionRef {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

impl fmt::Debug for RegionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl RegionRef {
    /// # Safety
    /// The region lives during 'a, and is not written through another reference.
    pub(crate) unsafe fn from_ptr<'a>(region: *mut sys::pmem_region) -> &'a RegionRef {
        unsafe { &*(region as *const RegionRef) }
    }

    /// # Safety
    /// The region lives during 'a, and there is no other reference.
    pub(crate) unsafe fn from_mut_ptr<'a>(region: *mut sys::pmem_region) -> &'a mut RegionRef {
        unsafe { &mut *(region as *mut RegionRef) }
    }

    /// A checked pointer to bytes of the region.
    pub(crate) fn at(&self, offset: u64, size: u64, align: usize) -> Result<NonNull<u8>> {
        let pointer = unsafe { sys::pmem_region_at(self.as_ptr(), offset, size, align as u64) };
        let result = NonNull::new(pointer.cast()).ok_or_else(Error::of_null);
        settle();
        result
    }

    /// As at(), for writing.
    pub(crate) fn at_mut(&self, offset: u64, size: u64, align: usize) -> Result<NonNull<u8>> {
        if self.attrs().contains(Attrs::READONLY) {
            let what = "the region is read-only";
            return Err(Error::refused(
                13,
                Cause::READONLY,
                what,
                "map it without READONLY",
            ));
        }
        self.at(offset, size, align)
    }

    /// Registers are no slices: a slice is read in pieces, twice, or not at all.
    pub(crate) fn only_memory(&self) -> Result<()> {
        if self.attrs().contains(Attrs::DEVICE) {
            let (what, hint) = (
                "registers are no slices",
                "use registers(), or read_bytes()",
            );
            return Err(Error::refused(22, Cause::WRONG_KIND, what, hint));
        }
        Ok(())
    }

    /// How many elements of a type there are, and that slices may be so long.
    fn elements<T>(&self) -> Result<usize> {
        self.only_memory()?;
        let size = self.size();
        if size > isize::MAX as u64 || size_of::<T>() == 0 {
            let what = "too long for a slice, or elements without bytes";
            return Err(Error::refused(22, Cause::BOUNDS, what, "use read_bytes()"));
        }
        Ok(size as usize / size_of::<T>())
    }

    /// All bytes. Registers have none; see [`registers`](RegionRef::registers).
    pub fn as_slice(&self) -> Result<&[u8]> {
        self.as_slice_of()
    }

    /// All bytes, to be written.
    pub fn as_mut_slice(&mut self) -> Result<&mut [u8]> {
        self.as_mut_slice_of()
    }

    /// As many whole elements as there are.
    pub fn as_slice_of<T: Pod>(&self) -> Result<&[T]> {
        let count = self.elements::<T>()?;
        let first = self.at(0, (count * size_of::<T>()) as u64, align_of::<T>())?;
        // Checked, initialized by the kernel, of any bits; and not written while this is borrowed.
        Ok(unsafe { std::slice::from_raw_parts(first.as_ptr().cast(), count) })
    }

    /// As many whole elements as there are, to be written.
    pub fn as_mut_slice_of<T: Pod>(&mut self) -> Result<&mut [T]> {
        let count = self.elements::<T>()?;
        let first = self.at_mut(0, (count * size_of::<T>()) as u64, align_of::<T>())?;
        Ok(unsafe { std::slice::from_raw_parts_mut(first.as_ptr().cast(), count) })
    }

    /// One value at an offset that is aligned for it.
    pub fn value<T: Pod>(&self, offset: u64) -> Result<&T> {
        self.only_memory()?;
        let place = self.at(offset, size_of::<T>() as u64, align_of::<T>())?;
        Ok(unsafe { &*place.as_ptr().cast() })
    }

    /// One value, to be written.
    pub fn value_mut<T: Pod>(&mut self, offset: u64) -> Result<&mut T> {
        self.only_memory()?;
        let place = self.at_mut(offset, size_of::<T>() as u64, align_of::<T>())?;
        Ok(unsafe { &mut *place.as_ptr().cast() })
    }

    /// A copy of bytes, of registers too: only aligned accesses there.
    pub fn read_bytes(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        let from = self.at(offset, to.len() as u64, 1)?.as_ptr() as *const c_void;
        unsafe { sys::pmem_io_copy_from(to.as_mut_ptr().cast(), from, to.len()) };
        Ok(())
    }

    /// Bytes into the region, registers too.
    pub fn write_bytes(&mut self, offset: u64, from: &[u8]) -> Result<()> {
        let to = self.at_mut(offset, from.len() as u64, 1)?.as_ptr() as *mut c_void;
        unsafe { sys::pmem_io_copy_to(to, from.as_ptr().cast(), from.len()) };
        Ok(())
    }

    /// The same byte everywhere.
    pub fn fill(&mut self, value: u8) -> Result<()> {
        let size = self.size();
        let to = self.at_mut(0, size, 1)?.as_ptr() as *mut c_void;
        // It is mapped, so its size is that of a pointer.
        unsafe { sys::pmem_io_fill(to, value, size as usize) };
        Ok(())
    }
}

/// One access of exactly that width, bounds and alignment checked.
macro_rules! accesses {
    ($($number:ty, $read:ident, $write:ident, $c_read:ident, $c_write:ident;)*) => {
        impl RegionRef {
            $(
                /// One read of exactly this width, bounds and alignment checked.
                pub fn $read(&self, offset: u64) -> Result<$number> {
                    let mut value = 0;
                    check(unsafe { sys::$c_read(self.as_ptr(), offset, &mut value) })?;
                    Ok(value)
                }

                /// One write of exactly this width, bounds and alignment checked. Registers that
                /// are shared are written through [`registers`](RegionRef::registers).
                pub fn $write(&mut self, offset: u64, value: $number) -> Result<()> {
                    check(unsafe { sys::$c_write(self.as_ptr(), offset, value) }).map(drop)
                }
            )*
        }
    };
}
accesses! {
    u8, read8, write8, pmem_region_read8, pmem_region_write8;
    u16, read16, write16, pmem_region_read16, pmem_region_write16;
    u32, read32, write32, pmem_region_read32, pmem_region_write32;
    u64, read64, write64, pmem_region_read64, pmem_region_write64;
}
