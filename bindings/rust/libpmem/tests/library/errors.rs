// SPDX-License-Identifier: MIT
//! Why calls fail.

use super::*;
use std::error::Error as _;

#[test]
fn all_of_one() {
    let ctx = Context::new().unwrap();
    let error = ctx
        .alloc_with(4096, &anywhere().backend("no-such"))
        .unwrap_err();
    assert_eq!((error.raw_os_error(), error.cause()), (2, Cause::NOT_FOUND));
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert_eq!(error.cause().name(), "not-found");
    assert!(error.message().contains("no-such"), "{}", error.message());
    assert!(error.to_string().contains(error.message()));
    assert!(!error.operation().is_empty() && error.source().is_none());
    assert_eq!(ctx.last_error().unwrap().message(), error.message());
    assert!(Context::new().unwrap().last_error().is_none());
    let io: std::io::Error = error.into();
    assert_eq!(io.kind(), std::io::ErrorKind::NotFound);
    let inner = io.get_ref().unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(inner.cause(), Cause::NOT_FOUND);
}

#[test]
fn children_and_paths() {
    let ctx = Context::new().unwrap();
    let error = ctx.alloc_with(1 << 60, &AllocOptions::new()).unwrap_err();
    assert!(error.children().len() > 1, "{:?}", error);
    assert!(error.children().iter().all(|one| !one.backend().is_empty()));
    let error = unsafe { ctx.map_file("/no/such", 0, TO_END, None, MapFlags::empty()) };
    let error = error.unwrap_err();
    assert_eq!(error.path(), Some(std::path::Path::new("/no/such")));
    assert_eq!(ctx.alloc(0).unwrap_err().path(), None);
}

#[test]
fn each_thread_has_its_own() {
    let ctx = Context::new().unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let ctx = &ctx;
            scope.spawn(move || {
                for _ in 0..200 {
                    let name = format!("no-such-{}", n);
                    let error = ctx.alloc_with(1, &anywhere().backend(&name)).unwrap_err();
                    assert!(error.message().contains(&name), "{}", error);
                }
            });
        }
    });
}

#[test]
fn text_with_a_zero() {
    let ctx = Context::new().unwrap();
    let error = ctx.alloc_with(1, &anywhere().heap("a\0b")).unwrap_err();
    assert_eq!((error.raw_os_error(), error.cause()), (22, Cause::OPTIONS));
}
