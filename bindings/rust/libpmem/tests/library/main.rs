// SPDX-License-Identifier: MIT
//! The safe layer on this machine. What needs root is marked as ignored; test/bindings/rust runs
//! it.

use libpmem::*;

mod callbacks;
mod errors;
mod finding;
mod life;
mod pools;
mod registered;
mod slices;
mod widths;

fn anywhere() -> AllocOptions {
    AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED)
}

fn memory(ctx: &Context, size: u64) -> Region {
    ctx.alloc_with(size, &anywhere()).unwrap()
}

#[test]
fn what_there_is() {
    let ctx = Context::new().unwrap();
    let all = ctx.backends();
    let pages = all.iter().find(|one| one.name == "pages").unwrap();
    assert!(pages.caps.contains(BackendCaps::ALLOC));
    assert!(all.iter().any(|one| one.refused.is_some()), "{:?}", all);
    assert!(ctx.page_size().is_power_of_two());
    assert!(!ctx.family().unwrap().is_empty());
    match ctx.heaps() {
        Ok(heaps) => assert!(heaps.iter().all(|heap| heap.path.contains(&*heap.name))),
        Err(why) => assert_eq!(why.cause(), Cause::NO_DEVICE, "{:?}", why),
    }
    assert!(version().starts_with("3."));
    assert_eq!(version_number() / 1_000_000, 3);
}

#[test]
fn numbers_and_names() {
    assert_eq!(
        constant("PMEM_CAUSE_LOCKDOWN").unwrap(),
        Cause::LOCKDOWN.number().into()
    );
    assert_eq!(
        constant("PMEM_NO_SUCH").unwrap_err().cause(),
        Cause::NOT_FOUND
    );
    assert_eq!(
        constant_name("PMEM_CAUSE_", 11),
        Some("PMEM_CAUSE_LOCKDOWN")
    );
    assert_eq!(constant_name("PMEM_CAUSE_", 9999), None);
    assert!(constants().count() > 100);
    assert_eq!(Cause::from_number(9999).name(), "unknown");
    assert_eq!(
        format!("{:?} {}", Cause::LOCKDOWN, Cause::LOCKDOWN),
        "PMEM_CAUSE_LOCKDOWN lockdown"
    );
    assert_eq!(format!("{:?}", Level::from_number(77)), "Level(77)");
    let flags = AllocFlags::CACHED | AllocFlags::from_bits(1 << 31);
    assert_eq!(format!("{:?}", flags), "PMEM_ALLOC_CACHED | 0x80000000");
    assert_eq!(format!("{:?}", AllocFlags::empty()), "0x0");
    assert_eq!(
        format!("{:?}", MapFlags::IMPORT_NO_MAP),
        "PMEM_IMPORT_NO_MAP"
    );
    assert_eq!(
        (flags & AllocFlags::CACHED).bits(),
        AllocFlags::CACHED.bits()
    );
}
