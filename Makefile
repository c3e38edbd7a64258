# SPDX-License-Identifier: GPL-3.0-or-later
# Cầu Nối: build, run, check. `make help` lists the targets.
SHELL = /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL = all
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

VERSION = 0.1
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
	-DCAUNOI_SBINDIR='"$(sbindir)"' -DCAUNOI_VERSION='"$(VERSION)"' \
	$(WARN) $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-format-truncation -Wno-maybe-uninitialized,$(HARDEN_C) $(HARDEN_P)) -fPIE $(EXTRA_CFLAGS)
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
# the verbs as data, for programs that link no store: what they are, without the functions
VERBS     := gateway/verb.c gateway/registry.c gateway/shape.c verbs_gen.c

PROGRAMS := caunoid caunoi caunoi-web caunoi-query caunoi-gammu caunoi-http caunoi-loopback
caunoid_SRC         = gateway/main.c $(CORE)
caunoi-query_SRC    = $(call src,console/query) $(REPORT) $(CORE)
caunoi-web_SRC      = $(call src,console/web) $(VERBS) $(CONFIG) $(BASE)
caunoi_SRC          = $(call src,console/terminal) $(VERBS) $(CONFIG) $(BASE)
caunoi-gammu_SRC    = $(call src,gateway/drivers/gammu) $(DRIVER) $(CONFIG) $(BASE)
caunoi-http_SRC     = $(call src,gateway/drivers/http) $(DRIVER) $(CONFIG) $(BASE)
caunoi-loopback_SRC = $(call src,gateway/drivers/loopback) $(DRIVER) $(CONFIG) $(BASE)

BASE_LIBS = -ljansson -lutf8proc -lsodium -lcsv -lconfig -lcrypto -lseccomp -lexpat -lm -lpthread
STORE_LIBS = -lsqlite3 -lpq -lzip -loath -lqrencode
caunoid_LIBS         = $(STORE_LIBS) -lsystemd $(BASE_LIBS)
caunoi-query_LIBS    = $(STORE_LIBS) -lsystemd -lxlsxwriter $(BASE_LIBS)
caunoi-web_LIBS      = -lmicrohttpd -lz $(BASE_LIBS)
caunoi_LIBS          = $(BASE_LIBS)
caunoi-gammu_LIBS    = -lGammu $(BASE_LIBS)
caunoi-http_LIBS     = -lcurl $(BASE_LIBS)
caunoi-loopback_LIBS = $(BASE_LIBS)
PQ_FLAGS := $(shell pkg-config --cflags libpq 2>/dev/null)
$(foreach f,$(wildcard gateway/store/store_pgsql*.c) tests/support/engine.c tests/support/mirror.c,$(eval FLAGS_$(subst /,_,$(f:.c=)) := $(PQ_FLAGS)))
# its header has macros of a function that is banned behind it
EARLY_console_report_workbook := -include xlsxwriter.h
FLAGS_gateway_drivers_gammu_gsm := $(shell pkg-config --cflags gammu 2>/dev/null)

include $(wildcard tests/simulators/*.mk tests/*.mk)

obj = $(patsubst $(B)/%_gen.o,$(B)/gen/%_gen.o,$(patsubst %.c,$(B)/%.o,$(1)))
BINARIES = $(addprefix $(B)/,$(PROGRAMS))

# `deps` comes first in a make of its own: what follows asks the installed packages for their flags
.PHONY: all build
all: build
build: deps
	@$(MAKE) --no-print-directory $(BINARIES) $(SIMULATORS) $(PAGES)

# Debian packages. apt runs only when one is missing, and no service that a package brings is started.
DEPS = gcc make libc6-dev dpkg-dev pkg-config libgammu-dev libcurl4-openssl-dev libmicrohttpd-dev libjansson-dev libcsv-dev \
	libutf8proc-dev libsodium-dev libconfig-dev libssl-dev libseccomp-dev libexpat1-dev libzip-dev zlib1g-dev libxlsxwriter-dev libsqlite3-dev libpq-dev libsystemd-dev \
	liboath-dev libqrencode-dev libcmocka-dev
DEPS_TEST = g++ gammu gammu-smsd smstools libosmocore-dev libphonenumber-dev nghttp2-server postgresql sqlite3 systemd udev openssl strace e2fsprogs libfaketime $(DEPS_FUZZ) $(DEPS_NODE) $(DEPS_KANNEL)
include console/pages/pages.mk
.PHONY: deps deps-test
deps:
	@tests/by_hand/packages.sh $(DEPS)
deps-test:
	@tests/by_hand/packages.sh $(DEPS) $(DEPS_TEST)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(EARLY_$(subst /,_,$*)) $(ALL_CFLAGS) $(FLAGS_$(subst /,_,$*)) -MMD -MP -c -o $@ $<
$(B)/gen/%.o: $(B)/gen/%.c
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# what knows where it will be installed is compiled again when that changes
PATHS = $(datadir) $(sbindir) $(VERSION)
KNOWS_PATHS := $(shell grep -lrE 'CAUNOI_(DATADIR|SBINDIR|VERSION)' --include='*.c' config console gateway)
$(call obj,$(KNOWS_PATHS)): $(B)/paths.stamp
$(B)/paths.stamp: ALWAYS
	@mkdir -p $(@D)
	@echo '$(PATHS)' | cmp -s - $@ || echo '$(PATHS)' > $@
.PHONY: ALWAYS

# SQL files as C strings: schema/0001_first.sql becomes schema_0001_first, schema/sqlite/views.sql schema_sqlite_views
SCHEMA := $(wildcard gateway/store/schema/*.sql gateway/store/schema/*/*.sql)
$(B)/gen/schema_gen.c: $(SCHEMA)
	@mkdir -p $(@D)
	@{ echo '#include "gateway/store/schema.h"'; for f in $(SCHEMA); do n=$${f#gateway/store/schema/}; n=$${n%.sql}; \
	echo "const char schema_$${n//\//_}[] ="; sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $$f; echo ';'; done; } > $@

# The registry printed by a program that links all of it.
registry-print_SRC  = $(call src,console/registry_print) console/terminal/builtin.c $(CORE)
registry-print_LIBS = $(STORE_LIBS) -lsystemd $(BASE_LIBS)
# What words weigh, learnt anew from labelled messages and, where named, from corrections.
LESSONS = config/topics/lessons.tsv
teach_SRC  = $(call src,handlers/teach) $(CORE)
teach_LIBS = $(STORE_LIBS) -lsystemd $(BASE_LIBS)
.PHONY: weights
weights: $(B)/teach
	$(Q)$(B)/teach config/caunoi.conf $(LESSONS) > $(B)/weights.tsv && mv $(B)/weights.tsv config/topics/weights.tsv
$(B)/gen/verbs_gen.c: $(B)/registry-print
	@mkdir -p $(@D)
	@$(B)/registry-print --c > $@

define program
$(B)/$(1): $$(call obj,$$($(1)_SRC)) $$($(1)_GEN)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$($(1)_LIBS)
endef
$(foreach p,$(PROGRAMS) registry-print teach $(SIMULATOR_NAMES),$(eval $(call program,$(p))))

-include $(shell find $(B) -name '*.d' 2>/dev/null)
Q = $(if $(V),,@echo "  $(notdir $@)";)

# ---- tests: tests/unit/test_NOUN.c becomes $(B)/tests/test_NOUN, linked with everything that has no main() --------
EVERYTHING := $(filter-out %/main.c,$(CORE) $(DRIVER) $(REPORT) $(foreach d,drivers/gammu drivers/http drivers/loopback,$(call src,gateway/$(d))) \
	$(call src,console/query) $(call src,console/web) $(call src,console/terminal) $(call src,tests/support))
ALL_LIBS = $(STORE_LIBS) -lsystemd -lxlsxwriter -lmicrohttpd -lz -lcurl -lGammu $(BASE_LIBS)
$(B)/libcaunoi.a: $(call obj,$(EVERYTHING))
	@rm -f $@
	$(Q)ar qcs $@ $^
TEST_DIRS = unit property differential
FLOW_DIRS = flow faults simulation
TEST_SRC := $(foreach d,$(TEST_DIRS),$(wildcard tests/$(d)/test_*.c))
TESTS := $(patsubst %.c,$(B)/tests/%,$(notdir $(TEST_SRC)))
FLOW_SRC := $(foreach d,$(FLOW_DIRS),$(wildcard tests/$(d)/test_*.c))
FLOW_TESTS := $(sort $(FLOW_TESTS) $(patsubst %.c,$(B)/tests/%,$(notdir $(FLOW_SRC))))
vpath test_%.c $(addprefix tests/,$(TEST_DIRS) $(FLOW_DIRS))
$(B)/tests/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/%: $(B)/tests/%.o $(B)/libcaunoi.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(B)/libcaunoi.a -lcmocka $(ALL_LIBS) $(LIBS_$*)
.PRECIOUS: $(B)/tests/%.o
$(B)/tests/test_teach: | $(B)/teach

# Three programs at a time, the long ones first: most of them wait. RUN prints "N passed, N failed".
RUN = tests/run.sh
ALL_TESTS = $(TESTS) $(FLOW_TESTS)
CHECKS = tests/layers.sh tests/printed.sh tests/units.sh tests/installed.sh $(FUZZ_CHECK) $(BROWSER_CHECK)
ASAN = SAN=address,undefined B=build-asan CFLAGS='-O1 -g'
asan_names = $(patsubst $(B)/%,build-asan/%,$(1))

.PHONY: programs tests test check asan bench tidy layers docs run install uninstall help clean
programs: $(BINARIES) $(SIMULATORS) $(B)/registry-print
tests: programs $(ALL_TESTS)

ifdef T
test: deps-test
	@$(MAKE) --no-print-directory programs $(B)/tests/test_$(patsubst test_%,%,$(T))
	@$(if $(filter postgresql,$(ENGINE)),tests/engine.sh $(RUN) -e postgresql,$(RUN)) -b $(B) $(B)/tests/test_$(patsubst test_%,%,$(T))
else
test: deps-test
	@$(MAKE) --no-print-directory $(TESTS)
	@$(RUN) -b $(B) -j 2 $(TESTS)
endif

check: deps-test
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory $(ASAN) tests
	@$(MAKE) --no-print-directory fuzzers
	@$(with_engine) $(RUN) -j 3 -t 600 $(on_sqlite) $(on_postgresql)

asan: deps-test
	@$(MAKE) --no-print-directory $(ASAN) tests
	@$(RUN) -j 3 -t 600 -b build-asan $(call asan_names,$(ASAN_FLOWS) $(TESTS))

# figures, not laws: every executable of tests/bench in turn
bench: build
	@found=0; for f in tests/bench/*.sh; do [ -x "$$f" ] || continue; found=1; CAUNOI_BUILD=$(B) "$$f" || exit 1; done; \
		[ $$found = 1 ] || echo "tests/bench holds no measurement yet"

layers:
	@tests/layers.sh

tidy:
	@command -v clang-tidy >/dev/null || tests/by_hand/packages.sh clang-tidy
	@clang-tidy --quiet $(filter-out verbs_gen.c schema_gen.c,$(sort $(EVERYTHING))) -- $(filter-out $(WARN) $(HARDEN_C),$(ALL_CFLAGS))

# the pages that are printed from tables; `make check` says when they are old
docs: build
	@$(MAKE) --no-print-directory $(B)/registry-print
	@for page in verbs roles states settings; do $(B)/registry-print --$$page > docs/$$page.md && echo "  docs/$$page.md"; done

run: build
	@CAUNOI_BUILD=$(B) tests/by_hand/run.sh

# ---- installing: works in a bare folder (DESTDIR) and without systemd running ------------------------------
unitdir ?= $(prefix)/lib/systemd/system
DATA_DIRS = providers keywords topics menus contexts units holidays numbers reports signups
in_place = sed 's|@datadir@|$(datadir)|g; s|@sbindir@|$(sbindir)|g; s|@sysconfdir@|$(sysconfdir)|g'
LIBEXEC = caunoi-query caunoi-web caunoi-gammu caunoi-http caunoi-loopback
install: build
	$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(sbindir) $(libexecdir) $(datadir)/caunoi $(datadir)/doc/caunoi $(unitdir) \
		$(prefix)/lib/sysusers.d $(prefix)/lib/tmpfiles.d $(prefix)/lib/udev/rules.d $(sysconfdir)/caunoi)
	$(INSTALL) -m 755 $(B)/caunoi $(DESTDIR)$(bindir)/
	$(INSTALL) -m 755 $(B)/caunoid $(DESTDIR)$(sbindir)/
	$(INSTALL) -m 755 $(addprefix $(B)/,$(LIBEXEC)) $(DESTDIR)$(libexecdir)/
	@for d in $(DATA_DIRS); do for f in config/$$d/*.conf; do [ -e "$$f" ] || continue; \
		$(INSTALL) -D -m 644 "$$f" "$(DESTDIR)$(datadir)/caunoi/$${f#config/}" || exit 1; done; done
	$(INSTALL) -m 644 config/topics/weights.tsv $(DESTDIR)$(datadir)/caunoi/topics/weights.tsv
	$(INSTALL) -m 644 config/caunoi.conf $(DESTDIR)$(datadir)/doc/caunoi/caunoi.conf
	$(INSTALL) -m 644 README.md COPYING docs/*.md $(DESTDIR)$(datadir)/doc/caunoi/
	[ -e $(DESTDIR)$(sysconfdir)/caunoi/caunoi.conf ] || $(INSTALL) -m 644 config/caunoi.conf $(DESTDIR)$(sysconfdir)/caunoi/caunoi.conf
	$(in_place) systemd/caunoi.service > $(DESTDIR)$(unitdir)/caunoi.service
	$(INSTALL) -m 644 systemd/caunoi.sysusers $(DESTDIR)$(prefix)/lib/sysusers.d/caunoi.conf
	$(INSTALL) -m 644 systemd/caunoi.tmpfiles $(DESTDIR)$(prefix)/lib/tmpfiles.d/caunoi.conf
	$(INSTALL) -m 644 systemd/60-caunoi.rules $(DESTDIR)$(prefix)/lib/udev/rules.d/60-caunoi.rules
	$(if $(INSTALL_PAGES),$(INSTALL_PAGES))
uninstall:
	rm -f $(DESTDIR)$(bindir)/caunoi $(DESTDIR)$(sbindir)/caunoid $(DESTDIR)$(unitdir)/caunoi.service \
		$(DESTDIR)$(prefix)/lib/sysusers.d/caunoi.conf $(DESTDIR)$(prefix)/lib/tmpfiles.d/caunoi.conf \
		$(DESTDIR)$(prefix)/lib/udev/rules.d/60-caunoi.rules
	rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir)/caunoi $(DESTDIR)$(datadir)/doc/caunoi

help:
	@echo "make            build the programs in $(B)/, installing the Debian packages that are missing"
	@echo "make run        install, build, start a demonstration and leave it running"
	@echo "make check      everything: build, all tests, layers, printed pages, units, the suite under ASan and UBSan"
	@echo "                ENGINE=sqlite|postgresql|both (default both: a throw-away server is started for it)"
	@echo "make test       the quick tests; make test T=outbox runs one program"
	@echo "make asan       the suite under ASan and UBSan    make bench   figures"
	@echo "make fuzz       every fuzzer for 20 s             make fuzz-long MINUTES=n [F=name]"
	@echo "make simulate   [SEED=n STEPS=n MUTANT=k RULES=postgresql] the core in a simulated world (make simulator builds it)"
	@echo "make simulate-mutants      how many defects on purpose there are    make simulate-self-test   each is caught by a law"
	@echo "make simulate-many         [MINUTES=n] fresh seeds on all cores; what breaks a law goes into a file"
	@echo "make crash-points          kills the programs at every system call of a script (make check samples it)"
	@echo "make power-cuts            [CUTS=n] the drive of a working gateway loses its power, n times (make check: 10)"
	@echo "make pg-faults              a real PostgreSQL server ended, cut off, frozen and filled under a working gateway (make check: a tenth)"
	@echo "make test-browser [SHOTS=folder] the console in Chromium: stories, accessibility, leaks, attacks"
	@echo "make soak-modems           [MINUTES=60 SEED=n] eight simulated modems, a fault every second, messages both ways"
	@echo "make strangers             modems by another hand: every manner of speaking with every way a message can end"
	@echo "make kannel     [PEOPLE=n] a real Kannel: 5,000 messages, killed in the middle (make check: 200)"
	@echo "make xlsx-oracle            our spreadsheets as LibreOffice reads them (installs it)"
	@echo "make weights    [LESSONS='config/topics/lessons.tsv corrections.jsonl'] learns anew what words say of topics, danger, charges, refusals"
	@echo "make layers     who includes whom                 make tidy    clang-tidy"
	@echo "make docs       print docs/verbs.md, states.md and settings.md from the tables"
	@echo "make install    [DESTDIR=… prefix=/usr/local]     make clean   remove $(B)/ and build-asan/"
clean:
	rm -rf $(B) build-asan $(FUZZ_B)
