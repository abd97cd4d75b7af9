// SPDX-License-Identifier: MIT
//! Turns begin and end: LIBPMEM_DEBUG=coherence, set by test/bindings/rust/run.py, refuses accesses
//! outside them.

use std::sync::{Arc, Mutex};

use libpmem::*;

#[test]
#[ignore = "needs LIBPMEM_DEBUG=coherence"]
fn turns_end() {
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let kept = warnings.clone();
    let ctx = Context::with_log(move |level, text| {
        if level == Level::WARNING {
            kept.lock().unwrap().push(text.to_string());
        }
    })
    .unwrap();
    let anywhere = AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED);
    let mut region = ctx.alloc_with(4096, &anywhere.name("watched")).unwrap();
    let outside = |region: &Region| region.read32(0).map_err(|why| why.cause());
    assert_eq!(
        outside(&region),
        Err(Cause::NOT_COHERENT),
        "run by test/bindings/rust/run.py"
    );
    region.cpu_write(..).unwrap().fill(1); // would die without cpu_begin
    assert_eq!(
        outside(&region),
        Err(Cause::NOT_COHERENT),
        "dropped, and not ended"
    );
    assert_eq!(region.cpu_read(8..).unwrap()[0], 1);
    region.cpu_both(..8).unwrap().end().unwrap();
    assert_eq!(
        outside(&region),
        Err(Cause::NOT_COHERENT),
        "end() has not ended it"
    );
    region.cpu_begin(0, TO_END, Direction::READ).unwrap();
    assert_eq!(outside(&region), Ok(0x0101_0101));
    region.cpu_end(0, TO_END, Direction::READ).unwrap();
    assert_eq!(*warnings.lock().unwrap(), [""; 0], "each end has its begin");
    std::mem::forget(region.cpu_read(16..).unwrap());
    region.close().unwrap();
    assert!(warnings.lock().unwrap()[0].contains("watched is closed, but 1 of its windows"));
}
