/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programmed USSD. Called by AT+CUSD and the control socket; says nothing on the port itself. */
#include "tests/simulators/modem/ussd.h"

#include <ctype.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "tests/simulators/modem/alphabet.h"
#include "tests/simulators/modem/need.h"

#define USSD_UNITS_MAX 1000

struct ussd ussd_init(void)
{
	return (struct ussd){ .requests = need(json_array()) };
}

void ussd_answer_done(struct ussd_answer *a)
{
	free(a->path);
	free(a->reply);
	*a = (struct ussd_answer){ 0 };
}

void ussd_done(struct ussd *u)
{
	for (size_t i = 0; i < u->n_answers; i++)
		ussd_answer_done(&u->answers[i]);
	free(u->answers);
	free(u->session);
	json_decref(u->requests);
	*u = (struct ussd){ 0 };
}

static int form_of(const char *name)
{
	static const char *const names[] = {
		[USSD_AUTO] = "auto", [USSD_UCS2] = "ucs2", [USSD_UCS2_15] = "ucs2_15", [USSD_PACKED] = "packed",
		[USSD_PLAIN] = "plain", [USSD_PLAIN_NO_DCS] = "plain_no_dcs", [USSD_BYTES] = "bytes",
	};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return E_INVALID;
}

int ussd_answer_parse(const json_t *json, struct ussd_answer *ret)
{
	int form = form_of(json_str(json, "form", "auto"));
	if (form < 0)
		return form;
	*ret = (struct ussd_answer){
		.path = need(strdup(json_str(json, "code", ""))),
		.reply = need(strdup(json_str(json, "reply", ""))),
		.status = (int)json_int(json, "status", json_flag(json, "more", false)),
		.form = (enum ussd_form)form,
		.after_ms = (int)json_int(json, "after_ms", 100),
		.cme = (int)json_int(json, "cme", 0),
		.silent = json_flag(json, "silent", false),
	};
	return 0;
}

static struct ussd_answer *find(struct ussd *u, const char *path)
{
	for (size_t i = 0; i < u->n_answers; i++)
		if (!strcmp(u->answers[i].path, path))
			return &u->answers[i];
	return NULL;
}

int ussd_program(struct ussd *u, const json_t *json)
{
	struct ussd_answer fresh;
	if (!*json_str(json, "code", ""))
		return E_INVALID;
	int r = ussd_answer_parse(json, &fresh);
	if (r)
		return r;
	struct ussd_answer *place = find(u, fresh.path);
	if (place) {
		ussd_answer_done(place);
	} else {
		u->answers = need(reallocarray(u->answers, u->n_answers + 1, sizeof(*u->answers)));
		place = &u->answers[u->n_answers++];
	}
	*place = fresh;
	return 0;
}

const struct ussd_answer *ussd_ask(struct ussd *u, const char *request)
{
	must(json_array_append_new(u->requests, need(json_string(request))) ? E_NOMEM : 0);
	char *path = NULL;
	if (asprintf(&path, "%s%s%s", u->session ? u->session : "", u->session ? ">" : "", request) < 0)
		must(E_NOMEM);
	const struct ussd_answer *answer = find(u, path);
	if (!answer)
		answer = find(u, request);
	ussd_cancel(u);
	if (answer && answer->status == 1)
		u->session = MOVE(path);
	free(path);
	return answer;
}

void ussd_push(struct ussd *u, const struct ussd_answer *a)
{
	ussd_cancel(u);
	if (a->status == 1)
		u->session = need(strdup(a->path));
}

void ussd_cancel(struct ussd *u)
{
	free(u->session);
	u->session = NULL;
}

static enum ussd_form choose(const struct profile *profile, const char *charset, const char *text)
{
	uint16_t septets[USSD_UNITS_MAX];
	if (alphabet_septets(text, septets, USSD_UNITS_MAX) < 0)
		return profile->ussd_ucs2 == USSD_UCS2_15 && !strcmp(charset, "UCS2") ? USSD_UCS2_15 : USSD_UCS2;
	if (profile->packed_ussd)
		return USSD_PACKED;
	return !strcmp(charset, "UCS2") ? profile->ussd_ucs2 : USSD_PLAIN;
}

static void put_packed(struct buffer *out, const char *text)
{
	uint16_t septets[USSD_UNITS_MAX + 1];
	uint8_t octets[USSD_UNITS_MAX];
	int n = alphabet_septets(text, septets, USSD_UNITS_MAX);
	if (n < 0)
		n = 0;
	/* TS 23.038 §6.1.2.3.1: seven spare bits would read as '@', a last CR on an octet's edge as filling */
	if (n % 8 == 7 || (n && n % 8 == 0 && septets[n - 1] == '\r'))
		septets[n++] = '\r';
	size_t n_octets = alphabet_pack(septets, (size_t)n, 0, octets);
	for (size_t i = 0; i < n_octets; i++)
		must(buffer_printf(out, "%02X", octets[i]));
}

static void put_ucs2(struct buffer *out, const char *text)
{
	uint16_t units[USSD_UNITS_MAX];
	int n = alphabet_units(text, units, USSD_UNITS_MAX);
	for (int i = 0; i < n; i++)
		must(buffer_printf(out, "%04X", units[i]));
}

static void put_string(struct buffer *out, enum ussd_form form, const char *text)
{
	switch (form) {
	case USSD_AUTO:
	case USSD_PLAIN:
	case USSD_PLAIN_NO_DCS:
		must(buffer_puts(out, text));
		break;
	case USSD_UCS2:
	case USSD_UCS2_15:
		put_ucs2(out, text);
		break;
	case USSD_PACKED:
		put_packed(out, text);
		break;
	case USSD_BYTES:
		for (; *text; text++)
			must(buffer_printf(out, "%02X", (unsigned char)*text));
		break;
	}
}

char *ussd_format(const struct profile *profile, const char *charset, const struct ussd_answer *a)
{
	static const char *const dcs[] = {
		[USSD_AUTO] = ",15", [USSD_UCS2] = ",72", [USSD_UCS2_15] = ",15", [USSD_PACKED] = ",15",
		[USSD_PLAIN] = ",15", [USSD_PLAIN_NO_DCS] = "", [USSD_BYTES] = ",68",
	};
	struct buffer out = { 0 };
	must(buffer_printf(&out, "%d", a->status));
	if (!*a->reply)
		return out.data;
	enum ussd_form form = a->form == USSD_AUTO ? choose(profile, charset, a->reply) : a->form;
	must(buffer_puts(&out, ",\""));
	put_string(&out, form, a->reply);
	must(buffer_printf(&out, "\"%s", dcs[form]));
	return out.data;
}

static size_t unhex(const char *text, uint8_t *ret, size_t room)
{
	size_t n = 0;
	for (unsigned value; n < room && sscanf(text + 2 * n, "%2x", &value) == 1 && text[2 * n];)
		ret[n++] = (uint8_t)value;
	return n;
}

static char *from_packed(const uint8_t *octets, size_t n)
{
	uint16_t septets[USSD_UNITS_MAX];
	size_t n_septets = n * 8 / 7;
	alphabet_unpack(octets, n, 0, septets, n_septets);
	if (n_septets && septets[n_septets - 1] == '\r')
		n_septets--;
	return alphabet_septets_text(septets, n_septets);
}

char *ussd_request(const struct profile *profile, const char *charset, const char *text)
{
	uint8_t octets[USSD_UNITS_MAX / 2];
	uint16_t units[USSD_UNITS_MAX];
	size_t n_chars = strlen(text);
	bool hex = n_chars && n_chars % 2 == 0 && text[strspn(text, "0123456789ABCDEFabcdef")] == '\0';
	size_t n = hex ? unhex(text, octets, sizeof(octets)) : 0;
	if (hex && profile->packed_ussd)
		return from_packed(octets, n);
	if (hex && !strcmp(charset, "UCS2") && n % 2 == 0) {
		for (size_t i = 0; i < n / 2; i++)
			units[i] = (uint16_t)(octets[2 * i] << 8 | octets[2 * i + 1]);
		return alphabet_units_text(units, n / 2);
	}
	if (hex && !strcmp(charset, "HEX")) {
		for (size_t i = 0; i < n; i++)
			units[i] = octets[i];
		return alphabet_septets_text(units, n);
	}
	return need(strdup(text));
}
