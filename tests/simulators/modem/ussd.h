/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USSD services of the network: programmed answers by path ("*101#", and "*101#>1" for the answer to its menu), the
 * session in progress, and the forms in which modems print and take strings. */
#ifndef CAUNOI_SIM_MODEM_USSD_H
#define CAUNOI_SIM_MODEM_USSD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"
#include "tests/simulators/modem/profile.h"

struct ussd_answer {
	char *path, *reply;
	int status;   /* <m>: 0 done, 1 an answer is awaited, 2 ended by the network, 4 not supported, 5 timed out */
	enum ussd_form form;
	int after_ms; /* between OK and the reply */
	int cme;      /* refused with this +CME ERROR; 0 = not */
	bool silent;  /* OK and then nothing */
};
struct ussd {
	struct ussd_answer *answers;
	size_t n_answers;
	char *session;     /* path so far, NULL = no session */
	json_t *requests;  /* every string asked for, in order */
};

struct ussd ussd_init(void);
void ussd_done(struct ussd *u);
/* Programs (or replaces) the answer that json describes: code, reply, more, status, form, after_ms, cme, silent. E_INVALID. */
MUST_CHECK int ussd_program(struct ussd *u, const json_t *json);
/* The answer that json describes, not programmed; ussd_answer_done frees it. */
MUST_CHECK int ussd_answer_parse(const json_t *json, struct ussd_answer *ret);
void ussd_answer_done(struct ussd_answer *a);
/* What the network says to request, moving the session on; NULL when no such service. */
const struct ussd_answer *ussd_ask(struct ussd *u, const char *request);
/* The network began by itself: with status 1 the next request is an answer, of path "CODE>…". */
void ussd_push(struct ussd *u, const struct ussd_answer *a);
void ussd_cancel(struct ussd *u);
/* The rest of a "+CUSD: " line for an answer; the caller's. */
char *ussd_format(const struct profile *profile, const char *charset, const struct ussd_answer *a);
/* The request in a string of AT+CUSD=1,"…"; the caller's. */
char *ussd_request(const struct profile *profile, const char *charset, const char *text);

#endif
