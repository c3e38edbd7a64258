/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Journal, handsets and the queue towards the modem. Called by the sending side, the inbox side and control. */
#include "tests/simulators/modem/network.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/need.h"

int network_open(struct network *n, const struct clock *clock, const char *journal)
{
	int fd = journal ? open(journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
	if (journal && fd < 0)
		return E_IO;
	*n = (struct network){ .clock = clock, .journal = fd, .handsets = handsets_init(), .next_reference = 1 };
	n->sent = need(json_array());
	return 0;
}

void network_close(struct network *n)
{
	while (n->n_waiting)
		network_taken(n);
	free(n->waiting);
	handsets_done(&n->handsets);
	json_decref(n->sent);
	if (n->journal >= 0)
		close(n->journal);
	*n = (struct network){ .journal = -1 };
}

static int write_down(const struct network *n, const json_t *entry)
{
	if (n->journal < 0)
		return 0;
	struct buffer line = { 0 };
	must(json_put_line(&line, entry));
	ssize_t wrote = write(n->journal, line.data, line.n_bytes);
	bool whole = wrote == (ssize_t)line.n_bytes;
	buffer_done(&line);
	return whole ? 0 : E_IO;
}

static json_t *entry_of(int64_t at_ms, const char *from, const struct submit *s, int mr, const char *pdu)
{
	char *text = part_text(&s->part);
	const struct concat *c = &s->part.concat;
	json_t *entry = json_pack("{s:I, s:s, s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:i, s:i, s:i, s:b, s:i, s:s}",
		"at_ms", (json_int_t)at_ms, "from", from, "to", s->to, "ref", c->ref, "total", c->ref_bits ? c->total : 1,
		"part", c->ref_bits ? c->number : 1, "bits", c->ref_bits, "text", text, "encoding",
		coding_name(s->part.coding), "dcs", s->dcs, "pid", s->protocol, "vp", s->validity, "srr", s->report, "mr",
		mr, "pdu", pdu);
	free(text);
	return need(entry);
}

int network_accept(struct network *n, const char *from, const struct submit *s, int mr, const char *pdu)
{
	int64_t at_ms = clock_now_ms(n->clock);
	json_t *entry = entry_of(at_ms, from, s, mr, pdu);
	int r = write_down(n, entry);
	if (r) {
		json_decref(entry);
		return r;
	}
	must(json_array_append_new(n->sent, entry) ? E_NOMEM : 0);
	handsets_receive(&n->handsets, s->to, &s->part, at_ms);
	return 0;
}

void network_wait(struct network *n, char *pdu, bool report, bool notify)
{
	n->waiting = need(reallocarray(n->waiting, n->n_waiting + 1, sizeof(*n->waiting)));
	n->waiting[n->n_waiting++] = (struct incoming){ .pdu = pdu, .report = report, .notify = notify };
}

void network_taken(struct network *n)
{
	free(n->waiting[0].pdu);
	memmove(n->waiting, n->waiting + 1, --n->n_waiting * sizeof(*n->waiting));
}
