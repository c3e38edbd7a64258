/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The script of faults. Filled by the control socket, asked by the commands; does nothing wrong by itself. */
#include "tests/simulators/modem/faults.h"

#include <string.h>

#include "gateway/base/json.h"
#include "tests/simulators/modem/need.h"

static const struct {
	const char *name;
	bool accept; /* unless the script says otherwise */
} actions[] = {
	[FAULT_PASS] = { "pass", true },
	[FAULT_CMS] = { "cms", false },
	[FAULT_CME] = { "cme", false },
	[FAULT_ERROR] = { "error", false },
	[FAULT_CMS_AT_PROMPT] = { "cms_at_prompt", false },
	[FAULT_NO_PROMPT] = { "no_prompt", false },
	[FAULT_SILENT] = { "silent", true },
	[FAULT_DROP] = { "drop", false },
	[FAULT_HANG] = { "hang", false },
	[FAULT_GARBAGE] = { "garbage", false },
	[FAULT_HALF] = { "half", false },
	[FAULT_NO_OK] = { "no_ok", true },
	[FAULT_UNPLUG] = { "unplug", false },
	[FAULT_SLOW] = { "slow", true },
	[FAULT_DUP_ANSWER] = { "dup_answer", true },
	[FAULT_URC_INSIDE] = { "urc_inside", true },
	[FAULT_REPORT_FIRST] = { "report_first", true },
	[FAULT_RESET] = { "reset", false },
};

void faults_done(struct faults *f)
{
	free(f->list);
	*f = (struct faults){ 0 };
}

void faults_clear(struct faults *f)
{
	f->n = 0;
}

static int action_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (!strcmp(actions[i].name, name))
			return (int)i;
	return -1;
}

int faults_add(struct faults *f, const json_t *json)
{
	int action = action_of(json_str(json, "action", ""));
	if (action < 0)
		return E_INVALID;
	struct fault fault = {
		.action = (enum fault_action)action,
		.code = (int)json_int(json, "code", 500),
		.ms = (int)json_int(json, "ms", 0),
		.times = (int)json_int(json, "times", 1),
		.accept = json_flag(json, "accept", actions[action].accept),
	};
	if (!strcmp(json_str(json, "when", ""), "after"))
		fault.accept = true;
	snprintf(fault.on, sizeof(fault.on), "%s", json_str(json, "on", "cmgs"));
	snprintf(fault.to, sizeof(fault.to), "%s", json_str(json, "to", ""));
	snprintf(fault.text, sizeof(fault.text), "%s", json_str(json, "text", "+XYZ: 1"));
	f->list = need(reallocarray(f->list, f->n + 1, sizeof(*f->list)));
	f->list[f->n++] = fault;
	return 0;
}

static void use(struct faults *f, size_t i, struct fault *ret)
{
	*ret = f->list[i];
	if (f->list[i].times < 0 || --f->list[i].times > 0)
		return;
	memmove(f->list + i, f->list + i + 1, (f->n - i - 1) * sizeof(*f->list));
	f->n--;
}

static bool at_prompt(const struct fault *fault)
{
	return fault->action == FAULT_CMS_AT_PROMPT || fault->action == FAULT_NO_PROMPT;
}

bool faults_take(struct faults *f, const char *on, const char *to, struct fault *ret)
{
	for (size_t i = 0; i < f->n; i++) {
		struct fault *fault = &f->list[i];
		bool fits = !strcasecmp(fault->on, on) || !strcmp(fault->on, "any");
		if (!fits || at_prompt(fault) || (fault->to[0] && strcmp(fault->to, to) != 0))
			continue;
		use(f, i, ret);
		return true;
	}
	return false;
}

bool faults_take_prompt(struct faults *f, struct fault *ret)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcasecmp(f->list[i].on, "cmgs") != 0)
			continue;
		if (!at_prompt(&f->list[i]))
			return false;
		use(f, i, ret);
		return true;
	}
	return false;
}
