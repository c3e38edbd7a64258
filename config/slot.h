/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One channel of a configuration being read, shared by channels.c (values and checks) and slot.c (what its driver is told
 * in hello). Private to config/. */
#ifndef CAUNOI_CONFIG_SLOT_H
#define CAUNOI_CONFIG_SLOT_H

#include "config/draft.h"

struct slot {
	struct draft *d;
	struct channel_config *ch;
	const json_t *object;
	unsigned kind;
	char path[32]; /* "channels.[3]" */
};

/* "channels.[3].key" into out, which is the result. */
const char *slot_at(const struct slot *p, const char *key, char out[DRAFT_PATH_BYTES]);
#define AT(key) slot_at(p, key, (char[DRAFT_PATH_BYTES]){ 0 })

/* Reads every secret that the channel names, when secrets are wanted. */
void slot_read_secrets(struct slot *p);
/* Builds ch->settings, finding the provider's profile; after slot_read_secrets. */
void slot_make_settings(struct slot *p);

#endif
