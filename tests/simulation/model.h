/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the modelled engine share; nobody else includes this. */
#ifndef CAUNOI_SIMULATION_MODEL_H
#define CAUNOI_SIMULATION_MODEL_H

#include "gateway/store/engine.h"
#include "tests/simulation/asked.h"

enum trouble { TROUBLE_NONE, TROUBLE_INSIDE, TROUBLE_AT_COMMIT, TROUBLE_UNKNOWN, TROUBLE_LEASE };

struct model {
	struct store base;
	struct store *rows; /* the engine below */
	enum trouble trouble;
	int rows_left;  /* TROUBLE_INSIDE: until it strikes */
	int deferred;   /* the first fault of what was written ahead */
	struct asked asked;
	bool lost;      /* the connection, inside this transaction */
	bool read_only, leased, fenced;
	char node[64];
};

/* One of ours before one of the engine below. Its values are known by their hashes, a place each: what was asked ahead is found by them. */
struct model_statement {
	struct statement base;
	struct statement *rows;
	uint64_t values[NAMES_MAX];
};

static inline struct model *model_of(struct store *s)
{
	return (struct model *)s;
}

static inline struct model_statement *model_st(struct statement *st)
{
	return (struct model_statement *)st;
}

bool model_unreachable(void);
/* What the server does with the transaction of a connection that is gone: E_UNAVAILABLE. */
int model_lose(struct model *m);
bool model_in_transaction(const struct store *s);

/* model_rows.c: the statements' part of the engine's table. */
struct statement *model_prepare(struct store *s, const char *sql, bool keep);
void model_drop(struct statement *st);
void model_reset(struct statement *st);
int model_place(struct statement *st, const char *name);
void model_put_int(struct statement *st, int i, int64_t value);
void model_put_real(struct statement *st, int i, double value);
void model_put_text(struct statement *st, int i, const char *value);
void model_put_blob(struct statement *st, int i, const void *data, size_t n_bytes);
void model_put_null(struct statement *st, int i);
int model_row(struct statement *st);
void model_ahead(struct statement *st);
void model_forget_aheads(struct store *s);
int model_write_ahead(struct statement *st, int64_t n);
int64_t model_changes(struct store *s);
int64_t model_last_id(struct store *s);
int64_t model_total_changes(struct store *s);
int64_t model_get_int(struct statement *st, int i);
double model_get_real(struct statement *st, int i);
const char *model_get_text(struct statement *st, int i);
const void *model_get_blob(struct statement *st, int i, size_t *ret_bytes);
bool model_get_null(struct statement *st, int i);
int model_columns(struct statement *st);
const char *model_name_of(struct statement *st, int i);

#endif
