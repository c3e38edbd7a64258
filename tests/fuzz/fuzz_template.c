// SPDX-License-Identifier: GPL-3.0-or-later
/* Any sender (first line) and text in a request of every shipped profile: refused, or a request that is what the profile wrote with the
 * values in their places. No value opens a header, leaves a JSON string or is looked at for a secret. */
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/profiles.h"

static size_t count(const char *text, const char *piece)
{
	size_t n = 0;
	for (; (text = strstr(text, piece)); text += strlen(piece))
		n++;
	return n;
}

static bool make(const struct profiles *all, size_t i, const char *sender, const char *text, struct provider_request *ret)
{
	struct provider_refusal why = { 0 };
	struct provider_message m = { .to = "+84912345678", .text = text, .sender = sender, .key = "ab12-7", .attempt = "9", .receipt_url = "https://a/r",
				      .parts = 1, .unicode = true, .validity_s = 86400, .now_ms = 1795305600000, .token = "tok" };
	int r = provider_request(all->at[i], &m, all->secrets[i], ret, &why);
	LAW(!r || (r == E_REFUSED && why.rule && why.fault));
	return !r;
}

static void check_head(const struct provider_request *q, bool *ret_json)
{
	for (const char *at = buffer_text(&q->path); *at; at++)
		LAW((unsigned char)*at > 0x20 && (unsigned char)*at < 0x7F);
	const char *line = buffer_text(&q->headers);
	for (int i = 0; i < q->n_headers; i++, line += strlen(line) + 1) {
		LAW(!strpbrk(line, "\r\n") && strchr(line, ':'));
		*ret_json |= !strcmp(line, "Content-Type: application/json");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profiles all;
	struct provider_request q = { 0 }, plain = { 0 };
	if (!all.n)
		profiles_load(&all);
	if (!size)
		return 0;
	size_t i = data[0] % all.n;
	OWN(mem) char *valid = text_valid(data + 1, size - 1);
	char *line = strchr(valid, '\n'), *text = line ? line + 1 : valid;
	const char *sender = line ? valid : "";
	if (line)
		*line = '\0';
	bool made = make(&all, i, sender, text, &q), is_json = false;
	if (made) {
		OWN(json) json_t *body = NULL;
		check_head(&q, &is_json);
		LAW(!is_json || !json_parse(buffer_text(&q.body), buffer_left(&q.body), &body));
		LAW(buffer_left(&q.body) == strlen(buffer_text(&q.body)));
		if (!strstr(text, PROFILES_SECRET) && !strstr(sender, PROFILES_SECRET) && make(&all, i, "MTTQ", "a", &plain))
			LAW(count(buffer_text(&q.body), PROFILES_SECRET) == count(buffer_text(&plain.body), PROFILES_SECRET));
	}
	provider_request_done(&q);
	provider_request_done(&plain);
	return 0;
}
