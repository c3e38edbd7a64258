/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A browser's session: the cookie that carries it, the guard against foreign pages, logging in and out. The session itself is
 * never in a body that scripts can read; what they get is a token that proves that they may read this page's answers. */
#ifndef CAUNOI_WEB_LOGIN_H
#define CAUNOI_WEB_LOGIN_H

#include <stdbool.h>

struct visit;
struct MHD_Response;

/* Library's thread. The session of the request's cookie into v->session. A request that changes something must come from a page of
 * this gateway: Origin, a body that no form can send, and X-CSRF-Token. false = refused (401 without a cookie, 403). */
bool login_by_cookie(struct visit *v);
/* Is v->verb one of those below? Then v->run is set, and (but for opening) the caller has a session. */
bool login_takes(struct visit *v);
/* Is the page at Origin one of this gateway's? false also when there is no Origin. */
bool login_own_origin(struct visit *v);
/* Adds Set-Cookie and Clear-Site-Data as v says. */
bool login_fields(const struct visit *v, struct MHD_Response *response);

#endif
