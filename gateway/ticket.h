/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tickets: the right to one answer of a disclosure. The command half commits audit and quota and gives the ticket, the query
 * process answers it once, within a minute. */
#ifndef CAUNOI_GATEWAY_TICKET_H
#define CAUNOI_GATEWAY_TICKET_H

#include "gateway/tick.h"
#include "gateway/verb.h"

#define TICKET_CHARS 40
#define TICKET_BYTES (3 + TICKET_CHARS + 1)
#define TICKET_LIFE_MS 60000

struct ticket {
	char actor[80], verb[64]; /* "user:lan", "contact.reveal" */
	json_t *args;             /* freed by ticket_done */
	int64_t expires_at;
};
void ticket_done(struct ticket *k);

/* For the command half of a disclosure: *ret is {"ticket":"ct_…"}. */
MUST_CHECK int ticket_new(struct tick *t, const struct call *c, json_t **ret);
/* A ticket that is good now, by its digest; E_DENIED. That it serves once is the answering process's to remember. */
MUST_CHECK int ticket_find(const struct scope *in, const uint8_t digest[32], struct ticket *ret);

extern const struct sql_module ticket_module;

#endif
