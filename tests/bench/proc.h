/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel knows of a process and its children: CPU time and memory. For measurements. */
#ifndef CAUNOI_BENCH_PROC_H
#define CAUNOI_BENCH_PROC_H

#include <stddef.h>
#include <sys/types.h>

#define PROC_FAMILY_MAX 64

struct proc {
	pid_t pid;
	char name[32];
};

/* root and its descendants, root first; how many. */
size_t proc_family(pid_t root, struct proc ret[PROC_FAMILY_MAX]);
/* User and system time of pid so far in seconds; 0 when it is gone. */
double proc_cpu_s(pid_t pid);
/* The same, summed over root and those of its descendants whose name is one of names (NULL-terminated; NULL = all). */
double proc_family_cpu_s(pid_t root, const char *const *names);
/* MiB: proportional share (PSS) or resident (RSS). */
double proc_pss_mib(pid_t pid);
double proc_rss_mib(pid_t pid);
/* The highest RSS since the last forgetting. */
double proc_peak_mib(pid_t pid);
void proc_forget_peak(pid_t pid);

#endif
