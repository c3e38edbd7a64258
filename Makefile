# SPDX-License-Identifier: GPL-3.0-or-later
# Cầu Nối: build, run, check. `make help` lists the targets.
SHELL = /bin/bash
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

prefix ?= /usr/local
bindir ?= $(prefix)/bin
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec/caunoi
datadir ?= $(prefix)/share
sysconfdir ?= /etc
INSTALL ?= install

B ?= build
CC = gcc
SAN ?=
WARN = -Wall -Wextra -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes -Wvla -Werror
HARDEN_C := $(shell dpkg-buildflags --get CFLAGS 2>/dev/null | sed 's/-O[0-9]//;s/-g //;s|-ffile-prefix-map=[^ ]*||') -fstack-clash-protection -fcf-protection
HARDEN_P := $(if $(SAN),,-D_FORTIFY_SOURCE=2)
HARDEN_L := -Wl,-z,relro -Wl,-z,now
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu17 -I. -I$(B)/gen -include gateway/base/banned.h -D_GNU_SOURCE -DCAUNOI_DATADIR='"$(datadir)/caunoi"' \
	$(WARN) $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all,$(HARDEN_C) $(HARDEN_P)) -fPIE $(EXTRA_CFLAGS)
ALL_LDFLAGS = -pie $(if $(SAN),-fsanitize=$(SAN),$(HARDEN_L)) -Wl,--as-needed $(LDFLAGS)

# ---- what each part is made of; a new .c file is found by itself -------------------------------------------
src = $(wildcard $(addsuffix /*.c,$(1)))
BASE      := $(call src,gateway/base)
STORE     := $(call src,gateway/store) schema_gen.c
CONFIG    := $(call src,config)
DRIVER    := $(call src,gateway/drivers)
GATEWAY   := $(filter-out gateway/main.c,$(call src,gateway))
CAMPAIGNS := $(call src,campaigns)
HANDLERS  := $(call src,handlers)
REPORT    := $(call src,console/report)
CORE      := $(GATEWAY) $(CAMPAIGNS) $(HANDLERS) $(STORE) $(CONFIG) $(BASE) gateway/drivers/driver.c

PROGRAMS := caunoid caunoi caunoi-web caunoi-query caunoi-gammu caunoi-http caunoi-loopback
caunoid_SRC         = gateway/main.c $(CORE)
caunoi-query_SRC    = $(call src,console/query) $(REPORT) $(CORE)
caunoi-web_SRC      = $(call src,console/web) $(CONFIG) $(BASE)
caunoi_SRC          = $(call src,console/terminal) $(CONFIG) $(BASE)
caunoi-gammu_SRC    = $(call src,gateway/drivers/gammu) $(DRIVER) $(CONFIG) $(BASE)
caunoi-http_SRC     = $(call src,gateway/drivers/http) $(DRIVER) $(CONFIG) $(BASE)
caunoi-loopback_SRC = $(call src,gateway/drivers/loopback) $(DRIVER) $(CONFIG) $(BASE)

BASE_LIBS = -ljansson -lutf8proc -lsodium -lcsv -lconfig -lcrypto -lseccomp -lexpat -lm -lpthread
STORE_LIBS = -lsqlite3
caunoid_LIBS         = $(STORE_LIBS) -lsystemd $(BASE_LIBS)
caunoi-query_LIBS    = $(STORE_LIBS) -lsystemd $(BASE_LIBS)
caunoi-web_LIBS      = -lmicrohttpd $(BASE_LIBS)
caunoi_LIBS          = $(BASE_LIBS)
caunoi-gammu_LIBS    = -lGammu $(BASE_LIBS)
caunoi-http_LIBS     = -lcurl $(BASE_LIBS)
caunoi-loopback_LIBS = $(BASE_LIBS)
FLAGS_gateway_drivers_gammu_gsm := $(shell pkg-config --cflags gammu 2>/dev/null)

# the verb tables, printed from the core's registry for programs that link no store (console/web, console/terminal)
VERBS_GEN = $(B)/gen/verbs_gen.c
include $(wildcard tests/simulators/*.mk tests/*.mk)

obj = $(patsubst $(B)/schema_gen.o,$(B)/gen/schema_gen.o,$(patsubst %.c,$(B)/%.o,$(1)))
BINARIES = $(addprefix $(B)/,$(PROGRAMS))

.PHONY: all build
all: build
build: deps
	@$(MAKE) --no-print-directory $(BINARIES) $(SIMULATORS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(FLAGS_$(subst /,_,$*)) -MMD -MP -c -o $@ $<
$(B)/gen/%.o: $(B)/gen/%.c
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# SQL files as C strings: schema/0001_first.sql becomes schema_0001_first, schema/sqlite/views.sql schema_sqlite_views
SCHEMA := $(wildcard gateway/store/schema/*.sql gateway/store/schema/*/*.sql)
$(B)/gen/schema_gen.c: $(SCHEMA)
	@mkdir -p $(@D)
	@{ echo '#include "gateway/store/schema.h"'; for f in $(SCHEMA); do n=$${f#gateway/store/schema/}; n=$${n%.sql}; \
	echo "const char schema_$${n//\//_}[] ="; sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $$f; echo ';'; done; } > $@

define program
$(B)/$(1): $$(call obj,$$($(1)_SRC)) $$($(1)_GEN)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$($(1)_LIBS)
endef
$(foreach p,$(PROGRAMS) $(SIMULATOR_NAMES),$(eval $(call program,$(p))))

-include $(shell find $(B) -name '*.d' 2>/dev/null)
Q = $(if $(V),,@echo "  $(notdir $@)";)

# ---- tests: tests/unit/test_NOUN.c becomes $(B)/tests/test_NOUN, linked with everything that has no main() --------
EVERYTHING := $(filter-out %/main.c,$(CORE) $(REPORT) $(foreach d,drivers/gammu drivers/http drivers/loopback,$(call src,gateway/$(d))) \
	$(call src,console/query) $(call src,console/web) $(call src,console/terminal) $(call src,tests/support))
ALL_LIBS = $(STORE_LIBS) -lsystemd -lmicrohttpd -lcurl -lGammu $(BASE_LIBS)
$(B)/libcaunoi.a: $(call obj,$(EVERYTHING))
	@rm -f $@
	$(Q)ar rcs $@ $^
TEST_DIRS = unit property differential
TEST_SRC := $(foreach d,$(TEST_DIRS),$(wildcard tests/$(d)/test_*.c))
TESTS := $(patsubst %.c,$(B)/tests/%,$(notdir $(TEST_SRC)))
vpath test_%.c $(addprefix tests/,$(TEST_DIRS))
$(B)/tests/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/%: $(B)/tests/%.o $(B)/libcaunoi.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(B)/libcaunoi.a -lcmocka $(ALL_LIBS) $(LIBS_$*)
.PRECIOUS: $(B)/tests/%.o
