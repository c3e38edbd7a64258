/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a modem and its SIM say they are: maker, model, firmware, IMEI, ICCID, IMSI. Raw commands, asked once for each
 * bring-up; the SIM's number is the identity by which a channel knows its SIM again. Blocks; never logs any of it. */
#ifndef CAUNOI_DRIVERS_GAMMU_IDENTITY_H
#define CAUNOI_DRIVERS_GAMMU_IDENTITY_H

#include "gateway/drivers/gammu/line.h"

/* "" = the modem does not tell. */
struct identity {
	char manufacturer[48], model[48], firmware[64], imei[20];
	char iccid[24], imsi[20];
	const char *iccid_command; /* the one that this modem knows; static */
};

/* Maker, model, firmware, IMEI: known without a SIM. */
void identity_ask_modem(struct identity *id, struct line *l);
/* ICCID and IMSI of the SIM that is in now. */
void identity_ask_sim(struct identity *id, struct line *l);
/* The SIM's identity: ICCID, else IMSI, else "". */
const char *identity_sim(const struct identity *id);
/* Digits of an ICCID in a modem's reply, in reading order ("89…") whichever way the modem gives them. E_NOT_FOUND. */
MUST_CHECK int identity_parse_iccid(const char *reply, char *ret, size_t room);

#endif
