// SPDX-License-Identifier: MIT
//! What the compiler refuses. As it stands here this file compiles; with --cfg NAME one line more
//! makes it wrong, for the reason that the comment above names. refused() of run.py does that for
//! each.
#![allow(unused)]

use libpmem::*;
use std::cell::RefCell;
use std::os::unix::io::BorrowedFd;
use std::rc::Rc;

fn memory(ctx: &Context) -> Region {
    ctx.alloc(4096).unwrap()
}

// a_slice_outlives_its_region: E0597
pub fn outlives(ctx: &Context) {
    let mut bytes: &[u8] = &[];
    {
        let region = memory(ctx);
        #[cfg(a_slice_outlives_its_region)]
        {
            bytes = region.as_slice().unwrap();
        }
    }
    println!("{:?}", bytes);
}

// closed_while_a_slice_lives: E0505
pub fn closed(ctx: &Context) {
    let region = memory(ctx);
    let bytes = region.as_slice().unwrap();
    #[cfg(closed_while_a_slice_lives)]
    region.close();
    println!("{:?}", bytes);
}

// used_after_close: E0382
pub fn after_close(ctx: &Context) {
    let region = memory(ctx);
    region.close().unwrap();
    #[cfg(used_after_close)]
    println!("{}", region.size());
}

// given_away_and_used: E0382
pub fn given_away(ctx: &Context) {
    let region = memory(ctx);
    let raw = region.into_raw();
    #[cfg(given_away_and_used)]
    drop(region);
}

// two_mutable_slices: E0499
pub fn two(ctx: &Context) {
    let mut region = memory(ctx);
    let one = region.as_mut_slice().unwrap();
    #[cfg(two_mutable_slices)]
    let other = region.as_mut_slice_of::<u32>().unwrap();
    one[0] = 1;
}

// written_while_a_slice_lives: E0502
pub fn written(ctx: &Context) {
    let mut region = memory(ctx);
    let bytes = region.as_slice().unwrap();
    #[cfg(written_while_a_slice_lives)]
    region.write32(0, 1);
    println!("{:?}", bytes);
}

// a_ring_while_a_slice_lives: E0502
pub fn ring(ctx: &Context) {
    let mut region = memory(ctx);
    let bytes = region.as_slice().unwrap();
    #[cfg(a_ring_while_a_slice_lives)]
    region.volatile().at::<u32>(0).unwrap().write(1);
    println!("{:?}", bytes);
}

// a_register_outlives_its_region: E0597
pub fn register(ctx: &Context) {
    let gpio = ctx.map_gpio(MapFlags::empty()).unwrap();
    let mut first = gpio.registers().unwrap().at::<u32>(0).unwrap();
    {
        let other = ctx.map_gpio(MapFlags::empty()).unwrap();
        #[cfg(a_register_outlives_its_region)]
        {
            first = other.registers().unwrap().at(0).unwrap();
        }
    }
    first.read();
}

// a_slice_while_a_turn_lasts: E0502
pub fn turn(ctx: &Context) {
    let mut region = memory(ctx);
    let bytes = region.cpu_write(..).unwrap();
    #[cfg(a_slice_while_a_turn_lasts)]
    println!("{:?}", region.as_slice());
    bytes.end().unwrap();
}

// bytes_after_the_turn: E0505
pub fn after_the_turn(ctx: &Context) {
    let mut region = memory(ctx);
    let bytes = region.cpu_read(..).unwrap();
    let first = &bytes[0];
    bytes.end().unwrap();
    #[cfg(bytes_after_the_turn)]
    println!("{}", first);
}

// a_turn_for_reading_is_written_in: E0596
pub fn read_turn(ctx: &Context) {
    let mut region = memory(ctx);
    let mut bytes = region.cpu_read(..).unwrap();
    #[cfg(a_turn_for_reading_is_written_in)]
    bytes.fill(1);
}

// an_object_outlives_its_pool: E0597
pub fn pool(ctx: &Context) {
    let kept = ctx.pool().unwrap();
    let mut object = kept.alloc(64).unwrap();
    {
        let pool = ctx.pool().unwrap();
        #[cfg(an_object_outlives_its_pool)]
        {
            object = pool.alloc(64).unwrap();
        }
    }
    object[0] = 1;
}

// a_pool_is_closed_while_an_object_lives: E0505
pub fn closed_pool(ctx: &Context) {
    let pool = ctx.pool().unwrap();
    let object = pool.alloc(64).unwrap();
    #[cfg(a_pool_is_closed_while_an_object_lives)]
    pool.close();
    println!("{:?}", &object[..]);
}

// a_slice_outlives_its_object: E0505
pub fn freed(ctx: &Context) {
    let pool = ctx.pool().unwrap();
    let object = pool.alloc(64).unwrap();
    let bytes = &object[1..];
    #[cfg(a_slice_outlives_its_object)]
    drop(object);
    println!("{:?}", bytes);
}

// registered_bytes_are_dropped: E0505
pub fn dropped_bytes(ctx: &Context) {
    let mut own = vec![0; 64];
    let region = ctx.register(&mut own, RegisterFlags::empty()).unwrap();
    #[cfg(registered_bytes_are_dropped)]
    drop(own);
    println!("{}", region.size());
}

// registered_bytes_are_read: E0502
pub fn read_bytes(ctx: &Context) {
    let mut own = vec![0; 64];
    let mut region = ctx.register(&mut own, RegisterFlags::empty()).unwrap();
    #[cfg(registered_bytes_are_read)]
    println!("{}", own[0]);
    region.fill(1).unwrap();
}

// a_registered_region_is_moved_out: E0308
pub fn moved_out(ctx: &Context) {
    let mut own = vec![0; 64];
    let region = ctx.register(&mut own, RegisterFlags::empty()).unwrap();
    #[cfg(a_registered_region_is_moved_out)]
    let region: Region = region;
    println!("{}", region.size());
}

// registers_are_sent: E0277
pub fn sent(ctx: &Context) {
    let gpio = ctx.map_gpio(MapFlags::empty()).unwrap();
    let all = gpio.registers().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| gpio.registers().unwrap().at::<u32>(0).unwrap().read());
        #[cfg(registers_are_sent)]
        scope.spawn(move || all.at::<u32>(0).unwrap().read());
    });
}

// a_ring_is_shared: E0277
pub fn shared(ctx: &Context) {
    let mut region = memory(ctx);
    let first = region.volatile().at::<u32>(0).unwrap();
    std::thread::scope(|scope| {
        #[cfg(a_ring_is_shared)]
        scope.spawn(|| first.read());
    });
}

// a_thread_outlives_its_region: E0373
pub fn thread(ctx: &Context) {
    let region = memory(ctx);
    #[cfg(a_thread_outlives_its_region)]
    std::thread::spawn(|| println!("{}", region.size()));
}

// a_log_of_one_thread: E0277
pub fn log() {
    let lines = Rc::new(RefCell::new(0));
    #[cfg(a_log_of_one_thread)]
    Context::with_log(move |_, _| *lines.borrow_mut() += 1);
}

// a_log_that_borrows: E0373
pub fn borrows() {
    let text = String::new();
    #[cfg(a_log_that_borrows)]
    Context::with_log(|_, _| println!("{}", text.len()));
}

// an_engine_keeps_its_buffers: E0521
pub fn keeps(ctx: &Context) {
    let mut kept: Option<&RegionRef> = None;
    let test = SelfTest::new(64).engine(|dst, _, src, _, _| {
        #[cfg(an_engine_keeps_its_buffers)]
        {
            kept = Some(src);
        }
        Ok(())
    });
    test.run(ctx).unwrap();
}

// an_engine_writes_the_source: E0596
pub fn writes_source(ctx: &Context) {
    let test = SelfTest::new(64).engine(|dst, _, src, _, _| {
        #[cfg(an_engine_writes_the_source)]
        src.write8(0, 1)?;
        dst.write8(0, 1)
    });
    test.run(ctx).unwrap();
}

// a_place_outlives_its_bytes: E0505
pub fn place(ctx: &Context) {
    let region = memory(ctx);
    let (place, _) = ctx.find(region.as_slice().unwrap()).unwrap();
    #[cfg(a_place_outlives_its_bytes)]
    drop(region);
    println!("{}", place.size());
}

// a_place_has_no_bytes: E0599
pub fn no_bytes(ctx: &Context) {
    let region = memory(ctx);
    let (place, _) = ctx.find(region.as_slice().unwrap()).unwrap();
    #[cfg(a_place_has_no_bytes)]
    place.as_slice();
}

// a_descriptor_outlives_its_region: E0597
pub fn descriptor(ctx: &Context) {
    let mut fd: Option<BorrowedFd<'_>> = None;
    {
        let region = memory(ctx);
        #[cfg(a_descriptor_outlives_its_region)]
        {
            fd = region.fd().ok();
        }
    }
    println!("{:?}", fd);
}

// a_heap_outlives_its_context: E0505
pub fn heap() {
    let ctx = Context::new().unwrap();
    let heaps = ctx.heaps();
    #[cfg(a_heap_outlives_its_context)]
    drop(ctx);
    println!("{:?}", heaps);
}

// mapped_without_unsafe: E0133
pub fn mapped(ctx: &Context) {
    #[cfg(mapped_without_unsafe)]
    ctx.map(0, 4096, MapFlags::empty());
}

// imported_without_unsafe: E0133
pub fn imported(ctx: &Context, fd: BorrowedFd<'_>) {
    #[cfg(imported_without_unsafe)]
    ctx.import(fd, MapFlags::empty());
}

// bool_is_no_plain_data: E0277
pub fn plain(ctx: &Context) {
    let region = memory(ctx);
    #[cfg(bool_is_no_plain_data)]
    region.as_slice_of::<bool>();
}

// a_reference_is_no_plain_data: E0277
pub fn reference(ctx: &Context) {
    let region = memory(ctx);
    #[cfg(a_reference_is_no_plain_data)]
    region.value::<&u8>(0);
}

// no_register_is_so_wide: E0277
pub fn wide(ctx: &Context) {
    let mut region = memory(ctx);
    #[cfg(no_register_is_so_wide)]
    region.volatile().at::<u128>(0);
}

// a_width_of_ones_own: E0277
#[cfg(a_width_of_ones_own)]
impl Width for Mine {
    unsafe fn load(_: *const std::os::raw::c_void) -> Self {
        Mine
    }
    unsafe fn store(_: *mut std::os::raw::c_void, _: Self) {}
    unsafe fn load_block(_: *const std::os::raw::c_void, _: &mut [Self]) {}
    unsafe fn store_block(_: *mut std::os::raw::c_void, _: &[Self]) {}
}
#[derive(Clone, Copy)]
pub struct Mine;
