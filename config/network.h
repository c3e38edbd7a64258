/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network addresses as a configuration writes them: CIDR blocks, "host:port", URLs of providers. No names are resolved. */
#ifndef CAUNOI_CONFIG_NETWORK_H
#define CAUNOI_CONFIG_NETWORK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

/* An IPv4 address is kept mapped (::ffff:a.b.c.d), so that one comparison serves both. */
struct network_block {
	struct in6_addr base;
	int bits; /* 0–128 */
};

/* "127.0.0.1/32", "10.0.0.0/8", "fd00::/8"; an address alone is a block of one. E_INVALID also when bits beyond the prefix
 * are set. */
MUST_CHECK int network_block_parse(const char *text, struct network_block *ret);
/* "192.0.2.1", "::1", "[::1]"; E_INVALID when it is a name. */
MUST_CHECK int network_address_parse(const char *text, struct in6_addr *ret);
bool network_block_holds(const struct network_block *block, const struct in6_addr *address);
/* Is address inside one of the blocks of a NULL-terminated list of CIDR texts? */
bool network_allowed(char *const *blocks, const struct in6_addr *address);
/* This machine itself (127/8, ::1). */
bool network_is_loopback(const struct in6_addr *address);
/* Not reachable as a public address: loopback, private, link-local, CGNAT, documentation, multicast, unspecified, and IPv4
 * inside IPv6 (mapped, NAT64, 6to4) of these. */
bool network_is_private(const struct in6_addr *address);

struct network_url {
	bool tls;
	char host[254]; /* without brackets */
	int port;
};
/* "https://host[:port][/path]" without user, query or fragment. E_INVALID. */
MUST_CHECK int network_url_parse(const char *text, struct network_url *ret);
/* "host:port", "[v6]:port"; port 1–65535. E_INVALID. */
MUST_CHECK int network_endpoint_parse(const char *text, struct network_url *ret);

#endif
