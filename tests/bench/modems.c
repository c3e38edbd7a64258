/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segments a second on 1, 4 and 8 simulated modems, one that answers at once and one that takes 3 s: our driver, gammu-smsd and
 * smstools beside each other on the same simulator. What counts is the simulator's journal. Then what a driver costs at rest, and
 * how soon an SMS is a case. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/bench/proc.h"
#include "tests/bench/rig.h"
#include "tests/support/modemrig.h"

#define MODEMS_MAX 8
#define PATH_BYTES 512
#define LIMIT_S 120
#define IDLE_S 10
#define GAMMU_SMSD "/usr/bin/gammu-smsd"
#define SMSD "/usr/sbin/smsd"

struct run {
	int modems, segments; /* of each modem */
	const char *send_ms;
	struct simmodem sims[MODEMS_MAX];
	char dir[64]; /* of a peer's files */
	pid_t pids[MODEMS_MAX];
	int n_pids;
};

/* ---- what the wire says ---- */

static double rate_of(struct simmodem *sim)
{
	OWN(json) json_t *sent = simmodem_ask(sim, "{\"op\":\"sent\"}");
	const json_t *list = json_object_get(sent, "sent");
	size_t n = json_array_size(list);
	if (n < 2)
		return 0;
	int64_t span_ms = json_int(json_array_get(list, n - 1), "at_ms", 0) - json_int(json_array_get(list, 0), "at_ms", 0);
	return span_ms > 0 ? 1000.0 * (double)(n - 1) / (double)span_ms : 0;
}

static double wait_all(struct run *r)
{
	const double until = rig_now_s() + LIMIT_S;
	double sum = 0;
	for (int i = 0; i < r->modems; i++)
		while (simmodem_sent(&r->sims[i]) < r->segments && rig_now_s() < until)
			poll(NULL, 0, 50);
	for (int i = 0; i < r->modems; i++)
		sum += rate_of(&r->sims[i]);
	return sum;
}

/* ---- our driver ---- */

static double run_ours(struct run *r, double *ret_peak_mib)
{
	const char *const arguments[] = { "--send-ms", r->send_ms, NULL };
	struct modemrig *rigs = calloc(MODEMS_MAX, sizeof(*rigs));
	size_t done[MODEMS_MAX] = { 0 };
	double sum = 0;
	for (int i = 0; rigs && i < r->modems; i++)
		modemrig_start(&rigs[i], arguments, json_pack("{s:s}", "connection", "at115200"), NULL);
	for (int n = 0; rigs && n <= r->segments; n++)
		for (int i = 0; i < r->modems; i++) {
			for (const double until = rig_now_s() + LIMIT_S; done[i] < (size_t)n && rig_now_s() < until; done[i] = modemrig_count(&rigs[i], "result", NULL, NULL))
				modemrig_listen(&rigs[i], 5);
			if (n == r->segments)
				continue;
			char attempt[16];
			snprintf(attempt, sizeof(attempt), "m%d", n);
			modemrig_say(&rigs[i], json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "op", "submit", "attempt", attempt, "to", HANDSET, "text",
							 "Moi ba con den hop", "encoding", "gsm7", "part", 1, "parts", 1));
		}
	for (int i = 0; rigs && i < r->modems; i++) {
		sum += rate_of(&rigs[i].modem);
		*ret_peak_mib = proc_peak_mib(rigs[i].driver) > *ret_peak_mib ? proc_peak_mib(rigs[i].driver) : *ret_peak_mib;
		modemrig_stop(&rigs[i]);
	}
	free(rigs);
	return sum;
}

/* ---- the others ---- */

static void make_folder(const struct run *r, const char *name, int i)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof(path), "%s/%s%d", r->dir, name, i);
	if (mkdir(path, 0700))
		fail_msg("%s cannot be made", path);
}

static void start_program(struct run *r, const char *program, char *const argv[])
{
	pid_t pid = fork();
	if (!pid) {
		int nothing = open("/dev/null", O_RDWR);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		for (int i = 0; i < 3; i++)
			dup2(nothing, i);
		execve(program, argv, (char *[]){ NULL });
		_exit(127);
	}
	r->pids[r->n_pids++] = pid;
}

static void begin_peer(struct run *r)
{
	snprintf(r->dir, sizeof(r->dir), "/tmp/caunoi-bench-XXXXXX");
	if (!mkdtemp(r->dir))
		fail_msg("no folder");
	for (int i = 0; i < r->modems; i++)
		simmodem_start(&r->sims[i], (const char *[]){ "--send-ms", r->send_ms, NULL });
}

static void end_peer(struct run *r)
{
	for (int i = 0; i < r->n_pids; i++) {
		kill(-r->pids[i], SIGKILL);
		waitpid(r->pids[i], NULL, 0);
	}
	for (int i = 0; i < r->modems; i++)
		simmodem_stop(&r->sims[i]);
	pid_t pid = fork();
	if (!pid) {
		execve("/bin/rm", (char *[]){ (char *)"rm", (char *)"-rf", r->dir, NULL }, (char *[]){ NULL });
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void start_gammu_smsd(struct run *r, int i)
{
	char config[PATH_BYTES];
	snprintf(config, sizeof(config), "%s/gammu%d", r->dir, i);
	static const char *const folders[] = { "in", "out", "sent", "error" };
	for (size_t k = 0; k < COUNT_OF(folders); k++)
		make_folder(r, folders[k], i);
	for (int n = 0; n < r->segments; n++) {
		char name[PATH_BYTES];
		snprintf(name, sizeof(name), "%s/out%d/OUTC20260101_000000_%02d_+84912345678_x%d.txt", r->dir, i, n, n);
		OWN(file) FILE *f = fopen(name, "w");
		fprintf(f, "Moi ba con den hop");
	}
	OWN(file) FILE *f = fopen(config, "w");
	fprintf(f, "[gammu]\ndevice=%s\nconnection=at\n[smsd]\nservice=files\nlogfile=%s/log%d\nreceivefrequency=600\ncommtimeout=1\n"
		   "inboxpath=%s/in%d/\noutboxpath=%s/out%d/\nsentsmspath=%s/sent%d/\nerrorsmspath=%s/error%d/\n",
		r->sims[i].link, r->dir, i, r->dir, i, r->dir, i, r->dir, i, r->dir, i);
	fflush(f);
	start_program(r, GAMMU_SMSD, (char *[]){ (char *)"gammu-smsd", (char *)"-c", config, NULL });
}

static double run_gammu_smsd(struct run *r)
{
	begin_peer(r);
	for (int i = 0; i < r->modems; i++)
		start_gammu_smsd(r, i);
	double sum = wait_all(r);
	end_peer(r);
	return sum;
}

static void fill_smstools(const struct run *r)
{
	for (int n = 0; n < r->segments * r->modems; n++) {
		char path[PATH_BYTES];
		snprintf(path, sizeof(path), "%s/outgoing0/m%d", r->dir, n);
		OWN(file) FILE *f = fopen(path, "w");
		fprintf(f, "To: 84912345678\nQueue: Q%d\n\nMoi ba con den hop\n", n % r->modems);
	}
}

static double run_smstools(struct run *r)
{
	static const char *const folders[] = { "outgoing", "checked", "incoming", "sent", "failed" };
	char config[PATH_BYTES];
	begin_peer(r);
	for (size_t k = 0; k < COUNT_OF(folders); k++)
		make_folder(r, folders[k], 0);
	for (int i = 0; i < r->modems; i++)
		make_folder(r, "queue", i);
	snprintf(config, sizeof(config), "%s/smsd", r->dir);
	OWN(file) FILE *f = fopen(config, "w");
	fprintf(f, "devices = ");
	for (int i = 0; i < r->modems; i++)
		fprintf(f, "%sGSM%d", i ? ", " : "", i);
	fprintf(f, "\ndelaytime = 1\nlogfile = %s/log\npidfile = %s/pid\ninfofile = %s/info\n", r->dir, r->dir, r->dir);
	for (size_t k = 0; k < COUNT_OF(folders); k++)
		fprintf(f, "%s = %s/%s0\n", folders[k], r->dir, folders[k]);
	fprintf(f, "[queues]\n");
	for (int i = 0; i < r->modems; i++)
		fprintf(f, "Q%d = %s/queue%d\n", i, r->dir, i);
	for (int i = 0; i < r->modems; i++)
		fprintf(f, "[GSM%d]\ndevice = %s\nqueues = Q%d\nincoming = no\npre_init = no\n", i, r->sims[i].link, i);
	fflush(f);
	fill_smstools(r);
	start_program(r, SMSD, (char *[]){ (char *)"smsd", (char *)"-t", (char *)"-c", config, NULL });
	double sum = wait_all(r);
	end_peer(r);
	return sum;
}

/* ---- the figures ---- */

static const struct {
	const char *send_ms;
	int modems;
	const char *ours, *gammu, *smstools;
} cases[] = {
	{ "0", 1, "ours, at once, 1", "gammu-smsd, at once, 1", "smstools, at once, 1" },
	{ "0", 4, "ours, at once, 4", "gammu-smsd, at once, 4", "smstools, at once, 4" },
	{ "0", 8, "ours, at once, 8", "gammu-smsd, at once, 8", "smstools, at once, 8" },
	{ "3000", 1, "ours, 3 s, 1", "gammu-smsd, 3 s, 1", "smstools, 3 s, 1" },
	{ "3000", 4, "ours, 3 s, 4", "gammu-smsd, 3 s, 4", "smstools, 3 s, 4" },
	{ "3000", 8, "ours, 3 s, 8", "gammu-smsd, 3 s, 8", "smstools, 3 s, 8" },
};

static void add(struct bench *b, const char *name, const char *unit, double value)
{
	report_add(&b->report, (struct figure){ "modems", name, unit, value, .peer = NULL });
}

static void at_rest(struct bench *b)
{
	struct modemrig r;
	modemrig_start(&r, NULL, json_pack("{s:s}", "connection", "at115200"), NULL);
	modemrig_listen(&r, 1000);
	double before = proc_cpu_s(r.driver), from = rig_now_s();
	while (rig_now_s() - from < IDLE_S)
		modemrig_listen(&r, 500);
	double percent = 100 * (proc_cpu_s(r.driver) - before) / (rig_now_s() - from);
	report_add(&b->report, (struct figure){ "modems", "CPU at rest", "%", percent, .aim = "<= 1 %", .aim_value = 1 });
	modemrig_stop(&r);
}

/* ---- a whole gateway ---- */

#define CHANNELS                                                                                       \
	"{ name = \"modem\"; driver = \"gammu\"; device = \"@MODEM@\"; connection = \"at115200\"; },"     \
	"{ name = \"api\"; driver = \"http\"; provider = \"sim\"; base_url = \"@API@\"; rate_per_second = 100; }," \
	"{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 100; }"

/* ms from the network's hand-over of villager n's message to the case. */
static double case_after_ms(struct gateway *g, int n)
{
	OWN(json) json_t *operation = json_pack("{s:s,s:o,s:s}", "op", "deliver", "from", json_sprintf("+8498700%04d", n), "text",
						"Duong thon 5 ngap ca tuan nay, xe khong di duoc");
	OWN(mem) char *line = json_text(operation);
	char sql[80];
	snprintf(sql, sizeof(sql), "SELECT count(*) > %d FROM casefile", n);
	const double from = rig_now_s();
	simmodem_tell(&g->modem, line);
	while (!gateway_scalar(g, sql)) {
		if (rig_now_s() - from > LIMIT_S)
			fail_msg("no case");
		poll(NULL, 0, 1);
	}
	return 1000 * (rig_now_s() - from);
}

static void arrivals(struct bench *b, struct gateway *g)
{
	double sum = 0, worst = 0;
	int n = bench_size(b, 50);
	for (int i = 0; i < n; i++) {
		double ms = case_after_ms(g, i);
		sum += ms;
		worst = ms > worst ? ms : worst;
	}
	add(b, "an SMS is a case, mean", "ms", sum / n);
	report_add(&b->report, (struct figure){ "modems", "an SMS is a case, worst", "ms", worst, .aim = "<= 1 s", .aim_value = 1000 });
}

static void drivers_memory(struct bench *b, const struct gateway *g)
{
	static const char *const names[][2] = { { "caunoi-gammu", "memory of caunoi-gammu at rest" }, { "caunoi-http", "memory of caunoi-http at rest" },
						{ "caunoi-loopback", "memory of caunoi-loopback at rest" } };
	struct proc family[PROC_FAMILY_MAX];
	size_t n = proc_family(g->core, family);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COUNT_OF(names); k++)
			if (!strcmp(family[i].name, names[k][0]))
				report_add(&b->report, (struct figure){ "modems", names[k][1], "MiB", proc_rss_mib(family[i].pid), .aim = "<= 16 MiB", .aim_value = 16 });
}

static void whole_gateway(struct bench *b)
{
	struct rig *r = rig_new(CHANNELS, false);
	gateway_wait(r->g, "the modem is up", "SELECT count(*) FROM channel WHERE name = 'modem' AND live LIKE '%\"up\"%'", LIMIT_S * 1000);
	arrivals(b, r->g);
	drivers_memory(b, r->g);
	rig_free(r);
}

void modems_run(struct bench *b)
{
	double peak_mib = 0;
	report_say(&b->report, "modems: segments a second on simulated modems, beside gammu-smsd and smstools");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool slow = strcmp(cases[i].send_ms, "0") != 0;
		struct run base = { .modems = cases[i].modems, .send_ms = cases[i].send_ms, .segments = slow ? bench_size(b, 20) + 2 : bench_size(b, 200) };
		struct run ours = base, gammu = base, smstools = base;
		add(b, cases[i].ours, "/s", run_ours(&ours, &peak_mib));
		if (!access(GAMMU_SMSD, X_OK))
			add(b, cases[i].gammu, "/s", run_gammu_smsd(&gammu));
		if (!access(SMSD, X_OK))
			add(b, cases[i].smstools, "/s", run_smstools(&smstools));
	}
	report_add(&b->report, (struct figure){ "modems", "memory of a driver", "MiB", peak_mib, .aim = "<= 16 MiB", .aim_value = 16 });
	at_rest(b);
	whole_gateway(b);
}
