/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Callers of the control socket and of the query socket. Called for every frame, because a session may have ended since the last. */
#include "gateway/caller.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "gateway/base/log.h"
#include "gateway/token.h"
#include "gateway/unit.h"

#define GROUP "caunoi"
#define NAME_ROOM 4096

static void take(const struct account *a, struct caller *ret)
{
	*ret = (struct caller){ .role = a->role };
	account_actor(a, ret->actor);
	snprintf(ret->unit, sizeof(ret->unit), "%s", a->unit);
	snprintf(ret->scopes, sizeof(ret->scopes), "%s", a->scopes);
}

static int by_session(const struct scope *in, const char *session, struct caller *ret, struct refusal *why)
{
	struct account a;
	int r = session ? account_by_token(in, session, &a) : E_DENIED;
	if (r == E_DENIED)
		return refuse(why, r, 401, session ? "session" : "no_session", "", "Log in first, or send a token that is good now.");
	if (!r)
		take(&a, ret);
	return r;
}

static bool in_group(const char *login, gid_t own_group)
{
	char room[NAME_ROOM];
	struct group g, *found = NULL;
	if (getgrnam_r(GROUP, &g, room, sizeof(room), &found) || !found)
		return false;
	if (g.gr_gid == own_group)
		return true;
	for (char **m = g.gr_mem; *m; m++)
		if (strcmp(*m, login) == 0)
			return true;
	return false;
}

static int by_login(const struct scope *in, uid_t uid, struct caller *ret, struct refusal *why)
{
	char room[NAME_ROOM];
	struct passwd p, *found = NULL;
	struct account a;
	int r = E_NOT_FOUND;
	if (getpwuid_r(uid, &p, room, sizeof(room), &found) == 0 && found && in_group(p.pw_name, p.pw_gid))
		r = account_by_name(in, p.pw_name, &a);
	if (r == E_NOT_FOUND || (!r && a.disabled))
		return refuse(why, E_DENIED, 403, "peer", "", "This user of the machine is no user here.");
	if (!r)
		take(&a, ret);
	return r;
}

int caller_find(const struct scope *in, uid_t uid, bool is_web, const char *session, struct caller *ret, struct refusal *why)
{
	if (is_web || session)
		return by_session(in, session, ret, why);
	if (uid != 0 && uid != geteuid())
		return by_login(in, uid, ret, why);
	*ret = (struct caller){ .role = ROLE_OPERATOR };
	snprintf(ret->actor, sizeof(ret->actor), "uid:%u", (unsigned)uid);
	return 0;
}

/* What the machine does as a whole is for those whose territory holds the organisation itself. */
static bool holds_home(const struct scope *in, const char *unit)
{
	const char *home = in->config->organisation.unit;
	return unit_is_held(in, unit, home ? home : "") > 0;
}

static int check(const struct scope *in, const struct caller *who, const struct verb *v, struct refusal *why)
{
	if (!verb_allowed(v, who->role))
		return refuse(why, E_DENIED, 403, "role", "", "The role %s may not do this.", role_name(who->role));
	if (v->whole && !holds_home(in, who->unit))
		return refuse(why, E_DENIED, 403, "territory", "", "This is of the whole organisation, beyond the territory %s.", who->unit);
	if (!token_permits(who->scopes, v))
		return refuse(why, E_DENIED, 403, "scope", "", "This token was not made for that.");
	return 0;
}

int caller_may(const struct scope *in, const struct caller *who, const struct verb *v, struct refusal *why)
{
	int r = check(in, who, v, why);
	if (r)
		log_info("caller.denied", "actor=%s verb=%s%s%s rule=%s", who->actor, v->noun, *v->noun ? "." : "", v->name, why->rule);
	return r;
}
