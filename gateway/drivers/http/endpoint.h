/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses a provider may live at. Loopback, private, CGNAT, link-local, unique-local, multicast, documentation
 * and translated (mapped, NAT64, 6to4, Teredo) addresses are refused unless the operator listed them. Asked with the
 * address that is about to be connected, so a name that changes its mind (DNS rebinding) gains nothing. */
#ifndef CAUNOI_DRIVERS_HTTP_ENDPOINT_H
#define CAUNOI_DRIVERS_HTTP_ENDPOINT_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "gateway/base/err.h"

struct endpoint;

/* cidrs: array of "127.0.0.1/32", "fd00::/8", "10.1.2.3"; NULL = none. E_INVALID, E_NOMEM. */
MUST_CHECK int endpoint_new(const json_t *cidrs, struct endpoint **ret);
void endpoint_free(struct endpoint *e);
/* plain: the connection would be without TLS, which only listed addresses may have. */
bool endpoint_allows(const struct endpoint *e, const struct sockaddr *address, bool plain);

#endif
