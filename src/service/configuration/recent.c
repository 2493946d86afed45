/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/recent.h"

#include <string.h>

#include "core/diff.h"
#include "service/base/wire-size.h"

/* the limits in memory, and estimates of its use: a step costs the size of its changes, not that of
 * the trees
 */
#define MAX_STEPS 64
#define MAX_BYTES (256 * 1024)
#define STEP_BYTES 256
#define DELTA_BYTES 128

/* the number of changes in the history that are examined */
#define MAX_RECORDS 1000

struct _RunconfdRecent
{
  RunconfLayer layer;
  GQueue steps; /* of RunconfdStep, newest first; each begins where the next one ends */
  gsize bytes;
  GQueue stamps; /* of GBytes, newest first */
};

static void
step_free (RunconfdStep *self)
{
  g_ptr_array_unref (self->deltas);
  g_free (self);
}

static gsize
get_bytes (const RunconfdStep *step)
{
  gsize bytes = STEP_BYTES;

  for (guint i = 0; i < step->deltas->len; i++)
    {
      const RunconfDelta *delta = step->deltas->pdata[i];

      bytes += DELTA_BYTES + strlen (delta->path);
      bytes += delta->old_value != NULL ? runconfd_wire_size_get (delta->old_value) : 0;
      bytes += delta->new_value != NULL ? runconfd_wire_size_get (delta->new_value) : 0;
    }

  return bytes;
}

RunconfdRecent *
runconfd_recent_new (RunconfLayer layer)
{
  RunconfdRecent *self = g_new0 (RunconfdRecent, 1);

  self->layer = layer;
  g_queue_init (&self->steps);
  g_queue_init (&self->stamps);

  return self;
}

void
runconfd_recent_free (RunconfdRecent *self)
{
  g_queue_clear_full (&self->steps, (GDestroyNotify) step_free);
  g_queue_clear_full (&self->stamps, (GDestroyNotify) g_bytes_unref);
  g_free (self);
}

static void
forget_steps (RunconfdRecent *self)
{
  g_queue_clear_full (&self->steps, (GDestroyNotify) step_free);
  self->bytes = 0;
}

static void
forget_oldest (RunconfdRecent *self)
{
  RunconfdStep *oldest = g_queue_pop_tail (&self->steps);

  self->bytes -= get_bytes (oldest);
  step_free (oldest);
}

static void
add_step (RunconfdRecent *self, const RunconfRevision *before, const RunconfRevision *after,
          gboolean keeps_number)
{
  RunconfdStep *step = g_new0 (RunconfdStep, 1);

  step->since = before->version;
  step->version = after->version;
  step->time = after->time;
  step->keeps_number = keeps_number;
  step->deltas = runconf_diff (runconf_revision_get_tree (before, self->layer),
                               runconf_revision_get_tree (after, self->layer));
  g_queue_push_head (&self->steps, step);
  self->bytes += get_bytes (step);
  while (self->steps.length > 0 && (self->steps.length > MAX_STEPS || self->bytes > MAX_BYTES))
    forget_oldest (self);
}

/**
 * runconfd_recent_add:
 * @before: (nullable): the revision in force before, if it is known
 * @after: the revision in force now
 * @stamp: (nullable): of the text in the store
 * @keeps_number: see #RunconfdStep
 */
void
runconfd_recent_add (RunconfdRecent *self, const RunconfRevision *before,
                     const RunconfRevision *after, GBytes *stamp, gboolean keeps_number)
{
  const RunconfdStep *last = g_queue_peek_head (&self->steps);

  if (before == NULL || (last != NULL && last->version != before->version))
    forget_steps (self);
  if (before != NULL && before->version != after->version)
    add_step (self, before, after, keeps_number);

  if (stamp == NULL)
    return;
  g_queue_push_head (&self->stamps, g_bytes_ref (stamp));
  if (self->stamps.length > MAX_STEPS)
    g_bytes_unref (g_queue_pop_tail (&self->stamps));
}

static RunconfdStep *
copy_step (const RunconfdStep *step)
{
  RunconfdStep *copy = g_memdup2 (step, sizeof *step);

  copy->deltas = g_ptr_array_ref (step->deltas);

  return copy;
}

/* An edit by hand, other defaults and other rules are versions without a text of their own. */
static gboolean
is_numberless (const char *origin)
{
  return g_str_equal (origin, "file") || g_str_equal (origin, "defaults")
         || g_str_equal (origin, "rules");
}

/* A change of the other layer is a version without a text as well. */
static RunconfdStep *
make_step (const RunconfdRecent *self, const RunconfHistoryRecord *record)
{
  gboolean is_other = record->is_boot != (self->layer == RUNCONF_LAYER_BOOT);
  RunconfdStep *step = g_new0 (RunconfdStep, 1);

  step->since = record->version - 1;
  step->version = record->version;
  step->time = record->time;
  step->keeps_number = is_other || is_numberless (record->origin);
  step->lacks_secrets = TRUE;
  step->deltas = is_other ? runconf_deltas_new () : g_ptr_array_ref (record->deltas);

  return step;
}

/* Adds steps from the history until a change in it is missing or unknown. */
static void
add_recorded (const RunconfdRecent *self, GPtrArray *steps, RunconfdArchive *archive,
              guint64 version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = runconfd_archive_list (archive, "", MAX_RECORDS, 0, &error);

  for (guint i = 0; records != NULL && i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];

      if (record->version > version)
        continue;
      if (record->version != version || record->deltas == NULL)
        return;
      g_ptr_array_add (steps, make_step (self, record));
      version--;
    }
}

/**
 * runconfd_recent_list:
 * @archive: the history
 * @version: the version in force
 *
 * Returns: (transfer full) (element-type RunconfdStep): the steps that led to @version, newest
 *   first, without gaps
 */
GPtrArray *
runconfd_recent_list (RunconfdRecent *self, RunconfdArchive *archive, guint64 version)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify) step_free);

  for (GList *link = self->steps.head; link != NULL; link = link->next)
    {
      const RunconfdStep *step = link->data;

      if (step->version != version)
        break;
      g_ptr_array_add (steps, copy_step (step));
      version = step->since;
    }

  if (!runconfd_archive_is_off (archive))
    add_recorded (self, steps, archive, version);

  return steps;
}

/**
 * runconfd_recent_has_stamp:
 *
 * Returns: whether a text with this stamp was in the store before
 */
gboolean
runconfd_recent_has_stamp (RunconfdRecent *self, RunconfdArchive *archive, GBytes *stamp)
{
  for (GList *link = self->stamps.head; link != NULL; link = link->next)
    {
      if (g_bytes_equal (link->data, stamp))
        return TRUE;
    }

  return !runconfd_archive_is_off (archive) && runconfd_archive_has_digest (archive, stamp);
}
