/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders to the simulated provider: one JSON object a line on a unix socket, one answer a line.
 * {"op":"mode","latency_ms":50,"idempotent":true,"retry_after_s":2,"rate":{"500":0.01,"close":0.01}} (see mode.h)
 * {"op":"count"} → {"requests","delivered","distinct","duplicates","repeats","receipts_sent","receipts_good","receipts_lost"}
 * {"op":"hang"} {"op":"release"} {"op":"reset"} (counts and keys forgotten)
 * {"op":"receipts","url":"http://…/{id}","body":"…{id}{to}{key}{status}…","content_type","after_ms","failed_rate"} (url null = none)
 * {"op":"callback","method":"POST","url","body","content_type","headers":["X: y"]} → {"status":200,"body":"…"} (0 = no answer) */
#ifndef CAUNOI_SIM_API_CONTROL_H
#define CAUNOI_SIM_API_CONTROL_H

#include "tests/simulators/api/sim.h"

/* E_IO, E_NOMEM, E_TOO_BIG (path). */
MUST_CHECK int control_open(struct sim *sim, const char *path);

#endif
