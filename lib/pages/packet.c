/* SPDX-License-Identifier: MIT */
/*
 * The ring of a packet socket, for kernels before io_uring's memory regions: one block of it is what the
 * page allocator has, in one piece and zeroed (net/packet/af_packet.c alloc_one_pg_vec_page(); it takes
 * single pages where it has no such block, which the frames tell). A socket of no protocol receives
 * nothing, so nobody but the program ever writes there. Setting it up waits for the network stack, some
 * 8 ms. Needs CAP_NET_RAW.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/ways.h"

/* Linux 6.14, whose io_uring gives the same without privilege, and sooner. */
#define KERNEL_REGIONS 6014

static int refused(int errnum, const char *operation)
{
	if (errnum == EPERM)
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, operation, NULL,
			"CAP_NET_RAW lets packet sockets give contiguous memory on this kernel",
			"CAP_NET_RAW is missing");
	if (errnum == EAFNOSUPPORT)
		return error_set(EAFNOSUPPORT, PMEM_CAUSE_UNSUPPORTED, operation, NULL, NULL,
			"this kernel has no packet sockets");
	return error_set(errnum, errnum == ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM,
		operation, NULL, NULL, "no ring of a packet socket can be had");
}

static int map_ring(int fd, size_t length, void **out)
{
	const struct tpacket_req ring = { .tp_block_size = (unsigned)length, .tp_block_nr = 1,
		.tp_frame_size = (unsigned)length, .tp_frame_nr = 1 };
	int r = os->setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring));

	if (r < 0)
		return refused(-r, "setsockopt PACKET_RX_RING");
	r = os->mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0, out);
	return r < 0 ? refused(-r, "mmap") : 0;
}

int way_packet(const struct taking *t, struct pages_block *block)
{
	size_t length = ways_natural(t);
	void *addr;
	int fd, r;

	if (os->kernel_version() >= KERNEL_REGIONS || length == t->page ||
		length > t->page << WAYS_LARGEST_ORDER || length > UINT32_MAX / 2)
		return WAY_NOT_FOR_THIS;
	fd = os->socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		return refused(-fd, "socket AF_PACKET");
	r = map_ring(fd, length, &addr);
	os->close(fd); /* the mapping holds the socket, and the socket holds the ring */
	if (r < 0)
		return r;
	return ways_take_mapped(addr, length, PIN_PACKET, block);
}
