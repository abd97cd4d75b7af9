// SPDX-License-Identifier: MIT
//! Registers: exactly one access of exactly one width.

use std::fmt;
use std::marker::PhantomData;
use std::mem::size_of;
use std::os::raw::c_void;
use std::ptr::NonNull;

use libpmem_sys as sys;

use crate::{Attrs, Cause, Error, RegionRef, Result};

mod sealed {
    pub trait Sealed {}
}

/// The widths that registers have: `u8`, `u16`, `u32` and `u64`.
pub trait Width: sealed::Sealed + Copy + 'static {
    #[doc(hidden)]
    unsafe fn load(address: *const c_void) -> Self;
    #[doc(hidden)]
    unsafe fn store(address: *mut c_void, value: Self);
    #[doc(hidden)]
    unsafe fn load_block(address: *const c_void, to: &mut [Self]);
    #[doc(hidden)]
    unsafe fn store_block(address: *mut c_void, from: &[Self]);
}

macro_rules! widths {
    ($($number:ty, $read:ident, $write:ident, $read_block:ident, $write_block:ident;)*) => { $(
        impl sealed::Sealed for $number {}

        impl Width for $number {
            unsafe fn load(address: *const c_void) -> Self {
                unsafe { sys::$read(address) }
            }
            unsafe fn store(address: *mut c_void, value: Self) {
                unsafe { sys::$write(address, value) }
            }
            unsafe fn load_block(address: *const c_void, to: &mut [Self]) {
                unsafe { sys::$read_block(address, to.as_mut_ptr(), to.len()) }
            }
            unsafe fn store_block(address: *mut c_void, from: &[Self]) {
                unsafe { sys::$write_block(address, from.as_ptr(), from.len()) }
            }
        }
    )* };
}
widths! {
    u8, pmem_io_read8, pmem_io_write8, pmem_io_read8_block, pmem_io_write8_block;
    u16, pmem_io_read16, pmem_io_write16, pmem_io_read16_block, pmem_io_write16_block;
    u32, pmem_io_read32, pmem_io_write32, pmem_io_read32_block, pmem_io_write32_block;
    u64, pmem_io_read64, pmem_io_write64, pmem_io_read64_block, pmem_io_write64_block;
}

/// A region as registers, which may be written through any copy of this: a device is shared anyhow.
/// It stays in its thread; another thread makes its own of the shared region.
#[derive(Clone, Copy)]
pub struct Registers<'a> {
    region: &'a RegionRef,
    _thread: PhantomData<*mut u8>,
}

/// One register. Bounds and alignment were checked when it was made.
#[derive(Clone, Copy)]
pub struct Register<'a, T: Width> {
    address: NonNull<T>,
    writable: bool,
    _region: PhantomData<&'a RegionRef>,
}

impl RegionRef {
    /// The registers of a mapped device. Memory has none: see [`volatile`](RegionRef::volatile).
    pub fn registers(&self) -> Result<Registers<'_>> {
        if !self.attrs().contains(Attrs::DEVICE) {
            let (what, hint) = ("memory is no registers", "use volatile(), or a slice");
            return Err(Error::refused(22, Cause::WRONG_KIND, what, hint));
        }
        Ok(Registers {
            region: self,
            _thread: PhantomData,
        })
    }

    /// Memory as if it were registers: for rings that a device reads and writes at the same time,
    /// since no access is split, merged or left out. No slice of it lives meanwhile.
    pub fn volatile(&mut self) -> Registers<'_> {
        Registers {
            region: self,
            _thread: PhantomData,
        }
    }
}

impl<'a> Registers<'a> {
    /// The register of that width at an offset.
    ///
    /// ```no_run
    /// # let ctx = libpmem::Context::new()?;
    /// let gpio = ctx.map_gpio(libpmem::MapFlags::empty())?;
    /// let select = gpio.registers()?.at::<u32>(0x08)?; // GPFSEL2 of a Raspberry Pi 0 to 4
    /// select.modify(|all| all & !(7 << 3) | 1 << 3); // pin 21 is an output
    /// # Ok::<(), libpmem::Error>(())
    /// ```
    pub fn at<T: Width>(&self, offset: u64) -> Result<Register<'a, T>> {
        let size = size_of::<T>();
        Ok(Register {
            address: self.region.at(offset, size as u64, size)?.cast(),
            writable: !self.region.attrs().contains(Attrs::READONLY),
            _region: PhantomData,
        })
    }

    /// Consecutive registers, in order, one access each.
    pub fn read_block<T: Width>(&self, offset: u64, to: &mut [T]) -> Result<()> {
        let bytes = std::mem::size_of_val(to) as u64;
        let from = self.region.at(offset, bytes, size_of::<T>())?;
        unsafe { T::load_block(from.as_ptr().cast(), to) };
        Ok(())
    }

    /// Consecutive registers, in order, one access each.
    pub fn write_block<T: Width>(&self, offset: u64, from: &[T]) -> Result<()> {
        let bytes = std::mem::size_of_val(from) as u64;
        let to = self.region.at_mut(offset, bytes, size_of::<T>())?;
        unsafe { T::store_block(to.as_ptr().cast(), from) };
        Ok(())
    }

    /// Bytes out of device memory.
    pub fn read_bytes(&self, offset: u64, to: &mut [u8]) -> Result<()> {
        self.region.read_bytes(offset, to)
    }

    /// Bytes into device memory.
    pub fn write_bytes(&self, offset: u64, from: &[u8]) -> Result<()> {
        let to = self.region.at_mut(offset, from.len() as u64, 1)?;
        unsafe { sys::pmem_io_copy_to(to.as_ptr().cast(), from.as_ptr().cast(), from.len()) };
        Ok(())
    }
}

impl fmt::Debug for Registers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registers").field(&self.region).finish()
    }
}

impl<T: Width> Register<'_, T> {
    /// Exactly one load.
    pub fn read(self) -> T {
        unsafe { T::load(self.address.as_ptr() as *const c_void) }
    }

    /// Exactly one store.
    ///
    /// # Panics
    /// If the region is read-only.
    pub fn write(self, value: T) {
        assert!(self.writable, "the region of this register is read-only");
        unsafe { T::store(self.address.as_ptr() as *mut c_void, value) }
    }

    /// One load, then one store. Others may come between.
    pub fn modify(self, change: impl FnOnce(T) -> T) {
        self.write(change(self.read()));
    }
}

impl<T: Width> fmt::Debug for Register<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where it is; reading it might change it.
        f.debug_tuple("Register").field(&self.address).finish()
    }
}
