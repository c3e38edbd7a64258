/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tokens of a settings file, for scan.c alone: what stands under the eye, and how a number is written out. */
#ifndef CAUNOI_CONFIG_TOKEN_H
#define CAUNOI_CONFIG_TOKEN_H

#include <jansson.h>

#include "config/source.h"
#include "gateway/base/buffer.h"

#define SCAN_DEPTH_MAX 24
#define SCAN_NAME_CHARS_MAX 64
#define SCAN_PATH_BYTES 512

enum expect { EXPECT_KEY, EXPECT_EQUALS, EXPECT_VALUE, EXPECT_END };
enum token { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN };

struct frame {
	char kind; /* '{' '(' '[', and '{' for the file itself */
	int line;
	enum expect expect;
	json_t *names; /* of a group: name → flat line */
	char key[SCAN_NAME_CHARS_MAX + 1];
	int key_line;
	int index; /* of a list: elements before this one */
};

struct scan {
	const struct source *source;
	const char *p;
	int line;
	struct frame frames[SCAN_DEPTH_MAX];
	int depth;
	struct buffer *out;
	json_t *lines;
	struct complaint *c;
	/* the token under the eye */
	enum token token, before;
	const char *at;
	size_t n_bytes;
	int at_line;
	char sign_before;
	int open_string; /* line where a string began that looks as if its end was forgotten; 0 =
			    none */
	int open_column;
	char open_path[SCAN_PATH_BYTES];
};

/* Where the token under the eye begins: characters of its line, counted from 1. */
int scan_column(const struct scan *s);
/* "channels.[2].rate": the key being read. */
void scan_path(const struct scan *s, char out[SCAN_PATH_BYTES]);
/* Fills the complaint for line; or, where a string before it was most likely never closed, says that instead. E_INVALID. */
int scan_fail(struct scan *s, int line, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Moves on to the next token. E_INVALID. */
MUST_CHECK int token_next(struct scan *s);
/* Writes the number under the eye so that libconfig reads its exact value. E_INVALID, E_NOMEM. */
MUST_CHECK int token_put_number(struct scan *s);

#endif
