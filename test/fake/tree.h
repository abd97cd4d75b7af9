/* SPDX-License-Identifier: MIT */
/* The fake root's life; its content is declared in fake.h. */
#ifndef TEST_TREE_H
#define TEST_TREE_H

void tree_start(void);
void tree_stop(void);

#endif
