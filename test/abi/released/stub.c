/* SPDX-License-Identifier: MIT */
/* The names of a release and nothing behind them: what its programs are linked with. */
#define F(name) \
	void name(void); \
	void name(void) { }
#include "functions.h"
