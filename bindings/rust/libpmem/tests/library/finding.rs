// SPDX-License-Identifier: MIT
//! From addresses to regions.

use super::*;

#[test]
fn by_bytes_and_pointers() {
    let (ctx, other) = (Context::new().unwrap(), Context::new().unwrap());
    let region = memory(&ctx, 8192);
    let bytes = &region.as_slice().unwrap()[77..];
    let (place, offset) = ctx.find(bytes).unwrap();
    assert_eq!((place.id(), offset, place.size()), (region.id(), 77, 8192));
    assert_eq!(ctx.find_pointer(&bytes[1]).unwrap(), (region.id(), 78));
    assert_eq!(other.find(bytes).unwrap_err().cause(), Cause::NOT_FOUND);
    assert_eq!(ctx.find(&bytes[..0]).unwrap_err().cause(), Cause::ZERO_SIZE);
    assert_eq!(ctx.find(&[1, 2]).unwrap_err().cause(), Cause::NOT_FOUND);
    let pointer = bytes.as_ptr();
    drop(region);
    assert_eq!(
        ctx.find_pointer(pointer).unwrap_err().cause(),
        Cause::NOT_FOUND
    );
}

#[test]
#[ignore = "only root is told addresses"]
fn by_address() {
    let ctx = Context::new().unwrap();
    let region = ctx.alloc(65536).unwrap();
    let phys = region.phys().unwrap();
    assert!(region.attrs().contains(Attrs::CONTIGUOUS | Attrs::PINNED));
    assert_eq!(region.extent(4096).unwrap(), (phys + 4096, 61440));
    let piece = Extent {
        offset: 0,
        length: 65536,
        phys: Some(phys),
        bus: None,
    };
    assert_eq!(region.extents(0, TO_END, Need::PHYS).unwrap(), [piece]);
    assert_eq!(region.extents(0, 0, Need::PHYS).unwrap(), []);
    assert_eq!(ctx.find_phys(phys + 3).unwrap(), (region.id(), 3));
    ctx.selftest_copy(4096).unwrap();
    let high = AllocOptions::new().align(1 << 16).max_addr(u64::MAX);
    assert_eq!(
        ctx.alloc_with(4096, &high).unwrap().phys().unwrap() % (1 << 16),
        0
    );
    let none = AllocOptions::new().align(3);
    assert_eq!(
        ctx.alloc_with(4096, &none).unwrap_err().cause(),
        Cause::ALIGNMENT
    );
}

#[test]
#[ignore = "only root is told addresses"]
fn of_pages() {
    let ctx = Context::new().unwrap();
    // Of a dma-buf, which other machines would give, the kernel shows no frames.
    let mut region = ctx
        .alloc_with(65536, &AllocOptions::new().backend("pages"))
        .unwrap();
    let phys = region.phys().unwrap();
    region.fill(1).unwrap();
    let first = region.data().unwrap().as_ptr();
    assert_eq!(ctx.vaddr_phys(first).unwrap(), phys);
    let page = ctx.page_size();
    assert_eq!(ctx.vaddr_phys_bulk(first, 2).unwrap(), [phys, phys + page]);
    assert!(ctx
        .vaddr_pagemap(first)
        .unwrap()
        .contains(PagemapBits::PRESENT));
}
