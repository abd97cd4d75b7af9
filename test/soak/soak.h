/* SPDX-License-Identifier: MIT */
/*
 * The soak: one process holds memory of all kinds while others disturb the machine. What they tell each other is in one
 * piece of shared memory; a fault that anybody finds ends the run.
 */
#ifndef SOAK_H
#define SOAK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define MIB  ((size_t)1 << 20)
#define PAGE ((size_t)4096)

#define DISTURBANCES_MAX 16

struct disturbance_state {
	char left_out[200];       /* why, or "" */
	atomic_uint_fast64_t steps;
	atomic_uint_fast64_t killed; /* by the cgroup's killer, which is what it may be used for */
};

struct soak_shared {
	unsigned share;           /* of what each may work, in hundredths: less where it takes long */
	atomic_bool stop;         /* disturbers and churners end */
	atomic_bool look_last;    /* nobody disturbs any more: measure, and end */
	atomic_bool ready;        /* all is held, and measured */
	atomic_uint_fast64_t looks;    /* addresses compared */
	atomic_uint_fast64_t absent;   /* times that something had to be touched to be seen where it was */
	atomic_uint_fast64_t scans;    /* times that all held memory was looked at */
	atomic_uint_fast64_t held;     /* regions and objects that are held */
	atomic_uint_fast64_t held_bytes;
	atomic_uint_fast64_t not_held; /* kinds that this machine does not have */
	atomic_uint_fast64_t rounds;   /* regions, pools and contexts made and given back */
	atomic_uint_fast64_t refused;  /* that could not be had: a limit, or nothing contiguous */
	atomic_uint_fast64_t forks;
	atomic_uint_fast64_t others;   /* descriptors and mappings of somebody else */
	atomic_uint_fast64_t control_moved; /* locked pages that did move: so the machine does move pages */
	atomic_uint_fast64_t merged;   /* pages that KSM had merged, at most */
	atomic_bool failed;
	char fault[400];          /* the first */
	char growth[1200];        /* what was measured, as a table */
	struct disturbance_state disturbances[DISTURBANCES_MAX];
};

extern struct soak_shared *soak;

/* A fault: the first is kept, and the run ends. */
__attribute__((format(printf, 1, 2))) void soak_fault(const char *format, ...);

/* Work for a while, rest for longer: no more than a share of a processor, in hundredths, and least_ms between two steps. */
struct pace {
	struct timespec worked;
	unsigned percent, least_ms;
};
void pace_begin(struct pace *pace, unsigned percent, unsigned least_ms);
/* false: the run is over */
bool pace_rest(struct pace *pace);

void soak_sleep_ms(unsigned ms);

/* A child that ends when its parent does; 0 in the child. */
pid_t soak_child(void);

/* 0 or -errno */
int soak_write(const char *path, const char *text);
int soak_write_number(const char *path, uint64_t value);
/* The number behind a word of a file; word "": the first in it. UINT64_MAX: none */
uint64_t soak_number(const char *path, const char *word);

/* Cheap, and never 0 at first. */
static inline uint64_t soak_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
