/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between makes of modems, as data. */
#ifndef CAUNOI_SIM_MODEM_PROFILE_H
#define CAUNOI_SIM_MODEM_PROFILE_H

#include <stdbool.h>

enum ussd_form {
	USSD_AUTO,          /* as the profile and the character set in force ask for */
	USSD_UCS2,          /* hex, dcs 72 */
	USSD_UCS2_15,       /* hex, dcs 15 */
	USSD_PACKED,        /* packed septets as hex, dcs 15 */
	USSD_PLAIN,         /* as it is, dcs 15 */
	USSD_PLAIN_NO_DCS,  /* as it is, no dcs */
	USSD_BYTES,         /* UTF-8 as hex, dcs 68 */
};

struct profile {
	const char *name, *maker, *model, *revision;
	const char *charsets;    /* of AT+CSCS=? */
	const char *cnmi;        /* of AT+CNMI=? */
	const char *iccid_command, *iccid_prefix;
	int first_index;         /* of message slots */
	int max_ds;              /* AT+CNMI's ds: 1 = +CDS, 2 = +CDSI too */
	bool has_sr;             /* a memory "SR" for reports */
	bool empty_slot_is_ok;   /* AT+CMGR of an empty slot: OK instead of +CMS ERROR: 321 */
	bool packed_ussd;        /* AT+CUSD takes and gives packed septets */
	enum ussd_form ussd_ucs2; /* form of replies while CSCS is UCS2 */
	const char *full_line;   /* said when a message finds no room; NULL = nothing */
	const char *boot[6];     /* said after a start, NULL ends */
	const char *quiet[10];   /* further commands that answer OK and do nothing */
};

/* NULL when there is none of that name. */
const struct profile *profile_find(const char *name);

#endif
