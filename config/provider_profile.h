/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What struct provider is, for the files that share its work: provider.c, provider_request.c, provider_answer.c. */
#ifndef CAUNOI_CONFIG_PROVIDER_PROFILE_H
#define CAUNOI_CONFIG_PROVIDER_PROFILE_H

#include "config/profile.h"

struct provider {
	struct profile profile;
};

#endif
