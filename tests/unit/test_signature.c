/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of signed callbacks: what the provider signed is accepted, within its window; anything else is refused, however small
 * the difference, and refusals leave the next good one untouched. The expected values were made with Python's hmac and hashlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config/provider.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define NOW_MS INT64_C(1795305600000)
#define MUTANTS 10000
#define FORM "application/x-www-form-urlencoded"

static struct provider *must_load(const char *signature)
{
	char file[] = "/tmp/test-signature-XXXXXX", text[1024];
	struct provider *p = NULL;
	struct complaint c = { 0 };
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	int n = snprintf(text, sizeof(text),
			 "provider = { name = \"t\"; submit = { path = \"/s\"; body = \"x\"; }; answer = { format = \"json\"; id = \"/id\"; "
			 "rules = ( { outcome = \"unclear\"; } ); }; receipt = { format = \"form\"; id = \"i\"; status = \"s\"; map = ( { value = "
			 "\"1\"; status = \"delivered\"; } ); }; signature = { %s }; };",
			 signature);
	assert_int_equal(write(fd, text, (size_t)n), n);
	close(fd);
	int r = provider_load(file, &p, &c);
	unlink(file);
	if (r)
		fail_msg("%s: %s %s", signature, c.field, c.text);
	return p;
}

/* ---- the documented kinds ---- */

struct call {
	const char *header, *moment; /* X-Signature (or what the kind asks), X-Timestamp */
	const char *query, *type, *body;
};

static const char *find_header(void *self, const char *name)
{
	const struct call *c = self;
	return !strcasecmp(name, "X-Timestamp") ? c->moment : !strcasecmp(name, "Content-Type") ? c->type : c->header;
}

static int check(const struct provider *p, bool is_receipt, const struct call *c, int64_t *ret_skew_s)
{
	OWN(json) json_t *secrets = json_pack("{s:s}", "hook", "0123456789abcdef");
	struct received in = { .method = *c->body ? "POST" : "GET", .url = "https://c.example.vn/hooks/x/y/inbound", .query = c->query,
			       .content_type = c->type, .body = c->body, .body_bytes = strlen(c->body), .header = find_header,
			       .self = (void *)c, .now_ms = NOW_MS };
	return provider_signature(p, is_receipt, secrets, &in, ret_skew_s);
}

#define EVENT "{\"deviceId\":\"d\",\"event\":\"sms:received\"}"
#define AT_NOW "e6695df0878e5608b59591b450c7db5ba7f32071f6225cdfa2a6a9ca53b085c3"
#define TIMESTAMP "kind = \"hmac_sha256_timestamp\"; secret = \"hook\";"
#define DOTTED " signed = \"{{timestamp}}.{{body}}\";"
#define BODY "kind = \"hmac_sha256_body\"; secret = \"hook\"; "
#define MO "cpid=12&smsid=778899&content=TC+het&receiverTime=20261122090000&serviceNumber=8088"
#define MO_FIELDS "secret = \"hook\"; field = \"sign\"; fields = [ \"cpid\", \"smsid\", \"content\", \"receiverTime\" ];"
#define VONAGE "msisdn=84912345678&to=8088&messageId=0C01&text=a%26b%3Dc&nonce=n1&timestamp=1795305600"
#define VONAGE_SIG "&sig=DD1A5B82C24C371E26B4AA74F219DA48AAD753444299A2A83A87005CC411C16D"

static const struct {
	const char *label, *plan;
	struct call call;
	int result;
	int64_t skew_s;
} calls[] = {
	{ "body and moment", TIMESTAMP, { AT_NOW, "1795305600", "", "application/json", EVENT }, 0, 0 },
	{ "at the edge of the window", TIMESTAMP, { "9f922d93e276f6892ce2ba89d2f58098421c290de6f172c6737f03900c381176", "1795305300", "", "", EVENT }, 0, 0 },
	{ "a second too old", TIMESTAMP, { "e6c9a239ca83abc94a91cdad58b3da083664fc0ae3ab60a5bed864a5c5c8b357", "1795305299", "", "", EVENT }, E_DENIED, 301 },
	{ "a clock that is ahead", TIMESTAMP, { "90cc91a5671d5ddc5cff203591139ea4e473bba4f1dcf58e6d6c7640c26fffdc", "1795305901", "", "", EVENT }, E_DENIED, -301 },
	{ "an old signature under a new moment", TIMESTAMP, { "e6c9a239ca83abc94a91cdad58b3da083664fc0ae3ab60a5bed864a5c5c8b357", "1795305600", "", "", EVENT }, E_DENIED, 0 },
	{ "no moment", TIMESTAMP, { AT_NOW, NULL, "", "", EVENT }, E_DENIED, 0 },
	{ "a moment with a blank", TIMESTAMP, { AT_NOW, "1795305600 ", "", "", EVENT }, E_DENIED, 0 },
	{ "no signature", TIMESTAMP, { NULL, "1795305600", "", "", EVENT }, E_DENIED, 0 },
	{ "moment, point and body", TIMESTAMP DOTTED, { "023a297bce48b7d909402bc1d80f053008e3a751def6a8784a4531559139594b", "1795305600", "", "", EVENT }, 0, 0 },
	{ "under a mark", TIMESTAMP DOTTED, { "v1=023a297bce48b7d909402bc1d80f053008e3a751def6a8784a4531559139594b", "1795305600", "", "", EVENT }, 0, 0 },
	{ "a moment in milliseconds", TIMESTAMP DOTTED, { "fa5ff76cc459f1c4b8a72ee0eb15c5b1c75de3e4dff113dd81a8121f846b0ca0", "1795305600123", "", "", EVENT }, 0, 0 },
	{ "signed the other way round", TIMESTAMP DOTTED, { AT_NOW, "1795305600", "", "", EVENT }, E_DENIED, 0 },
	{ "address and body", BODY "signed = \"{{url}}|{{body}}\";", { "c8e29f100e31455f910c84016e560f709aa199936b3ec02207a3512a5a408151", NULL, "", "", EVENT }, 0, 0 },
	{ "another address", BODY "signed = \"{{url}}/|{{body}}\";", { "c8e29f100e31455f910c84016e560f709aa199936b3ec02207a3512a5a408151", NULL, "", "", EVENT }, E_DENIED, 0 },
	{ "MD5 of fields in base64", "kind = \"md5_fields\"; " MO_FIELDS, { NULL, NULL, MO "&sign=2I%2BdNh9JMtNWuolsjNfNew%3D%3D", "", "" }, 0, 0 },
	{ "MD5 of fields in hex", "kind = \"md5_fields\"; " MO_FIELDS, { NULL, NULL, MO "&sign=D88F9D361F4932D356BA896C8CD7CD7B", "", "" }, 0, 0 },
	{ "SHA-1 of fields", "kind = \"sha1_fields\"; " MO_FIELDS, { NULL, NULL, "", FORM, MO "&sign=cf1639019782aeb815f435eb0917a0c60ac02410" }, 0, 0 },
	{ "SHA-256 of fields", "kind = \"sha256_fields\"; " MO_FIELDS,
	  { NULL, NULL, "", FORM, MO "&sign=85d667df077aa48c42532be078f1ae3a144a2f23a5f5deed454ff22996563ce5" }, 0, 0 },
	{ "other words", "kind = \"md5_fields\"; " MO_FIELDS,
	  { NULL, NULL, "cpid=12&smsid=778899&content=TC+co&receiverTime=20261122090000&sign=d88f9d361f4932d356ba896c8cd7cd7b", "", "" }, E_DENIED, 0 },
	{ "a signed field twice", "kind = \"md5_fields\"; " MO_FIELDS, { NULL, NULL, MO "&content=x&sign=d88f9d361f4932d356ba896c8cd7cd7b", "", "" }, E_DENIED, 0 },
	{ "a signed field left out", "kind = \"md5_fields\"; " MO_FIELDS, { NULL, NULL, "cpid=12&smsid=778899&sign=d88f9d361f4932d356ba896c8cd7cd7b", "", "" }, E_DENIED, 0 },
	{ "no sign", "kind = \"md5_fields\"; " MO_FIELDS, { NULL, NULL, MO, "", "" }, E_DENIED, 0 },
	{ "Vonage, HMAC", "kind = \"vonage_sha256\"; secret = \"hook\";", { NULL, NULL, VONAGE VONAGE_SIG, "", "" }, 0, 0 },
	{ "Vonage, MD5", "kind = \"vonage_md5\"; secret = \"hook\";", { NULL, NULL, VONAGE "&sig=130444d0f1da17e91d6b6d7b20d055a2", "", "" }, 0, 0 },
	{ "Vonage, one field more", "kind = \"vonage_sha256\"; secret = \"hook\";", { NULL, NULL, VONAGE "&x=1" VONAGE_SIG, "", "" }, E_DENIED, 0 },
	{ "Vonage, a field twice", "kind = \"vonage_sha256\"; secret = \"hook\";", { NULL, NULL, VONAGE "&to=8088" VONAGE_SIG, "", "" }, E_DENIED, 0 },
	{ "Vonage, the other kind", "kind = \"vonage_md5\"; secret = \"hook\";", { NULL, NULL, VONAGE VONAGE_SIG, "", "" }, E_DENIED, 0 },
	{ "unsigned where only the other address is signed", "on = \"inbound\"; " TIMESTAMP, { NULL, NULL, "", "", EVENT }, 0, 0 },
	{ "unsigned where this address is signed", "on = \"receipt\"; " TIMESTAMP, { NULL, NULL, "", "", EVENT }, E_DENIED, 0 },
};

static void signature_accepts_what_was_signed_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		struct provider *p = must_load(calls[i].plan);
		int64_t skew_s = -1;
		int r = check(p, true, &calls[i].call, &skew_s);
		if (r != calls[i].result || skew_s != calls[i].skew_s)
			fail_msg("%s: %d, skew %lld", calls[i].label, r, (long long)skew_s);
		provider_free(p);
	}
}

/* Signed by OpenSSL, checked by libsodium. */
static void sign_ed25519(const char *text, char public_key[64], char signature[128])
{
	unsigned char seed[32], key[32], sign[64];
	size_t n_key = sizeof(key), n_sign = sizeof(sign);
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (unsigned char)(i * 7 + 1);
	EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	assert_true(pair && context && EVP_PKEY_get_raw_public_key(pair, key, &n_key));
	assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, pair), 1);
	assert_int_equal(EVP_DigestSign(context, sign, &n_sign, (const unsigned char *)text, strlen(text)), 1);
	EVP_EncodeBlock((unsigned char *)public_key, key, (int)n_key);
	EVP_EncodeBlock((unsigned char *)signature, sign, (int)n_sign);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
}

static void public_key_proves_body_and_moment(void **state)
{
	(void)state;
	static const struct {
		const char *label, *signed_text, *moment, *body;
		int result;
		int64_t skew_s;
	} rows[] = {
		{ "good", "1795305600|" EVENT, "1795305600", EVENT, 0, 0 },
		{ "another body", "1795305600|" EVENT, "1795305600", EVENT " ", E_DENIED, 0 },
		{ "another moment", "1795305600|" EVENT, "1795305601", EVENT, E_DENIED, 0 },
		{ "too old", "1795305299|" EVENT, "1795305299", EVENT, E_DENIED, 301 },
		{ "no moment", "|" EVENT, NULL, EVENT, E_DENIED, 0 },
		{ "the separator moved", "1795305600|" EVENT, "1795305600|", EVENT, E_DENIED, 0 },
	};
	struct provider *p = must_load("kind = \"ed25519_timestamp\"; secret = \"hook\";");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char key[64], signature[128];
		sign_ed25519(rows[i].signed_text, key, signature);
		struct call c = { signature, rows[i].moment, "", "application/json", rows[i].body };
		OWN(json) json_t *secrets = json_pack("{s:s}", "hook", key);
		struct received in = { .method = "POST", .url = "https://c/h", .query = "", .content_type = c.type, .body = c.body,
				       .body_bytes = strlen(c.body), .header = find_header, .self = &c, .now_ms = NOW_MS };
		int64_t skew_s = -1;
		int r = provider_signature(p, true, secrets, &in, &skew_s);
		if (r != rows[i].result || skew_s != rows[i].skew_s)
			fail_msg("%s: %d, skew %lld", rows[i].label, r, (long long)skew_s);
		signature[5] ^= 1; /* any other bit */
		assert_int_equal(provider_signature(p, true, secrets, &in, &skew_s), E_DENIED);
	}
	provider_free(p);
}

static void profile_refuses_a_signature_that_could_never_be_checked(void **state)
{
	(void)state;
	static const char *const wrong[] = { "kind = \"md5\";", "kind = \"md5_fields\"; secret = \"hook\"; field = \"sign\";",
					     "kind = \"md5_fields\"; secret = \"hook\"; fields = [ \"a\" ];", "kind = \"vonage_md5\";",
					     "on = \"outbound\"; " TIMESTAMP, "window_s = 0; " TIMESTAMP };
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char file[] = "/tmp/test-signature-XXXXXX";
		struct provider *p = NULL;
		struct complaint c = { 0 };
		int fd = mkstemp(file);
		assert_true(fd >= 0);
		dprintf(fd, "provider = { name = \"t\"; submit = { path = \"/s\"; }; answer = { format = \"json\"; rules = ( { outcome = "
			    "\"unclear\"; } ); }; signature = { %s }; };\n", wrong[i]);
		close(fd);
		int r = provider_load(file, &p, &c);
		unlink(file);
		if (r != E_CONFIG || strncmp(c.field, "provider.signature", 18) != 0)
			fail_msg("%s: %d %s", wrong[i], r, c.field);
	}
}

/* ---- forgeries ---- */

static uint32_t draw(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Another letter or digit at one place; none that reads as the same, as the two cases of a hexadecimal digit do. */
static void change(char *text, size_t from, uint32_t *seed)
{
	static const char letters[] = "0123456789ghijklmnopqrstuvwxyz";
	size_t at = from + draw(seed) % (strlen(text) - from);
	char was = text[at];
	while (text[at] == was)
		text[at] = letters[draw(seed) % (sizeof(letters) - 1)];
}

static void forge(const struct call *good, struct call *ret, char *header, char *moment, char *body, uint32_t *seed)
{
	snprintf(header, 256, "%s", good->header);
	snprintf(moment, 32, "%s", good->moment);
	snprintf(body, 256, "%s", good->body);
	*ret = (struct call){ header, moment, good->query, good->type, body };
	switch (draw(seed) % 5) {
	case 0: change(header, 0, seed); return;
	case 1: change(moment, 0, seed); return;
	case 2: ret->header = NULL; return;
	case 3: body[draw(seed) % strlen(body)] = '\0'; return;
	default: change(body, 0, seed); return;
	}
}

static void ten_thousand_forgeries_pass_nothing_and_good_ones_stay_good(void **state)
{
	(void)state;
	static const struct call good = { AT_NOW, "1795305600", "", "application/json", EVENT };
	struct provider *p = must_load(TIMESTAMP);
	uint32_t seed = 7;
	int n_good = 0;
	for (int i = 0; i < MUTANTS; i++) {
		char header[256], moment[32], body[256];
		struct call bad;
		int64_t skew_s;
		forge(&good, &bad, header, moment, body, &seed);
		if (check(p, true, &bad, &skew_s) != E_DENIED)
			fail_msg("accepted: %s %s %s", bad.header ? bad.header : "-", bad.moment, bad.body);
		if (i % 10 == 0)
			n_good += check(p, true, &good, &skew_s) == 0;
	}
	assert_int_equal(n_good, MUTANTS / 10);
	provider_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signature_accepts_what_was_signed_and_nothing_else),
		cmocka_unit_test(public_key_proves_body_and_moment),
		cmocka_unit_test(profile_refuses_a_signature_that_could_never_be_checked),
		cmocka_unit_test(ten_thousand_forgeries_pass_nothing_and_good_ones_stay_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
