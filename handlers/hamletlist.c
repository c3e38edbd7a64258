/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking a hamlet up by its name. Called by ussd.c for a menu's step; keeps nothing. */
#include "handlers/hamletlist.h"

#include <string.h>

#include "config/config.h"
#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "handlers/casefile.h"
#include "handlers/hamlets.h"

#define FOUND_MAX 6

static int add_named(const struct hamlets *found, const char *bare, json_t *list)
{
	for (size_t i = 0; i < found->n && json_array_size(list) < FOUND_MAX; i++)
		if (strcmp(found->at[i].bare, bare) == 0 &&
		    json_array_append_new(list, json_pack("{s:s,s:s}", "value", found->at[i].code, "label", *found->at[i].commune ? found->at[i].commune : found->at[i].name)))
			return E_NOMEM;
	return 0;
}

int hamletlist_find(const struct scope *in, int64_t address, const char *said, json_t *list)
{
	struct case_person person = { 0 };
	struct hamlets found = { 0 };
	OWN(mem) char *folded = fold(said);
	if (!folded)
		return E_NOMEM;
	const char *bare = folded + hamlet_kind_bytes(folded);
	int r = address ? casefile_person(in, address, &person) : 0;
	r = r ? r : hamlets_of(in, person.unit[0] ? person.unit : in->config->organisation.unit, &found);
	r = r ? r : add_named(&found, bare, list);
	hamlets_done(&found);
	if (r || json_array_size(list))
		return r;
	found = (struct hamlets){ 0 };
	r = hamlets_named(in, "", bare, FOUND_MAX, &found);
	r = r ? r : add_named(&found, bare, list);
	hamlets_done(&found);
	return r;
}
