// SPDX-License-Identifier: MIT
//! Memory of the program's own, and where it is.

use super::*;

fn loose() -> RegisterFlags {
    RegisterFlags::NO_ADDRESS | RegisterFlags::MAY_MOVE
}

#[test]
fn it_stays_as_it_is() {
    let ctx = Context::new().unwrap();
    let mut own: Vec<u8> = (0..=250).cycle().take(20000).collect();
    let (before, first) = (own.clone(), own.as_ptr());
    {
        let mut region = ctx.register(&mut own[100..], loose()).unwrap();
        assert_eq!((region.size(), region.backend()), (19900, "registered"));
        assert_eq!(region.as_slice().unwrap(), &before[100..]);
        region.write8(0, 0xee).unwrap();
        assert_eq!(ctx.find(region.as_slice().unwrap()).unwrap().1, 0);
        assert!(format!("{:?}", region).contains("19900"));
    }
    assert_eq!(
        (own[99], own[100], own[101]),
        (before[99], 0xee, before[101])
    );
    assert_eq!(own.as_ptr(), first);
    let found = ctx.find(&own[200..]).unwrap_err(); // closed
    assert_eq!(found.cause(), Cause::NOT_FOUND);
    ctx.register(&mut own, loose()).unwrap().close().unwrap();
}

#[test]
fn refused() {
    let ctx = Context::new().unwrap();
    let nothing = ctx.register(&mut [], loose()).unwrap_err();
    assert_eq!(nothing.cause(), Cause::ZERO_SIZE);
    let flags = RegisterFlags::from_bits(1 << 31);
    let unknown = ctx.register(&mut [1, 2], flags).unwrap_err();
    assert_eq!(unknown.cause(), Cause::FLAGS);
    let wraps = (usize::MAX - 4095) as *const u8;
    let beyond = ctx.vaddr_extents(wraps, 8192).unwrap_err();
    assert_eq!(beyond.cause(), Cause::WRAPS);
}

#[test]
fn later_options() {
    // They reach the library: a node that no machine has is refused.
    let ctx = Context::new().unwrap();
    ctx.alloc_with(65536, &anywhere().wait_ms(1)).unwrap();
    assert!(ctx.alloc_with(65536, &anywhere().node(u32::MAX)).is_err());
}

#[test]
#[ignore = "only root is told addresses"]
fn where_it_is() {
    let ctx = Context::new().unwrap();
    let mut own = vec![1u8; 20000];
    let region = ctx.register(&mut own, RegisterFlags::empty()).unwrap();
    assert!(region.attrs().contains(Attrs::PINNED));
    let first = region.data().unwrap().as_ptr() as *const u8;
    let there = ctx.vaddr_extents(first, 20000).unwrap();
    assert_eq!(there, region.extents(0, TO_END, Need::PHYS).unwrap());
    assert_eq!(there.iter().map(|one| one.length).sum::<u64>(), 20000);
    assert_eq!(ctx.vaddr_extents(first, 0).unwrap(), []);
    let places: Vec<_> = [9000, 1, 19999].map(|at| first.wrapping_add(at)).into();
    let mut expected = Vec::new();
    for one in &places {
        expected.push(ctx.vaddr_phys(*one).unwrap());
    }
    assert_eq!(ctx.vaddr_phys_list(&places).unwrap(), expected);
    assert_eq!(ctx.vaddr_phys_list::<u8>(&[]).unwrap(), []);
}
