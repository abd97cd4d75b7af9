// SPDX-License-Identifier: MIT
//! The CPU's turn with memory that a device uses, too.

use std::mem::ManuallyDrop;
use std::ops::{Bound, Deref, DerefMut, RangeBounds};
use std::ptr::NonNull;
use std::slice;

use libpmem_sys as sys;

use crate::callback::settle;
use crate::error::check;
use crate::{Cause, Direction, Error, RegionRef, Result};

/// What was begun, and ends with this value. A pointer and no slice, since the bytes are no more to
/// be believed in as soon as the turn has ended, which is while this value is still there.
#[derive(Debug)]
struct Turn<'a> {
    region: &'a RegionRef,
    first: NonNull<u8>,
    offset: u64,
    length: u64,
    direction: Direction,
}

impl Turn<'_> {
    fn finish(&self) -> i32 {
        let (region, direction) = (self.region.as_ptr(), self.direction.number());
        unsafe { sys::pmem_region_cpu_end(region, self.offset, self.length, direction) }
    }

    fn end(self) -> Result<()> {
        check(ManuallyDrop::new(self).finish()).map(drop)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.finish();
        settle();
    }
}

/// Bytes that a device has written, to be read. The CPU's turn ends with this value.
#[derive(Debug)]
pub struct CpuRead<'a>(Turn<'a>);

/// Bytes that a device will read. The CPU's turn ends with this value.
#[derive(Debug)]
pub struct CpuWrite<'a>(Turn<'a>);

impl CpuRead<'_> {
    /// End the CPU's turn, and hear whether that worked.
    pub fn end(self) -> Result<()> {
        self.0.end()
    }
}

impl CpuWrite<'_> {
    /// End the CPU's turn, and hear whether that worked. Only then a device may be started.
    pub fn end(self) -> Result<()> {
        self.0.end()
    }
}

// The borrow of the region is exclusive and lasts as long as the turn; all lies inside.
impl Deref for CpuRead<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        unsafe { slice::from_raw_parts(self.0.first.as_ptr(), self.0.length as usize) }
    }
}

impl Deref for CpuWrite<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        unsafe { slice::from_raw_parts(self.0.first.as_ptr(), self.0.length as usize) }
    }
}

impl DerefMut for CpuWrite<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        unsafe { slice::from_raw_parts_mut(self.0.first.as_ptr(), self.0.length as usize) }
    }
}

impl RegionRef {
    /// The CPU's turn to read what a device wrote. Memory with
    /// [`Attrs::NEEDS_SYNC`](crate::Attrs::NEEDS_SYNC) requires it, and it is right for all.
    ///
    /// It takes `&mut self` since bytes may become others: no slice of before may live.
    ///
    /// ```
    /// # use libpmem::{AllocFlags, AllocOptions, Context};
    /// # let ctx = Context::new()?;
    /// # let wish = AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED);
    /// # let mut region = ctx.alloc_with(4096, &wish)?;
    /// let mut bytes = region.cpu_write(..16)?;
    /// bytes.fill(7);
    /// bytes.end()?; // now the device, which works until it says so
    /// assert_eq!(region.cpu_read(..)?[15..17], [7, 0]);
    /// # Ok::<(), libpmem::Error>(())
    /// ```
    pub fn cpu_read(&mut self, range: impl RangeBounds<u64>) -> Result<CpuRead<'_>> {
        Ok(CpuRead(self.begin(range, Direction::READ)?))
    }

    /// The CPU's turn to write what a device will read; what is read back may be old.
    pub fn cpu_write(&mut self, range: impl RangeBounds<u64>) -> Result<CpuWrite<'_>> {
        self.writing(range, Direction::WRITE)
    }

    /// The CPU's turn to read what a device wrote, and to write what it will read.
    pub fn cpu_both(&mut self, range: impl RangeBounds<u64>) -> Result<CpuWrite<'_>> {
        self.writing(range, Direction::BOTH)
    }

    fn writing(
        &mut self,
        range: impl RangeBounds<u64>,
        direction: Direction,
    ) -> Result<CpuWrite<'_>> {
        self.at_mut(0, 0, 1)?;
        Ok(CpuWrite(self.begin(range, direction)?))
    }

    fn begin(&mut self, range: impl RangeBounds<u64>, direction: Direction) -> Result<Turn<'_>> {
        self.only_memory()?;
        let size = self.size();
        let outside =
            || Error::refused(34, Cause::BOUNDS, "the range is not inside the region", "");
        let start = match range.start_bound() {
            Bound::Included(first) => Some(*first),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.checked_add(1),
            Bound::Excluded(end) => Some(*end),
            Bound::Unbounded => Some(size),
        };
        let (offset, end) = start.zip(end).ok_or_else(outside)?;
        if offset > end || end > size || end - offset > isize::MAX as u64 {
            return Err(outside());
        }
        let length = end - offset;
        let first = self.at(offset, length, 1)?;
        self.cpu_begin(offset, length, direction)?;
        Ok(Turn {
            region: self,
            first,
            offset,
            length,
            direction,
        })
    }

    /// Before the CPU touches bytes, without a slice: for [`volatile`](RegionRef::volatile) and
    /// `read_bytes`. The length may be [`TO_END`](crate::TO_END).
    pub fn cpu_begin(&mut self, offset: u64, length: u64, direction: Direction) -> Result<()> {
        let (region, direction) = (self.as_ptr(), direction.number());
        check(unsafe { sys::pmem_region_cpu_begin(region, offset, length, direction) }).map(drop)
    }

    /// After the CPU, before a device touches them.
    pub fn cpu_end(&mut self, offset: u64, length: u64, direction: Direction) -> Result<()> {
        let (region, direction) = (self.as_ptr(), direction.number());
        check(unsafe { sys::pmem_region_cpu_end(region, offset, length, direction) }).map(drop)
    }
}
