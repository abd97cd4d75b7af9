// SPDX-License-Identifier: MIT
//! Memory that the program has, kept in place.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use libpmem_sys as sys;

use crate::map::made;
use crate::{Context, Region, RegionRef, RegisterFlags, Result};

/// Memory of this program whose pages stay where they are until this is dropped. Made by
/// [`Context::register`].
///
/// It borrows the bytes: they are used through it. One that is forgotten (`std::mem::forget`) leaves the
/// pages pinned; the program may use or free the bytes as before.
pub struct Registered<'a> {
    // Not to be had as a Region, which could be moved out and outlive the bytes.
    region: Region,
    bytes: PhantomData<&'a mut [u8]>,
}

impl Context {
    /// Keep memory that the program has in place, and tell where it is. Nothing is copied. It may be
    /// in many pieces: [`extents`](crate::Place::extents).
    ///
    /// ```
    /// # use libpmem::{Context, RegisterFlags};
    /// # let ctx = Context::new()?;
    /// let mut own = vec![7; 10000];
    /// let flags = RegisterFlags::NO_ADDRESS | RegisterFlags::MAY_MOVE; // else root's only
    /// let mut region = ctx.register(&mut own, flags)?;
    /// region.as_mut_slice()?[1] = 8;
    /// region.close()?;
    /// assert_eq!(own[..3], [7, 8, 7]);
    /// # Ok::<(), libpmem::Error>(())
    /// ```
    pub fn register<'a>(
        &self,
        bytes: &'a mut [u8],
        flags: RegisterFlags,
    ) -> Result<Registered<'a>> {
        let (first, length) = (bytes.as_mut_ptr().cast(), bytes.len() as u64);
        let region = made(self, |out| unsafe {
            sys::pmem_region_register(self.as_ptr(), first, length, flags.bits(), out)
        })?;
        Ok(Registered {
            region,
            bytes: PhantomData,
        })
    }
}

impl Registered<'_> {
    /// Let the pages go, and hear whether that worked.
    pub fn close(self) -> Result<()> {
        self.region.close()
    }
}

impl Deref for Registered<'_> {
    type Target = RegionRef;

    fn deref(&self) -> &RegionRef {
        &self.region
    }
}

impl DerefMut for Registered<'_> {
    fn deref_mut(&mut self) -> &mut RegionRef {
        &mut self.region
    }
}

impl fmt::Debug for Registered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.region.fmt(f)
    }
}
