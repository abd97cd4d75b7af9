// SPDX-License-Identifier: MIT
//! The safe layer on this machine. What needs root is marked as ignored; test/bindings/rust runs it.

use libpmem::*;

fn anywhere() -> AllocOptions {
    AllocOptions::new().flags(AllocFlags::NO_ADDRESS | AllocFlags::SCATTERED)
}

fn memory(ctx: &Context, size: u64) -> Region {
    ctx.alloc_with(size, &anywhere()).unwrap()
}

mod slices {
    use super::*;

    #[test]
    fn bytes_and_values() {
        let ctx = Context::new().unwrap();
        let mut region = memory(&ctx, 100_001);
        assert!(region.as_slice().unwrap().iter().all(|byte| *byte == 0), "not zeroed");
        assert_eq!(region.as_slice().unwrap().len(), 100_001);
        region.as_mut_slice().unwrap()[4..8].copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(region.as_slice_of::<u32>().unwrap()[1], u32::from_ne_bytes([1, 2, 3, 4]));
        assert_eq!(region.as_slice_of::<u64>().unwrap().len(), 12_500);
        assert_eq!(region.as_slice_of::<[u8; 3]>().unwrap()[1], [0, 1, 2]);
        *region.value_mut::<i16>(100).unwrap() = -2;
        assert_eq!(*region.value::<i16>(100).unwrap(), -2);
        assert_eq!(region.value::<u32>(2).unwrap_err().cause(), Cause::ALIGNMENT);
        assert_eq!(region.value::<u64>(100_000).unwrap_err().cause(), Cause::BOUNDS);
        assert_eq!(region.value_mut::<u64>(!0).unwrap_err().cause(), Cause::BOUNDS);
        assert_eq!(region.as_slice_of::<[u8; 0]>().unwrap_err().raw_os_error(), 22);
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
        assert_eq!(region.read_bytes(4093, &mut seen).unwrap_err().cause(), Cause::BOUNDS);
        assert_eq!(region.write_bytes(4093, &seen).unwrap_err().cause(), Cause::BOUNDS);
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
        assert_eq!(region.cpu_write(0..=u64::MAX).unwrap_err().cause(), Cause::BOUNDS);
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = 9..8;
        assert_eq!(region.cpu_write(backwards).unwrap_err().cause(), Cause::BOUNDS);
        std::mem::forget(region.cpu_write(..).unwrap());
        region.cpu_begin(0, TO_END, Direction::READ).unwrap();
        region.cpu_end(0, TO_END, Direction::READ).unwrap();
        let none = Direction::from_number(0);
        assert_eq!(region.cpu_begin(0, 1, none).unwrap_err().cause(), Cause::FLAGS);
        assert_eq!(region.cpu_end(0, 1, none).unwrap_err().cause(), Cause::FLAGS);
    }

    #[test]
    fn not_mapped() {
        let ctx = Context::new().unwrap();
        // /dev/udmabuf or a heap; where there is neither, every way says why.
        let wish = anywhere().flags(
            AllocFlags::NO_MAP
                | AllocFlags::NO_ADDRESS
                | AllocFlags::SCATTERED
                | AllocFlags::DMABUF,
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
}

mod widths {
    use super::*;

    #[test]
    fn of_memory() {
        let ctx = Context::new().unwrap();
        let mut region = memory(&ctx, 4096);
        region.write8(64, 0xf1).unwrap();
        region.write16(66, 0xf2f3).unwrap();
        region.write32(68, 0xf4f5_f6f7).unwrap();
        region.write64(72, u64::MAX - 2).unwrap();
        assert_eq!(region.read8(64).unwrap(), 0xf1);
        assert_eq!(region.read16(66).unwrap(), 0xf2f3);
        assert_eq!(region.read32(68).unwrap(), 0xf4f5_f6f7);
        assert_eq!(region.read64(72).unwrap(), u64::MAX - 2);
        assert_eq!(region.read32(4096).unwrap_err().cause(), Cause::BOUNDS);
        assert_eq!(region.write32(2, 1).unwrap_err().cause(), Cause::ALIGNMENT);
        assert_eq!(region.registers().unwrap_err().cause(), Cause::WRONG_KIND);
    }

    fn blocks<T: Width + PartialEq + std::fmt::Debug>(region: &mut Region, values: [T; 3]) {
        let view = region.volatile();
        view.write_block(128, &values).unwrap();
        let one = view.at::<T>(128 + std::mem::size_of::<T>() as u64).unwrap();
        assert_eq!(one.read(), values[1]);
        one.modify(|_| values[2]);
        let mut seen = values;
        view.read_block(128, &mut seen).unwrap();
        assert_eq!(seen, [values[0], values[2], values[2]]);
        assert_eq!(view.read_block(4096, &mut seen).unwrap_err().cause(), Cause::BOUNDS);
        let odd = view.write_block(129, &values);
        assert_eq!(odd.is_err(), std::mem::size_of::<T>() > 1);
    }

    #[test]
    fn of_a_ring() {
        let ctx = Context::new().unwrap();
        let mut region = memory(&ctx, 4096);
        blocks(&mut region, [0xf1_u8, 2, 3]);
        blocks(&mut region, [0xf1f2_u16, 2, 3]);
        blocks(&mut region, [0xf1f2_f3f4_u32, 2, 3]);
        blocks(&mut region, [!1_u64, 2, 3]);
        let view = region.volatile();
        view.write_bytes(3, b"abc").unwrap();
        let mut seen = [0; 3];
        view.read_bytes(3, &mut seen).unwrap();
        assert_eq!(&seen, b"abc");
    }

    #[test]
    fn of_pointers() {
        let mut word = 5_u32;
        let place = std::ptr::addr_of_mut!(word);
        unsafe { io::write(place, 6_u32) };
        io::mb();
        io::rmb();
        io::wmb();
        assert_eq!(unsafe { io::read(place) }, 6);
    }
}

mod errors {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn all_of_one() {
        let ctx = Context::new().unwrap();
        let error = ctx.alloc_with(4096, &anywhere().backend("no-such")).unwrap_err();
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
}

mod callbacks {
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
        let test = || SelfTest::new(4096).hole(5).src_offset(3).alloc(|n| Ok(memory(&ctx, n)));
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
        let error = test().engine(|dst, _, _, _, _| dst.write8(1 << 40, 1));
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
        assert_eq!(why(base().engine(|_, _, _, _, _| panic!("engine"))), "engine");
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
        assert!(lines.lock().unwrap().iter().any(|(level, _)| *level == Level::DEBUG));
        assert_eq!(Arc::strong_count(&lines), 2);
        let region = memory(&ctx, 4096);
        drop(ctx);
        assert_eq!(Arc::strong_count(&lines), 2, "the region may still log");
        drop(region);
        assert_eq!(Arc::strong_count(&lines), 1, "the closure has gone with the context");
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
}

mod finding {
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
        assert_eq!(ctx.find_pointer(pointer).unwrap_err().cause(), Cause::NOT_FOUND);
    }

    #[test]
    #[ignore = "only root is told addresses"]
    fn by_address() {
        let ctx = Context::new().unwrap();
        let mut region = ctx.alloc(65536).unwrap();
        let phys = region.phys().unwrap();
        assert!(region.attrs().contains(Attrs::CONTIGUOUS | Attrs::PINNED));
        assert_eq!(region.extent(4096).unwrap(), (phys + 4096, 61440));
        let piece = Extent { offset: 0, length: 65536, phys: Some(phys), bus: None };
        assert_eq!(region.extents(0, TO_END, Need::PHYS).unwrap(), [piece]);
        assert_eq!(region.extents(0, 0, Need::PHYS).unwrap(), []);
        assert_eq!(ctx.find_phys(phys + 3).unwrap(), (region.id(), 3));
        region.as_mut_slice().unwrap()[0] = 1;
        let first = region.data().unwrap().as_ptr();
        assert_eq!(ctx.vaddr_phys(first).unwrap(), phys);
        let page = ctx.page_size();
        assert_eq!(ctx.vaddr_phys_bulk(first, 2).unwrap(), [phys, phys + page]);
        assert!(ctx.vaddr_pagemap(first).unwrap().contains(PagemapBits::PRESENT));
        ctx.selftest_copy(4096).unwrap();
        let high = AllocOptions::new().align(1 << 16).max_addr(u64::MAX);
        assert_eq!(ctx.alloc_with(4096, &high).unwrap().phys().unwrap() % (1 << 16), 0);
        let none = AllocOptions::new().align(3);
        assert_eq!(ctx.alloc_with(4096, &none).unwrap_err().cause(), Cause::ALIGNMENT);
    }
}

mod life {
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
        std::thread::spawn(move || region.close().unwrap()).join().unwrap();
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
    assert_eq!(constant("PMEM_CAUSE_LOCKDOWN").unwrap(), Cause::LOCKDOWN.number().into());
    assert_eq!(constant("PMEM_NO_SUCH").unwrap_err().cause(), Cause::NOT_FOUND);
    assert_eq!(constant_name("PMEM_CAUSE_", 11), Some("PMEM_CAUSE_LOCKDOWN"));
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
    assert_eq!(format!("{:?}", MapFlags::IMPORT_NO_MAP), "PMEM_IMPORT_NO_MAP");
    assert_eq!((flags & AllocFlags::CACHED).bits(), AllocFlags::CACHED.bits());
}
