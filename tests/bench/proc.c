/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading /proc. Called by measurements only. */
#include "tests/bench/proc.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/own.h"

struct line {
	pid_t parent;
	char name[32];
	double cpu_s;
};

/* /proc/PID/stat: "12 (name) S parent …"; the name may hold anything, so the last ")" counts. */
static bool read_stat(pid_t pid, struct line *ret)
{
	char path[64], text[1024];
	unsigned long in_user = 0, in_kernel = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	OWN(file) FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[n] = '\0';
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	if (!open || !close)
		return false;
	*close = '\0';
	snprintf(ret->name, sizeof(ret->name), "%s", open + 1);
	int parent = 0;
	if (sscanf(close + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &parent, &in_user, &in_kernel) != 3)
		return false;
	ret->parent = parent;
	ret->cpu_s = (double)(in_user + in_kernel) / (double)sysconf(_SC_CLK_TCK);
	return true;
}

static bool is_one_of(const struct proc *list, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].pid == pid)
			return true;
	return false;
}

static size_t add_children(struct proc ret[PROC_FAMILY_MAX], size_t n)
{
	DIR *dir = opendir("/proc");
	for (struct dirent *e; dir && (e = readdir(dir)) && n < PROC_FAMILY_MAX;) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		struct line line;
		if (pid <= 0 || is_one_of(ret, n, pid) || !read_stat(pid, &line) || !is_one_of(ret, n, line.parent))
			continue;
		ret[n] = (struct proc){ .pid = pid };
		snprintf(ret[n++].name, sizeof(ret[0].name), "%s", line.name);
	}
	if (dir)
		closedir(dir);
	return n;
}

size_t proc_family(pid_t root, struct proc ret[PROC_FAMILY_MAX])
{
	struct line line;
	size_t n = 1, before;
	if (!read_stat(root, &line))
		return 0;
	ret[0] = (struct proc){ .pid = root };
	snprintf(ret[0].name, sizeof(ret[0].name), "%s", line.name);
	do {
		before = n;
		n = add_children(ret, n);
	} while (n > before);
	return n;
}

double proc_cpu_s(pid_t pid)
{
	struct line line;
	return read_stat(pid, &line) ? line.cpu_s : 0;
}

double proc_family_cpu_s(pid_t root, const char *const *names)
{
	struct proc family[PROC_FAMILY_MAX];
	size_t n = proc_family(root, family);
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		bool wanted = !i || !names;
		for (const char *const *name = names; name && *name; name++)
			wanted |= !strcmp(family[i].name, *name);
		if (wanted)
			sum += proc_cpu_s(family[i].pid);
	}
	return sum;
}

static double read_kib(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	OWN(file) FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			return strtod(line + strlen(key), NULL) / 1024.0;
	return 0;
}

double proc_pss_mib(pid_t pid)
{
	return read_kib(pid, "smaps_rollup", "Pss:");
}

double proc_rss_mib(pid_t pid)
{
	return read_kib(pid, "status", "VmRSS:");
}

double proc_peak_mib(pid_t pid)
{
	return read_kib(pid, "status", "VmHWM:");
}

void proc_forget_peak(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/clear_refs", (int)pid);
	OWN(file) FILE *f = fopen(path, "w");
	if (f && fputs("5", f) < 0)
		fprintf(stderr, "bench: %s cannot be written\n", path);
}
