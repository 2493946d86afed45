/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/backoff.h"

/* the pause after the first round over all endpoints */
#define FIRST_PAUSE_MS 50

/* An attempt may take up to this many times the first one. */
#define MAX_PATIENCE 32

static guint
grow (guint value, guint rounds, guint limit)
{
  while (rounds-- > 0 && value < limit)
    value *= 2;

  return MIN (value, limit);
}

/**
 * runconf_etcd_get_pause:
 * @failures: the number of failed attempts in a row, at least 1
 * @max_ms: the longest pause
 * @chance: a random number from 0 to 1
 *
 * In the first round each endpoint is tried at once. The pause of later rounds doubles, and half
 * of it is random: hosts that lost one member together don't come back together.
 *
 * Returns: the pause before the next attempt, in ms
 */
guint
runconf_etcd_get_pause (guint failures, guint n_endpoints, guint max_ms, double chance)
{
  guint pause;

  if (failures < n_endpoints)
    return 0;

  pause = grow (FIRST_PAUSE_MS, failures / n_endpoints - 1, max_ms);
  return pause / 2 + (guint) (pause / 2 * chance);
}

/**
 * runconf_etcd_get_patience:
 *
 * A member that hangs is left soon, but a request that needs long gets its time in a later round.
 *
 * Returns: how long the next attempt may take, in ms
 */
guint
runconf_etcd_get_patience (guint failures, guint n_endpoints, guint attempt_ms)
{
  return grow (attempt_ms, failures / n_endpoints, attempt_ms * MAX_PATIENCE);
}
