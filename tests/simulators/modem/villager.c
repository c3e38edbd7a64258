/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts to the modem. Called by the control socket's operations. */
#include "tests/simulators/modem/villager.h"

#include <string.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/inbox.h"
#include "tests/simulators/modem/need.h"

static bool order_is_valid(const json_t *order, int n_parts)
{
	for (size_t i = 0; i < json_array_size(order); i++) {
		json_int_t number = json_integer_value(json_array_get(order, i));
		if (number < 1 || number > n_parts)
			return false;
	}
	return true;
}

static void send_part(struct modem *m, const json_t *json, const struct part *part)
{
	struct deliver d = {
		.centre = CENTRE_NUMBER,
		.from = json_str(json, "from", ""),
		.at_ms = json_int(json, "at_ms", clock_now_ms(m->clock)),
		.protocol = (int)json_int(json, "pid", 0),
		.dcs = (int)json_int(json, "dcs", -1),
		.part = *part,
	};
	network_wait(&m->network, tpdu_deliver_format(&d), false, json_flag(json, "notify", true));
}

int villager_write(struct modem *m, const json_t *json)
{
	int bits = (int)json_int(json, "ref_bits", 8);
	int ref = (int)json_int(json, "ref", m->network.next_reference);
	bool ucs2 = !strcmp(json_str(json, "encoding", "auto"), "ucs2");
	if (!*json_str(json, "from", "") || !json_str(json, "text", NULL) || (bits != 8 && bits != 16))
		return E_INVALID;
	OWN(mem) struct part *parts = NULL;
	int n = part_split(json_str(json, "text", ""), ucs2, bits, ref, &parts);
	const json_t *order = json_object_get(json, "order");
	if (n < 0 || !order_is_valid(order, n))
		return E_INVALID;
	m->network.next_reference++;
	size_t n_sent = order ? json_array_size(order) : (size_t)n;
	for (size_t i = 0; i < n_sent; i++)
		send_part(m, json, &parts[order ? (size_t)json_integer_value(json_array_get(order, i)) - 1 : i]);
	inbox_collect(m);
	return n;
}

char *villager_old_message(struct modem *m)
{
	OWN(mem) struct part *parts = NULL;
	must(part_split("Tin cu", false, 8, 0, &parts) == 1 ? 0 : E_INVALID);
	struct deliver d = {
		.centre = CENTRE_NUMBER, .from = "+84980000000", .at_ms = clock_now_ms(m->clock), .dcs = -1, .part = parts[0]
	};
	return tpdu_deliver_format(&d);
}
