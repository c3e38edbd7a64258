/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People who write to the modem: their texts become SMS-DELIVER PDUs in the network. */
#ifndef CAUNOI_SIM_MODEM_VILLAGER_H
#define CAUNOI_SIM_MODEM_VILLAGER_H

#include <jansson.h>

#include "tests/simulators/modem/modem.h"

/* Sends what json describes: from, text, encoding, ref_bits, ref, order (numbers of parts in order of arrival; one left
 * out is missing, one named twice comes twice), notify, dcs, pid. Result = parts of the text, or E_INVALID. */
int villager_write(struct modem *m, const json_t *json);
/* The PDU of an ordinary old message; the caller's. */
char *villager_old_message(struct modem *m);

#endif
