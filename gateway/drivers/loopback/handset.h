/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulated phones received, in a sealed append-only file, so that it survives a killed gateway as a real phone would. A
 * message is delivered once per key. */
#ifndef CAUNOI_DRIVERS_LOOPBACK_HANDSET_H
#define CAUNOI_DRIVERS_LOOPBACK_HANDSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct handset;

struct handset_message {
	const char *number, *text, *key, *channel, *reference;
	int64_t at_ms;
	int parts;
};

/* file NULL: kept nowhere. key: 64 hex digits. E_IO, E_INVALID, E_NOMEM. */
MUST_CHECK int handset_open(const char *file, const char *key_hex, struct handset **ret);
void handset_close(struct handset *h);
/* 0 delivered, E_EXISTS its key was delivered before, E_IO. */
MUST_CHECK int handset_deliver(struct handset *h, const struct handset_message *m);
/* The references of the newest records that were there when it was opened, oldest first: whether the gateway learnt of their
 * delivery is not known. fn per reference until it fails. */
MUST_CHECK int handset_earlier(struct handset *h, int (*fn)(void *arg, const char *reference), void *arg);
/* [{"at_ms","channel","text","parts","key","reference"}], oldest first, the newest 200 at most. */
MUST_CHECK int handset_heard(struct handset *h, const char *number, json_t **ret);

#endif
