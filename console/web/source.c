/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of callers. Called by hook.c. */
#include "console/web/source.h"

#include <microhttpd.h>
#include <string.h>

#include "config/network.h"
#include "console/web/web.h"

int source_forwarded(const char *header, struct in6_addr *ret)
{
	char text[64];
	const char *comma = strrchr(header, ','), *from = comma ? comma + 1 : header;
	from += strspn(from, " \t");
	size_t n = strlen(from);
	while (n && (from[n - 1] == ' ' || from[n - 1] == '\t'))
		n--;
	if (n >= sizeof(text))
		return E_INVALID;
	memcpy(text, from, n);
	text[n] = '\0';
	return network_address_parse(text, ret);
}

/* A proxy may merge its word with the caller's or put it behind as a line of its own: the last one is the proxy's. */
static enum MHD_Result keep_last(void *self, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	if (!strcasecmp(name, "X-Forwarded-For"))
		*(const char **)self = value ? value : "";
	return MHD_YES;
}

bool source_is_among(const struct visit *v, char *const *blocks)
{
	struct in6_addr from = v->ticket.from;
	const char *last = "";
	if (!blocks[0])
		return true;
	if (v->web->config->web.behind_proxy) {
		MHD_get_connection_values(v->connection, MHD_HEADER_KIND, keep_last, &last);
		if (source_forwarded(last, &from))
			return false;
	}
	return network_allowed(blocks, &from);
}
