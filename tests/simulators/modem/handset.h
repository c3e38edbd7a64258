/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The telephones of everyone the modem writes to. Each puts the parts of long messages together as a telephone does:
 * by sender (always this modem), reference and total; a part that comes twice is shown once. */
#ifndef CAUNOI_SIM_MODEM_HANDSET_H
#define CAUNOI_SIM_MODEM_HANDSET_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/simulators/modem/part.h"
#include "tests/simulators/modem/tpdu.h"

struct handset_group {
	char to[TPDU_NUMBER_MAX];
	struct concat concat; /* number unused */
	char *texts[PARTS_MAX];
	int n_texts;
};
struct handsets {
	json_t *heard; /* number → array of {text, parts, at_ms} */
	struct handset_group *groups;
	size_t n_groups;
	int n_twice; /* parts that came again while their message was incomplete */
};

struct handsets handsets_init(void);
void handsets_done(struct handsets *h);
void handsets_receive(struct handsets *h, const char *dialled, const struct part *part, int64_t at_ms);
/* {"texts":[…],"messages":[…],"incomplete":n} of one number; a new reference. */
json_t *handsets_report(const struct handsets *h, const char *dialled);

#endif
