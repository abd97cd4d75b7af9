# SPDX-License-Identifier: MIT
"""The sentences of docs/benchmarks.md, and which table stands below which."""

HEAD = """# Benchmarks

Each way was measured in one run beside its peers, in turn, round after round: only ratios within one
table mean much. Numbers are medians, with the tenth from each end of the rounds: `5.2 (5.0–5.9)`. `./cmake/bootstrap bench`
measures it on your machine and writes this page; `test/bench` has the programs. The numbers below are of a virtual machine.
What else it did the load tells: what counts CPU time says so, the rest is by the clock and suffers from that.

"""

GOALS = """What this library wants to reach, as ratios within this run.
"""

WHY = {
    "one_address": "One address: after each pread the library asks lseek whether the descriptor that it keeps was still its own (its "
                   "position is one that no other file has), for programs close what they did not open. A system call that does nothing takes 104 "
                   "ns here, lseek 116, and the pread 395: with any question to the kernel it is 1.26 at least. No single call was "
                   "found that both reads a frame number and tells of which file, and whose file a number is only the kernel knows.",
    "bulk": "Bulk: each entry is looked at and turned into an address, some 0.6 ns a page, and whether huge pages follow is "
            "asked four times; the bare call does neither. That counts the more, the faster the kernel reads: 11 ns here, and "
            "30 on the machine that the goal was made on.",
    "runs": "Huge pages as pieces: in 64 MiB there are few huge pages, and the fixed cost of the calls shows.",
    "register": "Pin and translate: of small pages the list of pieces, 16 bytes for each of very many, is what the bare calls do "
                "not make.",
    "list": "Lists: with few addresses the fixed cost of a call shows: lseek, and sorting.",
    "dpdk": "rte_mem_virt2phy: its system calls take a third of the time that they took on the machine that the goal was made on; the "
            "library is near the limit of the kernel on both.",
    "start": "Start: any shared library costs the loader that much: one of one function 17 µs here, this one 50, for 95 symbols are looked "
             "up at once (-z now). A context and an address are 35 more, most of it page faults (docs/costs.md). Looking symbols up late "
             "would undo a protection, and packed relocations would ask for glibc 2.36. The archive, libpmem.a, is nearer.",
    "start_dpdk": "rte_eal_init: a process that does nothing takes most of the library's time here.",
    "pool_floor": "Pool: the floor is two functions in the program itself, of each thread alone, that know one size and check "
                  "nothing. Two functions of a shared library that do no more than return take 3.2 to 4.9 ns on this processor (the "
                  "column `two calls`), which is more than 1.25 of the floor in some of the cells, whatever the functions do. From 4 "
                  "KiB on the floor's objects drive each other out of the cache, and the pool is faster than it.",
    "pool_peers": "Pool: in some small sizes jemalloc, mimalloc or rte_mempool are as fast or a little faster; other runs had the pool ahead in "
                  "9 of 12. It looks, at each free, whether the pointer is an object's that is alive; rte_mempool does not.",
    "look_up": "Look-up: the flat table is behind a call too, but of a function in the program itself. Calling one in a shared "
               "library costs 1 ns more on this processor.",
    "pool_far": "Pool, beside the same floor in a shared library: what is left are some 25 reads, 0.1 ns each, to see whose "
                "pointer it is, whether it is alive, of which size, and whose stack it goes to. Instructions between them, the "
                "chain of what is stored and read again, and branches that are not taken were measured to cost nothing.",
    "look_up_far": "Look-up: the pool takes any pointer, and refuses those that are not its own; the flat table trusts its caller. "
                   "In 1 GiB, where tables are read from the second cache, a longer function leaves room for fewer questions at a "
                   "time. Where each waits for the one before, there is no difference.",
    "constant": "Objects alive: it was not looked into.",
    "success": "Success: above 4 MiB the kernel has no such blocks, and the library looks for blocks and huge pages that lie in a row. That "
               "search ends after 85 ms (docs/pages.md), or what is free has no such row: the longest tries above are those.",
    "contiguous_time": "Contiguous: the library also asks where the memory is, and makes a region of it, some 3 to 7 µs: the more, the less of its code "
                       "is in the cache, as here, where each try follows one that cleared megabytes. From 2 MiB on it asks how much the machine and "
                       "its cgroups leave, so that nobody is killed, and without CAP_SYS_RESOURCE whether pinning a huge page could hang the kernel: some "
                       "100 µs. The best way at 2 MiB, MAP_HUGETLB or a transparent huge page, asks nothing and does not pin.",
    "longest": "Longest request: what is cleared for the first time may be memory that the host has not given to the virtual machine yet, 2 ms for each MiB "
               "and no work of this kernel; a step of the kernel that makes room cannot be interrupted; other processes had the processors.",
    "refusal": "Refusals: a step of the kernel that makes room cannot be interrupted (docs/pages.md).",
    "hard": "TRY_HARD: the kernel found no place for another page of 1 GiB; its log says why.",
    "stay": "Pages that moved: that is a fault; report it.",
}

CONTIGUOUS = "successes of tries: median µs (longest)"
FAR = ("list, in a library", "stack, in a library", "two calls")
UNDRAWN = ("512 MiB", "16 GiB", "pmem, of CPU", "pmem, TRY_HARD")

# heading, words, [(table, head of its first column, plot or "", title, unit, style, what is not drawn)]
SECTIONS = [
    ("Translation", "ns of CPU for a page, by pages in one call; `each` and `rte_mem_virt2phy` ask page by page, at most 1,024 "
     "of them. All addresses were compared with each other.\n", [
         ("virt2phy, small pages", "pages", "pages-small", "Translation of small pages", "ns for a page", "lines", ()),
         ("virt2phy, huge pages", "pages", "pages-huge", "Translation of huge pages", "ns for a page", "lines", ()),
         ("vaddr", "what", "", "The library beside the bare system calls, µs of CPU", "", "", ()),
     ]),
    ("Pool", "An allocation and a free with 8 bytes stored between them. LIFO: bursts of 32; FIFO: a ring of 256; RAND: any of "
     "1,024. `list` and `stack` are the floor: of each thread, without any check; once in the program itself, and once in a "
     "shared library, where calls cost more (`two calls`: of functions that only return). See [pools.md](pools.md).\n", [
         ("pool, 1 thread", "bytes, pattern", "pool", "Pairs, one thread, ns of CPU", "ns for a pair", "bars", FAR),
         ("pool, 2 threads", "bytes, pattern", "pool-threads", "Pairs, two threads, ns of CPU in each", "ns for a pair",
          "bars", FAR),
     ]),
    ("Growth", "What an operation costs when there is more of everything. Objects are taken at random, so that what grows in "
     "all of them is the cache that no longer holds them.\n", [
         ("growth, pairs", "objects alive", "objects", "A pair of 256 bytes by objects alive, ns of CPU", "ns for a pair", "lines", ()),
         ("alive", "objects of 4 KiB alive", "", "A pair of the same 1,024 objects, or of any, ns of CPU", "", "", ()),
         ("growth, look-up", "objects alive", "look-up", "From pointer to physical address by objects alive, ns of CPU",
          "ns for a look-up", "lines", ()),
         ("look-up", "objects of 4 KiB", "", "The same beside a flat table of 2 MiB entries, ns of CPU, independent", "", "", ()),
         ("look-up, dependent", "objects of 4 KiB", "", "Each waiting for the one before", "", "", ()),
         ("growth, regions", "regions", "regions", "pmem_region_find by regions, ns of CPU", "ns for a look-up", "lines", ()),
     ]),
    ("Contiguous memory", "20 tries of each way, in turn, all kept until the size is done; a peer that failed five times without a "
     "success was not asked again. `mmap + mlock` is what most programs do by hand. Only pmem and io_uring's region keep memory "
     "in place. By the clock; what the library's thread worked of it is beside. *Fragmented*: of each eight small pages one is kept, at a random place, and free large "
     "blocks are held as huge pages, but for some 320 MiB; *pinned*: those pages cannot be moved. What is left is touched once "
     "before, since a virtual machine's host gives memory late. `TRY_HARD` is the only way that changes a setting, for a moment.\n", [
         ("contiguous, blocks", "state", "", "Free blocks before the tries", "", "", ()),
         ("contiguous, fresh", "size", "contiguous-fresh", "Fresh memory, " + CONTIGUOUS, "µs", "bars", UNDRAWN),
         ("contiguous, fragmented", "size", "contiguous-fragmented", "Fragmented memory, " + CONTIGUOUS, "µs", "bars", UNDRAWN),
         ("contiguous, pinned", "size", "contiguous-pinned", "Pinned memory, " + CONTIGUOUS, "µs", "bars", UNDRAWN),
     ]),
    ("What stays in place", "Rounds in which a page moved: the median of pages that did (the most). Of the library's memory 1,024 or 2,048 pages of each "
     "kind, of the others 4,096. Memory is fragmented: see test/bench/bench_stay.c.\n", [("stay", "memory", "", "Rounds with moves: pages (most)", "", "", ())]),
    ("Small regions", "A contiguous region's life: alloc, address, close; beside the calls that it cannot do without. The tenth from the "
     "fast end counts here.\n", [("alloc", "size", "", "µs", "", "", ())]),
    ("Start", "From exec to the end of a process that asks for one physical address. EAL runs with `--no-huge --no-pci`, where it starts "
     "on each machine and tells no address.\n", [("start", "what", "", "µs", "", "", ())]),
]
