/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The five makes. Looked up once by main. */
#include "tests/simulators/modem/profile.h"

#include <string.h>

#include "gateway/base/own.h"

static const struct profile profiles[] = {
	{
		.name = "generic", .maker = "Cau Noi", .model = "SIMULATOR", .revision = "1.0",
		.charsets = "\"IRA\",\"GSM\",\"UCS2\"", .cnmi = "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
		.iccid_command = "+CCID", .iccid_prefix = "+CCID: ", .first_index = 1, .max_ds = 2,
		.ussd_ucs2 = USSD_UCS2, .boot = { "^BOOT:1,0,0,0,20" },
	},
	{
		.name = "huawei", .maker = "huawei", .model = "E173", .revision = "11.126.85.00.00",
		.charsets = "\"IRA\",\"GSM\",\"UCS2\"", .cnmi = "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
		.iccid_command = "^ICCID", .iccid_prefix = "^ICCID: ", .first_index = 0, .max_ds = 2, .has_sr = true,
		.packed_ussd = true, .ussd_ucs2 = USSD_PACKED, .full_line = "^SMMEMFULL: \"SM\"",
		.boot = { "^BOOT:27710117,0,0,0,75", "^SRVST:2", "^SIMST:1" },
		.quiet = { "^CURC", "^PORTSEL", "^SRESET", "^DSFLOWRPT", "^SYSCFG", "^CVOICE" },
	},
	{
		.name = "sim800", .maker = "SIMCOM_Ltd", .model = "SIMCOM_SIM800L", .revision = "Revision:1418B05SIM800L24",
		.charsets = "\"IRA\",\"GSM\",\"UCS2\",\"HEX\",\"PCCP\",\"PCDN\",\"8859-1\"",
		.cnmi = "(0-2),(0-3),(0,2),(0,1),(0,1)", .iccid_command = "+CCID", .iccid_prefix = "", .first_index = 1,
		.max_ds = 1, .empty_slot_is_ok = true, .ussd_ucs2 = USSD_UCS2_15,
		.boot = { "RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready" },
		.quiet = { "+CLTS", "+CTZR", "+CSMINS", "+CMTE", "+CENG", "+EXUNSOL" },
	},
	{
		.name = "zte", .maker = "ZTE INCORPORATED", .model = "MF180", .revision = "BD_P673A2V1.0.0B06",
		.charsets = "\"IRA\",\"GSM\",\"UCS2\"", .cnmi = "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
		.iccid_command = "+ZGETICCID", .iccid_prefix = "+ZGETICCID: ", .first_index = 0, .max_ds = 2,
		.ussd_ucs2 = USSD_UCS2, .boot = { "+ZUSIMR:2", "+ZPASR: \"UMTS\"" },
		.quiet = { "+ZCDRUN", "+ZOPRT", "+ZSNT" },
	},
	{
		.name = "quectel", .maker = "Quectel", .model = "EC25", .revision = "EC25EFAR06A06M4G",
		.charsets = "\"GSM\",\"IRA\",\"UCS2\"", .cnmi = "(0-2),(0-3),(0,2),(0-2),(0,1)",
		.iccid_command = "+QCCID", .iccid_prefix = "+QCCID: ", .first_index = 0, .max_ds = 2, .empty_slot_is_ok = true,
		.ussd_ucs2 = USSD_UCS2, .full_line = "+QIND: SMS FULL",
		.boot = { "RDY", "+CFUN: 1", "+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE" },
		.quiet = { "+QCFG", "+QINDCFG", "+QURCCFG", "+QSCLK" },
	},
};

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(profiles); i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}
