// SPDX-License-Identifier: GPL-3.0-or-later
/* Mistakes in a configuration: for every way to spoil a good file the line, the key and the rule that people are told; what lies beside a
 * limit is good, what is looser than the law a warning. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/key.h"
#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "tests/support/config_folder.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, config_folder_make, config_folder_drop)

static void a_mutant_is_refused_with_line_key_and_rule(void **state)
{
	static const struct {
		const char *label, *from, *to, *field, *rule;
		int line;
	} rows[] = {
		{ "unknown key", "store =", "stores =", "stores", "unknown_key", 3 },
		{ "unknown key far off", "store =", "colour =", "colour", "unknown_key", 3 },
		{ "unknown in group", "listen =", "lissten =", "web.lissten", "unknown_key", 13 },
		{ "unknown in channel", "in_flight", "in_fligth", "channels.[1].in_fligth",
		  "unknown_key", 45 },
		{ "unknown in retry", "factor", "faktor", "channels.[0].retry.faktor",
		  "unknown_key", 33 },
		{ "unknown in ussd", "style", "stylee", "ussd.[0].stylee", "unknown_key", 66 },
		{ "key of another place", "two_person_above = 500;", "listen = \"x\";",
		  "sending.listen", "unknown_key", 20 },
		{ "key of another driver", "sender = \"MTTQ\";", "device = \"/dev/null\";",
		  "channels.[1].device", "wrong_driver", 43 },
		{ "loopback key on a modem", "networks =", "delivery_ms = 5; networks =",
		  "channels.[0].delivery_ms", "wrong_driver", 31 },
		{ "number for text", "\"02269\"", "02269", "organisation.unit", "wrong_type", 9 },
		{ "text for number", "max_per_person_24h = 3", "max_per_person_24h = \"3\"",
		  "sending.max_per_person_24h", "wrong_type", 19 },
		{ "text for flag", "behind_proxy = false", "behind_proxy = \"no\"",
		  "web.behind_proxy", "wrong_type", 15 },
		{ "fraction for whole", "two_person_above = 500", "two_person_above = 0.5",
		  "sending.two_person_above", "wrong_type", 20 },
		{ "group for list", "arguments = [ \"--port\", \"7\" ]", "arguments = { }",
		  "channels.[3].arguments", "wrong_type", 58 },
		{ "list for group", "web = {", "web = ( ); x = {", "web", "wrong_type", 12 },
		{ "number in a list of texts", "[ \"viettel\" ]", "[ 1 ]",
		  "channels.[0].networks.[0]", "wrong_type", 31 },
		{ "text in a list of groups", "ussd = (", "ussd = ( \"x\",", "ussd.[0]",
		  "wrong_type", 63 },
		{ "cap 0", "max_per_person_24h = 3", "max_per_person_24h = 0",
		  "sending.max_per_person_24h", "out_of_range", 19 },
		{ "cap 1001", "max_per_person_24h = 3", "max_per_person_24h = 1001",
		  "sending.max_per_person_24h", "out_of_range", 19 },
		{ "two persons above 10^9", "two_person_above = 500",
		  "two_person_above = 1000000001", "sending.two_person_above", "out_of_range", 20 },
		{ "two persons wraps in 32 bits", "two_person_above = 500",
		  "two_person_above = 4294967796", "sending.two_person_above", "out_of_range", 20 },
		{ "two persons negative", "two_person_above = 500", "two_person_above = -1",
		  "sending.two_person_above", "out_of_range", 20 },
		{ "beyond 64 bits", "two_person_above = 500",
		  "two_person_above = 99999999999999999999", "sending.two_person_above",
		  "integer_range", 20 },
		{ "rate too small", "rate_per_second = 50", "rate_per_second = 0.001",
		  "channels.[1].rate_per_second", "out_of_range", 44 },
		{ "rate too large", "rate_per_second = 50", "rate_per_second = 1000001",
		  "channels.[1].rate_per_second", "out_of_range", 44 },
		{ "rate 0", "rate_per_second = 50", "rate_per_second = 0",
		  "channels.[1].rate_per_second", "out_of_range", 44 },
		{ "both rates", "rate_per_second = 50", "rate_per_minute = 5; rate_per_second = 50",
		  "channels.[1].rate_per_second", "both_rates", 44 },
		{ "rate a minute too small", "rate_per_second = 50", "rate_per_minute = 0.05",
		  "channels.[1].rate_per_minute", "out_of_range", 44 },
		{ "in flight 0", "in_flight = 16", "in_flight = 0", "channels.[1].in_flight",
		  "out_of_range", 45 },
		{ "in flight 1025", "in_flight = 16", "in_flight = 1025", "channels.[1].in_flight",
		  "out_of_range", 45 },
		{ "failure rate 2", "failure_rate = 0", "failure_rate = 2",
		  "channels.[2].failure_rate", "out_of_range", 51 },
		{ "cap smaller than first", "cap_s = 60.5", "cap_s = 0.5",
		  "channels.[0].retry.cap_s", "out_of_range", 33 },
		{ "validity 0", "default_validity_h = 24", "default_validity_h = 0",
		  "sending.default_validity_h", "out_of_range", 21 },
		{ "no such driver", "\"loopback\"", "\"loop\"", "channels.[2].driver",
		  "unknown_value", 49 },
		{ "no such style", "\"africastalking\"", "\"xx\"", "ussd.[0].style",
		  "unknown_value", 66 },
		{ "no such outcome", "outcome = \"refused\"", "outcome = \"lost\"",
		  "channels.[2].outcomes.[0].outcome", "unknown_value", 52 },
		{ "no name", "name = \"sim1\";", "", "channels.[0].name", "missing_key", 25 },
		{ "no driver", "driver = \"gammu\";", "", "channels.[0].driver", "missing_key",
		  25 },
		{ "no device", "device = \"/dev/null\";", "", "channels.[0].device", "missing_key",
		  25 },
		{ "no base_url", "base_url = \"https://rest.example.vn/api\";", "",
		  "channels.[1].base_url", "missing_key", 35 },
		{ "duplicate channel", "name = \"may-ao\"", "name = \"sim1\"", "channels.[2].name",
		  "duplicate_name", 48 },
		{ "channel name with capitals", "name = \"may-ao\"", "name = \"May\"",
		  "channels.[2].name", "invalid_name", 48 },
		{ "channel name empty", "name = \"may-ao\"", "name = \"\"", "channels.[2].name",
		  "invalid_name", 48 },
		{ "channel name of 33", "name = \"may-ao\"",
		  "name = \"abcdefghijklmnopqrstuvwxyz0123456\"", "channels.[2].name",
		  "invalid_name", 48 },
		{ "plain http", "https://rest", "http://rest", "channels.[1].base_url", "not_https",
		  39 },
		{ "http to a private address not allowed", "https://rest.example.vn/api",
		  "http://10.0.0.1/", "channels.[1].base_url", "private_endpoint", 39 },
		{ "https to a private address not allowed", "https://rest.example.vn/api",
		  "https://192.168.1.1", "channels.[1].base_url", "private_endpoint", 39 },
		{ "loopback inside IPv6", "https://rest.example.vn/api",
		  "https://[::ffff:10.0.0.1]/", "channels.[1].base_url", "private_endpoint", 39 },
		{ "URL of another kind", "https://rest", "ftp://rest", "channels.[1].base_url",
		  "invalid_url", 39 },
		{ "URL with a user", "https://rest", "https://me@rest", "channels.[1].base_url",
		  "invalid_url", 39 },
		{ "URL with a bad port", "rest.example.vn/api", "rest.example.vn:70000/",
		  "channels.[1].base_url", "invalid_url", 39 },
		{ "no such provider", "provider = \"test\"", "provider = \"none\"",
		  "channels.[1].provider", "missing_file", 38 },
		{ "provider with a path", "provider = \"test\"", "provider = \"../test\"",
		  "channels.[1].provider", "invalid_name", 38 },
		{ "provider's secret left out", "secrets = { api_key = \"esms.key\"; };", "",
		  "channels.[1].secrets", "missing_key", 35 },
		{ "no such certificates", "ca_file = \"\"", "ca_file = \"none.pem\"",
		  "channels.[1].ca_file", "missing_file", 40 },
		{ "long sender", "\"MTTQ\"", "\"MATTRANTOQUOC\"", "channels.[1].sender", "too_long",
		  43 },
		{ "missing secret", "\"esms.hook\"", "\"nothing\"", "channels.[1].webhook_secret",
		  "secret_missing", 42 },
		{ "loose secret", "\"esms.hook\"", "\"loose\"", "channels.[1].webhook_secret",
		  "secret_mode", 42 },
		{ "short secret", "\"esms.key\"", "\"short\"", "channels.[1].secrets.api_key",
		  "secret_short", 41 },
		{ "secret outside its folder", "\"esms.key\"", "\"../caunoi.conf\"",
		  "channels.[1].secrets.api_key", "secret_name", 41 },
		{ "PIN that is none", "\"sim1.pin\"", "\"esms.hook\"", "channels.[0].pin_secret",
		  "invalid_pin", 30 },
		{ "no such menu", "style = \"africastalking\"", "style = \"africastalking\"; menu = \"nothing\"", "ussd.[0].menu", "not_found", 66 },
		{ "setting of another style", "style = \"africastalking\"", "style = \"africastalking\"; settings = { session = \"id\"; }", "ussd.[0].settings.session", "style", 66 },
		{ "a style of one's own that says nothing", "\"africastalking\"", "\"generic\"; settings = { format = \"form\"; }", "ussd.[0].settings.session", "style", 66 },
		{ "missing secret of ussd", "\"ussd.hook\"", "\"nothing\"",
		  "ussd.[0].webhook_secret", "secret_missing", 67 },
		{ "no program", "/bin/true", "/bin/not-there", "channels.[3].program",
		  "missing_file", 57 },
		{ "public address", "127.0.0.1:8480", "0.0.0.0:8480", "web.listen",
		  "public_address", 13 },
		{ "private address is public too", "127.0.0.1:8480", "192.168.1.5:8480",
		  "web.listen", "public_address", 13 },
		{ "public IPv6", "127.0.0.1:8480", "[::]:8480", "web.listen", "public_address",
		  13 },
		{ "listen without a port", "127.0.0.1:8480", "127.0.0.1", "web.listen",
		  "unknown_value", 13 },
		{ "public_url without scheme", "https://caunoi", "caunoi", "web.public_url",
		  "unknown_value", 14 },
		{ "quiet hours of one", "[ \"22:00\", \"07:00\" ]", "[ \"22:00\" ]",
		  "sending.quiet_hours", "unknown_value", 18 },
		{ "quiet hours beyond the day", "\"22:00\"", "\"24:30\"", "sending.quiet_hours",
		  "unknown_value", 18 },
		{ "quiet hours in words", "\"22:00\"", "\"10 pm\"", "sending.quiet_hours",
		  "unknown_value", 18 },
		{ "block with bits behind", "127.0.0.1/32", "127.0.0.1/8",
		  "network.allow_private_endpoints.[0]", "invalid_block", 23 },
		{ "block that is none", "127.0.0.1/32", "127.0.0.0/33",
		  "network.allow_private_endpoints.[0]", "invalid_block", 23 },
		{ "block by name", "127.0.0.1/32", "localhost",
		  "network.allow_private_endpoints.[0]", "invalid_block", 23 },
		{ "reply number", "0912 345 678", "0912", "organisation.reply_number",
		  "invalid_number", 10 },
		{ "unit of four digits", "\"02269\"", "\"0226\"", "organisation.unit",
		  "unknown_value", 9 },
		{ "country without a plan", "\"VN\"", "\"ZZ\"", "country", "missing_file", 5 },
		{ "country in small letters", "\"VN\"", "\"vn\"", "country", "unknown_value", 5 },
		{ "time zone", "Asia/Ho_Chi_Minh", "Asia/Saigon2", "timezone", "unknown_value", 4 },
		{ "store", "\"sqlite\"", "\"mysql\"", "store", "unknown_value", 3 },
		{ "node of two words", "\"sqlite\";", "\"sqlite\"; node = \"may 1\";", "node",
		  "invalid_name", 3 },
		{ "replica of a file", "\"sqlite\";",
		  "\"sqlite\"; replica = \"postgresql://b/caunoi\";", "replica", "unknown_value", 3 },
		{ "replica of another kind", "\"sqlite\";",
		  "\"postgresql://a/caunoi\"; replica = \"mysql://b\";", "replica", "unknown_value", 3 },
		{ "short secret that is no PIN", "{ key = \"esms.key\"", "{ key = \"sim1.pin\"",
		  "channels.[3].secrets.key", "secret_short", 60 },
		{ "control is query.sock", "run/core.sock", "run/query.sock", "control",
		  "unknown_value", 6 },
		{ "connection", "at115200", "bluetooth", "channels.[0].connection", "unknown_value",
		  29 },
		{ "balance code", "*101#", "101 please", "channels.[0].balance.ussd",
		  "unknown_value", 32 },
		{ "modem with many in flight", "networks =", "in_flight = 4; networks =",
		  "channels.[0].in_flight", "out_of_range", 31 },
		{ "callbacks from no block", "in_flight = 16;", "callback_from = [ \"203.0.113.7/24\" ];",
		  "channels.[1].callback_from.[0]", "invalid_block", 45 },
		{ "webhook without TLS", "https://erp", "http://erp", "webhooks.[0].url", "not_https", 73 },
		{ "webhook inside", "https://erp.example.vn/in/", "https://10.0.0.1/", "webhooks.[0].url", "private_endpoint", 73 },
		{ "webhook with a query", "vn/in/", "vn/in?x", "webhooks.[0].url", "invalid_url", 73 },
		{ "webhook without a secret", "secret = \"erp.hook\";", "", "webhooks.[0].secret", "missing_key", 71 },
		{ "missing secret of a webhook", "\"erp.hook\"", "\"nothing\"", "webhooks.[0].secret", "secret_missing", 74 },
		{ "unknown event", "[ \"inbound\" ]", "[ \"outbound\" ]", "webhooks.[0].events", "unknown_value", 75 },
		{ "webhook of no event", "[ \"inbound\" ]", "[ ]", "webhooks.[0].events", "missing_value", 75 },
		{ "webhook's name", "\"erp\"", "\"ERP\"", "webhooks.[0].name", "invalid_name", 72 },
		{ "duplicate key", "store = \"sqlite\";", "data_dir = \"x\";", "data_dir",
		  "duplicate_key", 3 },
		{ "trailing comma", "[ \"--port\", \"7\" ]", "[ \"--port\", ]",
		  "channels.[3].arguments.[1]", "trailing_comma", 58 },
		{ "missing quote", "\"sqlite\"", "\"sqlite", "store", "unterminated_string", 3 },
		{ "no quotes", "\"sqlite\"", "sqlite", "store", "unquoted_text", 3 },
		{ "stray character", "store =", "$store =", "", "stray_character", 3 },
		{ "unclosed list", "\n);\nussd", "\n;\nussd", "channels.[3]", "stray_character",
		  62 },
		{ "include of nothing", "store = \"sqlite\";", "@include \"none.conf\"", "@include",
		  "include_missing", 3 },
		{ "byte order mark", "# A good", "\xEF\xBB\xBF# A good", "", "byte_order_mark", 1 },
	};
	struct config_folder *f = *state;
	assert_true(COUNT_OF(rows) >= 50);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *text = config_folder_mutant(f, rows[i].from, rows[i].to);
		struct config *cfg = NULL;
		struct complaint c = { 0 };
		config_folder_put(f->path, "caunoi.conf", text, 0600);
		int r = config_load(f->file, true, &cfg, &c);
		if (r != E_CONFIG || strcmp(c.rule, rows[i].rule) != 0 ||
		    strcmp(c.field, rows[i].field) != 0 || c.line != rows[i].line)
			fail_msg("%s: %d line %d '%s' rule '%s': %s", rows[i].label, r, c.line,
				 c.field, c.rule, c.text);
		assert_string_equal(c.file, f->file);
		assert_null(cfg);
	}
}

static void neighbours_of_a_limit_are_accepted(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "max_per_person_24h = 3", "max_per_person_24h = 1" },
		{ "max_per_person_24h = 3", "max_per_person_24h = 1000" },
		{ "two_person_above = 500", "two_person_above = 0" },
		{ "two_person_above = 500", "two_person_above = 1000000000" },
		{ "rate_per_second = 50", "rate_per_second = 0.01" },
		{ "rate_per_second = 50", "rate_per_second = 1000000" },
		{ "rate_per_second = 50", "rate_per_minute = 0.1" },
		{ "rate_per_second = 50", "rate_per_minute = 100000" },
		{ "in_flight = 16", "in_flight = 1" },
		{ "in_flight = 16", "in_flight = 1024" },
		{ "failure_rate = 0", "failure_rate = 1" },
		{ "first_s = 1", "first_s = 0.05" },
		{ "\"22:00\", \"07:00\"", "\"00:00\", \"00:00\"" },
		{ "https://rest.example.vn/api", "http://127.0.0.1:9000/x" },
		{ "https://rest.example.vn/api", "http://localhost:9000" },
		{ "https://rest.example.vn/api", "http://[fd00::1]:9000/" },
		{ "127.0.0.1:8480", "unix:web.sock" },
		{ "127.0.0.1:8480", "[::1]:8480" },
		{ "listen = \"127.0.0.1:8480\"",
		  "listen = \"0.0.0.0:80\"; behind_proxy = true; x" },
		{ "\"sqlite\"", "\"postgresql://db.example/caunoi\"" },
		{ "\"MTTQ\"", "\"+84912345678\"" },
	};
	struct config_folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *text = config_folder_mutant(f, rows[i].from, rows[i].to);
		if (strstr(rows[i].to,
			   "; x")) /* the line below sets the flag once more: keep one of the two */
			memcpy(strstr(text, "; x;"), ";   ", 4),
				memset(strstr(text, "behind_proxy = false;"), ' ', 21);
		config_free(config_folder_load(f, text, true));
	}
}

static void what_is_looser_than_the_law_is_a_warning(void **state)
{
	static const struct {
		const char *from, *to, *field;
		int line;
	} rows[] = {
		{ "max_per_person_24h = 3", "max_per_person_24h = 4", "sending.max_per_person_24h",
		  19 },
		{ "two_person_above = 500", "two_person_above = 501", "sending.two_person_above",
		  20 },
		{ "\"22:00\"", "\"22:01\"", "sending.quiet_hours", 18 },
		{ "\"07:00\"", "\"06:59\"", "sending.quiet_hours", 18 },
		{ "\"22:00\", \"07:00\"", "\"00:00\", \"00:00\"", "sending.quiet_hours", 18 },
		{ "two_person_above = 500;", "start_delay_s = 5;", "sending.start_delay_s", 20 },
		{ "\"viettel\"", "\"vietel\"", "channels.[0].networks.[0]", 31 },
	};
	struct config_folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *text = config_folder_mutant(f, rows[i].from, rows[i].to);
		struct config *cfg = config_folder_load(f, text, true);
		if (cfg->n_warnings != 1 || strcmp(cfg->warnings[0].field, rows[i].field) != 0 ||
		    cfg->warnings[0].line != rows[i].line)
			fail_msg("%s: %zu warnings, '%s'", rows[i].to, cfg->n_warnings,
				 cfg->n_warnings ? cfg->warnings[0].field : "");
		config_free(cfg);
	}
	OWN(mem) char *wider = config_folder_mutant(f, "\"22:00\", \"07:00\"", "\"20:00\", \"08:00\"");
	struct config *cfg = config_folder_load(f, wider, true);
	assert_int_equal(cfg->n_warnings, 0);
	config_free(cfg);
}

static void of_several_mistakes_the_first_line_is_told(void **state)
{
	struct config_folder *f = *state;
	OWN(mem) char *late = config_folder_mutant(f, "in_flight = 16", "in_flight = 0");
	char *at = strstr(late, "\"esms.hook\"");
	assert_non_null(at);
	memcpy(at, "\"gone.hook\"", 11);
	at = strstr(late, "\"22:00\"");
	assert_non_null(at);
	memcpy(at, "\"99:00\"", 7);
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	config_folder_put(f->path, "caunoi.conf", late, 0600);
	assert_int_equal(config_load(f->file, true, &cfg, &c), E_CONFIG);
	assert_string_equal(c.field, "sending.quiet_hours");
	assert_int_equal(c.line, 18);
}

static void file_that_everybody_may_write_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		int result;
	} rows[] = { { 0600, 0 }, { 0644, 0 }, { 0664, 0 }, { 0602, E_CONFIG }, { 0646, E_CONFIG }, { 0666, E_CONFIG } };
	struct config_folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config *cfg = NULL;
		struct complaint c = { 0 };
		config_folder_put(f->path, "caunoi.conf", f->good, rows[i].mode);
		if (config_load(f->file, true, &cfg, &c) != rows[i].result)
			fail_msg("%o: %s", rows[i].mode, c.text);
		assert_string_equal(c.rule, rows[i].result ? "loose_mode" : "");
		assert_int_equal(strstr(c.text, "chmod o-w") != NULL, rows[i].result != 0);
		config_free(cfg);
	}
}

static void one_edit_away_a_key_is_proposed(void **state)
{
	static const struct {
		const char *from, *to, *proposal;
	} rows[] = {
		{ "data_dir", "datadir", "data_dir" },
		{ "store =", "storee =", "store" },
		{ "in_flight", "in_fligth", "in_flight" },
		{ "max_per_person_24h", "max_per_persons_24h", "max_per_person_24h" },
	};
	struct config_folder *f = *state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		OWN(mem) char *text = config_folder_mutant(f, rows[i].from, rows[i].to);
		struct config *cfg = NULL;
		struct complaint c = { 0 };
		char want[80];
		config_folder_put(f->path, "caunoi.conf", text, 0600);
		assert_int_equal(config_load(f->file, true, &cfg, &c), E_CONFIG);
		snprintf(want, sizeof(want), "did you mean %s?", rows[i].proposal);
		if (!strstr(c.text, want))
			fail_msg("%s: %s", rows[i].to, c.text);
	}
}

static void an_included_file_is_checked_with_its_own_lines(void **state)
{
	struct config_folder *f = *state;
	OWN(mem) char *text = config_folder_mutant(f, "", "@include \"local.conf\"\n");
	struct config *cfg = NULL;
	struct complaint c = { 0 };
	config_folder_put(f->path, "caunoi.conf", text, 0600);
	config_folder_put(f->path, "local.conf", "# own\nstart = 1;\n", 0600);
	assert_int_equal(config_load(f->file, true, &cfg, &c), E_CONFIG);
	assert_string_equal(strrchr(c.file, '/'), "/local.conf");
	assert_int_equal(c.line, 2);
}

static void at_most_64_channels(void **state)
{
	struct config_folder *f = *state;
	for (int n = 64; n <= 65; n++) {
		OWN(buffer) struct buffer b = { 0 };
		struct config *cfg = NULL;
		struct complaint c = { 0 };
		assert_int_equal(buffer_puts(&b, "channels = ("), 0);
		for (int i = 0; i < n; i++)
			assert_int_equal(
				buffer_printf(&b, "%s\n{ name = \"c%d\"; driver = \"loopback\"; }",
					      i ? "," : "", i),
				0);
		assert_int_equal(buffer_puts(&b, ");\n"), 0);
		config_folder_put(f->path, "caunoi.conf", buffer_text(&b), 0600);
		assert_int_equal(config_load(f->file, true, &cfg, &c), n == 64 ? 0 : E_CONFIG);
		assert_string_equal(c.rule, n == 64 ? "" : "too_many");
		config_free(cfg);
	}
}

static void the_report_prints_the_mistake_and_2(void **state)
{
	struct config_folder *f = *state;
	OWN(mem) char *text = config_folder_mutant(f, "in_flight = 16", "in_flight = 0");
	char *printed = NULL, want[200];
	size_t n = 0;
	config_folder_put(f->path, "caunoi.conf", text, 0600);
	FILE *out = open_memstream(&printed, &n);
	assert_non_null(out);
	assert_int_equal(config_check_report(f->file, out), 2);
	assert_int_equal(config_check_report("/nowhere/caunoi.conf", out), 2);
	fclose(out);
	snprintf(want, sizeof(want),
		 "%s:45: channels.[1].in_flight: in_flight must lie between 1 and 1024 attempts, "
		 "not 0\n",
		 f->file);
	assert_memory_equal(printed, want, strlen(want));
	assert_non_null(strstr(printed, "/nowhere/caunoi.conf: this file does not exist"));
	free(printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mutant_is_refused_with_line_key_and_rule),
		TEST(neighbours_of_a_limit_are_accepted),
		TEST(what_is_looser_than_the_law_is_a_warning),
		TEST(file_that_everybody_may_write_is_refused),
		TEST(of_several_mistakes_the_first_line_is_told),
		TEST(one_edit_away_a_key_is_proposed),
		TEST(an_included_file_is_checked_with_its_own_lines),
		TEST(at_most_64_channels),
		TEST(the_report_prints_the_mistake_and_2),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
