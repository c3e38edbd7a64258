# SPDX-License-Identifier: GPL-3.0-or-later
# The console's pages: TypeScript into $(B)/pages by esbuild, as the lockfile says. A machine without node or without a registry
# builds everything else, and says what is missing.
DEPS_PAGES := $(if $(shell command -v npm),,nodejs npm)
DEPS += $(DEPS_PAGES)
DEPS_TEST += chromium
PAGES := $(B)/pages.stamp
PAGES_SRC := $(shell find console/pages -type f -not -path '*/node_modules/*')

$(B)/pages-work/node_modules/.ready: console/pages/package-lock.json
	@mkdir -p $(B)/pages-work
	@cp console/pages/package.json console/pages/package-lock.json $(B)/pages-work/
	@if command -v npm >/dev/null && cd $(B)/pages-work && npm ci --silent --no-audit --no-fund --ignore-scripts 2>/dev/null; then touch node_modules/.ready; \
		else echo "  pages: node and npm are missing or no registry is reached; the programs are built without the console"; fi

# what the pages offer is what the registry has
$(B)/gen/verbs.json: $(B)/caunoi
	@mkdir -p $(@D)
	@$(B)/caunoi verbs --json > $@.new && { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }

$(B)/pages.stamp: $(PAGES_SRC) $(B)/gen/verbs.json | $(B)/pages-work/node_modules/.ready
	@if [ -e $(B)/pages-work/node_modules/.ready ]; then \
		cp -r console/pages/. $(B)/pages-work/ && out=$$(realpath -m $(B)/pages) verbs=$$(realpath $(B)/gen/verbs.json) && cd $(B)/pages-work && \
		node node_modules/typescript/bin/tsc --noEmit && node build.mjs "$$out" "$$verbs" && cd - >/dev/null && touch $@; fi

.PHONY: pages
pages: $(PAGES)
define INSTALL_PAGES
@if [ -d $(B)/pages ]; then $(INSTALL) -d $(DESTDIR)$(datadir)/caunoi/pages && $(INSTALL) -m 644 $(B)/pages/* $(DESTDIR)$(datadir)/caunoi/pages/; fi
endef
