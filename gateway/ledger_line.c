/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the ledger as text. Called by ledger.c; does no I/O. Every line carries four bytes of a digest, so that a torn or
 * damaged one is left out instead of being misread. */
#include "gateway/ledger_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/base/text.h"

#define CHECK_CHARS 8
#define FIELDS_MAX 8

static int put_check(const char *text, size_t n_bytes, char ret[CHECK_CHARS + 1])
{
	uint8_t digest[32];
	seal_digest(text, n_bytes, digest);
	OWN(mem) char *hex = text_hex(digest, CHECK_CHARS / 2);
	if (!hex)
		return E_NOMEM;
	snprintf(ret, CHECK_CHARS + 1, "%s", hex);
	return 0;
}

static int put_body(const struct ledger_line *l, struct buffer *out)
{
	const struct optout *o = &l->optout;
	const struct erased *e = &l->erased;
	bool of_audit = l->kind == LEDGER_AUDIT || l->kind == LEDGER_RESTORED;
	OWN(mem) char *hash = of_audit ? text_hex(l->hash, sizeof(l->hash)) : text_hex(l->kind == LEDGER_FORGET ? e->hash : o->hash, SEAL_HASH_BYTES);
	if (!hash)
		return E_NOMEM;
	long long key = o->hash_key, seq = of_audit ? l->seq : o->seq, at = of_audit ? l->at : o->at;
	switch (l->kind) {
	case LEDGER_OFF: return buffer_printf(out, "off %lld:%s %s %lld %lld", key, hash, o->scope, seq, at);
	case LEDGER_LIFT:
		return buffer_printf(out, "lift %lld:%s %s %lld %lld %lld %lld", key, hash, o->scope, seq, at, (long long)o->lifted_seq,
				     (long long)o->lifted_at);
	case LEDGER_FORGET:
		return buffer_printf(out, "forget %lld:%s %lld %d %lld %lld", (long long)e->hash_key, hash, (long long)e->person, e->number,
				     (long long)e->seq, (long long)e->at);
	case LEDGER_AUDIT: return buffer_printf(out, "audit %lld %s %lld", seq, hash, at);
	case LEDGER_RESTORED: return buffer_printf(out, "restored %lld %lld", seq, at);
	}
	return E_INVALID;
}

int ledger_line_format(const struct ledger_line *line, struct buffer *out)
{
	OWN(buffer) struct buffer body = { 0 };
	char check[CHECK_CHARS + 1];
	int r = put_body(line, &body);
	if (!r)
		r = put_check(buffer_text(&body), buffer_left(&body), check);
	return r ? r : buffer_printf(out, "%s %s\n", buffer_text(&body), check);
}

static bool number(const char *text, int64_t *ret)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (!*text || *end || errno || n < 0)
		return false;
	*ret = n;
	return true;
}

static bool bytes(const char *hex, uint8_t *ret, size_t n_bytes)
{
	OWN(mem) uint8_t *data = NULL;
	size_t n;
	if (text_unhex(hex, &data, &n) || n != n_bytes)
		return false;
	memcpy(ret, data, n);
	return true;
}

static bool contact(char *field, int64_t *ret_key, uint8_t ret_hash[SEAL_HASH_BYTES])
{
	char *colon = strchr(field, ':');
	if (!colon)
		return false;
	*colon = '\0';
	return number(field, ret_key) && bytes(colon + 1, ret_hash, SEAL_HASH_BYTES);
}

static bool read_optout(char *const f[], size_t n, bool lift, struct optout *o)
{
	if (n != (lift ? 7 : 5) || !contact(f[1], &o->hash_key, o->hash) || !optout_scope_valid(f[2]) || !number(f[3], &o->seq) || !number(f[4], &o->at))
		return false;
	snprintf(o->scope, sizeof(o->scope), "%s", f[2]);
	return !lift || (number(f[5], &o->lifted_seq) && number(f[6], &o->lifted_at));
}

static bool read_erased(char *const f[], size_t n, struct erased *e)
{
	int64_t whole;
	if (n != 6 || !contact(f[1], &e->hash_key, e->hash) || !number(f[2], &e->person) || !number(f[3], &whole) || whole > 1)
		return false;
	e->number = whole == 1;
	return number(f[4], &e->seq) && number(f[5], &e->at);
}

static bool read_fields(char *const f[], size_t n, struct ledger_line *l)
{
	if (strcmp(f[0], "off") == 0 || strcmp(f[0], "lift") == 0) {
		l->kind = f[0][0] == 'o' ? LEDGER_OFF : LEDGER_LIFT;
		return read_optout(f, n, l->kind == LEDGER_LIFT, &l->optout);
	}
	if (strcmp(f[0], "forget") == 0) {
		l->kind = LEDGER_FORGET;
		return read_erased(f, n, &l->erased);
	}
	if (strcmp(f[0], "audit") == 0 && n == 4) {
		l->kind = LEDGER_AUDIT;
		return number(f[1], &l->seq) && bytes(f[2], l->hash, sizeof(l->hash)) && number(f[3], &l->at);
	}
	l->kind = LEDGER_RESTORED;
	return strcmp(f[0], "restored") == 0 && n == 3 && number(f[1], &l->seq) && number(f[2], &l->at);
}

int ledger_line_parse(const char *text, struct ledger_line *ret)
{
	size_t n = strlen(text);
	if (n < CHECK_CHARS + 2 || text[n - CHECK_CHARS - 1] != ' ')
		return E_INVALID;
	size_t body = n - CHECK_CHARS - 1;
	char check[CHECK_CHARS + 1];
	int r = put_check(text, body, check);
	if (r)
		return r;
	if (strcmp(check, text + body + 1) != 0)
		return E_INVALID;
	OWN(mem) char *copy = strndup(text, body);
	if (!copy)
		return E_NOMEM;
	char *fields[FIELDS_MAX], *rest = copy;
	size_t n_fields = 0;
	while (rest && n_fields < FIELDS_MAX)
		fields[n_fields++] = strsep(&rest, " ");
	struct ledger_line line = { 0 };
	if (rest || !read_fields(fields, n_fields, &line))
		return E_INVALID;
	*ret = line;
	return 0;
}

int64_t ledger_line_seq(const struct ledger_line *line)
{
	switch (line->kind) {
	case LEDGER_OFF: return line->optout.seq;
	case LEDGER_LIFT: return line->optout.lifted_seq;
	case LEDGER_FORGET: return line->erased.seq;
	case LEDGER_AUDIT:
	case LEDGER_RESTORED: return 0;
	}
	return 0;
}
