// SPDX-License-Identifier: MIT
//! Barriers; and accesses of pointers, for those who have no region.

use std::os::raw::c_void;

use libpmem_sys as sys;

use crate::Width;

/// All accesses before it are done before any after it.
pub fn mb() {
    unsafe { sys::pmem_io_mb() }
}

/// Reads before it are done before reads after it.
pub fn rmb() {
    unsafe { sys::pmem_io_rmb() }
}

/// Writes before it are seen by devices before writes after it.
pub fn wmb() {
    unsafe { sys::pmem_io_wmb() }
}

/// Exactly one load of that width.
///
/// # Safety
/// The address is mapped, and aligned to the width.
pub unsafe fn read<T: Width>(address: *const T) -> T {
    unsafe { T::load(address as *const c_void) }
}

/// Exactly one store of that width.
///
/// # Safety
/// The address is mapped, writable, aligned to the width, and nothing that Rust looks at.
pub unsafe fn write<T: Width>(address: *mut T, value: T) {
    unsafe { T::store(address as *mut c_void, value) }
}
