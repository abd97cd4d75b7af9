/* SPDX-License-Identifier: MIT */
/*
 * The same as start_bare.c, as a program of DPDK's does it: EAL first, then its function, which tells no address where
 * EAL has no huge pages.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

int main(int argc, char **argv)
{
	static char words[][16] = { "start", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
		"-m", "64", "-l", "0", "--log-level=1" };
	char *eal[11] = { NULL };
	uint64_t (*virt2phy)(const void *);
	int (*init)(int, char **);
	void *handle = dlopen(BENCH_EAL, RTLD_NOW), *function;

	(void)argc;
	if (!handle)
		return 2;
	function = dlsym(handle, "rte_eal_init");
	memcpy(&init, &function, sizeof(function));
	function = dlsym(handle, "rte_mem_virt2phy");
	memcpy(&virt2phy, &function, sizeof(function));
	for (int i = 0; i < 10; i++)
		eal[i] = words[i];
	if (!init || !virt2phy || init(10, eal) < 0)
		return 3;
	virt2phy(argv);
	return 0;
}
