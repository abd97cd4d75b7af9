module libpmem/pmem

go 1.17
