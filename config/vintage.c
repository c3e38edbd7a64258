/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists that came and went, by name. Keeps nothing. */
#include "config/vintage.h"

#include <stddef.h>
#include <string.h>

#include "config/settings.h"
#include "gateway/base/own.h"

static const char *const added[] = { "optout_if", "automatic", "answer_instead", "answer_not", "answer_right", "language", "optout_bare" };
static const char *const retired[] = { "suspicion", "suspicion_not" };

static bool among(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool vintage_added(const char *list)
{
	return among(added, COUNT_OF(added), list);
}

bool vintage_retired(const char *list)
{
	return among(retired, COUNT_OF(retired), list);
}

bool vintage_warning(const struct settings *keywords, unsigned n, struct complaint *ret)
{
	const json_t *root = settings_root(keywords);
	struct complaint c = { 0 };
	for (size_t i = 0; i < COUNT_OF(added) + COUNT_OF(retired); i++) {
		bool new = i < COUNT_OF(added);
		const char *name = new ? added[i] : retired[i - COUNT_OF(added)];
		if (!json_object_get(root, name) != new || n--)
			continue;
		settings_complain(keywords, name, &c, "older_copy", "%s",
				  new ? "this copy is older than the list: the shipped one is used" :
					"this list is not read any more: accusation.conf has taken its place");
		*ret = c;
		return true;
	}
	return false;
}
