/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left open to the HTTP driver: certificates, what names are resolved with, calls outwards. Called once by main.c. */
#include "gateway/drivers/http/cell.h"

#include <curl/curl.h>
#include <netdb.h>

#include "gateway/base/own.h"
#include "gateway/drivers/confine.h"

#define MEMORY_BYTES ((size_t)256 * 1024 * 1024)

/* What the resolver loads of its own accord, before it cannot any more. */
static void warm_up(void)
{
	struct addrinfo *found = NULL;
	if (!getaddrinfo("localhost", NULL, NULL, &found))
		freeaddrinfo(found);
}

int cell_enter(const char *ca_file)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *const readable[] = {
		*ca_file ? ca_file : curl->cainfo,
		*ca_file ? NULL : curl->capath,
		*ca_file ? NULL : "/usr/share/ca-certificates",
		*ca_file ? NULL : "/usr/local/share/ca-certificates",
		"/etc/resolv.conf",
		"/etc/hosts",
		"/etc/host.conf",
		"/etc/nsswitch.conf",
		"/etc/gai.conf",
	};
	warm_up();
	return confine_enter(&(struct confine){ .readable = readable, .n_readable = COUNT_OF(readable), .calls_out = true, .memory_bytes = MEMORY_BYTES });
}
