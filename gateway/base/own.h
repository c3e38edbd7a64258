/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scope ownership: OWN(kind) frees the variable when it leaves scope, MOVE(p) hands it over. A kind is declared
 * once beside its free function: OWN_DEFINE(buffer, struct buffer *, buffer_free) gives OWN(buffer). */
#ifndef CAUNOI_BASE_OWN_H
#define CAUNOI_BASE_OWN_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OWN(kind) __attribute__((cleanup(own_##kind)))
#define MOVE(p) __extension__({ __typeof__(p) own_moved_ = (p); (p) = 0; own_moved_; })
#define OWN_DEFINE(kind, type, release) \
	static inline void own_##kind(type *p) \
	{ \
		if (*p) \
			release(*p); \
	}

static inline void own_mem(void *p)
{
	free(*(void **)p);
}
static inline void own_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void own_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
