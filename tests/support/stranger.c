/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stranger's only thread reads one octet after the other and answers; while it plays a script it hears nothing, like a
 * modem that is busy. Written from 3GPP TS 27.005 and 27.007 and from what others report of cheap modems. */
#include "tests/support/stranger.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"

#define SLOTS 5
#define LINE_BYTES 1024
#define PLUG_MS 300 /* between pulling the plug and putting it in */
#define CENTRE "07914889200030F0"
#define STAMP "62112270955082"

struct play {
	const struct stranger_manner *manner;
	struct stranger_record *record;
	const char *link;
	int master, slave;
	bool echo, verbose, quiet, entering;
	char line[LINE_BYTES];
	size_t n_line;
	char slots[SLOTS][128];
	int reference, to_say; /* to_say: octets until the plug is pulled, < 0 = never */
};

static void pause_us(long us)
{
	const struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
	nanosleep(&t, NULL);
}

/* ---- the plug ------------------------------------------------------------------------------------------------- */

static void plug_in(struct play *p)
{
	char name[64];
	struct termios t;
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->master < 0 || grantpt(p->master) || unlockpt(p->master) || ptsname_r(p->master, name, sizeof(name)) || tcgetattr(p->master, &t))
		_exit(1);
	cfmakeraw(&t);
	p->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC); /* a port without a reader is no hang-up */
	if (p->slave < 0 || tcsetattr(p->slave, TCSANOW, &t))
		_exit(1);
	unlink(p->link);
	if (symlink(name, p->link))
		_exit(1);
	p->echo = true;
	p->verbose = !p->manner->numeric;
	p->quiet = p->manner->mute;
	p->entering = false;
	p->n_line = 0;
	p->to_say = -1;
}

static void pull(struct play *p)
{
	atomic_fetch_add(&p->record->pulled, 1);
	unlink(p->link);
	close(p->slave);
	close(p->master);
	pause_us(PLUG_MS * 1000);
	plug_in(p);
}

/* ---- saying --------------------------------------------------------------------------------------------------- */

/* Result: false when the plug was pulled on the way. */
static bool put(struct play *p, const char *bytes, size_t n)
{
	size_t step = p->manner->chunk ? (size_t)p->manner->chunk : n;
	for (size_t at = 0; at < n;) {
		size_t now = n - at < step ? n - at : step;
		bool last = p->to_say >= 0 && (size_t)p->to_say <= now;
		if (last)
			now = (size_t)p->to_say;
		if (write(p->master, bytes + at, now) != (ssize_t)now)
			_exit(1);
		if (last) {
			pull(p);
			return false;
		}
		p->to_say -= p->to_say >= 0 ? (int)now : 0;
		at += now;
		pause_us(p->manner->pace_us);
	}
	return true;
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static bool put_line(struct play *p, const char *line)
{
	char out[LINE_BYTES * 2];
	const struct stranger_manner *m = p->manner;
	const char *colon = *line == '+' || *line == '^' ? strstr(line, ": ") : NULL;
	int head = colon ? (int)(colon + 1 - line) : (int)strlen(line);
	int n = snprintf(out, sizeof(out), "%s%.*s%s%s%s%s", or_else(m->before, "\r\n"), head, line, colon ? or_else(m->gap, " ") : "",
			 colon ? colon + 2 : "", or_else(m->tail, ""), or_else(m->after, "\r\n"));
	return put(p, out, (size_t)n);
}

static bool say(struct play *p, const char *line)
{
	for (int i = 0; i < p->manner->chatters; i++)
		if (!put_line(p, p->manner->chatter))
			return false;
	return put_line(p, line);
}

static bool say_result(struct play *p, bool good)
{
	if (p->quiet)
		return true;
	return p->verbose ? say(p, good ? "OK" : "ERROR") : put(p, good ? "0\r" : "4\r", 2);
}

/* ---- messages for us ------------------------------------------------------------------------------------------ */

/* TS 23.038 §6.1.2.1; the letters used here have the same number there. */
static void pack(const char *text, char *hex, size_t room)
{
	unsigned bits = 0, held = 0;
	*hex = '\0';
	while (*text || held) {
		for (; *text && held < 8; held += 7)
			bits |= (unsigned)*text++ << held;
		size_t n = strlen(hex);
		snprintf(hex + n, room - n, "%02X", bits & 0xFF);
		bits >>= 8;
		held -= held < 8 ? held : 8;
	}
}

/* A short text of a villager, "tin 12", into the first free place; its number from 1, or 0 where there is none. */
static int put_by(struct play *p)
{
	char text[16], hex[64];
	int i = 0;
	while (i < SLOTS && *p->slots[i])
		i++;
	if (i == SLOTS)
		return 0;
	snprintf(text, sizeof(text), "tin %d", atomic_fetch_add(&p->record->came, 1));
	pack(text, hex, sizeof(hex));
	snprintf(p->slots[i], sizeof(p->slots[i]), CENTRE "040B914889674523F10000" STAMP "%02zX%s", strlen(text), hex);
	atomic_fetch_add(&p->record->stored, 1);
	return i + 1;
}

static bool come_in(struct play *p)
{
	char line[32];
	int place = put_by(p);
	snprintf(line, sizeof(line), "+CMTI: \"SM\",%d", place);
	return !place || put_line(p, line);
}

static bool report(struct play *p)
{
	char pdu[128];
	snprintf(pdu, sizeof(pdu), CENTRE "06%02X0B914889214365F7" STAMP STAMP "00", (unsigned)p->reference & 0xFF);
	return put_line(p, "+CDS: 26") && put_line(p, pdu);
}

static bool say_slot(struct play *p, const char *head, int slot)
{
	char line[64];
	snprintf(line, sizeof(line), "%s0,,%zu", head, strlen(p->slots[slot]) / 2 - 8);
	return say(p, line) && say(p, p->slots[slot]);
}

static bool list(struct play *p)
{
	char head[32];
	for (int i = 0; i < SLOTS; i++) {
		snprintf(head, sizeof(head), "+CMGL: %d,", i + 1);
		if (*p->slots[i] && !say_slot(p, head, i))
			return false;
	}
	return say_result(p, true);
}

static bool say_level(struct play *p)
{
	char line[64];
	int used = atomic_load(&p->record->stored);
	snprintf(line, sizeof(line), "+CPMS: %d,%d,%d,%d,%d,%d", used, SLOTS, used, SLOTS, used, SLOTS);
	return say(p, line) && say_result(p, true);
}

static bool remove_slot(struct play *p, int slot)
{
	atomic_fetch_sub(&p->record->stored, *p->slots[slot] != '\0');
	*p->slots[slot] = '\0';
	return say_result(p, true);
}

/* ---- messages of ours ----------------------------------------------------------------------------------------- */

static uint64_t digest(const char *text)
{
	uint64_t h = 14695981039346656037ULL;
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211ULL;
	return h;
}

static void go_on_air(struct play *p, const char *pdu)
{
	struct stranger_record *r = p->record;
	uint64_t h = digest(pdu);
	size_t i = 0;
	while (i < STRANGER_AIR && r->air[i] && r->air[i] != h)
		i++;
	if (i == STRANGER_AIR)
		_exit(1);
	atomic_fetch_add(&r->doubled, r->air[i] == h);
	r->air[i] = h;
	atomic_fetch_add(&r->aired, 1);
}

static bool say_filled_in(struct play *p, const char *step)
{
	char line[LINE_BYTES];
	const char *mark = strchr(step, '%');
	if (!mark)
		return say(p, step);
	snprintf(line, sizeof(line), "%.*s%d%s", (int)(mark - step), step, p->reference & 0xFF, mark + 1);
	bool said = say(p, line);
	atomic_fetch_add(&p->record->references, said);
	return said;
}

static bool play_step(struct play *p, const char *step, const char *pdu)
{
	switch (*step) {
	case '>':
		p->entering = true;
		step = step[1] ? step + 1 : "\r\n> ";
		return put(p, step, strlen(step));
	case '~':
		pause_us(strtol(step + 1, NULL, 10) * 1000);
		return true;
	case 'w':
		while (!atomic_load(&p->record->go))
			pause_us(1000);
		return true;
	case '@':
		go_on_air(p, pdu);
		return true;
	case 'i':
		return come_in(p);
	case 'c':
		return report(p);
	case '!':
		pull(p);
		return false;
	case '=':
		return put(p, step + 1, strlen(step + 1));
	case 'O':
		return p->verbose ? say(p, step) : say_result(p, true);
	default:
		return say_filled_in(p, step);
	}
}

static void play(struct play *p, const char *script, const char *pdu)
{
	OWN(mem) char *copy = strdup(script);
	char *rest = copy, *step;
	while (rest && (step = strsep(&rest, "|")) && (!*step || play_step(p, step, pdu)))
		;
	p->to_say = -1;
}

static const struct stranger_script thanks = { "taken", ">", "@|+CMGS: %|OK", 0, 0 };

static const struct stranger_script *script_of(struct play *p)
{
	const struct stranger_script *s = atomic_load(&p->record->script);
	return s ? s : &thanks;
}

static void begin_message(struct play *p)
{
	atomic_fetch_add(&p->record->commands, 1);
	p->reference++;
	play(p, script_of(p)->at_command, "");
}

static void end_message(struct play *p)
{
	const struct stranger_script *s = script_of(p);
	p->entering = false;
	if (s->drop_out > 0)
		p->to_say = s->drop_out;
	play(p, s->at_end, p->line);
}

/* ---- commands ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *command, *reply; /* reply NULL = just OK */
	bool spare;                  /* a poor modem does not know it */
} answers[] = {
	{ "AT+CPIN?", "+CPIN: READY", false },
	{ "AT+CGMI", "Stranger & Co", false },
	{ "AT+CGMM", "S1", false },
	{ "AT+CGMR", "1.0", true },
	{ "AT+CGSN", "359000000000777", true },
	{ "AT+CIMI", "452040000000777", true },
	{ "AT+CCID", "+CCID: 8984049000000000777", true },
	{ "AT+CSCA?", "+CSCA: \"+84980200030\",145", false },
	{ "AT+CMGF=0", NULL, false },
	{ "AT+CPMS=?", "+CPMS: (\"SM\"),(\"SM\"),(\"SM\")", true },
	{ "AT+CNMI=?", "+CNMI: (0-2),(0,1),(0),(0,1),(0,1)", true },
	{ "AT+CNMI=", NULL, true },
	{ "AT+CSQ", "+CSQ: 20,99", false },
	{ "AT+CREG?", "+CREG: 0,1", false },
	{ "AT+CREG=", NULL, true },
	{ "AT+COPS?", "+COPS: 0,2,\"45204\"", true },
	{ "AT+COPS=", NULL, true },
	{ "AT+CMEE=1", NULL, true },
	{ "AT+CSCS?", "+CSCS: \"GSM\"", true },
	{ "AT+CSCS=?", "+CSCS: (\"GSM\",\"UCS2\")", true },
	{ "AT+CSCS=", NULL, true },
	{ "AT+CUSD=", NULL, true },
	{ "AT+CSMS=0", "+CSMS: 1,1,1", true },
};

static bool answer_plain(struct play *p, const char *command)
{
	if (p->manner->bare && strstr(command, "=?"))
		return say_result(p, true);
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		size_t n = strlen(answers[i].command);
		if (strncasecmp(command, answers[i].command, n) || (answers[i].command[n - 1] != '=' && command[n]))
			continue;
		if (p->manner->poor && answers[i].spare)
			break;
		return (!answers[i].reply || say(p, answers[i].reply)) && say_result(p, true);
	}
	return say_result(p, false);
}

static bool set_manner(struct play *p, const char *command)
{
	for (const char *c = command + 2; *c; c++) {
		if (*c == 'E')
			p->echo = *++c == '1' || p->manner->echo_stays;
		else if (*c == 'V')
			p->verbose = *++c == '1';
		else if (*c == 'Q')
			p->quiet = *++c == '1';
		else
			return say_result(p, false);
	}
	return say_result(p, true);
}

/* One letter for a run of the same. */
static void note_job(struct stranger_record *r, const char *command)
{
	static const struct {
		const char *command;
		char letter;
	} jobs[] = { { "AT+CMGS=", 'S' }, { "AT+CUSD=1,", 'U' }, { "AT+CMGL", 'L' }, { "AT+CSQ", 'I' }, { "AT+CMGD=", 'D' } };
	int n = atomic_load(&r->n_jobs);
	for (size_t i = 0; i < COUNT_OF(jobs) && n + 1 < STRANGER_JOBS; i++)
		if (!strncmp(command, jobs[i].command, strlen(jobs[i].command)) && (!n || r->jobs[n - 1] != jobs[i].letter)) {
			r->jobs[n] = jobs[i].letter;
			atomic_store(&r->n_jobs, n + 1);
		}
}

static void on_command(struct play *p, const char *command)
{
	note_job(p->record, command);
	int slot = strlen(command) > 8 ? (int)strtol(command + 8, NULL, 10) - 1 : -1;
	bool there = slot >= 0 && slot < SLOTS && *p->slots[slot];
	if (!strcasecmp(command, "AT"))
		(void)say_result(p, true);
	else if (command[2] == 'E' || command[2] == 'V' || command[2] == 'Q')
		(void)set_manner(p, command);
	else if (!strncmp(command, "AT+CMGS=", 8))
		begin_message(p);
	else if (!strncmp(command, "AT+CMGL", 7))
		(void)(p->manner->listless ? say_result(p, false) : list(p));
	else if (!strncmp(command, "AT+CPMS=\"", 9))
		(void)say_level(p);
	else if (!strncmp(command, "AT+CMGR=", 8))
		(void)((!there || say_slot(p, "+CMGR: ", slot)) && say_result(p, true));
	else if (!strncmp(command, "AT+CMGD=", 8) && there)
		(void)remove_slot(p, slot);
	else
		(void)answer_plain(p, command);
}

static void on_octet(struct play *p, char c)
{
	if (p->echo && !put(p, &c, 1))
		return;
	if (p->entering && (c == 0x1A || c == 0x1B)) {
		p->line[p->n_line] = '\0';
		p->n_line = 0;
		if (c == 0x1A) {
			end_message(p);
			return;
		}
		p->entering = false;
		(void)say_result(p, true);
	} else if (!p->entering && (c == '\r' || c == 0x1B)) {
		p->line[p->n_line] = '\0';
		p->n_line = 0;
		if (c == '\r' && !strncasecmp(p->line, "AT", 2))
			on_command(p, p->line);
	} else if (c != '\n' && p->n_line + 1 < sizeof(p->line)) {
		p->line[p->n_line++] = c;
		if (p->entering && (int)p->n_line == script_of(p)->drop_in)
			pull(p);
	}
}

static void run(struct play *p)
{
	plug_in(p);
	(void)put_by(p); /* what came while nobody was there */
	for (;;) {
		char bytes[256];
		int pulled = atomic_load(&p->record->pulled);
		ssize_t n = read(p->master, bytes, sizeof(bytes));
		if (n <= 0)
			_exit(1);
		for (ssize_t i = 0; i < n && pulled == atomic_load(&p->record->pulled); i++)
			on_octet(p, bytes[i]);
	}
}

/* ---- for the test --------------------------------------------------------------------------------------------- */

void stranger_start(struct stranger *s, const struct stranger_manner *manner)
{
	const char *tmp = getenv("TMPDIR");
	*s = (struct stranger){ 0 };
	assert_true(snprintf(s->dir, sizeof(s->dir), "%s/stranger-XXXXXX", tmp ? tmp : "/tmp") < (int)sizeof(s->dir));
	assert_non_null(mkdtemp(s->dir));
	assert_true(snprintf(s->link, sizeof(s->link), "%s/port", s->dir) < (int)sizeof(s->link));
	s->record = mmap(NULL, sizeof(*s->record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(s->record != MAP_FAILED);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (!s->pid) {
		struct play p = { .manner = manner, .record = s->record, .link = s->link };
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(&p);
	}
	while (access(s->link, F_OK)) {
		assert_int_equal(waitpid(s->pid, NULL, WNOHANG), 0);
		pause_us(1000);
	}
}

void stranger_stop(struct stranger *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unlink(s->link);
	rmdir(s->dir);
	munmap(s->record, sizeof(*s->record));
}

void stranger_play(struct stranger *s, const struct stranger_script *script)
{
	atomic_store(&s->record->commands, 0);
	atomic_store(&s->record->aired, 0);
	atomic_store(&s->record->references, 0);
	atomic_store(&s->record->go, 0);
	memset(s->record->jobs, 0, sizeof(s->record->jobs));
	atomic_store(&s->record->n_jobs, 0);
	atomic_store(&s->record->script, script);
}
