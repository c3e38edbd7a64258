/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a USSD aggregator calls and wants to be answered: wire format × cumulative or latest input × how "go on" is said. Five by name, and
 * "generic" whose settings say it. Read with the configuration, const afterwards; reading a callback and writing an answer are pure. */
#ifndef CAUNOI_CONFIG_USSD_STYLE_H
#define CAUNOI_CONFIG_USSD_STYLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/document.h"
#include "gateway/base/buffer.h"

#define USSD_EXTRAS_MAX 8

enum ussd_saying { SAYING_PREFIX, SAYING_FIELD }; /* "CON …" in plain text; a field of its own */

/* Names are borrowed from the table or from the configuration. NULL: it is not told. */
struct ussd_style {
	enum format format;
	bool cumulative;
	bool by_path; /* session and word stand behind the secret: SESSION/start, /response, /end, /status */
	const char *session, *from, *input;
	const char *first, *first_is; /* field and value of a call that opens a session */
	const char *over, *over_is;   /* of one that says it ended; values with "|" between */
	const char *sequence;
	enum ussd_saying saying;
	enum format answer; /* of SAYING_FIELD: json, xml, form */
	const char *text;   /* field */
	const char *more;   /* field */
	const char *on, *off;			/* its value; of SAYING_PREFIX what stands before the text */
	const char *echo[USSD_EXTRAS_MAX + 1];	/* fields of the call that the answer repeats */
	const char *extra[USSD_EXTRAS_MAX + 1]; /* "name=value", told with every answer */
};

/* What a call says. Strings are the caller's, by ussd_heard_done. */
struct ussd_heard {
	char *session, *from, *input;
	bool first, over;
	int64_t sequence;	 /* -1 = not told */
	json_t *echo;		 /* {field: value} */
};

/* The style of an entry of the configuration's ussd. E_INVALID with the setting's name and a phrase, static; E_NOT_FOUND: no such style. */
MUST_CHECK int ussd_style_read(const json_t *entry, struct ussd_style *ret, const char **ret_setting, const char **ret_why);
/* path: what stands behind the secret, "" nothing. E_INVALID: malformed, or no session, no number; E_NOMEM. */
MUST_CHECK int ussd_style_hear(const struct ussd_style *s, const struct received *in, const char *path, struct ussd_heard *ret);
void ussd_heard_done(struct ussd_heard *h);
/* Appends the answer; *ret_type its Content-Type, static. */
MUST_CHECK int ussd_style_say(const struct ussd_style *s, const struct ussd_heard *h, const char *text, bool more, struct buffer *out,
			      const char **ret_type);

#endif
