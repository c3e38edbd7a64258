/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the web and query processes are told without asking: which nouns changed, how much is spooled. Called after each tick. */
#include "gateway/notice.h"

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/spool.h"

#define CHANGED_EVERY_MS 250
#define SPOOL_EVERY_MS 1000

void notice_changed(struct core *core, int64_t mono_ms)
{
	static const char *const names[] = { "campaign", "message", "case", "signup", "inbox", "channel", "contact", "consent", "job", "user" };
	if (!core->changed || mono_ms < core->changed_at_mono_ms + CHANGED_EVERY_MS)
		return;
	OWN(json) json_t *nouns = json_array();
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (core->changed & (1u << i))
			json_array_append_new(nouns, json_string(names[i]));
	OWN(json) json_t *f = json_pack("{s:s,s:I,s:O}", "op", "changed", "seq", (json_int_t)++core->changed_seq, "nouns", nouns);
	OWN(buffer) struct buffer line = { 0 };
	if (!f || json_put_line(&line, f))
		return;
	for (struct peer *p = core->peers; p; p = p->next)
		if ((p->kind == PEER_WEB || p->kind == PEER_QUERY) && peer_output(p, line.data, line.n_bytes, 0))
			peer_doom(p, "out of memory");
	core->changed = 0;
	core->changed_at_mono_ms = mono_ms;
}

/* The query process shows what the rows cannot. */
void notice_spool(struct core *core, int64_t mono_ms)
{
	int64_t n = spool_count(core->spool);
	if ((n == 0 && core->told_spooled == 0) || mono_ms < core->spool_told_mono_ms + SPOOL_EVERY_MS)
		return;
	core->spool_told_mono_ms = mono_ms;
	core->told_spooled = n;
	OWN(json) json_t *f = json_pack("{s:s,s:I}", "op", "spool", "spooled", (json_int_t)n);
	OWN(buffer) struct buffer line = { 0 };
	if (!f || json_put_line(&line, f))
		return;
	for (struct peer *p = core->peers; p; p = p->next)
		if (p->kind == PEER_QUERY && peer_output(p, line.data, line.n_bytes, 0))
			peer_doom(p, "out of memory");
}

