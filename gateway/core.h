/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core: a deterministic function of its frames, its clock and its random source. loop.c (or a simulator) feeds bytes, calls
 * core_tick when something is ready or due, and writes what the peers' outputs hold afterwards. Only gateway/ includes this. */
#ifndef CAUNOI_GATEWAY_CORE_H
#define CAUNOI_GATEWAY_CORE_H

#include "config/config.h"
#include "gateway/base/buffer.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/candidate.h"
#include "gateway/channel.h"
#include "gateway/lineup.h"
#include "gateway/message.h"
#include "gateway/peer.h"
#include "gateway/pulse.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "gateway/verb.h"
#include "gateway/webhook.h"
#include "gateway/wiring.h"

#define TICK_FRAMES 1024   /* frames handled in one tick at most */
#define DUTIES_MAX 24
enum { DUTY_INBOX, DUTY_WEBHOOK }; /* places of duties that are called for before they are due */

/* What the loop does for the core: child processes and connections. */
struct core_ops {
	/* Starts program with argv; its standard input and output become peer. 0 with *ret_pid. */
	int (*start)(void *loop, struct peer *p, const char *program, char *const argv[], pid_t *ret_pid);
	void (*kill)(void *loop, pid_t pid, int sig);
	/* Starts a program that says nothing to the core, by its whole path, without a shell; it is reaped like the others. NULL = never. */
	int (*run)(void *loop, char *const argv[], pid_t *ret_pid);
	/* Is the disk of data_dir under max(5 %, 256 MiB)? NULL = never asked. */
	bool (*disk_low)(void *loop, const char *data_dir);
	/* A commit found the disk full: gives up the reserve so that messages still come in. May be NULL. */
	void (*release_reserve)(void *loop, const char *data_dir);
	/* Files of words were replaced: they are read anew before the next tick. NULL = never. */
	void (*words)(void *loop);
};

struct pending { /* a command that waits for a peer's answer */
	int64_t id, peer, request;
	int64_t asked; /* the peer whose answer counts */
	int64_t limit_at_mono_ms;
	answer_fn on_answer;
	const struct verb *verb;
	json_t *args;
	char *key; /* under which the reply is kept; NULL = it is not */
	char actor[80], unit[40];
	enum role role;
};

struct after {
	void (*fn)(struct core *core, int64_t a, int64_t b);
	int64_t a, b;
};
struct outgoing {
	int64_t peer, attempt;
	size_t from, n_bytes;
};
struct flow_delta {
	int64_t flow;
	int64_t by[MESSAGE_STATES];
};
/* Everything a tick gathers; forgotten when it is rolled back. */
struct tick_lists {
	struct buffer text;
	struct outgoing *out;
	size_t n_out, out_room, begun_at;
	struct after *after;
	size_t n_after, after_room;
	struct flow_delta *flows;
	size_t n_flows, flows_room;
	struct pending *asked;
	size_t n_asked, asked_room;
};
struct frame {
	int64_t peer;
	json_t *json;
	bool refused; /* was undone in the run together: gets its error alone */
};

/* A tick whose commit has no known outcome: its lists stay as they are until the store says. */
struct undecided {
	bool is;
	int64_t seq;
	struct frame *frames; /* run again when it is not committed */
	size_t n, room;
};

/* Attempts of a tick that was undecided: their frames were kept back, the next tick settles them. */
struct withdrawn {
	int64_t *attempts;
	size_t n;
};

struct lost;
struct spool;
struct core {
	const struct config *config;
	struct store *db;
	const struct seal *seal;
	struct zone *zone;
	struct keywords *keywords;
	const struct clock *clock;
	struct random *random;
	const struct wiring *wiring;
	const struct core_ops *ops;
	void *loop;

	struct peer *peers;
	int64_t last_peer, last_frame;
	struct channel channels[CHANNELS_MAX];
	int n_channels;
	struct webhook webhooks[WEBHOOKS_MAX];
	int n_webhooks;
	int64_t webhooks_swept_mono_ms; /* when rows of those taken out were looked for */

	char node[64], instance[16];
	int64_t epoch, tick_n, seq;
	struct tick_lists lists;
	struct frame *frames;
	size_t n_frames, frames_room;
	struct undecided undecided;
	struct withdrawn withdrawn;
	struct spool *spool; /* opened by recovery where the store can be away, else when it first is; NULL = none */
	bool singly;         /* the frames of this tick run one by one: each part is settled before it is kept */
	bool mark_stands;    /* a savepoint could neither be kept nor undone: this tick must not be committed */
	bool away;           /* the last tick could not reach the store */
	bool behind;         /* something that people said may not have reached the handlers: nothing is claimed */
	int64_t refused_mono_ms; /* since when every tick is refused; 0 = the last one was not */
	struct pending *pending;
	size_t n_pending, pending_room;
	int64_t duty_due_at[DUTIES_MAX];
	int64_t last_tick_mono_ms, retry_at_mono_ms, changed_at_mono_ms;
	unsigned changed; /* bits of noun_names that changed since the last notice */
	int64_t changed_seq;
	int64_t told_spooled, spool_told_mono_ms; /* what the query process knows of the spool */
	bool broken, stopping, low_disk, damaged, accepting;
	bool unclean, checking; /* the last life did not end in order: the query process looks at the whole file once */
	int64_t disk_checked_mono_ms;
	struct lost *lost; /* drivers gone since the last commit, newest first */
	int64_t last_lost;
	struct {
		int64_t now_ms, mono_ms; /* both clocks at the last committed tick */
		int64_t doubt_until_mono_ms;
		bool rules_changed; /* other hours or limits since then: what waits for the old ones is asked again */
	} jump;
	int64_t turn; /* the flow that was served first when a campaign was last served */
	struct candidate_mark taken[CHANNELS_MAX], taking[CHANNELS_MAX]; /* by channel; taking: once the tick is committed */
	struct lineup lineup; /* as a tick read it last: a guess at the next one's */
	int64_t claim_due_at; /* Unix ms at which a waiting message becomes due; 0 = none known */
	int64_t reserve_bytes;
	struct refusal refused; /* why the frame in hand is undone */
	struct supervisor *supervisor;
	struct gate *gate;
	struct ledger *ledger; /* opened by recovery, closed by core_free */
	struct {
		int64_t job;
		void *data;
		void (*forget)(void *data);
	} job_memory; /* of the one job that keeps something between its steps */
	int64_t automatic, automatic_at_ms; /* answers of the last hour, see outbox_automatic_hour */
	int64_t ticks, worst_tick_ms, round_trips; /* figures of this run */
	struct pulse pulse;
};

/* Borrows everything given; E_NOMEM. Call core_recover before the first tick. */
MUST_CHECK int core_new(const struct core_ops *ops, void *loop, const struct config *cfg, struct store *db, const struct seal *seal,
			const struct clock *clock, struct random *random, const struct wiring *wiring, struct core **ret);
void core_free(struct core *core);
/* Epoch + 1, ledger reconciled, every open attempt of an older epoch decided. Broken store: E_BROKEN. */
MUST_CHECK int core_recover(struct core *core);
/* The last tick of an orderly end, when nothing runs any more. */
MUST_CHECK int core_end(struct core *core);
struct peer *core_peer_add(struct core *core, enum peer_kind kind);
struct peer *core_peer_find(struct core *core, int64_t id);
/* The connection is gone: what it had open is decided in the next tick. */
void core_peer_gone(struct core *core, struct peer *p);
/* One tick: 0, or E_BROKEN (stop the process at once). */
MUST_CHECK int core_tick(struct core *core);
/* Monotonic ms at which a tick is wanted although nothing arrives. */
int64_t core_due_mono_ms(const struct core *core);
bool core_has_work(const struct core *core);
/* Starts to stop: no new claims, drivers are told; core_stopped says when nothing is open any more. */
void core_stop(struct core *core);
bool core_stopped(const struct core *core);
/* A new configuration, already checked: channels put in begin, those taken out end, those whose settings or secrets changed are started
 * again. E_REFUSED: one that was taken out has messages under way, or the store has not said what became of a tick; nothing changed. */
MUST_CHECK int core_reload(struct core *core, const struct config *cfg);
/* Tick at moment: an empty transaction context for tests and recovery. */
void core_tick_begin(struct core *core, struct tick *t);
/* E_UNKNOWN: the lists are kept, see store_decide. */
MUST_CHECK int core_tick_commit(struct core *core, struct tick *t);
/* The tick is on disk: what that makes of memory, and only then what leaves. */
MUST_CHECK int core_committed(struct core *core, int64_t seq);
void core_tick_undo(struct core *core, struct tick *t);

/* For the modules that act between ticks (away, replay). */
/* Handles a frame that needs no store; what it answers leaves at once. */
void core_handle_now(struct core *core, struct peer *p, const json_t *frame);

/* For gateway modules inside a tick. */
MUST_CHECK int tick_send_peer(struct tick *t, int64_t peer, json_t *frame, int64_t attempt);
/* A frame written by hand: append one line to *ret, then tick_frame_end. */
struct buffer *tick_frame_begin(struct tick *t);
MUST_CHECK int tick_frame_end(struct tick *t, int64_t peer, int64_t attempt);
void tick_flow(struct tick *t, int64_t flow, enum message_state from, enum message_state to); /* MESSAGE_STATES = none */
struct channel *tick_channel(struct tick *t, const char *name);
int64_t tick_flow_pending(struct core *core, int64_t flow, enum message_state s);
/* Frames: command.c, dispatch.c, inbox.c … each handles its ops. */
MUST_CHECK int command_frame(struct tick *t, struct peer *p, const json_t *frame, bool refused, int err);
/* Before the frames of a tick: asks ahead for what dispatch_frame will want. */
void dispatch_ahead(struct tick *t, const struct channel *ch, const json_t *frame);
/* The same for a report, of a driver or of a hook. */
void receipt_told_ahead(struct tick *t, const char *channel, const json_t *receipt);
MUST_CHECK int dispatch_frame(struct tick *t, struct peer *p, struct channel *ch, const json_t *frame);
/* What a driver says, while the store is away: handled without it, kept until it is back (fault says what is wrong with such a
 * frame, NULL nothing), or left for later. */
enum driver_word { WORD_NOW, WORD_KEEP, WORD_LATER };
enum driver_word driver_frame_word(const json_t *frame);
const char *driver_frame_fault(const json_t *frame);
/* Tells the handlers a kept frame that came at that moment; its driver may be gone. */
MUST_CHECK int driver_frame_tell(struct tick *t, const char *channel, const json_t *frame, int64_t at_ms);

#endif
