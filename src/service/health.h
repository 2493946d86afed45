/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdAilment:
 * @RUNCONFD_AILMENT_RECOVERED: a broken file was recovered from; ends with the next change
 * @RUNCONFD_AILMENT_DEFAULTS: the defaults can't be read
 * @RUNCONFD_AILMENT_SCHEMA: the schema can't be read, or means nothing
 * @RUNCONFD_AILMENT_LOCKS: the locks can't be read, or lines of them mean nothing
 * @RUNCONFD_AILMENT_IGNORED: overrides in the file that the schema doesn't allow
 * @RUNCONFD_AILMENT_HISTORY: changes aren't kept; ends with one that is
 * @RUNCONFD_AILMENT_HELD: another process has a file open for writing
 * @RUNCONFD_AILMENT_UNREADABLE: the overrides can't be read
 * @RUNCONFD_AILMENT_UNWRITABLE: the overrides can't be written; ends with a write
 *
 * What can be wrong with a configuration that is served.
 */
typedef enum
{
  RUNCONFD_AILMENT_RECOVERED,
  RUNCONFD_AILMENT_DEFAULTS,
  RUNCONFD_AILMENT_SCHEMA,
  RUNCONFD_AILMENT_LOCKS,
  RUNCONFD_AILMENT_IGNORED,
  RUNCONFD_AILMENT_HISTORY,
  RUNCONFD_AILMENT_HELD,
  RUNCONFD_AILMENT_UNREADABLE,
  RUNCONFD_AILMENT_UNWRITABLE,
} RunconfdAilment;

#define RUNCONFD_N_AILMENTS (RUNCONFD_AILMENT_UNWRITABLE + 1)

/**
 * RunconfdHealth:
 *
 * What is wrong with a configuration, each thing with a message.
 */
typedef struct
{
  char *messages[RUNCONFD_N_AILMENTS];
} RunconfdHealth;

gboolean runconfd_health_set (RunconfdHealth *self, RunconfdAilment ailment, const char *message);
void runconfd_health_clear (RunconfdHealth *self);

const char *runconfd_health_get_state (const RunconfdHealth *self);
char *runconfd_health_get_message (const RunconfdHealth *self);

G_END_DECLS
