// SPDX-License-Identifier: MIT
//! The functions of libpmem.so.3 as they are in C: `man libpmem`, or its headers, are the manual.
//!
//! The crate `libpmem` is what programs use. Nothing here is checked: a pointer must be what the
//! function expects, and live as long as it is used.

#[allow(non_camel_case_types)] // names as in C
#[rustfmt::skip]
mod generated;

pub use generated::*;

impl Default for pmem_alloc_opts {
    /// Zero in every field but the size: the defaults.
    fn default() -> Self {
        pmem_alloc_opts {
            size: std::mem::size_of::<Self>() as u32,
            flags: 0,
            align: 0,
            max_addr: 0,
            master: std::ptr::null(),
            backend: std::ptr::null(),
            heap: std::ptr::null(),
            name: std::ptr::null(),
            firmware: std::ptr::null(),
            reserved: std::ptr::null_mut(),
            wait_ms: 0,
            node: 0,
            device: std::ptr::null_mut(),
            reserved2: std::ptr::null_mut(),
        }
    }
}

impl Default for pmem_device_opts {
    /// Zero in every field but the size: the defaults.
    fn default() -> Self {
        pmem_device_opts {
            size: std::mem::size_of::<Self>() as u32,
            flags: 0,
            max_addr: 0,
            way: std::ptr::null(),
            share: std::ptr::null_mut(),
            device_fd: 0,
            group_fd: 0,
            iommu_fd: 0,
            reserved: 0,
        }
    }
}

impl Default for pmem_firmware_opts {
    /// Zero in every field but the size: the defaults.
    fn default() -> Self {
        pmem_firmware_opts {
            size: std::mem::size_of::<Self>() as u32,
            flags: 0,
            dma_channels: 0,
            reserved: 0,
        }
    }
}

impl Default for pmem_pool_opts {
    /// Zero in every field but the size: the defaults.
    fn default() -> Self {
        pmem_pool_opts {
            size: std::mem::size_of::<Self>() as u32,
            flags: 0,
            align: 0,
            boundary: 0,
            grow: 0,
            max: 0,
            alloc: std::ptr::null(),
            reserved: std::ptr::null_mut(),
        }
    }
}

impl Default for pmem_pool_counts {
    /// Zero in every field but the size: to be filled.
    fn default() -> Self {
        pmem_pool_counts {
            size: std::mem::size_of::<Self>() as u32,
            regions: 0,
            bytes: 0,
            free_bytes: 0,
            objects: 0,
            object_bytes: 0,
            cached: 0,
            cached_bytes: 0,
            threads: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::ffi::CStr;

    #[test]
    fn members_lie_where_c_has_them() {
        let all = [
            layout::pmem_alloc_opts(),
            layout::pmem_device_opts(),
            layout::pmem_extent(),
            layout::pmem_firmware_opts(),
            layout::pmem_pool_opts(),
            layout::pmem_pool_counts(),
        ];
        for (member, found, expected) in all.iter().flatten() {
            assert_eq!(found, expected, "{}", member);
        }
        assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 54);
    }

    #[test]
    fn numbers_are_those_of_the_library() {
        let mut found = HashMap::new();
        let mut value = 0;
        for i in 0.. {
            let name = unsafe { pmem_constant_at(i, &mut value) };
            if name.is_null() {
                break;
            }
            found.insert(unsafe { CStr::from_ptr(name) }.to_str().unwrap(), value);
        }
        assert!(found.len() > 100);
        for (name, number) in layout::CONSTANTS {
            // The library may be a later one; it may have more constants, too.
            if !name.starts_with("PMEM_VERSION_") {
                assert_eq!(found.get(name), Some(&number), "{}", name);
            }
        }
    }

    #[test]
    fn the_library_is_ours() {
        let version = unsafe { CStr::from_ptr(pmem_version()) }.to_str().unwrap();
        assert_eq!(version.split('.').next(), VERSION.split('.').next());
        assert!(unsafe { pmem_version_number() } >= PMEM_VERSION_NUMBER);
        assert_eq!(env!("CARGO_PKG_VERSION"), VERSION);
    }

    #[test]
    fn a_region_lives_and_dies() {
        unsafe {
            let (mut ctx, mut region) = (std::ptr::null_mut(), std::ptr::null_mut());
            assert_eq!(pmem_ctx_new(&mut ctx), 0);
            let opts = pmem_alloc_opts {
                flags: PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED,
                ..Default::default()
            };
            assert_eq!(pmem_region_alloc(ctx, 5000, &opts, &mut region), 0);
            let mut word = 0;
            assert_eq!(pmem_region_write32(region, 8, 0x12345678), 0);
            assert_eq!(pmem_region_read32(region, 8, &mut word), 0);
            assert_eq!((word, pmem_region_size(region)), (0x12345678, 5000));
            assert_eq!(pmem_region_close(region), 0);
            let wrong = pmem_alloc_opts { size: 3, ..opts };
            assert!(pmem_region_alloc(ctx, 5000, &wrong, &mut region) < 0);
            assert_eq!(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_OPTIONS);
            pmem_ctx_unref(ctx);
        }
    }
}
