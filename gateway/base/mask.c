/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of digits in a text. Called where texts of people are shown. Keeps nothing. */
#include "gateway/base/mask.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/buffer.h"
#include "gateway/base/text.h"

#define DIGITS 8
#define ACCOUNT_DIGITS 6
#define SEPARATORS_MAX 3

struct run {
	size_t n_digits;
	const char *end;   /* behind the last digit */
	size_t n_groups, group[3]; /* digits of the first groups */
	bool threes;       /* all groups behind the first have three digits */
};

static bool is_digit(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19) || (c >= 0x0660 && c <= 0x0669) || (c >= 0x06f0 && c <= 0x06f9);
}

static bool is_separator(uint32_t c)
{
	return c == ' ' || c == '.' || c == ',' || c == '-' || c == '(' || c == ')' || c == '_' || c == 0xa0 || c == 0x2013 || c == 0x200b;
}

static void end_group(struct run *r, size_t group)
{
	if (r->n_groups < 3)
		r->group[r->n_groups] = group;
	if (r->n_groups++ && group != 3)
		r->threes = false;
}

/* The run that begins at text, which is a digit. */
static struct run run_at(const char *text)
{
	struct run r = { .end = text, .threes = true };
	size_t group = 0, between = 0;
	for (const char *p = text; *p;) {
		uint32_t c = text_next(&p);
		if (is_digit(c)) {
			if (between && group) {
				end_group(&r, group);
				group = 0;
			}
			between = 0;
			group++;
			r.n_digits++;
			r.end = p;
		} else if (!is_separator(c) || ++between > SEPARATORS_MAX) {
			break;
		}
	}
	end_group(&r, group);
	return r;
}

static bool begins(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncasecmp(text, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* "2026-12-15", "15-12-2026" */
static bool is_date(const struct run *r, const char *from)
{
	const size_t *g = r->group;
	return r->n_groups == 3 && ((g[0] == 4 && g[1] == 2 && g[2] == 2 && !strncmp(from, "20", 2)) || (g[0] == 2 && g[1] == 2 && g[2] == 4));
}

/* "30.000.000 đồng" */
static bool is_money(const struct run *r, const char *from)
{
	static const char *const words[] = { "d", "đ", "Đ", "vnd", "vnđ", "trieu", "triệu", "tr", "nghin", "nghìn", "ngan", "ngàn", "ty", "tỷ" };
	const char *behind = r->end + strspn(r->end, " ");
	return r->n_groups > 1 && r->threes && r->group[0] <= 3 && *from != '0' && begins(behind, words, sizeof(words) / sizeof(words[0]));
}

/* "stk 123456": does a word for an account stand before it? */
static bool is_account(const char *whole, const char *from)
{
	static const char *const words[] = { "stk", "so tk", "số tk", "tai khoan", "tài khoản", "cmnd", "cccd" };
	const char *p = from - whole > 24 ? from - 24 : whole;
	for (; p < from; p++)
		if (begins(p, words, sizeof(words) / sizeof(words[0])))
			return true;
	return false;
}

static bool names_somebody(const struct run *r, const char *whole, const char *from)
{
	if (r->n_digits >= DIGITS)
		return !is_money(r, from) && !is_date(r, from);
	return r->n_digits >= ACCOUNT_DIGITS && is_account(whole, from);
}

char *mask_personal(const char *text)
{
	struct buffer out = { 0 };
	int r = buffer_puts(&out, "");
	for (const char *p = text; *p && !r;) {
		const char *from = p;
		if (!is_digit(text_next(&p))) {
			r = buffer_put(&out, from, (size_t)(p - from));
			continue;
		}
		struct run run = run_at(from);
		p = run.end;
		r = names_somebody(&run, text, from) ? buffer_puts(&out, "#") : buffer_put(&out, from, (size_t)(p - from));
	}
	if (r) {
		buffer_done(&out);
		return NULL;
	}
	return out.data;
}
