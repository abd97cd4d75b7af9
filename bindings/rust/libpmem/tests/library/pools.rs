// SPDX-License-Identifier: MIT
//! Pools and their objects.

use super::*;

fn pool(ctx: &Context, options: PoolOptions) -> Pool {
    ctx.pool_with(&options.alloc(anywhere())).unwrap()
}

#[test]
fn objects() {
    let ctx = Context::new().unwrap();
    let pool = pool(&ctx, PoolOptions::new().boundary(4096));
    let mut one = pool.alloc(100).unwrap();
    let mut two = pool.alloc_aligned(4096, 4096).unwrap();
    assert_eq!((one.len(), two.len()), (100, 4096));
    assert_eq!(two.as_ptr() as usize % 4096, 0);
    one.fill(1);
    two.fill(2);
    two.as_mut_slice_of::<u32>().unwrap()[3] = 0x01020304;
    assert_eq!(two.as_slice_of::<u64>().unwrap().len(), 512);
    assert_eq!(two[12..16], 0x01020304_u32.to_ne_bytes());
    assert!(one.iter().all(|byte| *byte == 1));
    let (place, offset) = two.place().unwrap();
    let first = place.data().unwrap().as_ptr() as usize;
    assert_eq!(first + offset as usize, two.as_ptr() as usize);
    assert_eq!(ctx.find(&two[5..]).unwrap().1, offset + 5);
    assert_eq!(pool.stats().unwrap().objects, 2);
    drop(one);
    assert_eq!(pool.stats().unwrap().objects, 1);
    two.free().unwrap();
    let stats = pool.stats().unwrap();
    assert_eq!((stats.objects, stats.object_bytes), (0, 0));
    assert!(pool.trim().unwrap() > 0);
    assert_eq!(pool.stats().unwrap().bytes, 0);
    assert_eq!(format!("{:?}", pool.context()), format!("{:?}", ctx));
    pool.close().unwrap();
}

#[test]
fn turns() {
    let ctx = Context::new().unwrap();
    let pool = pool(&ctx, PoolOptions::new());
    let (mut one, mut two) = (pool.alloc(64).unwrap(), pool.alloc(64).unwrap());
    let mut bytes = one.cpu_write().unwrap();
    // At once, of the same region: they are others' bytes.
    let mut others = two.cpu_write().unwrap();
    bytes.fill(7);
    others.fill(8);
    assert_eq!((bytes.len(), others.len()), (64, 64));
    bytes.end().unwrap();
    others.end().unwrap();
    assert_eq!(one.cpu_read().unwrap()[..], [7; 64]);
    assert_eq!(two[..], [8; 64]);
}

#[test]
fn refusals() {
    let ctx = Context::new().unwrap();
    let none = pool(&ctx, PoolOptions::new().flags(PoolFlags::NO_GROW));
    assert_eq!(none.alloc(64).unwrap_err().cause(), Cause::LIMIT);
    assert_eq!(none.alloc(0).unwrap_err().cause(), Cause::ZERO_SIZE);
    let odd = none.alloc_aligned(64, 3).unwrap_err();
    assert_eq!(odd.cause(), Cause::ALIGNMENT);
    let small = pool(&ctx, PoolOptions::new().grow(65536).max(65536));
    assert_eq!(small.alloc(1 << 20).unwrap_err().cause(), Cause::LIMIT);
    let flags = PoolOptions::new().flags(PoolFlags::from_bits(1 << 31));
    assert_eq!(ctx.pool_with(&flags).unwrap_err().cause(), Cause::FLAGS);
    let name = PoolOptions::new().alloc(AllocOptions::new().name("a\0b"));
    assert_eq!(ctx.pool_with(&name).unwrap_err().cause(), Cause::OPTIONS);
    let coarse = pool(&ctx, PoolOptions::new().align(4096));
    assert_eq!(coarse.alloc(1).unwrap().as_ptr() as usize % 4096, 0);
    assert!(coarse.alloc(64).unwrap().as_slice_of::<[u8; 0]>().is_err());
}

#[test]
fn of_a_given_region() {
    let ctx = Context::new().unwrap();
    let pool = pool(&ctx, PoolOptions::new().flags(PoolFlags::NO_GROW));
    let region = memory(&ctx, 65536);
    let id = region.id();
    pool.add_region(region).unwrap();
    let object = pool.alloc(64).unwrap();
    assert_eq!(object.place().unwrap().0.id(), id);
    let inside = object.as_ptr();
    drop(object);
    // The pool closes it, and not before.
    assert_eq!(ctx.find_pointer(inside).unwrap().0, id);
    pool.close().unwrap();
    assert_eq!(
        ctx.find_pointer(inside).unwrap_err().cause(),
        Cause::NOT_FOUND
    );
}

#[test]
fn of_threads() {
    let ctx = Context::new().unwrap();
    let pool = pool(&ctx, PoolOptions::new());
    std::thread::scope(|scope| {
        for mark in 0..4 {
            let pool = &pool;
            scope.spawn(move || {
                for _ in 0..500 {
                    let mut object = pool.alloc(64).unwrap();
                    object.fill(mark);
                    assert_eq!(object[..], [mark; 64]);
                }
            });
        }
        let sent = pool.alloc(64).unwrap();
        scope.spawn(move || drop(sent));
    });
    assert_eq!(pool.stats().unwrap().objects, 0);
}

#[test]
fn forgotten() {
    let ctx = Context::new().unwrap();
    let pool = pool(&ctx, PoolOptions::new());
    std::mem::forget(pool.alloc(64).unwrap());
    assert_eq!(pool.stats().unwrap().objects, 1);
}

#[test]
#[ignore = "only root is told addresses"]
fn addresses() {
    let ctx = Context::new().unwrap();
    let pool = ctx.pool().unwrap();
    let object = pool.alloc(128).unwrap();
    let (place, offset) = object.place().unwrap();
    assert_eq!(object.phys().unwrap(), place.extent(offset).unwrap().0);
    match place.bus() {
        Ok(bus) => assert_eq!(object.bus().unwrap(), bus + offset),
        Err(why) => assert_eq!(object.bus().unwrap_err().cause(), why.cause()),
    }
}
