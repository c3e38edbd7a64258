/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a modem's state to the status frame. Pure. */
#include "gateway/drivers/gammu/modem_status.h"

#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

static void say_identity(json_t *f, const struct identity *id)
{
	const struct {
		const char *key, *value;
	} all[] = {
		{ "sim", identity_sim(id) },  { "imsi", id->imsi },	    { "manufacturer", id->manufacturer },
		{ "model", id->model },	      { "firmware", id->firmware }, { "imei", id->imei },
	};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (*all[i].value)
			json_set_str(f, all[i].key, all[i].value);
}

/* The SIM's by its own names, and every memory that may be full while another is not. */
static void say_storage(json_t *f, const struct slots *s)
{
	json_t *list = json_array();
	for (size_t i = 0; i < s->n_memories; i++) {
		const struct slots_level *l = &s->levels[i];
		if (l->size < 0)
			continue;
		json_array_append_new(list, json_pack("{s:s,s:i,s:i}", "memory", s->memories[i], "used", l->used, "size", l->size));
		if (!strcmp(s->memories[i], "SM")) {
			json_object_set_new(f, "sim_used", json_integer(l->used));
			json_object_set_new(f, "sim_size", json_integer(l->size));
		}
	}
	json_object_set_new(f, "storage", list);
}

json_t *modem_status_fields(const struct modem_status *s, bool up)
{
	json_t *f = json_object();
	if (!f)
		return NULL;
	if (s->signal_percent >= 0)
		json_object_set_new(f, "signal_percent", json_integer(s->signal_percent));
	if (*s->network)
		json_set_str(f, "network", s->network);
	json_object_set_new(f, "registered", json_boolean(up && (s->registered || !s->network_known)));
	json_object_set_new(f, "roaming", json_boolean(up && s->roaming));
	say_identity(f, &s->identity);
	say_storage(f, &s->slots);
	return f;
}
