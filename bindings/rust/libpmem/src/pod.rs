// SPDX-License-Identifier: MIT
//! Types that are nothing but their bytes.

/// Plain old data: memory of a region may be looked at as such values.
///
/// # Safety
/// Every pattern of bits is a value, no byte is padding, and there is no pointer, no reference and
/// no cell inside. A `#[repr(C)]` structure of such members without gaps is one.
///
/// ```
/// # use libpmem::{AllocFlags, AllocOptions, Context, Pod};
/// #[repr(C)]
/// #[derive(Clone, Copy)]
/// struct Descriptor {
///     address: u64,
///     length: u32,
///     flags: u32,
/// }
/// unsafe impl Pod for Descriptor {} // 16 bytes, none of them padding
/// # let ctx = Context::new()?;
/// # let anywhere = AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED);
/// let mut ring = ctx.alloc_with(4096, &anywhere)?;
/// let descriptors = ring.as_mut_slice_of::<Descriptor>()?;
/// descriptors[3] = Descriptor { address: 0x1000, length: 64, flags: 1 };
/// assert_eq!((descriptors.len(), ring.read32(3 * 16 + 8)?), (256, 64));
/// # Ok::<(), libpmem::Error>(())
/// ```
pub unsafe trait Pod: Copy + 'static {}

macro_rules! pod {
    ($($number:ty),*) => { $(unsafe impl Pod for $number {})* };
}
pod!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64);

unsafe impl<T: Pod, const N: usize> Pod for [T; N] {}
