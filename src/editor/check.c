/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/check.h"

#include "editor/dry-run.h"

/* A check is a dry run of all changes together, because one may be right only with another. There is
 * one at a time: what the user types meanwhile is checked when it has ended.
 */
struct _EditorCheck
{
  GObject parent_instance;

  EditorBasket *basket;
  RunconfConfiguration *configuration;
  GCancellable *cancellable;
  EditorPendingFlags kind; /* of the changes that are checked now */
  GString *rest;           /* what the service said about no change in particular */
  gboolean is_running;
  gboolean is_stale; /* the changes are other ones than those that are checked now */
};

G_DEFINE_FINAL_TYPE (EditorCheck, editor_check, G_TYPE_OBJECT)

/* signals after which the service may say something else about the same changes */
static const char *const signals_of_rules[]
    = { "changed", "notify::rules-revision", "notify::connected" };

static void
append_line (GString *text, const char *line)
{
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append (text, line);
}

static gboolean
is_checked (EditorCheck *self, EditorPending *pending)
{
  return (editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) == self->kind;
}

/* Gives a change the lines of a message that are about it. Those that are about no change stay. */
static void
give_lines (EditorCheck *self, EditorPending *pending, char **lines, gboolean *is_given)
{
  g_autoptr (GString) problem = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (editor_dry_run_is_about (lines[i], editor_pending_get_path (pending)))
      {
        append_line (problem, lines[i]);
        is_given[i] = TRUE;
      }

  editor_pending_set_problem (pending, problem->str);
}

static void
give_all (EditorCheck *self, char **lines)
{
  GListModel *model = G_LIST_MODEL (self->basket);
  g_autofree gboolean *is_given = g_new0 (gboolean, g_strv_length (lines) + 1);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (EditorPending) pending = g_list_model_get_item (model, i);

      if (is_checked (self, pending))
        give_lines (self, pending, lines, is_given);
    }

  for (guint i = 0; lines[i] != NULL; i++)
    if (!is_given[i])
      append_line (self->rest, lines[i]);
}

static void check_kind (EditorCheck *self, EditorPendingFlags kind);

static void
start (EditorCheck *self)
{
  self->is_stale = self->is_running;
  if (self->is_running)
    return;

  g_string_truncate (self->rest, 0);
  check_kind (self, EDITOR_PENDING_DEFAULT);
}

static void
go_on (EditorCheck *self)
{
  if (self->kind == EDITOR_PENDING_DEFAULT && !self->is_stale)
    {
      check_kind (self, EDITOR_PENDING_BOOT);
      return;
    }

  if (self->is_stale)
    start (self);
  else
    editor_basket_set_problem (self->basket, self->rest->str);
}

static void
on_checked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorCheck) self = user_data;
  g_autofree char *refusal = NULL;
  g_auto (GStrv) lines = NULL;

  self->is_running = FALSE;
  if (!editor_dry_run_finish (RUNCONF_CONFIGURATION (object), result, &refusal))
    return;

  lines = g_strsplit (refusal, "\n", -1);
  if (!self->is_stale)
    give_all (self, lines);
  go_on (self);
}

static void
check_kind (EditorCheck *self, EditorPendingFlags kind)
{
  g_autoptr (RunconfTransaction) transaction = editor_basket_make_transaction (self->basket, kind);

  self->kind = kind;
  if (transaction == NULL)
    {
      go_on (self);
      return;
    }

  self->is_running = TRUE;
  editor_dry_run_start (self->configuration, transaction, self->cancellable, on_checked,
                        g_object_ref (self));
}

static void
editor_check_dispose (GObject *object)
{
  EditorCheck *self = EDITOR_CHECK (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->basket);
  g_clear_object (&self->configuration);

  G_OBJECT_CLASS (editor_check_parent_class)->dispose (object);
}

static void
editor_check_finalize (GObject *object)
{
  EditorCheck *self = EDITOR_CHECK (object);

  g_object_unref (self->cancellable);
  g_string_free (self->rest, TRUE);

  G_OBJECT_CLASS (editor_check_parent_class)->finalize (object);
}

static void
editor_check_class_init (EditorCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = editor_check_dispose;
  G_OBJECT_CLASS (klass)->finalize = editor_check_finalize;
}

static void
editor_check_init (EditorCheck *self)
{
  self->cancellable = g_cancellable_new ();
  self->rest = g_string_new (NULL);
}

EditorCheck *
editor_check_new (EditorBasket *basket, RunconfConfiguration *configuration)
{
  EditorCheck *self = g_object_new (EDITOR_TYPE_CHECK, NULL);

  self->basket = g_object_ref (basket);
  self->configuration = g_object_ref (configuration);
  g_signal_connect_object (basket, "items-changed", G_CALLBACK (start), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < G_N_ELEMENTS (signals_of_rules); i++)
    g_signal_connect_object (configuration, signals_of_rules[i], G_CALLBACK (start), self,
                             G_CONNECT_SWAPPED);

  return self;
}
