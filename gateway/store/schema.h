/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts of gateway/store/schema/, made C strings at build time (schema_gen.c). */
#ifndef CAUNOI_STORE_SCHEMA_H
#define CAUNOI_STORE_SCHEMA_H

extern const char schema_0001_first[];
extern const char schema_sqlite_views[];
extern const char schema_postgresql_views[];
extern const char schema_postgresql_engine[];
extern const char schema_postgresql_ids[];
extern const char schema_postgresql_waits[];
extern const char schema_postgresql_lease[];
extern const char schema_postgresql_migration[];

#endif
