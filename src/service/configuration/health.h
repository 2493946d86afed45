/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "layers/layer.h"

G_BEGIN_DECLS

/**
 * RunconfdAilment:
 * @RUNCONFD_AILMENT_RECOVERED: the service recovered from a broken file; ends with the next change
 * @RUNCONFD_AILMENT_BOOT_RECOVERED: the same of the file of the overrides for this boot
 * @RUNCONFD_AILMENT_DEFAULTS: the defaults can't be read
 * @RUNCONFD_AILMENT_SCHEMA: the schema can't be read, or isn't a schema
 * @RUNCONFD_AILMENT_LOCKS: the locks can't be read, or lines of them aren't locks
 * @RUNCONFD_AILMENT_IGNORED: the file has overrides that the schema doesn't allow
 * @RUNCONFD_AILMENT_HISTORY: changes aren't kept; ends with a change that is kept
 * @RUNCONFD_AILMENT_HELD: another process has a file open for writing
 * @RUNCONFD_AILMENT_UNREADABLE: the overrides can't be read
 * @RUNCONFD_AILMENT_BOOT_UNREADABLE: the overrides for this boot can't be read
 * @RUNCONFD_AILMENT_UNWRITABLE: the overrides can't be written; ends with a write
 * @RUNCONFD_AILMENT_BOOT_UNWRITABLE: the same of the overrides for this boot
 *
 * The kinds of trouble of a configuration.
 */
typedef enum
{
  RUNCONFD_AILMENT_RECOVERED,
  RUNCONFD_AILMENT_BOOT_RECOVERED,
  RUNCONFD_AILMENT_DEFAULTS,
  RUNCONFD_AILMENT_SCHEMA,
  RUNCONFD_AILMENT_LOCKS,
  RUNCONFD_AILMENT_IGNORED,
  RUNCONFD_AILMENT_HISTORY,
  RUNCONFD_AILMENT_HELD,
  RUNCONFD_AILMENT_UNREADABLE,
  RUNCONFD_AILMENT_BOOT_UNREADABLE,
  RUNCONFD_AILMENT_UNWRITABLE,
  RUNCONFD_AILMENT_BOOT_UNWRITABLE,
} RunconfdAilment;

/* The kind of trouble of a text that is the same trouble of the text of the overrides for this boot. */
static inline RunconfdAilment
runconfd_ailment_in (RunconfLayer layer, RunconfdAilment ailment)
{
  return layer == RUNCONF_LAYER_BOOT ? ailment + 1 : ailment;
}

#define RUNCONFD_N_AILMENTS (RUNCONFD_AILMENT_BOOT_UNWRITABLE + 1)

/**
 * RunconfdHealth:
 *
 * The state of a configuration: a message for each ailment that it has, and the problem that the last
 * load of its files ended with.
 */
typedef struct _RunconfdHealth RunconfdHealth;

/* Called when the message of an ailment changed; @message is %NULL when the ailment is over. */
typedef void (*RunconfdHealthFunc) (RunconfdAilment ailment, const char *message,
                                    gpointer user_data);

RunconfdHealth *runconfd_health_new (RunconfdHealthFunc changed, gpointer user_data);
void runconfd_health_free (RunconfdHealth *self);

gboolean runconfd_health_set (RunconfdHealth *self, RunconfdAilment ailment, const char *message);
const char *runconfd_health_get (const RunconfdHealth *self, RunconfdAilment ailment);

const char *runconfd_health_get_state (const RunconfdHealth *self);
char *runconfd_health_get_message (const RunconfdHealth *self);

void runconfd_health_clear_problem (RunconfdHealth *self);
void runconfd_health_note_problem (RunconfdHealth *self, GQuark domain, int code,
                                   const char *message);
const GError *runconfd_health_get_problem (const RunconfdHealth *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdHealth, runconfd_health_free)

G_END_DECLS
