// SPDX-License-Identifier: MIT
//! Physical memory for user-space programs: registers, memory that a device can reach by DMA, and
//! where a page really is. This is the safe layer over libpmem.so.3; `man libpmem` is its manual.
//!
//! ```no_run
//! let ctx = libpmem::Context::new()?;
//! let mut region = ctx.alloc(64 * 1024)?; // contiguous, zeroed, pinned
//! region.as_mut_slice()?[0] = 1;
//! println!("{} bytes at {:#x}, by {}", region.size(), region.phys()?, region.backend());
//! # Ok::<(), libpmem::Error>(())
//! ```
//!
//! **Memory and registers.** [`RegionRef::as_slice`] and [`RegionRef::as_mut_slice`] are ordinary
//! slices that live as long as the borrow of the region. Registers are never a slice, since reading
//! them may change them: [`RegionRef::registers`] gives accesses of exactly one width. Memory that
//! a device changes while it is looked at is used in the same way, by [`RegionRef::volatile`].
//!
//! **What is unsafe.** To allocate is safe: nothing else of the program is there. To map what
//! exists is not ([`Context::map`], [`Context::map_node`], [`Context::map_pci`],
//! [`Context::map_file`], [`Context::import`]): it may be memory of this program, somebody else may
//! write to it while a slice lives, and registers start devices that write to memory.
//! [`Context::map_gpio`] is safe: pins reach no memory.
//!
//! **Devices.** The compiler believes that the bytes of a slice change only through it. So no
//! device may write to memory while a slice of it lives, nor read it while a mutable one does.
//! Whoever starts the device, by registers that were mapped with `unsafe`, sees to that: with
//! [`RegionRef::cpu_read`] and [`RegionRef::cpu_write`], whose slices end with the CPU's turn.
//!
//! **Pools.** [`Context::pool`] has many small objects in few regions. An [`Object`] borrows its pool, gives
//! itself back when it is dropped, and is bytes. [`Context::register`] keeps memory in place that the
//! program has: its [`Registered`] borrows that until it is closed.
//!
//! **Threads.** [`Context`] and [`Region`] may be sent to and shared with other threads. What
//! cannot be borrowed cannot be closed meanwhile. [`Registers`] stay in the thread that made them;
//! another thread makes its own of the shared region.
//!
//! **Forgotten regions** (`std::mem::forget`) leak their memory and nothing else.
//!
//! **fork** is unsafe in Rust, and this is a reason: a child has not the memory of its parent's
//! regions and dies where it touches their slices. It may drop them, which frees only what is the
//! child's, and make regions of its own.
//!
//! **Panics** of callbacks do not pass through C: they go on when the call returns.
#![warn(missing_docs, missing_debug_implementations)]
#![deny(unsafe_op_in_unsafe_fn)]

// Functions of the library that nothing here calls, and why; generate.py reads these lines.
// Not used: pmem_error_dup: an Error is a copy already.

mod access;
mod alloc;
mod callback;
#[rustfmt::skip]
mod constants;
mod context;
mod device;
mod dmabuf;
mod error;
pub mod io;
mod machine;
mod map;
mod numbers;
mod place;
mod pod;
mod pool;
mod region;
mod registered;
mod registers;
mod selftest;
mod text;

pub use access::{CpuRead, CpuWrite};
pub use alloc::{AllocOptions, FirmwareOptions};
pub use constants::*;
pub use context::Context;
pub use device::{Device, DeviceOptions};
pub use dmabuf::{DmabufAccess, Heap};
pub use error::{Error, Result};
pub use machine::{Backend, Reserved};
pub use numbers::{constant, constant_name, constants};
pub use place::{Extent, Place, RegionId};
pub use pod::Pod;
pub use pool::{Object, Pool, PoolOptions, PoolStats};
pub use region::{Region, RegionRef};
pub use registered::Registered;
pub use registers::{Register, Registers, Width};
pub use selftest::SelfTest;

/// The functions as they are in C.
pub use libpmem_sys as sys;

/// A length: to the end of the region or file.
pub const TO_END: u64 = sys::PMEM_TO_END;

/// The version of the library that is running, such as "3.0.0".
pub fn version() -> &'static str {
    // Static text, never NULL.
    unsafe { text::fixed(sys::pmem_version()) }
}

/// The same as one number: major * 1000000 + minor * 1000 + patch.
pub fn version_number() -> u32 {
    unsafe { sys::pmem_version_number() }
}
