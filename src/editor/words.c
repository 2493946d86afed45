/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/words.h"

#include "editor/path.h"

/* The service describes one path in a call. The calls begin with the first search, level by level, a few
 * at a time, so that they delay no other caller, and they end at a limit. They wait while somebody types:
 * the replies would come before the results are drawn.
 */
#define PATHS_MAX 5000
#define CALLS_MAX 8
#define PAUSE_MS 5
#define TYPING_MS 1000

/* µs until the words that are known so far are reported */
#define INTERVAL G_USEC_PER_SEC

struct _EditorWords
{
  GObject parent_instance;

  EditorPlace *place;
  GHashTable *table; /* path → title and description */
  GQueue *queue;     /* of paths that aren't described yet */
  guint n_queued;    /* paths that are or were in the queue */
  guint n_calls;     /* calls without a reply */
  guint more_id;     /* of the source that makes further calls */
  gboolean has_news;
  gint64 reported;           /* the time of the last report */
  GCancellable *cancellable; /* (nullable): of the calls, once they have begun */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorWords, editor_words, G_TYPE_OBJECT)

static void describe_more (EditorWords *self);

static void
report (EditorWords *self)
{
  if (!self->has_news)
    return;

  self->has_news = FALSE;
  self->reported = g_get_monotonic_time ();
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
take_description (EditorWords *self, RunconfDescription *description)
{
  const char *title = runconf_description_get_title (description);
  const char *text = runconf_description_get_description (description);

  if (title == NULL && text == NULL)
    return;

  g_hash_table_replace (self->table, g_strdup (runconf_description_get_path (description)),
                        g_strjoin ("\n", title != NULL ? title : "", text, NULL));
  self->has_news = TRUE;
}

static gboolean
on_pause (gpointer user_data)
{
  EditorWords *self = user_data;

  self->more_id = 0;
  describe_more (self);

  return G_SOURCE_REMOVE;
}

static void
pause_calls (EditorWords *self, guint ms)
{
  if (self->more_id == 0)
    self->more_id = g_timeout_add_full (G_PRIORITY_LOW, ms, on_pause, self, NULL);
}

/* Makes no calls for a while. */
void
editor_words_wait (EditorWords *self)
{
  if (self->cancellable == NULL)
    return;

  g_clear_handle_id (&self->more_id, g_source_remove);
  pause_calls (self, TYPING_MS);
}

static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorWords) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDescription) description
      = runconf_configuration_describe_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->n_calls--;
  /* a path that has gone, and a mapping too large for a reply, have no words */
  if (description != NULL)
    take_description (self, description);
  pause_calls (self, PAUSE_MS);
}

static void
queue_children (EditorWords *self, RunconfSnapshot *snapshot, const char *path)
{
  g_auto (GStrv) keys = runconf_snapshot_list (snapshot, path);

  for (char **key = keys; *key != NULL && self->n_queued < PATHS_MAX; key++)
    {
      g_queue_push_tail (self->queue, editor_path_append (path, *key));
      self->n_queued++;
    }
}

static void
describe_more (EditorWords *self)
{
  RunconfConfiguration *configuration = editor_place_get_configuration (self->place);
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (configuration);

  while (self->n_calls < CALLS_MAX && !g_queue_is_empty (self->queue))
    {
      g_autofree char *path = g_queue_pop_head (self->queue);

      queue_children (self, snapshot, path);
      self->n_calls++;
      runconf_configuration_describe (configuration, path, self->cancellable, on_described,
                                      g_object_ref (self));
    }

  if (self->n_calls == 0 || g_get_monotonic_time () - self->reported > INTERVAL)
    report (self);
}

static void
stop (EditorWords *self)
{
  g_clear_handle_id (&self->more_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_queue_clear_full (self->queue, g_free);
  self->n_queued = 0;
  self->n_calls = 0;
}

/* Asks for the words, if nobody has asked for them yet. */
void
editor_words_start (EditorWords *self)
{
  RunconfConfiguration *configuration = editor_place_get_configuration (self->place);
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  if (self->cancellable != NULL)
    return;

  snapshot = runconf_configuration_get_snapshot (configuration);
  self->cancellable = g_cancellable_new ();
  self->reported = g_get_monotonic_time ();
  queue_children (self, snapshot, "");
  pause_calls (self, TYPING_MS);
}

/* Another schema has other words. */
static void
on_changed (EditorWords *self, RunconfChange *change)
{
  if (change != NULL || self->cancellable == NULL)
    return;

  stop (self);
  g_hash_table_remove_all (self->table);
  editor_words_start (self);
}

/* Returns: (transfer full): path → title and description, a copy for a thread */
GHashTable *
editor_words_copy_table (EditorWords *self)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer path, words;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, &path, &words))
    g_hash_table_insert (copy, g_strdup (path), g_strdup (words));

  return copy;
}

/* The calls have a reference, and end soon after their cancellation. */
static void
editor_words_dispose (GObject *object)
{
  EditorWords *self = EDITOR_WORDS (object);

  stop (self);
  g_clear_object (&self->place);

  G_OBJECT_CLASS (editor_words_parent_class)->dispose (object);
}

static void
editor_words_finalize (GObject *object)
{
  EditorWords *self = EDITOR_WORDS (object);

  g_queue_free (self->queue);
  g_hash_table_unref (self->table);

  G_OBJECT_CLASS (editor_words_parent_class)->finalize (object);
}

static void
editor_words_class_init (EditorWordsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = editor_words_dispose;
  G_OBJECT_CLASS (klass)->finalize = editor_words_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", EDITOR_TYPE_WORDS, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
editor_words_init (EditorWords *self)
{
  self->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->queue = g_queue_new ();
}

/* @place: a place, which nothing is asked about until [func@editor_words_start] */
EditorWords *
editor_words_new (EditorPlace *place)
{
  EditorWords *self = g_object_new (EDITOR_TYPE_WORDS, NULL);

  self->place = g_object_ref (place);
  g_signal_connect_object (place, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);

  return self;
}
