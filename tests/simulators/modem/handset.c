/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual telephones. Called by the network for each part it accepted. Parts are decoded one by one, as the strictest
 * telephones do, so that a character cut in two shows. */
#include "tests/simulators/modem/handset.h"

#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "tests/simulators/modem/need.h"

struct handsets handsets_init(void)
{
	return (struct handsets){ .heard = need(json_object()) };
}

static void group_done(struct handset_group *g)
{
	for (int i = 0; i < PARTS_MAX; i++)
		free(g->texts[i]);
}

void handsets_done(struct handsets *h)
{
	for (size_t i = 0; i < h->n_groups; i++)
		group_done(&h->groups[i]);
	free(h->groups);
	json_decref(h->heard);
	*h = (struct handsets){ 0 };
}

static void show(struct handsets *h, const char *to, const char *text, int parts, int64_t at_ms)
{
	json_t *list = json_object_get(h->heard, to);
	if (!list) {
		list = need(json_array());
		must(json_object_set_new(h->heard, to, list) ? E_NOMEM : 0);
	}
	json_t *message = json_pack("{s:s, s:i, s:I}", "text", text, "parts", parts, "at_ms", (json_int_t)at_ms);
	must(json_array_append_new(list, need(message)) ? E_NOMEM : 0);
}

/* A telephone rings the same whether it was dialled 0… or +84…. */
static void normalise(const char *number, char ret[TPDU_NUMBER_MAX])
{
	bool national = number[0] == '0' && number[1] != '0';
	snprintf(ret, TPDU_NUMBER_MAX, "%s%s", national ? "+84" : "", number + national);
}

static struct handset_group *find_group(struct handsets *h, const char *to, const struct concat *c)
{
	for (size_t i = 0; i < h->n_groups; i++) {
		struct handset_group *g = &h->groups[i];
		if (!strcmp(g->to, to) && g->concat.ref == c->ref && g->concat.ref_bits == c->ref_bits &&
			g->concat.total == c->total)
			return g;
	}
	return NULL;
}

static struct handset_group *add_group(struct handsets *h, const char *to, const struct concat *c)
{
	h->groups = need(reallocarray(h->groups, h->n_groups + 1, sizeof(*h->groups)));
	struct handset_group *g = &h->groups[h->n_groups++];
	*g = (struct handset_group){ .concat = *c };
	snprintf(g->to, sizeof(g->to), "%s", to);
	return g;
}

static void complete(struct handsets *h, struct handset_group *g, int64_t at_ms)
{
	struct buffer whole = { 0 };
	for (int i = 0; i < g->concat.total; i++)
		must(buffer_puts(&whole, g->texts[i]));
	show(h, g->to, buffer_text(&whole), g->concat.total, at_ms);
	buffer_done(&whole);
	group_done(g);
	*g = h->groups[--h->n_groups];
}

void handsets_receive(struct handsets *h, const char *dialled, const struct part *part, int64_t at_ms)
{
	char to[TPDU_NUMBER_MAX];
	normalise(dialled, to);
	char *text = part_text(part);
	if (!part->concat.ref_bits) {
		show(h, to, text, 1, at_ms);
		free(text);
		return;
	}
	struct handset_group *g = find_group(h, to, &part->concat);
	if (!g)
		g = add_group(h, to, &part->concat);
	char **place = &g->texts[part->concat.number - 1];
	if (*place) {
		h->n_twice++;
		free(text);
		return;
	}
	*place = text;
	if (++g->n_texts == g->concat.total)
		complete(h, g, at_ms);
}

json_t *handsets_report(const struct handsets *h, const char *dialled)
{
	char number[TPDU_NUMBER_MAX];
	normalise(dialled, number);
	json_t *texts = need(json_array()), *messages = json_object_get(h->heard, number);
	size_t i;
	json_t *message;
	json_array_foreach(messages, i, message)
		must(json_array_append(texts, json_object_get(message, "text")) ? E_NOMEM : 0);
	int incomplete = 0;
	for (size_t g = 0; g < h->n_groups; g++)
		incomplete += !strcmp(h->groups[g].to, number);
	messages = messages ? need(json_deep_copy(messages)) : need(json_array());
	return need(json_pack("{s:o, s:o, s:i}", "texts", texts, "messages", messages, "incomplete", incomplete));
}
