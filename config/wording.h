/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only texts that a template-locked route takes: "Hồ sơ {1} đã xong ngày {2}." stands for every text that has
 * something (1 to 200 characters each) in the places of {1} and {2}. Private to config/; const once read. */
#ifndef CAUNOI_CONFIG_WORDING_H
#define CAUNOI_CONFIG_WORDING_H

#include "config/reader.h"

#define WORDING_PARAMETERS_MAX 16

struct wording {
	char *id;
	char *text;	/* literals, each ended by a NUL; before, between and behind the parameters */
	int n_parameters;
};
struct wordings {
	struct wording *all;
	size_t n; /* 0 = any text may be sent */
};
/* What stood in the places, in their order; all the caller's. */
struct wording_match {
	const struct wording *wording; /* borrowed */
	char *parameters[WORDING_PARAMETERS_MAX];
	int n_parameters;
};

/* Reads the list templates = ( { id, text }, … ) of g. */
MUST_CHECK int wordings_read(const struct reader *g, struct wordings *ret);
void wordings_done(struct wordings *w);
/* E_NOT_FOUND: the text is none of them; E_NOMEM. */
MUST_CHECK int wordings_match(const struct wordings *w, const char *text, struct wording_match *ret);
void wording_match_done(struct wording_match *m);

#endif
