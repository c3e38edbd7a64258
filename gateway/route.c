/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels against networks. Called while messages are claimed, forecast and given up. Keeps nothing, does no I/O. */
#include "gateway/route.h"

#include <stddef.h>
#include <string.h>

bool route_serves(const struct channel_config *channel, const char *network)
{
	if (!channel->networks || !channel->networks[0])
		return true;
	for (char **n = channel->networks; *n; n++)
		if (!strcmp(*n, network))
			return true;
	return false;
}

bool route_exists(const struct config *config, const char *channel, const char *network)
{
	if (channel && *channel && config_channel(config, channel))
		return true;
	for (size_t i = 0; i < config->n_channels; i++)
		if (route_serves(&config->channels[i], network))
			return true;
	return false;
}

bool route_of_pin(const struct config *config, const char *pin)
{
	switch (*pin) {
	case '!': return true; /* it was handed over once: there was a route */
	case '?': return config_channel(config, pin + 1) != NULL; /* and if that is not there, by another */
	case '~': return route_exists(config, NULL, pin + 1);
	default: return config_channel(config, pin) != NULL;
	}
}
