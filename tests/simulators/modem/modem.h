/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated modem as a whole: its settings, SIM, radio, memories and port, and the network behind it. Functions
 * here change the whole (start, unplug, hang, say); what a single command does is in the files of commands. */
#ifndef CAUNOI_SIM_MODEM_MODEM_H
#define CAUNOI_SIM_MODEM_MODEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "tests/simulators/modem/faults.h"
#include "tests/simulators/modem/network.h"
#include "tests/simulators/modem/port.h"
#include "tests/simulators/modem/profile.h"
#include "tests/simulators/modem/slots.h"
#include "tests/simulators/modem/timers.h"
#include "tests/simulators/modem/ussd.h"

enum sim_state { SIM_READY, SIM_PIN, SIM_PUK, SIM_ABSENT };
struct sim {
	enum sim_state state;
	char iccid[24], imsi[17], number[24], pin[9], puk[9];
	bool pin_asked;       /* at every start */
	int pin_left, puk_left;
	int pin_tried; /* AT+CPIN="…" seen in all */
};

struct settings {
	int cmee, cmgf, creg, cgreg, cusd, cops_format, cmms, cfun, clip;
	int cnmi[5];       /* mode, mt, bm, ds, bfr */
	char charset[8];
	size_t memory[3];  /* AT+CPMS: places in memories: read, write, receive */
};

enum line_mode { LINE_COMMAND, LINE_BUSY, LINE_BODY };
struct line {
	enum line_mode mode;
	bool echo;
	struct buffer in;   /* not looked at yet */
	struct buffer text; /* command line or message body so far */
};

/* The message between AT+CMGS and its answer. */
struct sending {
	size_t length;   /* of the TPDU, as announced */
	char to[TPDU_NUMBER_MAX]; /* text mode only */
	bool store;      /* AT+CMGW */
};

enum report_mode { REPORT_BY_CNMI, REPORT_DIRECT, REPORT_STORED, REPORT_NONE };
struct reporting {
	enum report_mode mode;
	int status[4], n_status; /* reports of one segment, in order */
	int after_ms;            /* before each */
	bool in_sm;              /* stored beside messages even where there is a memory for reports */
};

struct delays {
	int latency_ms, prompt_ms, send_ms, boot_ms;
};

enum memory { MEMORY_SM, MEMORY_ME, MEMORY_SR, MEMORIES };

struct modem {
	const struct clock *clock;
	const struct profile *profile;
	struct delays delays;
	struct timers timers;
	struct port port;
	struct line line;
	struct settings settings;
	struct sim sim;
	int registration; /* <stat> of +CREG */
	int signal;       /* per cent */
	char centre[TPDU_NUMBER_MAX];
	struct slots memories[MEMORIES];
	struct sending sending;
	int reference;    /* TP-MR of the last segment */
	struct reporting reporting;
	struct faults faults;
	struct ussd ussd;
	struct network network;
	bool hung, quit;
	bool muted; /* a command's answer is being swallowed */
};

struct modem_options {
	const char *link, *journal, *number, *iccid;
	const struct profile *profile;
	struct delays delays;
	size_t n_slots;
	int report_after_ms;
};

/* A modem, still unplugged. E_IO when the journal cannot be opened. clock and the texts of o are borrowed. */
MUST_CHECK int modem_init(struct modem *m, const struct clock *clock, const struct modem_options *o);
void modem_done(struct modem *m);
/* Power comes and goes with the plug. modem_plug: as port_plug; 0 when it is in already. */
MUST_CHECK int modem_plug(struct modem *m);
void modem_unplug(struct modem *m);
/* After after_ms plugs in again. */
void modem_plug_later(struct modem *m, int after_ms);
/* Starts anew: settings lost, echo off, the profile's boot lines said after a while. */
void modem_reboot(struct modem *m);
void modem_hang(struct modem *m, int release_after_ms);
void modem_release(struct modem *m);

/* One line of the modem: CR LF, text, CR LF. Nothing is said by a modem that hangs or is away. */
void modem_say(struct modem *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Bytes as they are. */
void modem_write(struct modem *m, const void *data, size_t n_bytes);

/* On the network: registered at home or roaming, SIM unlocked, radio on. */
bool modem_registered(const struct modem *m);
/* <stat> to show: 0 without a ready SIM or radio. */
int modem_registration(const struct modem *m);
void modem_set_registration(struct modem *m, int stat);
void modem_set_iccid(struct modem *m, const char *iccid);

#endif
