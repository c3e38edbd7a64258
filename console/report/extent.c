/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The extent of a report. Called by report.c, and by whatever reads a figure. */
#include "console/report/extent.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"

int extent_init(struct extent *s, const struct scope *in, const json_t *args, const struct places *places, const json_t *forms)
{
	*s = (struct extent){ .in = in, .places = places, .forms = forms, .args = args, .job = json_int(args, "job", 0), .kind = json_str(args, "kind", ""), .unit = json_str(args, "unit", ""), .territory = json_str(args, "territory", "?????"),
			    .from = json_str(args, "from", ""), .to = json_str(args, "to", "") };
	int64_t last;
	if (calendar_parse_iso(s->from, in->zone, &s->from_ms) || calendar_parse_iso(s->to, in->zone, &last))
		return E_INVALID;
	s->to_ms = calendar_midnight_ms(in->zone, last, 1);
	if (*s->unit && strlen(s->unit) > strlen(s->territory)) /* it will be read where it is about */
		s->territory = s->unit;
	s->below = places_below(places, s->unit, s->from, s->to);
	return s->below ? 0 : E_NOMEM;
}

void extent_done(struct extent *s)
{
	free(s->below);
	s->below = NULL;
}

void extent_bind_scope(const struct extent *s, struct statement *st)
{
	bind_text(st, "$unit", s->unit);
	bind_text(st, "$below", s->below);
}

void extent_bind_units(const struct extent *s, struct statement *st)
{
	extent_bind_scope(s, st);
	bind_int(st, "$from", s->from_ms);
	bind_int(st, "$to", s->to_ms);
}

void extent_bind(const struct extent *s, struct statement *st)
{
	extent_bind_units(s, st);
	bind_text(st, "$territory", s->territory);
}
