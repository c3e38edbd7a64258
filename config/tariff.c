/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile's limits against a measure. Called by preview, submit, planner and by message send. Keeps nothing. */
#include "config/tariff.h"

#include "gateway/base/json.h"

void tariff_open(const struct channel_config *channel, bool advert, struct tariff *ret)
{
	struct complaint c = { 0 };
	const char *file = channel && channel->settings ? json_str(channel->settings, "provider_file", NULL) : NULL;
	*ret = (struct tariff){ .advert = advert };
	if (file && provider_load(file, &ret->provider, &c))
		ret->provider = NULL;
}

void tariff_done(struct tariff *t)
{
	if (t->provider)
		provider_free(t->provider);
	*t = (struct tariff){ 0 };
}

static const struct provider_limits *limits_of(const struct tariff *t, const struct measure *m)
{
	bool unicode = m->encoding == ENCODING_UCS2;
	return provider_limits(t->provider, unicode ? PROVIDER_UNICODE : t->advert ? PROVIDER_ADVERT : PROVIDER_PLAIN);
}

int tariff_most(const struct tariff *t, const struct measure *m)
{
	if (!t->provider)
		return -1;
	if (m->encoding == ENCODING_UCS2 && !provider_unicode(t->provider))
		return 0;
	const struct provider_limits *limits = limits_of(t, m);
	int steps = limits->n ? limits->upto[limits->n - 1] : -1, chars = provider_max_characters(t->provider);
	return steps < 0 || (chars && chars < steps) ? (chars ? chars : -1) : steps;
}

static int steps_of(const struct tariff *t, const struct measure *m)
{
	if (!t->provider)
		return m->n_segments;
	int chars = provider_max_characters(t->provider);
	if ((m->encoding == ENCODING_UCS2 && !provider_unicode(t->provider)) || (chars && m->n_chars > chars))
		return 0;
	const struct provider_limits *limits = limits_of(t, m);
	for (int i = 0; i < limits->n; i++)
		if (m->n_units <= limits->upto[i])
			return i + 1;
	return limits->n ? 0 : m->n_segments;
}

int tariff_segments(const struct tariff *t, const struct measure *m)
{
	int n = steps_of(t, m);
	return n || !t->other ? n : m->n_segments;
}
