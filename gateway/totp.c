/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes by liboath, pictures by libqrencode. Called by account.c, session.c and the verb `user totp`. Keeps nothing and never
 * logs a secret. */
#include "gateway/totp.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"

#define STEP_S 30
#define DIGITS 6
#define MARGIN 2 /* light modules around the picture */

void totp_new(struct random *r, struct totp *ret)
{
	*ret = (struct totp){ .step = 0 };
	random_fill(r, ret->secret, sizeof(ret->secret));
}

static int64_t step_at(int64_t now_ms)
{
	return now_ms / 1000 / STEP_S;
}

void totp_begin(struct totp *k, int64_t now_ms)
{
	k->step = step_at(now_ms) - 2;
}

static bool is_code_of(const struct totp *k, int64_t step, const char *code)
{
	char right[DIGITS + 1];
	if (oath_totp_generate((const char *)k->secret, sizeof(k->secret), (time_t)(step * STEP_S), STEP_S, 0, DIGITS, right) != OATH_OK)
		return false;
	unsigned char differs = 0;
	for (size_t i = 0; i < DIGITS; i++)
		differs |= (unsigned char)(right[i] ^ code[i]);
	return !differs;
}

int totp_take(struct totp *k, int64_t now_ms, const char *code)
{
	int64_t now = step_at(now_ms);
	if (strlen(code) != DIGITS || oath_init() != OATH_OK)
		return E_DENIED;
	for (int64_t step = now - 1; step <= now + 1; step++)
		if (step > k->step && is_code_of(k, step, code)) {
			k->step = step;
			return 0;
		}
	return E_DENIED;
}

/* Everything but what is plain in every part of an address. */
static int put_escaped(struct buffer *out, const char *text)
{
	int r = 0;
	for (; !r && *text; text++)
		r = isalnum((unsigned char)*text) || strchr("-._", *text) ? buffer_put(out, text, 1)
									  : buffer_printf(out, "%%%02X", (unsigned char)*text);
	return r;
}

char *totp_uri(const struct totp *k, const char *organisation, const char *account)
{
	struct buffer out = { 0 };
	char *secret = NULL;
	size_t n = 0;
	if (oath_base32_encode((const char *)k->secret, sizeof(k->secret), &secret, &n) != OATH_OK)
		return NULL;
	int r = buffer_puts(&out, "otpauth://totp/");
	r = r ? r : put_escaped(&out, organisation);
	r = r ? r : buffer_put(&out, ":", 1);
	r = r ? r : put_escaped(&out, account);
	r = r ? r : buffer_printf(&out, "?secret=%.*s&issuer=", (int)strcspn(secret, "="), secret);
	r = r ? r : put_escaped(&out, organisation);
	free(secret);
	if (r) {
		buffer_done(&out);
		return NULL;
	}
	return out.data;
}

static bool is_dark(const QRcode *q, int x, int y)
{
	return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

static int put_row(const QRcode *q, int y, json_t *rows)
{
	static const char *const blocks[] = { "█", "▀", "▄", " " }; /* dark above: 2, dark below: 1 */
	OWN(buffer) struct buffer out = { 0 };
	int r = 0;
	for (int x = -MARGIN; !r && x < q->width + MARGIN; x++)
		r = buffer_puts(&out, blocks[2 * is_dark(q, x, y) + is_dark(q, x, y + 1)]);
	return r || json_array_append_new(rows, json_stringn(out.data, out.n_bytes)) ? E_NOMEM : 0;
}

int totp_picture(const char *uri, json_t **ret)
{
	QRcode *q = QRcode_encodeString8bit(uri, 0, QR_ECLEVEL_L);
	OWN(json) json_t *rows = json_array();
	int r = q && rows ? 0 : E_NOMEM;
	for (int y = -MARGIN; !r && y < q->width + MARGIN; y += 2)
		r = put_row(q, y, rows);
	QRcode_free(q);
	if (!r)
		*ret = MOVE(rows);
	return r;
}

void totp_pack(const struct totp *k, uint8_t ret[TOTP_BOX_BYTES])
{
	memcpy(ret, k->secret, sizeof(k->secret));
	for (int i = 0; i < 8; i++)
		ret[TOTP_SECRET_BYTES + i] = (uint8_t)((uint64_t)k->step >> (8 * i));
}

void totp_unpack(const uint8_t box[TOTP_BOX_BYTES], struct totp *ret)
{
	uint64_t step = 0;
	for (int i = 0; i < 8; i++)
		step |= (uint64_t)box[TOTP_SECRET_BYTES + i] << (8 * i);
	*ret = (struct totp){ .step = (int64_t)step };
	memcpy(ret->secret, box, sizeof(ret->secret));
}
