// SPDX-License-Identifier: MIT
//! Memory as slices, and the CPU's turn.

use super::*;

#[test]
fn bytes_and_values() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 100_001);
    assert!(
        region.as_slice().unwrap().iter().all(|byte| *byte == 0),
        "not zeroed"
    );
    assert_eq!(region.as_slice().unwrap().len(), 100_001);
    region.as_mut_slice().unwrap()[4..8].copy_from_slice(&[1, 2, 3, 4]);
    assert_eq!(
        region.as_slice_of::<u32>().unwrap()[1],
        u32::from_ne_bytes([1, 2, 3, 4])
    );
    assert_eq!(region.as_slice_of::<u64>().unwrap().len(), 12_500);
    assert_eq!(region.as_slice_of::<[u8; 3]>().unwrap()[1], [0, 1, 2]);
    *region.value_mut::<i16>(100).unwrap() = -2;
    assert_eq!(*region.value::<i16>(100).unwrap(), -2);
    assert_eq!(
        region.value::<u32>(2).unwrap_err().cause(),
        Cause::ALIGNMENT
    );
    assert_eq!(
        region.value::<u64>(100_000).unwrap_err().cause(),
        Cause::BOUNDS
    );
    assert_eq!(
        region.value_mut::<u64>(!0).unwrap_err().cause(),
        Cause::BOUNDS
    );
    assert_eq!(
        region.as_slice_of::<[u8; 0]>().unwrap_err().raw_os_error(),
        22
    );
    region.close().unwrap();
}

#[test]
fn shorter_than_a_value() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 5);
    assert!(region.as_slice_of::<u64>().unwrap().is_empty());
    assert!(region.as_mut_slice_of::<u32>().unwrap().len() == 1);
}

#[test]
fn copies() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    region.fill(7).unwrap();
    region.write_bytes(4094, b"yz").unwrap();
    let mut seen = [0; 4];
    region.read_bytes(4092, &mut seen).unwrap();
    assert_eq!(&seen, b"\x07\x07yz");
    assert_eq!(
        region.read_bytes(4093, &mut seen).unwrap_err().cause(),
        Cause::BOUNDS
    );
    assert_eq!(
        region.write_bytes(4093, &seen).unwrap_err().cause(),
        Cause::BOUNDS
    );
    region.read_bytes(4096, &mut []).unwrap();
}

#[test]
fn the_cpus_turn() {
    let ctx = Context::new().unwrap();
    let mut region = memory(&ctx, 4096);
    {
        let mut bytes = region.cpu_write(16..24).unwrap();
        bytes.copy_from_slice(b"12345678");
        assert_eq!(bytes.len(), 8);
    }
    region.cpu_both(20..=20).unwrap()[0] = b'-';
    let bytes = region.cpu_read(16..).unwrap();
    assert_eq!((&bytes[..8], bytes.len()), (&b"1234-678"[..], 4080));
    bytes.end().unwrap();
    assert!(region.cpu_read(4096..4096).unwrap().is_empty());
    assert_eq!(region.cpu_read(..4097).unwrap_err().cause(), Cause::BOUNDS);
    assert_eq!(
        region.cpu_write(0..=u64::MAX).unwrap_err().cause(),
        Cause::BOUNDS
    );
    #[allow(clippy::reversed_empty_ranges)] // it is what is tried
    let backwards = 9..8;
    assert_eq!(
        region.cpu_write(backwards).unwrap_err().cause(),
        Cause::BOUNDS
    );
    std::mem::forget(region.cpu_write(..).unwrap());
    region.cpu_begin(0, TO_END, Direction::READ).unwrap();
    region.cpu_end(0, TO_END, Direction::READ).unwrap();
    let none = Direction::from_number(0);
    assert_eq!(
        region.cpu_begin(0, 1, none).unwrap_err().cause(),
        Cause::FLAGS
    );
    assert_eq!(
        region.cpu_end(0, 1, none).unwrap_err().cause(),
        Cause::FLAGS
    );
}

#[test]
fn not_mapped() {
    let ctx = Context::new().unwrap();
    // /dev/udmabuf or a heap; where there is neither, every way says why.
    let wish = anywhere().flags(
        AllocFlags::NO_MAP | AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED | AllocFlags::DMABUF,
    );
    match ctx.alloc_with(4096, &wish.name("unmapped")) {
        Ok(mut region) => {
            assert!(region.data().is_none() && region.attrs().contains(Attrs::UNMAPPED));
            let error = region.as_mut_slice().unwrap_err();
            assert_eq!(error.cause(), Cause::UNSUPPORTED, "{:?}", error);
            assert!(region.volatile().at::<u32>(0).is_err());
            let own = region.dup_fd().unwrap();
            let turn = ctx.dmabuf_access(&own, Direction::BOTH).unwrap();
            turn.end().unwrap();
            let twin = unsafe { ctx.import(region.fd().unwrap(), MapFlags::empty()).unwrap() };
            assert_eq!(twin.as_slice().unwrap().len(), 4096);
        }
        Err(why) => assert!(!why.children().is_empty(), "{:?}", why),
    }
}
