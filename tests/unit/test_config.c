// SPDX-License-Identifier: GPL-3.0-or-later
/* The configuration: what a good file gives, what stands where it says nothing, and that what is shipped is good. Run from the
 * project's root. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/example.h"
#include "config/key.h"
#include "config/settings.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/config_folder.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, config_folder_make, config_folder_drop)

static void a_good_file_gives_every_value(void **state)
{
	struct config_folder *f = *state;
	struct config *cfg = config_folder_load(f, f->good, true);
	char path[128];
	assert_string_equal(cfg->file, f->file);
	assert_string_equal(cfg->folder, f->path);
	snprintf(path, sizeof(path), "%s/data", f->path);
	assert_string_equal(cfg->data_dir, path);
	snprintf(path, sizeof(path), "%s/run/query.sock", f->path);
	assert_string_equal(cfg->query, path);
	assert_string_equal(cfg->organisation.reply_number, "+84912345678");
	assert_string_equal(cfg->web.public_url, "https://caunoi.example.vn");
	assert_int_equal(cfg->sending.quiet_from_min, 22 * 60);
	assert_int_equal(cfg->sending.quiet_to_min, 7 * 60);
	assert_int_equal(cfg->sending.start_delay_s, 300);
	assert_string_equal(cfg->allow_private_endpoints[1], "fd00::/8");
	assert_null(cfg->allow_private_endpoints[2]);
	assert_int_equal(cfg->n_channels, 4);
	assert_int_equal(cfg->n_warnings, 0);
	assert_string_equal(cfg->plan.country, "VN");
	assert_string_equal(json_str(json_array_get(cfg->ussd, 0), "menu", ""), "main");
	assert_string_equal(json_str(json_array_get(cfg->ussd, 0), "secret", ""),
			    "ussd-0123456789abcdef");
	const struct webhook_config *hook = config_webhook(cfg, "erp");
	assert_non_null(hook);
	assert_string_equal(hook->url, "https://erp.example.vn/in/");
	assert_string_equal(hook->secret, "erp-0123456789abcdef");
	assert_true(hook->inbound && !hook->messages && !hook->numbers && !hook->texts);
	assert_string_equal(json_str(hook->settings, "role", ""), "webhook");
	assert_null(config_webhook(cfg, "none"));
	assert_ptr_equal(config_channel(cfg, "esms"), &cfg->channels[1]);
	assert_null(config_channel(cfg, "none"));
	config_free(cfg);
}

/* What a reload compares: the profile's words count, not only its name. */
static void channel_differs_when_its_profile_was_edited(void **state)
{
	struct config_folder *f = *state;
	char providers[160], path[200];
	snprintf(providers, sizeof(providers), "%s/providers", f->path);
	snprintf(path, sizeof(path), "%s/test.conf", providers);
	char *edited = NULL;
	OWN(mem) char *text = config_folder_text(CONFIG_FIXTURES "/providers/test.conf");
	assert_true(asprintf(&edited, "# another word\n%s", text) > 0);
	assert_int_equal(unlink(providers), 0);
	assert_int_equal(mkdir(providers, 0700), 0);
	config_folder_put(providers, "test.conf", text, 0600);
	struct config *before = config_folder_load(f, f->good, true), *same = config_folder_load(f, f->good, true);
	config_folder_put(providers, "test.conf", edited, 0600);
	struct config *after = config_folder_load(f, f->good, true);
	assert_true(json_equal(before->channels[1].settings, same->channels[1].settings));
	assert_false(json_equal(before->channels[1].settings, after->channels[1].settings));
	config_free(before);
	config_free(same);
	config_free(after);
	free(edited);
	unlink(path);
	rmdir(providers);
}

static void channels_carry_their_defaults(void **state)
{
	struct config_folder *f = *state;
	struct config *cfg = config_folder_load(f, f->good, true);
	const struct channel_config *sim = &cfg->channels[0], *esms = &cfg->channels[1],
				    *sim_net = &cfg->channels[2], *own = &cfg->channels[3];
	assert_true(fabs(sim->rate_per_second - 0.2) < 1e-12);
	assert_int_equal(sim->burst, 6);
	assert_int_equal(sim->daily_segments, 400);
	assert_int_equal(sim->monthly_persons, 250);
	assert_int_equal(sim->in_flight, 1);
	assert_true(sim->receipts);
	assert_true(fabs(sim->retry.cap_s - 60.5) < 1e-9 && fabs(sim->retry.first_s - 1) < 1e-9);
	assert_int_equal(sim->retry.jitter_percent, 20);
	assert_string_equal(json_str(sim->secrets, "pin", ""), "1234");
	assert_null(json_object_get(sim->settings, "pin_secret"));
	assert_string_equal(json_str(sim->settings, "connection", ""), "at115200");
	assert_int_equal(esms->in_flight, 16);
	assert_int_equal(esms->daily_segments, 0);
	assert_string_equal(json_str(esms->secrets, "api_key", ""), "0123456789abcdef");
	assert_string_equal(esms->webhook_secret, "hook-0123456789abcdef");
	assert_null(json_object_get(esms->settings, "secrets"));
	assert_null(json_object_get(esms->settings, "webhook_secret"));
	assert_string_equal(strrchr(json_str(esms->settings, "provider_file", "/"), '/'),
			    "/test.conf");
	assert_int_equal(
		json_array_size(json_object_get(esms->settings, "allow_private_endpoints")), 2);
	assert_string_equal(json_str(esms->settings, "receipt_url", ""),
			    "https://caunoi.example.vn/hooks/esms/hook-0123456789abcdef/receipt");
	assert_true(fabs(sim_net->rate_per_second) < 1e-12);
	assert_int_equal(sim_net->in_flight, 32);
	assert_int_equal(json_array_size(json_object_get(sim_net->settings, "outcomes")), 1);
	assert_string_equal(own->arguments[1], "7");
	OWN(mem) char *settings = json_text(own->settings);
	assert_string_equal(settings, "{\"any\":{\"thing\":1}}");
	config_free(cfg);
}

static void without_secrets_none_is_read(void **state)
{
	struct config_folder *f = *state;
	OWN(mem) char *text = config_folder_mutant(f, "\"esms.key\"", "\"not-there\"");
	struct config *cfg = config_folder_load(f, text, false);
	assert_null(cfg->channels[1].webhook_secret);
	assert_int_equal(json_object_size(cfg->channels[1].secrets), 0);
	config_free(cfg);
}

static void an_almost_empty_file_has_every_default(void **state)
{
	struct config *cfg = config_folder_load(*state, "", true);
	assert_string_equal(cfg->data_dir, "/var/lib/caunoi");
	assert_string_equal(cfg->control, "/run/caunoi/core.sock");
	assert_string_equal(cfg->query, "/run/caunoi/query.sock");
	assert_string_equal(cfg->web.listen, "127.0.0.1:8480");
	assert_int_equal(cfg->sending.max_per_person_24h, 3);
	assert_int_equal(cfg->sending.two_person_above, 500);
	assert_int_equal(cfg->n_channels, 0);
	config_free(cfg);
}

static void the_printed_example_is_the_shipped_one(void **state)
{
	(void)state;
	char *printed = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);
	assert_non_null(out);
	example_print(out);
	fclose(out);
	OWN(mem) char *shipped = config_folder_text("config/caunoi.conf");
	assert_string_equal(printed, shipped);
	size_t n_keys;
	const struct config_key *keys = config_key_table(&n_keys);
	for (size_t i = 0; i < n_keys; i++) {
		const char *name =
			strrchr(keys[i].path, '.') ? strrchr(keys[i].path, '.') + 1 : keys[i].path;
		if (strcmp(name, "*") != 0 && !strstr(printed, name))
			fail_msg("%s is not in the example", keys[i].path);
	}
	free(printed);
}

static void the_table_lists_every_key_with_its_meaning(void **state)
{
	(void)state;
	OWN(json) json_t *all = config_keys();
	size_t i;
	const json_t *row;
	assert_true(json_array_size(all) > 50);
	json_array_foreach (all, i, row) {
		assert_true(strlen(json_str(row, "help", "")) > 4);
		assert_non_null(json_object_get(row, "default"));
	}
}

static void shipped_configurations_and_data_are_good(void **state)
{
	(void)state;
	static const char *const files[] = { "config/caunoi.conf", "config/demo.conf" };
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		char *printed = NULL, want[64];
		size_t n = 0;
		FILE *out = open_memstream(&printed, &n);
		assert_non_null(out);
		int code = config_check_report(files[i], out);
		fclose(out);
		snprintf(want, sizeof(want), "%s: OK\n", files[i]);
		/* the demonstration sends at night too, and is told so */
		const char *night = strstr(printed, "sending.quiet_hours");
		bool demo = i == 1 && strncmp(printed, want, strlen(want)) == 0 && night && !strstr(night, "warning:");
		if (code || (!demo && strcmp(printed, want) != 0))
			fail_msg("%d: %s", code, printed);
		free(printed);
	}
}

static void contexts_of_the_domain_are_shipped(void **state)
{
	static const char *const names[] = { "NONE",	      "C-BHYT",	   "C-BHXH",   "C-NHAO",
					     "S-BHYT",	      "S-NHAO",	   "S-SAT",    "S-YN",
					     "CASE-NEEDINFO", "OPTED-OUT", "USSD-ROOT" };
	struct config_folder *f = *state;
	OWN(json) json_t *list = NULL;
	config_folder_link(f->path, "contexts", "config/contexts");
	assert_int_equal(settings_list(f->file, "contexts", &list), 0);
	assert_true(json_array_size(list) >= COUNT_OF(names));
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char name[64];
		OWN(mem) char *path = NULL;
		struct settings *s;
		struct complaint c = { 0 };
		snprintf(name, sizeof(name), "contexts/%s.conf", names[i]);
		assert_int_equal(settings_find(f->file, name, &path), 0);
		assert_int_equal(settings_read(path, &s, &c), 0);
		assert_true(json_is_object(settings_root(s)));
		settings_free(s);
	}
}

static void modem_behind_another_program_has_its_pin(void **state)
{
	struct config_folder *f = *state;
	OWN(mem) char *text = config_folder_mutant(f, "{ key = \"esms.key\"", "{ pin = \"sim1.pin\"");
	struct config *cfg = config_folder_load(f, text, true);
	const struct channel_config *own = config_channel(cfg, "own");
	assert_non_null(own);
	assert_string_equal(json_str(own->secrets, "pin", ""), "1234");
	config_free(cfg);
}

static void core_has_the_name_of_its_machine_unless_told(void **state)
{
	struct config_folder *f = *state;
	char host[64] = "";
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	struct config *cfg = config_folder_load(f, f->good, false);
	assert_string_equal(cfg->node, host);
	config_free(cfg);
	OWN(mem) char *text = config_folder_mutant(f, "\"sqlite\";", "\"sqlite\"; node = \"may-1.xa\";");
	cfg = config_folder_load(f, text, false);
	assert_string_equal(cfg->node, "may-1.xa");
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_file_gives_every_value),
		TEST(modem_behind_another_program_has_its_pin),
		TEST(core_has_the_name_of_its_machine_unless_told),
		TEST(channels_carry_their_defaults),
		TEST(channel_differs_when_its_profile_was_edited),
		TEST(without_secrets_none_is_read),
		TEST(an_almost_empty_file_has_every_default),
		TEST(the_printed_example_is_the_shipped_one),
		TEST(the_table_lists_every_key_with_its_meaning),
		TEST(shipped_configurations_and_data_are_good),
		TEST(contexts_of_the_domain_are_shipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
