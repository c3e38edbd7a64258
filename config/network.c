/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, blocks and URLs, as text. Called by the configuration's checks and by drivers that
 * must not be steered to private addresses; resolves nothing, opens nothing. */
#include "config/network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "gateway/base/own.h"

static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

int network_address_parse(const char *text, struct in6_addr *ret)
{
	struct in6_addr address = { 0 };
	char bare[64];
	size_t n = strlen(text);
	if (n >= 2 && n < sizeof(bare) && text[0] == '[' && text[n - 1] == ']') {
		memcpy(bare, text + 1, n - 2);
		bare[n - 2] = '\0';
		if (inet_pton(AF_INET6, bare, &address) != 1)
			return E_INVALID;
	} else if (inet_pton(AF_INET, text, address.s6_addr + 12) == 1) {
		memcpy(address.s6_addr, mapped, sizeof(mapped));
	} else if (inet_pton(AF_INET6, text, &address) != 1) {
		return E_INVALID;
	}
	*ret = address;
	return 0;
}

/* Decimal digits only, at most max. */
static int small_number(const char *text, size_t n, int max, int *ret)
{
	int value = 0;
	if (!n || n > 5)
		return E_INVALID;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)text[i]))
			return E_INVALID;
		value = value * 10 + (text[i] - '0');
	}
	if (value > max)
		return E_INVALID;
	*ret = value;
	return 0;
}

static bool bit(const struct in6_addr *a, int i)
{
	return a->s6_addr[i / 8] >> (7 - i % 8) & 1;
}

int network_block_parse(const char *text, struct network_block *ret)
{
	char address[64];
	size_t n = strcspn(text, "/");
	if (n >= sizeof(address))
		return E_INVALID;
	memcpy(address, text, n);
	address[n] = '\0';
	struct network_block block = { .bits = 128 };
	if (network_address_parse(address, &block.base))
		return E_INVALID;
	bool v4 = !strchr(address, ':');
	if (text[n] == '/') {
		if (small_number(text + n + 1, strlen(text + n + 1), v4 ? 32 : 128, &block.bits))
			return E_INVALID;
		block.bits += v4 ? 96 : 0;
	}
	for (int i = block.bits; i < 128; i++)
		if (bit(&block.base, i))
			return E_INVALID;
	*ret = block;
	return 0;
}

bool network_block_holds(const struct network_block *block, const struct in6_addr *address)
{
	for (int i = 0; i < block->bits; i++)
		if (bit(&block->base, i) != bit(address, i))
			return false;
	return true;
}

static bool in_block(const char *text, const struct in6_addr *address)
{
	struct network_block block;
	return !network_block_parse(text, &block) && network_block_holds(&block, address);
}

bool network_allowed(char *const *blocks, const struct in6_addr *address)
{
	for (; blocks && *blocks; blocks++)
		if (in_block(*blocks, address))
			return true;
	return false;
}

bool network_is_loopback(const struct in6_addr *address)
{
	return in_block("127.0.0.0/8", address) || in_block("::1", address);
}

/* IPv4 that rides inside IPv6 by NAT64 or 6to4, as a mapped address. */
static bool carried(const struct in6_addr *address, struct in6_addr *ret)
{
	int at = in_block("64:ff9b::/96", address) ? 12 : in_block("2002::/16", address) ? 2 : 0;
	if (!at)
		return false;
	memcpy(ret->s6_addr, mapped, sizeof(mapped));
	memcpy(ret->s6_addr + 12, address->s6_addr + at, 4);
	return true;
}

bool network_is_private(const struct in6_addr *address)
{
	static const char *const blocks[] = {
		"0.0.0.0/8",	 "10.0.0.0/8",	    "100.64.0.0/10",
		"127.0.0.0/8",	 "169.254.0.0/16",  "172.16.0.0/12",
		"192.0.0.0/24",	 "192.0.2.0/24",    "192.168.0.0/16",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4",	 "240.0.0.0/4",	    "::",
		"::1",		 "64:ff9b:1::/48",  "100::/64",
		"2001:db8::/32", "fc00::/7",	    "fe80::/10",
		"fec0::/10",	 "ff00::/8",
	};
	struct in6_addr inner;
	for (size_t i = 0; i < COUNT_OF(blocks); i++)
		if (in_block(blocks[i], address))
			return true;
	return carried(address, &inner) && network_is_private(&inner);
}

static bool host_is_plain(const char *host)
{
	struct in6_addr address;
	if (strchr(host, ':'))
		return !network_address_parse(host, &address);
	for (const char *p = host; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '.')
			return false;
	return host[0] && host[0] != '-' && host[0] != '.';
}

/* "host" or "host:port" of n bytes; port is left alone when not written. */
static int host_and_port(const char *text, size_t n, struct network_url *ret)
{
	size_t host_bytes = 0;
	const char *rest;
	if (n && text[0] == '[') {
		const char *close = memchr(text, ']', n);
		if (!close)
			return E_INVALID;
		host_bytes = (size_t)(close - ++text);
		rest = close + 1;
		n -= 1;
	} else {
		const char *colon = memchr(text, ':', n);
		host_bytes = colon ? (size_t)(colon - text) : n;
		rest = text + host_bytes;
	}
	if (!host_bytes || host_bytes >= sizeof(ret->host))
		return E_INVALID;
	memcpy(ret->host, text, host_bytes);
	ret->host[host_bytes] = '\0';
	size_t left = (size_t)(text + n - rest);
	if (left &&
	    (*rest != ':' || small_number(rest + 1, left - 1, 65535, &ret->port) || !ret->port))
		return E_INVALID;
	return host_is_plain(ret->host) ? 0 : E_INVALID;
}

int network_url_parse(const char *text, struct network_url *ret)
{
	struct network_url url = { 0 };
	if (!strncmp(text, "https://", 8))
		url.tls = true;
	else if (strncmp(text, "http://", 7) != 0)
		return E_INVALID;
	text += url.tls ? 8 : 7;
	url.port = url.tls ? 443 : 80;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7F || strchr("?#@\\\"", *p))
			return E_INVALID;
	if (host_and_port(text, strcspn(text, "/"), &url))
		return E_INVALID;
	*ret = url;
	return 0;
}

int network_endpoint_parse(const char *text, struct network_url *ret)
{
	struct network_url url = { 0 };
	if (host_and_port(text, strlen(text), &url) || !url.port)
		return E_INVALID;
	*ret = url;
	return 0;
}
