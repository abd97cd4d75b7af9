// SPDX-License-Identifier: MIT
//! What is given back when: threads, fork, what was forgotten.

use super::*;

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn dropped() {
    let ctx = Context::new().unwrap();
    let before = resident();
    for _ in 0..100 {
        memory(&ctx, 1 << 22).fill(1).unwrap();
        let mut region = memory(&ctx, 1 << 22);
        region.fill(1).unwrap();
        region.close().unwrap();
    }
    // 800 MiB were there; other tests have a little meanwhile.
    assert!(resident() < before + (200 << 20));
}

#[test]
fn forgotten() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    let bytes = region.as_mut_slice().unwrap().as_mut_ptr();
    std::mem::forget(region);
    drop(ctx);
    // Leaked, and so still there.
    unsafe { *bytes = 1 };
}

#[test]
fn raw_and_back() {
    let ctx = Context::new().unwrap();
    let region = memory(&ctx, 4096);
    let id = region.id();
    let region = unsafe { Region::from_raw(region.into_raw(), ctx.clone()) };
    assert_eq!(region.id(), id);
    assert_eq!(format!("{:?}", region.context()), format!("{:?}", ctx));
}

#[test]
fn shared_and_sent() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    region.fill(3).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(region.as_slice().unwrap()[4095], 3));
        }
    });
    drop(ctx);
    std::thread::spawn(move || region.close().unwrap())
        .join()
        .unwrap();
}

extern "C" {
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
}

#[test]
fn a_child_drops_what_is_its_parents() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    region.as_mut_slice().unwrap()[..5].copy_from_slice(b"alive");
    let child = unsafe { fork() };
    if child == 0 {
        let mut own = memory(&ctx, 4096); // with the context that it inherited
        own.as_mut_slice().unwrap()[0] = 1;
        drop(region);
        unsafe { _exit(if own.read8(0).unwrap() == 1 { 7 } else { 1 }) };
    }
    let mut status = 0;
    assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 7 << 8);
    assert_eq!(&region.as_slice().unwrap()[..5], b"alive");
    region.close().unwrap();
}
