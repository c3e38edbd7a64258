// SPDX-License-Identifier: GPL-3.0-or-later
/* The line between modem and library as a script: a byte that says who speaks (or what happens), a length, bytes. Whatever is said:
 * what is kept is bounded, every command ends, the library's own message never reaches the modem, and an accepted segment was
 * handed over and answered by the modem after that. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/line_guard.h"
#include "tests/fuzz/fuzz.h"

#define KEPT_BYTES_MAX (512 * 1024)

static const uint8_t tpdu[] = { 0x11, 0x00, 0x0B, 0x91, 0x48, 0x19, 0x32, 0x54, 0x76, 0xF8, 0x00, 0x00, 0xA7, 0x01, 0x41 };

struct play {
	struct line_guard g;
	int64_t now_ms;
	int armed; /* sends that were allowed */
	int sent;  /* Ctrl-Z that reached the modem */
};

static void take_urcs(struct line_guard *g)
{
	LAW(g->n_urcs <= GUARD_URCS);
	for (size_t i = 0; i < g->n_urcs; i++)
		free(g->urcs[i].text);
	g->n_urcs = 0;
}

/* Nothing the library may not say, wherever it stands in what was written. */
static bool is_harmless(struct buffer *b)
{
	static const char *const never[] = { "AT+CPIN=\"", "AT+CPIN=0", "AT+CPIN=?0", "AT+CFUN=1,1\r", "AT+CMGF=1", "AT+CMGD=1" };
	for (size_t i = 0; i < COUNT_OF(never); i++)
		if (memmem(buffer_text(b), buffer_left(b), never[i], strlen(never[i])))
			return false;
	return true;
}

static void look(struct play *p)
{
	struct line_guard *g = &p->g;
	const char *out = buffer_text(&g->to_modem);
	for (size_t i = 0; i < buffer_left(&g->to_modem); i++)
		p->sent += out[i] == 0x1A;
	LAW(p->sent <= p->armed);
	LAW(buffer_left(&g->to_modem) + buffer_left(&g->to_library) + buffer_left(&g->reply) + buffer_left(&g->held) < KEPT_BYTES_MAX);
	LAW(g->send.sent != GUARD_SENT_ACCEPTED || (g->send.handed && g->send.mr >= 0 && g->send.mr <= 255));
	LAW(is_harmless(&g->to_modem));
	buffer_take(&g->to_modem, buffer_left(&g->to_modem));
	buffer_take(&g->to_library, buffer_left(&g->to_library));
	take_urcs(g);
}

static void step(struct play *p, uint8_t what, const char *bytes, size_t n)
{
	static const char *const commands[] = { "AT", "AT+CSQ", "AT+CMGL=4", "AT+CPMS=\"SM\"" };
	switch (what % 6) {
	case 0:
	case 1:
		line_guard_from_modem(&p->g, bytes, n, p->now_ms);
		break;
	case 2:
		line_guard_from_library(&p->g, bytes, n, p->now_ms);
		break;
	case 3:
		p->now_ms += 100 * (int64_t)n;
		line_guard_tick(&p->g, p->now_ms);
		break;
	case 4:
		if (!line_guard_sending(&p->g) && !line_guard_arm(&p->g, tpdu, sizeof(tpdu)))
			p->armed++;
		line_guard_from_library(&p->g, "AT+CMGS=14\r", 11, p->now_ms);
		break;
	case 5:
		if (!line_guard_raw(&p->g, commands[n % COUNT_OF(commands)], 2000, p->now_ms))
			line_guard_heal(&p->g);
		break;
	}
	look(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play p = { .now_ms = 1000 };
	line_guard_init(&p.g, NULL);
	for (size_t i = 0; i + 2 <= size;) {
		size_t n = data[i + 1] < size - i - 2 ? data[i + 1] : size - i - 2;
		step(&p, data[i], (const char *)data + i + 2, n);
		i += 2 + n;
	}
	for (int round = 0; round < 8 && line_guard_due_ms(&p.g) != INT64_MAX; round++) {
		p.now_ms = line_guard_due_ms(&p.g);
		line_guard_tick(&p.g, p.now_ms);
		look(&p);
	}
	LAW(p.g.state == GUARD_IDLE);
	line_guard_done(&p.g);
	return 0;
}
