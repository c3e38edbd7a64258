// SPDX-License-Identifier: GPL-3.0-or-later
/* A modem's final lines through the table of errors: nothing that was not handed over counts as sent or as lost, and nothing that was
 * counts as not sent unless the table knows the code. */
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/answer.h"
#include "gateway/drivers/gammu/cms.h"
#include "tests/fuzz/fuzz.h"

static void judge(enum cms_kind kind, int code)
{
	struct cms_verdict before, after;
	char name[16];
	cms_judge(kind, code, false, &before);
	cms_judge(kind, code, true, &after);
	LAW(before.outcome == OUTCOME_NOT_SENT && before.fault == FAULT_CHANNEL);
	LAW(after.phrase && *after.phrase);
	if (kind == CMS_PLAIN || code < 0 || code > 600)
		LAW(after.outcome == OUTCOME_UNCLEAR);
	LAW(after.outcome != OUTCOME_ACCEPTED || (kind == CMS_CMS && code == 197));
	cms_format(kind, code, name, sizeof(name));
	LAW(strlen(name) > 0 && strlen(name) < sizeof(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *line = strndup((const char *)data, size);
	enum cms_kind kind = CMS_PLAIN;
	int code = -1;
	if (answer_final(line, &kind, &code) == ANSWER_ERROR) {
		LAW(code >= -1 && code <= 65535);
		judge(kind, code);
	}
	int mr = answer_reference(line);
	LAW(mr >= -1 && mr <= 255);
	(void)answer_is_urc(line, "AT+CREG?");
	LAW(answer_limit_ms(line) > 0);
	LAW(!answer_allowed(line) || !strncasecmp(line, "AT", 2));
	return 0;
}
