/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP library (libmicrohttpd, one thread, poll: its epoll mode stalls with many busy connections) and what stands at
 * which path. It serves only descriptors that the front hands over. */
#ifndef CAUNOI_WEB_SITE_H
#define CAUNOI_WEB_SITE_H

#include <stdint.h>

#include "console/web/front.h"
#include "gateway/base/err.h"

struct web;
struct site;

/* Starts the library's thread. E_IO, E_NOMEM. */
MUST_CHECK int site_start(struct web *web, struct site **ret);
/* Nothing may be suspended any more. */
void site_stop(struct site *s);
/* Takes fd. */
MUST_CHECK int site_serve(struct site *s, int fd, const struct front_ticket *ticket);
/* Size limit and class of a checked request; front thread. */
int64_t site_limit(struct web *web, const char *method, const char *target, size_t n_bytes, enum guest_class *ret_class);

#endif
