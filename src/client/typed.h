/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "arena/arena.h"
#include "client/complaints.h"

G_BEGIN_DECLS

/* Reading values of one type.
 *
 * Nearly all reads find a value of the requested type. These are done here, in a few instructions,
 * from the entry itself. In the other cases (no entry at the path, an element of a sequence,
 * another type, an invalid path), the slower runconf_typed_look_up() looks the value up again.
 */

static inline gboolean
runconf_typed_get_boolean (const RunconfArenaEntry *entry, gboolean *value)
{
  if (G_UNLIKELY (entry == NULL || entry->kind != RUNCONF_KIND_BOOLEAN))
    return FALSE;

  *value = entry->value != 0;

  return TRUE;
}

static inline gboolean
runconf_typed_get_int64 (const RunconfArenaEntry *entry, gint64 *value)
{
  if (G_UNLIKELY (entry == NULL || entry->kind != RUNCONF_KIND_INTEGER))
    return FALSE;

  memcpy (value, &entry->value, sizeof *value);

  return TRUE;
}

static inline gboolean
runconf_typed_get_uint64 (const RunconfArenaEntry *entry, guint64 *value)
{
  gint64 integer;

  if (G_UNLIKELY (entry != NULL && entry->kind == RUNCONF_KIND_UNSIGNED))
    {
      memcpy (value, &entry->value, sizeof *value);
      return TRUE;
    }

  if (!runconf_typed_get_int64 (entry, &integer) || integer < 0)
    return FALSE;

  *value = (guint64) integer;

  return TRUE;
}

/* Users may write 20 for 20.0, so an integer is accepted as well. */
static inline gboolean
runconf_typed_get_double (const RunconfArenaEntry *entry, double *value)
{
  gint64 integer;

  if (G_LIKELY (entry != NULL && entry->kind == RUNCONF_KIND_DOUBLE))
    {
      memcpy (value, &entry->value, sizeof *value);
      return TRUE;
    }

  if (!runconf_typed_get_int64 (entry, &integer))
    return FALSE;

  *value = (double) integer;

  return TRUE;
}

/* Returns: (transfer full) (nullable): a copy of the string in the entry */
static inline char *
runconf_typed_dup_string (const RunconfArenaView *view, const RunconfArenaEntry *entry)
{
  RunconfArenaValue value;
  char *copy;

  if (G_UNLIKELY (entry == NULL || entry->kind != RUNCONF_KIND_STRING
                  || !runconf_arena_view_get_value (view, entry, &value)))
    return NULL;

  copy = g_malloc (value.size + 1);
  memcpy (copy, value.data, value.size + 1);

  return copy;
}

/**
 * RunconfWanted:
 *
 * The type that a program reads.
 */
typedef enum
{
  RUNCONF_WANTED_BOOLEAN,
  RUNCONF_WANTED_INTEGER,
  RUNCONF_WANTED_UNSIGNED,
  RUNCONF_WANTED_NUMBER,
  RUNCONF_WANTED_STRING,
  RUNCONF_WANTED_STRINGS,
} RunconfWanted;

GVariant *runconf_typed_look_up (const RunconfArenaView *view, const char *path,
                                 RunconfWanted wanted, RunconfComplaints *complaints);
const char *runconf_typed_get_name (GVariant *value);
gboolean runconf_typed_check_path (const char *path, RunconfComplaints *complaints);

G_END_DECLS
