// SPDX-License-Identifier: MIT
//! Closures that C calls.

use super::*;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

fn copy(dst: &mut RegionRef, to: u64, src: &RegionRef, from: u64, length: u64) -> Result<()> {
    let (to, from, length) = (to as usize, from as usize, length as usize);
    let bytes = &src.as_slice()?[from..from + length];
    dst.as_mut_slice()?[to..to + length].copy_from_slice(bytes);
    Ok(())
}

#[test]
fn engines() {
    let ctx = Context::new().unwrap();
    let test = || {
        SelfTest::new(4096)
            .hole(5)
            .src_offset(3)
            .alloc(|n| Ok(memory(&ctx, n)))
    };
    let mut seen = Vec::new();
    test()
        .engine(|dst, to, src, from, length| {
            seen.push((to, from, length));
            copy(dst, to, src, from, length)
        })
        .run(&ctx)
        .unwrap();
    assert_eq!(seen, [(5, 3, 4086)]);
    let error = test().engine(|dst, to, src, from, n| copy(dst, to, src, from, n - 1));
    assert_eq!(error.run(&ctx).unwrap_err().cause(), Cause::MISMATCH);
    // What a closure fails with comes out of it, whole.
    let error = test().alloc(|n| ctx.alloc_with(n, &anywhere().backend("no-such")));
    assert!(error.run(&ctx).unwrap_err().message().contains("no-such"));
    let error = test().engine(|dst, _, _, _, _| {
        let why = dst.write8(1 << 40, 1);
        assert!(ctx.alloc(0).is_err()); // the last error is another one now
        why
    });
    assert_eq!(error.run(&ctx).unwrap_err().cause(), Cause::BOUNDS);
    assert_eq!(test().hole(4096).run(&ctx).unwrap_err().raw_os_error(), 22);
}

#[test]
fn views_can_be_swapped_without_harm() {
    let ctx = Context::new().unwrap();
    let mut mine = memory(&ctx, 4096);
    mine.fill(9).unwrap();
    SelfTest::new(4096)
        .alloc(|n| Ok(memory(&ctx, n)))
        .engine(|dst, to, src, from, length| {
            std::mem::swap(dst, &mut *mine);
            copy(dst, to, src, from, length)
        })
        .run(&ctx)
        .unwrap();
    assert!(mine.as_slice().unwrap().iter().all(|byte| *byte == 9));
}

#[test]
fn panics_go_on_after_the_call() {
    let ctx = Context::new().unwrap();
    let why = |test: SelfTest<'_>| {
        let caught = catch_unwind(AssertUnwindSafe(|| test.run(&ctx))).unwrap_err();
        *caught.downcast::<&str>().unwrap()
    };
    let alloc = |n| Ok(memory(&ctx, n));
    let base = || SelfTest::new(64).alloc(alloc);
    assert_eq!(
        why(base().engine(|_, _, _, _, _| panic!("engine"))),
        "engine"
    );
    assert_eq!(why(base().alloc(|_| panic!("alloc"))), "alloc");
    // Nothing is left of it.
    base().run(&ctx).unwrap();
    assert_eq!(ctx.alloc(0).unwrap_err().cause(), Cause::ZERO_SIZE);
}

#[test]
fn messages() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let log = move |level, text: &str| kept.lock().unwrap().push((level, text.to_string()));
    let ctx = Context::with_log(log).unwrap();
    let _ = ctx.alloc_with(1 << 60, &AllocOptions::new());
    assert!(lines
        .lock()
        .unwrap()
        .iter()
        .any(|(level, _)| *level == Level::DEBUG));
    assert_eq!(Arc::strong_count(&lines), 2);
    let region = memory(&ctx, 4096);
    drop(ctx);
    assert_eq!(Arc::strong_count(&lines), 2, "the region may still log");
    drop(region);
    assert_eq!(
        Arc::strong_count(&lines),
        1,
        "the closure has gone with the context"
    );
}

#[test]
fn messages_for_those_with_a_pointer() {
    let kept = Arc::new(());
    let held = kept.clone();
    let ctx = Context::with_log(move |_, _| drop(held.clone())).unwrap();
    let raw = ctx.to_raw();
    drop(ctx);
    assert_eq!(Arc::strong_count(&kept), 2);
    let ctx = unsafe { Context::from_raw(raw) };
    assert!(ctx.alloc_with(1 << 60, &AllocOptions::new()).is_err());
}

#[test]
fn a_log_that_panics() {
    let ctx = Context::with_log(|_, _| panic!("log")).unwrap();
    let call = AssertUnwindSafe(|| ctx.alloc_with(1 << 60, &AllocOptions::new()));
    let caught = catch_unwind(call).unwrap_err();
    assert_eq!(*caught.downcast::<&str>().unwrap(), "log");
}
