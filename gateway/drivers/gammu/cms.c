/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of modem errors. Read by the driver after a refused or failed CMGS; the rows are data to be reviewed by a
 * person who knows SMS, hence the classes are named and not spelled out in each row. */
#include "gateway/drivers/gammu/cms.h"

#include <stdio.h>

#include "gateway/base/own.h"

enum class {
	CLASS_MESSAGE,   /* the network will never take this message */
	CLASS_RECIPIENT, /* the network will never take this number */
	CLASS_DUPLICATE, /* the network has it already */
	CLASS_LATER,     /* not taken now; the same may work later */
	CLASS_SIM,       /* SIM or subscription: a person must act */
	CLASS_UNCLEAR,   /* may have been sent */
};

static const struct cms_verdict classes[] = {
	[CLASS_MESSAGE] = { OUTCOME_REFUSED, FAULT_MESSAGE, "" },
	[CLASS_RECIPIENT] = { OUTCOME_REFUSED, FAULT_RECIPIENT, "" },
	[CLASS_DUPLICATE] = { OUTCOME_ACCEPTED, FAULT_NONE, "" },
	[CLASS_LATER] = { OUTCOME_NOT_SENT, FAULT_CHANNEL, "" },
	[CLASS_SIM] = { OUTCOME_REFUSED, FAULT_CHANNEL, "" },
	[CLASS_UNCLEAR] = { OUTCOME_UNCLEAR, FAULT_NONE, "" },
};

struct row {
	int first, last;
	enum class class;
	const char *phrase;
};

static const struct row cms_rows[] = {
	{ 1, 1, CLASS_RECIPIENT, "unassigned number" },
	{ 8, 8, CLASS_MESSAGE, "operator determined barring" },
	{ 10, 10, CLASS_MESSAGE, "call barred" },
	{ 17, 17, CLASS_LATER, "network failure" },
	{ 21, 21, CLASS_MESSAGE, "short message transfer rejected" },
	{ 22, 22, CLASS_LATER, "congestion or memory capacity exceeded" },
	{ 27, 27, CLASS_LATER, "destination out of order" },
	{ 28, 28, CLASS_RECIPIENT, "unidentified subscriber" },
	{ 29, 29, CLASS_MESSAGE, "facility rejected" },
	{ 30, 30, CLASS_RECIPIENT, "unknown subscriber" },
	{ 38, 38, CLASS_LATER, "network out of order" },
	{ 41, 41, CLASS_LATER, "temporary failure" },
	{ 42, 42, CLASS_LATER, "congestion" },
	{ 47, 47, CLASS_LATER, "resources unavailable" },
	{ 50, 50, CLASS_MESSAGE, "facility not subscribed" },
	{ 69, 69, CLASS_MESSAGE, "facility not implemented" },
	{ 81, 81, CLASS_MESSAGE, "invalid transfer reference" },
	{ 95, 95, CLASS_MESSAGE, "invalid message" },
	{ 96, 96, CLASS_MESSAGE, "invalid mandatory information" },
	{ 97, 97, CLASS_MESSAGE, "message type unknown" },
	{ 98, 98, CLASS_MESSAGE, "message not compatible with protocol state" },
	{ 99, 99, CLASS_MESSAGE, "information element not implemented" },
	{ 111, 111, CLASS_LATER, "protocol error" },
	{ 127, 127, CLASS_LATER, "interworking error" },
	{ 128, 143, CLASS_MESSAGE, "protocol identifier not supported" },
	{ 144, 159, CLASS_MESSAGE, "data coding scheme not supported" },
	{ 160, 175, CLASS_MESSAGE, "command not supported" },
	{ 176, 176, CLASS_MESSAGE, "PDU not supported" },
	{ 192, 192, CLASS_LATER, "service centre busy" },
	{ 193, 193, CLASS_SIM, "no service centre subscription" },
	{ 194, 194, CLASS_LATER, "service centre system failure" },
	{ 195, 195, CLASS_MESSAGE, "invalid receiver address" },
	{ 196, 196, CLASS_MESSAGE, "receiver barred" },
	{ 197, 197, CLASS_DUPLICATE, "rejected as duplicate" },
	{ 198, 198, CLASS_MESSAGE, "validity format not supported" },
	{ 199, 199, CLASS_MESSAGE, "validity not supported" },
	{ 208, 213, CLASS_SIM, "SIM storage or application fault" },
	{ 300, 300, CLASS_LATER, "modem failure" },
	{ 302, 302, CLASS_SIM, "operation not allowed" },
	{ 303, 303, CLASS_SIM, "operation not supported" },
	{ 304, 304, CLASS_MESSAGE, "invalid PDU" },
	{ 305, 305, CLASS_MESSAGE, "invalid text parameter" },
	{ 310, 310, CLASS_SIM, "no SIM" },
	{ 311, 311, CLASS_SIM, "SIM PIN required" },
	{ 312, 312, CLASS_SIM, "phone lock PIN required" },
	{ 313, 313, CLASS_SIM, "SIM failure" },
	{ 314, 314, CLASS_LATER, "SIM busy" },
	{ 315, 315, CLASS_SIM, "wrong SIM" },
	{ 316, 316, CLASS_SIM, "SIM PUK required" },
	{ 317, 317, CLASS_SIM, "SIM PIN2 required" },
	{ 318, 318, CLASS_SIM, "SIM PUK2 required" },
	{ 320, 320, CLASS_LATER, "memory failure" },
	{ 321, 321, CLASS_LATER, "invalid memory index" },
	{ 322, 322, CLASS_LATER, "SIM memory full" },
	{ 330, 330, CLASS_SIM, "service centre address unknown" },
	{ 331, 331, CLASS_LATER, "no network service" },
	{ 332, 332, CLASS_UNCLEAR, "network timeout" },
	{ 500, 500, CLASS_UNCLEAR, "unknown error" },
	{ 512, 512, CLASS_LATER, "collision with a received message" },
	{ 515, 515, CLASS_LATER, "modem still initialising" },
	{ 535, 535, CLASS_LATER, "modem busy" },
};

static const struct row cme_rows[] = {
	{ 0, 0, CLASS_LATER, "modem failure" },
	{ 3, 3, CLASS_SIM, "operation not allowed" },
	{ 4, 4, CLASS_SIM, "operation not supported" },
	{ 5, 7, CLASS_SIM, "phone lock" },
	{ 10, 10, CLASS_SIM, "no SIM" },
	{ 11, 11, CLASS_SIM, "SIM PIN required" },
	{ 12, 12, CLASS_SIM, "SIM PUK required" },
	{ 13, 13, CLASS_SIM, "SIM failure" },
	{ 14, 14, CLASS_LATER, "SIM busy" },
	{ 15, 15, CLASS_SIM, "wrong SIM" },
	{ 16, 18, CLASS_SIM, "incorrect or further PIN required" },
	{ 20, 20, CLASS_LATER, "SIM memory full" },
	{ 30, 30, CLASS_LATER, "no network service" },
	{ 31, 31, CLASS_UNCLEAR, "network timeout" },
	{ 32, 32, CLASS_LATER, "emergency calls only" },
	{ 100, 100, CLASS_UNCLEAR, "unknown error" },
};

static const struct row *find(const struct row *rows, size_t n, int code)
{
	for (size_t i = 0; i < n; i++)
		if (code >= rows[i].first && code <= rows[i].last)
			return &rows[i];
	return NULL;
}

void cms_judge(enum cms_kind kind, int code, bool handed, struct cms_verdict *ret)
{
	const struct row *row = NULL;
	switch (kind) {
	case CMS_CMS:
		row = find(cms_rows, COUNT_OF(cms_rows), code);
		break;
	case CMS_CME:
		row = find(cme_rows, COUNT_OF(cme_rows), code);
		break;
	case CMS_PLAIN:
		break;
	}
	*ret = handed ? classes[row ? row->class : CLASS_UNCLEAR] : classes[CLASS_LATER];
	ret->phrase = row ? row->phrase : kind == CMS_PLAIN ? "error without a code" : "error with an unknown code";
}

void cms_format(enum cms_kind kind, int code, char *out, size_t out_bytes)
{
	static const char *const prefix[] = { [CMS_PLAIN] = "error", [CMS_CMS] = "cms", [CMS_CME] = "cme" };
	if (kind == CMS_PLAIN)
		snprintf(out, out_bytes, "%s", prefix[kind]);
	else
		snprintf(out, out_bytes, "%s:%d", prefix[kind], code);
}
