/* SPDX-License-Identifier: MIT */
/* Compiler attributes and the few helpers that every layer uses. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stddef.h>

#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define ATTR_MUST_CHECK         __attribute__((warn_unused_result))

/* gcc tells of its sanitizers by macros, clang of its own as features. */
#ifdef __has_feature
#define ATTR_FEATURE(name) __has_feature(name)
#else
#define ATTR_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || ATTR_FEATURE(address_sanitizer)
#define SANITIZE_ADDRESS 1
#else
#define SANITIZE_ADDRESS 0
#endif
#if defined(__SANITIZE_THREAD__) || ATTR_FEATURE(thread_sanitizer)
#define SANITIZE_THREAD 1
#else
#define SANITIZE_THREAD 0
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
