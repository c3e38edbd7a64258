/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses that a provider may not have, and the operator's exceptions. Called by exchange.c for every connection. */
#include "gateway/drivers/http/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

/* IPv4 is kept as ::ffff:a.b.c.d, so that one comparison serves both. */
struct range {
	unsigned char bytes[16];
	int bits;
};
struct endpoint {
	struct range *allowed;
	size_t n_allowed;
};

/* IANA special-purpose registries, RFC 6890 and its successors. */
static const char *const refused[] = {
	"0.0.0.0/8",	  "10.0.0.0/8",	     "100.64.0.0/10",  "127.0.0.0/8",	"169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24",	  "192.0.2.0/24",    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4",     "240.0.0.0/4",    "::/96",		"64:ff9b::/96",	  "64:ff9b:1::/48",
	"100::/64",	  "2001::/23",	     "2001:db8::/32",  "2002::/16",	"fc00::/7",	  "fe80::/10",
	"fec0::/10",	  "ff00::/8",
};

static int range_parse(const char *text, struct range *ret)
{
	char host[INET6_ADDRSTRLEN];
	struct range g = { .bytes = { [10] = 0xFF, [11] = 0xFF } };
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	if (n >= sizeof(host))
		return E_INVALID;
	memcpy(host, text, n);
	host[n] = '\0';
	int shift = 96;
	if (inet_pton(AF_INET, host, g.bytes + 12) != 1) {
		shift = 0;
		if (inet_pton(AF_INET6, host, g.bytes) != 1)
			return E_INVALID;
	}
	char *end = NULL;
	long bits = slash ? strtol(slash + 1, &end, 10) : 128 - shift;
	if (slash && (end == slash + 1 || *end))
		return E_INVALID;
	if (bits < 0 || bits > 128 - shift)
		return E_INVALID;
	g.bits = (int)bits + shift;
	*ret = g;
	return 0;
}

static bool range_holds(const struct range *g, const unsigned char address[16])
{
	int whole = g->bits / 8, rest = g->bits % 8;
	if (memcmp(g->bytes, address, (size_t)whole))
		return false;
	return !rest || (g->bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

int endpoint_new(const json_t *cidrs, struct endpoint **ret)
{
	struct endpoint *e = calloc(1, sizeof(*e));
	size_t n = json_array_size(cidrs);
	if (!e || !(e->allowed = calloc(n + 1, sizeof(*e->allowed)))) {
		endpoint_free(e);
		return E_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(cidrs, i));
		if (!text || range_parse(text, &e->allowed[e->n_allowed++])) {
			endpoint_free(e);
			return E_INVALID;
		}
	}
	*ret = e;
	return 0;
}

void endpoint_free(struct endpoint *e)
{
	if (!e)
		return;
	free(e->allowed);
	free(e);
}

static bool to_bytes(const struct sockaddr *address, unsigned char ret[16])
{
	if (address->sa_family == AF_INET) {
		memset(ret, 0, 10);
		ret[10] = ret[11] = 0xFF;
		memcpy(ret + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
		return true;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(ret, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	return true;
}

bool endpoint_allows(const struct endpoint *e, const struct sockaddr *address, bool plain)
{
	unsigned char bytes[16];
	if (!to_bytes(address, bytes))
		return false;
	for (size_t i = 0; i < e->n_allowed; i++)
		if (range_holds(&e->allowed[i], bytes))
			return true;
	if (plain)
		return false;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct range g;
		if (range_parse(refused[i], &g) || range_holds(&g, bytes))
			return false;
	}
	return true;
}
