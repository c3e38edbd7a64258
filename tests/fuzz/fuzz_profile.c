// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes as a provider's profile: refused with a sentence, or a profile that makes requests and judges answers. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/provider.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/fuzz/fuzz.h"

static const char *any_header(void *self, const char *name)
{
	(void)self, (void)name;
	return "1795305600";
}

/* What is read from a profile can be used. */
static void use(const struct provider *p)
{
	struct provider_request request = { 0 };
	struct provider_refusal why = { 0 };
	struct provider_answer answer = { 0 };
	struct provider_events events = { 0 };
	struct provider_message m = { .to = "+84912345678", .text = "Xin ch\xC3\xA0o", .sender = "MTTQ", .key = "k-1", .attempt = "1", .receipt_url = "",
				      .parts = 1, .unicode = true, .validity_s = 86400, .now_ms = 1795305600000, .token = "t" };
	struct received in = { .status = 200, .method = "POST", .url = "https://a/b", .query = "a=1", .content_type = "application/json",
			       .body = "{\"id\":\"1\"}", .body_bytes = 10, .header = any_header, .key = "k-1", .now_ms = 1795305600000 };
	OWN(json) json_t *secrets = json_pack("{s:s}", "s", "0123456789abcdef");
	int64_t skew_s;
	const char *key;
	int r = provider_request(p, &m, secrets, &request, &why);
	LAW(!r || (r == E_REFUSED && why.rule && why.fault));
	LAW(!provider_answer(p, &in, &answer) && answer.outcome);
	provider_answer_done(&answer);
	r = provider_signature(p, false, secrets, &in, &skew_s);
	LAW(!r || r == E_DENIED);
	if (!provider_events(p, false, &in, &events, &key))
		provider_events_done(&events);
	provider_request_done(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct provider *p = NULL;
	struct complaint c = { 0 };
	OWN(fd) int fd = memfd_create("profile", MFD_CLOEXEC);
	LAW(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int r = provider_load(path, &p, &c);
	LAW(!r || c.text[0]);
	if (!r)
		use(p);
	provider_free(p);
	return 0;
}
