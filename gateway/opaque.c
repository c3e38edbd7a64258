/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long ids cut to the length of an index. Called for what drivers and providers' callbacks name. Pure. */
#include "gateway/opaque.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/seal.h"

#define DIGEST_BYTES_USED 16

void opaque_digest(const char *mark, const char *text, char ret[OPAQUE_DIGEST_BYTES])
{
	uint8_t digest[32];
	seal_digest(text, strlen(text), digest);
	size_t n = (size_t)snprintf(ret, OPAQUE_DIGEST_BYTES, "%.8s:", mark);
	for (size_t i = 0; i < DIGEST_BYTES_USED; i++)
		n += (size_t)snprintf(ret + n, OPAQUE_DIGEST_BYTES - n, "%02x", digest[i]);
}

const char *opaque_id(const char *id, char room[OPAQUE_BYTES])
{
	if (strlen(id) < OPAQUE_BYTES)
		return id;
	opaque_digest("long", id, room); /* cut short, two ids would be one */
	return room;
}
