// SPDX-License-Identifier: MIT
//! Many small objects in few regions.

use std::fmt;
use std::mem::{align_of, size_of, ManuallyDrop};
use std::ops::{Deref, DerefMut};
use std::os::raw::{c_int, c_void};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::slice;
use std::sync::Mutex;

use libpmem_sys as sys;

use crate::callback::settle;
use crate::error::check;
use crate::{
    AllocOptions, Cause, Context, CpuRead, CpuWrite, Error, Place, Pod, PoolFlags, Region,
    RegionId, RegionRef, Result,
};

/// What a pool may be; nothing is the default.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PoolOptions {
    flags: PoolFlags,
    align: u64,
    boundary: u64,
    grow: u64,
    max: u64,
    alloc: AllocOptions,
}

impl PoolOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// In place of those from before.
    pub fn flags(mut self, flags: PoolFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Of each object, at least: a power of two.
    pub fn align(mut self, align: u64) -> Self {
        self.align = align;
        self
    }

    /// No object crosses a multiple of it.
    pub fn boundary(mut self, boundary: u64) -> Self {
        self.boundary = boundary;
        self
    }

    /// Bytes of each region that it takes.
    pub fn grow(mut self, bytes: u64) -> Self {
        self.grow = bytes;
        self
    }

    /// Bytes of all regions that it takes, at most.
    pub fn max(mut self, bytes: u64) -> Self {
        self.max = bytes;
        self
    }

    /// How it takes regions.
    pub fn alloc(mut self, options: AllocOptions) -> Self {
        self.alloc = options;
        self
    }
}

/// What a pool has at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStats {
    /// Taken and given.
    pub regions: u32,
    /// Of its memory.
    pub bytes: u64,
    /// Of those in no object, nor set apart for objects of some size.
    pub free_bytes: u64,
    /// That are handed out.
    pub objects: u64,
    /// Of those, with what their sizes were rounded up by.
    pub object_bytes: u64,
    /// Objects that threads keep.
    pub cached: u64,
    /// Of those.
    pub cached_bytes: u64,
    /// That keep objects.
    pub threads: u64,
}

/// Many small objects in few regions. Made by [`Context::pool`]; dropping it gives all back.
///
/// ```
/// # use libpmem::{AllocFlags, AllocOptions, Context, PoolOptions};
/// # let ctx = Context::new()?;
/// # let anywhere = AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED);
/// let pool = ctx.pool_with(&PoolOptions::new().boundary(4096).alloc(anywhere))?;
/// let mut ring = pool.alloc(64 * 16)?;
/// ring.fill(0); // it is bytes; its content was whatever was there
/// let words = ring.as_mut_slice_of::<u32>()?;
/// words[3] = 7;
/// drop(ring); // given back
/// # Ok::<(), libpmem::Error>(())
/// ```
pub struct Pool {
    pool: NonNull<sys::pmem_pool>,
    context: Context,
    // After drop() has closed the pool.
    given: Mutex<Vec<Region>>,
}

// Any number of threads may use one pool at once; that none closes it meanwhile is what borrows are for.
unsafe impl Send for Pool {}
unsafe impl Sync for Pool {}
// Its state is C's, and a list that only grows.
impl RefUnwindSafe for Pool {}
impl UnwindSafe for Pool {}

impl Context {
    /// A pool of memory that a device can reach: contiguous, pinned, its address known.
    pub fn pool(&self) -> Result<Pool> {
        self.pool_with(&PoolOptions::new())
    }

    /// As [`pool`](Context::pool), with wishes.
    pub fn pool_with(&self, options: &PoolOptions) -> Result<Pool> {
        let mut out = std::ptr::null_mut();
        let result = options.alloc.lent(|alloc| {
            let opts = sys::pmem_pool_opts {
                flags: options.flags.bits(),
                align: options.align,
                boundary: options.boundary,
                grow: options.grow,
                max: options.max,
                alloc,
                ..Default::default()
            };
            unsafe { sys::pmem_pool_new(self.as_ptr(), &opts, &mut out) }
        })?;
        // Owned before check(), from which a callback's panic may go on.
        let pool = NonNull::new(out).map(|pool| Pool {
            pool,
            context: self.clone(),
            given: Mutex::default(),
        });
        check(result)?;
        pool.ok_or_else(|| Error::refused(22, Cause::SYSTEM, "the library made no pool", ""))
    }
}

impl Pool {
    fn as_ptr(&self) -> *mut sys::pmem_pool {
        self.pool.as_ptr()
    }

    /// The context that it was made with.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// An object of so many bytes. Their content is whatever was there.
    pub fn alloc(&self, size: usize) -> Result<Object<'_>> {
        self.alloc_aligned(size, 0)
    }

    /// As [`alloc`](Pool::alloc), at a multiple of a power of two.
    pub fn alloc_aligned(&self, size: usize, align: u64) -> Result<Object<'_>> {
        let first = unsafe { sys::pmem_pool_alloc(self.as_ptr(), size as u64, align) };
        // Owned before settle(), from which a callback's panic may go on.
        let object = NonNull::new(first.cast())
            .map(|first| Object {
                pool: self,
                first,
                size,
            })
            .ok_or_else(Error::of_null);
        settle();
        object
    }

    /// Let the pool use a region, which it closes after its own. One that is refused is closed, too.
    pub fn add_region(&self, region: Region) -> Result<()> {
        region.only_memory()?; // objects are slices
        check(unsafe { sys::pmem_pool_add_region(self.as_ptr(), region.as_ptr()) })?;
        let mut given = match self.given.lock() {
            Ok(given) => given,
            Err(poisoned) => poisoned.into_inner(),
        };
        given.push(region);
        Ok(())
    }

    /// Give back what this thread keeps, and regions that no object is in: how many bytes.
    pub fn trim(&self) -> Result<u64> {
        let mut bytes = 0;
        check(unsafe { sys::pmem_pool_trim(self.as_ptr(), &mut bytes) })?;
        Ok(bytes)
    }

    /// What it has.
    pub fn stats(&self) -> Result<PoolStats> {
        let mut counts = sys::pmem_pool_counts::default();
        check(unsafe { sys::pmem_pool_stats(self.as_ptr(), &mut counts) })?;
        Ok(PoolStats {
            regions: counts.regions,
            bytes: counts.bytes,
            free_bytes: counts.free_bytes,
            objects: counts.objects,
            object_bytes: counts.object_bytes,
            cached: counts.cached,
            cached_bytes: counts.cached_bytes,
            threads: counts.threads,
        })
    }

    /// Give all back, and hear whether that worked.
    pub fn close(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        // Each is taken once, since drop() does not run; and dropped after the pool.
        let (_context, _given) =
            unsafe { (std::ptr::read(&this.context), std::ptr::read(&this.given)) };
        check(unsafe { sys::pmem_pool_close(this.as_ptr()) }).map(drop)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Who wants to hear of failures calls close().
        unsafe { sys::pmem_pool_close(self.as_ptr()) };
        settle();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.pool).finish()
    }
}

/// Bytes of a pool; dropping them gives them back.
///
/// A device may use them when no slice of them lives: see [`RegionRef`].
pub struct Object<'p> {
    pool: &'p Pool,
    first: NonNull<u8>,
    size: usize,
}

// Any thread may use and free it. The bytes are shared as those of a slice.
unsafe impl Send for Object<'_> {}
unsafe impl Sync for Object<'_> {}

impl<'p> Object<'p> {
    /// The pool that it is of.
    pub fn pool(&self) -> &'p Pool {
        self.pool
    }

    /// Give it back, and hear whether that worked.
    pub fn free(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        check(this.give_back()).map(drop)
    }

    fn give_back(&self) -> c_int {
        unsafe { sys::pmem_pool_free(self.pool.as_ptr(), self.first.as_ptr().cast()) }
    }

    fn number(
        &self,
        ask: unsafe extern "C" fn(*const sys::pmem_pool, *const c_void, *mut u64) -> c_int,
    ) -> Result<u64> {
        let mut value = 0;
        let first = self.first.as_ptr() as *const c_void;
        check(unsafe { ask(self.pool.as_ptr(), first, &mut value) })?;
        Ok(value)
    }

    /// The physical address of the first byte; the others follow it.
    pub fn phys(&self) -> Result<u64> {
        self.number(sys::pmem_pool_phys)
    }

    /// The address of the first byte for the DMA master.
    pub fn bus(&self) -> Result<u64> {
        self.number(sys::pmem_pool_bus)
    }

    fn found(&self) -> Result<(*mut sys::pmem_region, u64)> {
        let (mut region, mut offset) = (std::ptr::null_mut(), 0);
        let (pool, first) = (self.pool.as_ptr(), self.first.as_ptr() as *const c_void);
        check(unsafe { sys::pmem_pool_region(pool, first, &mut region, &mut offset) })?;
        Ok((region, offset))
    }

    /// The region that it is in, and the offset of its first byte there.
    pub fn place(&self) -> Result<(&Place, u64)> {
        let (region, offset) = self.found()?;
        // The region lives as long as the object.
        Ok((unsafe { RegionId::new(region).place() }, offset))
    }

    /// As many whole elements as there are.
    pub fn as_slice_of<T: Pod>(&self) -> Result<&[T]> {
        let count = self.elements::<T>()?;
        // Checked, of any bits, and not written while this is borrowed.
        Ok(unsafe { slice::from_raw_parts(self.first.as_ptr().cast(), count) })
    }

    /// As many whole elements as there are, to be written.
    pub fn as_mut_slice_of<T: Pod>(&mut self) -> Result<&mut [T]> {
        let count = self.elements::<T>()?;
        Ok(unsafe { slice::from_raw_parts_mut(self.first.as_ptr().cast(), count) })
    }

    fn elements<T>(&self) -> Result<usize> {
        if size_of::<T>() == 0 || self.first.as_ptr() as usize % align_of::<T>() != 0 {
            let (what, hint) = (
                "the object is not aligned for these elements, or they have no bytes",
                "use alloc_aligned()",
            );
            return Err(Error::refused(22, Cause::ALIGNMENT, what, hint));
        }
        Ok(self.size / size_of::<T>())
    }

    /// The CPU's turn to read what a device wrote: as [`RegionRef::cpu_read`].
    pub fn cpu_read(&mut self) -> Result<CpuRead<'_>> {
        let (region, end) = self.turn()?;
        region.cpu_read(end - self.size as u64..end)
    }

    /// The CPU's turn to write what a device will read: as [`RegionRef::cpu_write`].
    pub fn cpu_write(&mut self) -> Result<CpuWrite<'_>> {
        let (region, end) = self.turn()?;
        region.cpu_write(end - self.size as u64..end)
    }

    /// The region, for the bytes of this object only, and where they end.
    fn turn<'a>(&self) -> Result<(&'a mut RegionRef, u64)> {
        let (region, offset) = self.found()?;
        // Others have such references to the region for their own bytes: it has no bytes itself, and
        // what is made of it here is of the object's, which the caller has borrowed for as long.
        let region = unsafe { RegionRef::from_mut_ptr(region) };
        Ok((region, offset + self.size as u64))
    }
}

impl Deref for Object<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // Memory of the kernel's, which is always something.
        unsafe { slice::from_raw_parts(self.first.as_ptr(), self.size) }
    }
}

impl DerefMut for Object<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        unsafe { slice::from_raw_parts_mut(self.first.as_ptr(), self.size) }
    }
}

impl Drop for Object<'_> {
    fn drop(&mut self) {
        self.give_back();
        settle();
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("first", &self.first)
            .field("size", &self.size)
            .finish()
    }
}
