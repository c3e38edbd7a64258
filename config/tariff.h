/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a route counts a text: by the carrier's own steps where its profile names them, else by the network's. Asked where costs
 * are shown and where texts are taken, before a driver would refuse them. Pure but for tariff_open, which reads the profile. */
#ifndef CAUNOI_CONFIG_TARIFF_H
#define CAUNOI_CONFIG_TARIFF_H

#include <stdbool.h>

#include "config/config.h"
#include "config/provider.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/own.h"

/* provider NULL: the network's own counting. */
struct tariff {
	struct provider *provider;
	bool advert; /* the carrier adds its label and the way to stop */
	bool other;  /* another route may take what this one refuses: nothing is refused beforehand */
};

/* Of the channel's profile; a channel without one has the network's. A profile that cannot be read is the driver's to complain
 * about: the network's counting stands in for it. */
void tariff_open(const struct channel_config *channel, bool advert, struct tariff *ret);
void tariff_done(struct tariff *t);
/* Segments that are billed; 0 = the route refuses such a text. */
int tariff_segments(const struct tariff *t, const struct measure *m);
/* The most characters of such a text that the route takes; 0 = it takes none of this encoding, -1 = it says no limit. */
int tariff_most(const struct tariff *t, const struct measure *m);

#endif
