/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/value-page.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/change-list.h"
#include "editor/control-secret.h"
#include "editor/controls.h"
#include "editor/draft.h"
#include "editor/facts.h"
#include "editor/layer-list.h"
#include "editor/mapping-view.h"
#include "editor/path.h"
#include "editor/value-text.h"

/* changes that are shown; the history has all */
#define CHANGES_MAX 5

struct _EditorValuePage
{
  EditorPage parent_instance;

  GtkLabel *title;
  GtkLabel *path;
  GtkLabel *description;
  GtkWidget *deprecated;
  AdwBin *bin;
  GtkLabel *problem;
  GtkWidget *locked;
  GtkLabel *reason;
  GtkWidget *unlock;
  GtkWidget *open;
  GtkLabel *state;
  GtkWidget *facts;
  AdwActionRow *in_force;
  AdwActionRow *fallback;
  GtkWidget *reset;
  GtkWidget *unset;
  GtkWidget *boot_row;
  GtkSwitch *boot;
  GtkWidget *layers_group;
  GtkListBox *layers;
  GtkWidget *changes_group;
  GtkListBox *changes;

  EditorDraft *draft;       /* (nullable): the user's change of the path */
  RunconfDescription *said; /* (nullable): what the service has said about the path */
  EditorControl *control;   /* (nullable): in the bin, unless the value is a mapping */
  GCancellable *asking;     /* (nullable): a question for which the user may enter a password */
  gboolean is_unlocked;     /* the user has entered a password for this path */
  gboolean is_setting;      /* the page itself sets the switch */
};

G_DEFINE_FINAL_TYPE (EditorValuePage, editor_value_page, EDITOR_TYPE_PAGE)

/* A label without a text takes no room, and a screen reader doesn't stop at it. */
static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* Takes ownership of @value. */
static void
set_value (AdwActionRow *row, GVariant *value, gboolean is_secret)
{
  g_autoptr (GVariant) owned = value;
  g_autofree char *text = value != NULL ? editor_value_to_line (value) : NULL;

  adw_action_row_set_subtitle (row, text != NULL ? text : is_secret ? _ ("hidden") : _ ("none"));
}

static gboolean
is_secret (EditorValuePage *self)
{
  return self->said != NULL && runconf_description_is_secret (self->said);
}

static EditorPendingFlags
get_flags (EditorValuePage *self)
{
  return (gtk_switch_get_active (self->boot) ? EDITOR_PENDING_BOOT : EDITOR_PENDING_DEFAULT)
         | (is_secret (self) ? EDITOR_PENDING_SECRET : EDITOR_PENDING_DEFAULT);
}

static void
try_change (EditorValuePage *self, EditorVerb verb, GVariant *value)
{
  g_autoptr (EditorPending) pending = editor_pending_new_with_flags (
      verb, editor_draft_get_path (self->draft), value, get_flags (self));

  editor_draft_try (self->draft, pending);
}

static gboolean
is_in_force (EditorValuePage *self, GVariant *value)
{
  g_autoptr (GVariant) now = self->said != NULL ? runconf_description_get_value (self->said) : NULL;

  return now != NULL && g_variant_equal (now, value);
}

/* The user has changed the control. A change back to the value in force is none. */
static void
on_edited (EditorValuePage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = editor_control_get_value (self->control, &error);

  if (error != NULL)
    editor_draft_refuse (self->draft, error->message);
  else if (value != NULL && is_in_force (self, value))
    editor_draft_discard (self->draft);
  else if (value != NULL)
    try_change (self, EDITOR_VERB_SET, value);
}

/* Returns: (transfer full) (nullable): the value that the control has to show */
static GVariant *
find_shown (EditorValuePage *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);

  if (pending == NULL)
    return runconf_description_get_value (self->said);

  switch (editor_pending_get_verb (pending))
    {
    case EDITOR_VERB_RESET:
      return runconf_description_get_default_value (self->said);
    case EDITOR_VERB_UNSET:
      return NULL;
    default:
      return g_variant_ref (editor_pending_get_value (pending));
    }
}

/* A value that the control has already isn't set again, because that would move the cursor. */
static void
show_value (EditorValuePage *self)
{
  g_autoptr (GVariant) shown = find_shown (self);
  g_autoptr (GVariant) present = NULL;

  if (self->control == NULL)
    return;

  present = editor_control_get_value (self->control, NULL);
  if (shown == NULL || present == NULL || !g_variant_equal (shown, present))
    editor_control_set_value (self->control, shown);
}

static const char *
get_state (EditorValuePage *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);

  if (*editor_draft_get_problem (self->draft) != '\0' || pending == NULL)
    return _ ("Not among the changes before it is right");

  switch (editor_pending_get_verb (pending))
    {
    case EDITOR_VERB_RESET:
      return _ ("Gets its default when the changes are applied");
    case EDITOR_VERB_UNSET:
      return _ ("Has no value when the changes are applied");
    default:
      return _ ("Among the changes, not applied yet");
    }
}

static void
show_draft (EditorValuePage *self)
{
  const char *problem = editor_draft_get_problem (self->draft);
  gboolean is_open = editor_draft_is_open (self->draft);

  set_text (self->problem, problem);
  if (self->control != NULL)
    editor_control_set_wrong (self->control, *problem != '\0');
  gtk_label_set_text (self->state, get_state (self));
  gtk_widget_set_visible (self->open, is_open);
  gtk_widget_set_visible (GTK_WIDGET (self->in_force), is_open && self->said != NULL);
}

static void editor_value_page_show (EditorPage *page);

/* A draft that has ended was applied or given up: the value may be another one. */
static void
on_draft (EditorValuePage *self)
{
  show_draft (self);
  if (!editor_draft_is_open (self->draft) && gtk_widget_get_mapped (GTK_WIDGET (self))
      && editor_page_get_configuration (EDITOR_PAGE (self)) != NULL)
    editor_value_page_show (EDITOR_PAGE (self));
}

static void
on_discard (EditorValuePage *self)
{
  editor_draft_discard (self->draft);
}

static void
on_reset (EditorValuePage *self)
{
  try_change (self, EDITOR_VERB_RESET, NULL);
  if (self->said != NULL)
    show_value (self);
}

static void
on_unset (EditorValuePage *self)
{
  try_change (self, EDITOR_VERB_UNSET, NULL);
  if (self->said != NULL)
    show_value (self);
}

/* The change that the user has made before is of the other kind now. */
static void
on_boot (EditorValuePage *self)
{
  EditorPending *pending = self->draft != NULL ? editor_draft_get_pending (self->draft) : NULL;

  if (pending != NULL && !self->is_setting)
    try_change (self, editor_pending_get_verb (pending), editor_pending_get_value (pending));
}

static GCancellable *
ask_anew (EditorValuePage *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  self->asking = g_cancellable_new ();

  return self->asking;
}

static void
on_revealed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value
      = runconf_configuration_fetch_value_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (value != NULL)
    editor_control_secret_reveal (EDITOR_CONTROL_SECRET (self->control), value);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_text (self->problem, error->message);
}

static void
on_reveal (EditorValuePage *self)
{
  runconf_configuration_fetch_value (editor_page_get_configuration (EDITOR_PAGE (self)),
                                     editor_draft_get_path (self->draft), ask_anew (self),
                                     on_revealed, g_object_ref (self));
}

static gboolean
is_denial (const GError *error)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED)
         || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_AUTHORIZATION_REQUIRED);
}

/* Any other error is about the change, which isn't made. */
static void
on_unlocked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths
      = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->is_unlocked = !is_denial (error);
  set_text (self->problem, self->is_unlocked ? NULL : error->message);
  if (self->is_unlocked)
    editor_value_page_show (EDITOR_PAGE (self));
}

/* A dry run needs the right to change the path, for which the user is asked now. */
static void
on_unlock (EditorValuePage *self)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  runconf_transaction_reset (transaction, editor_draft_get_path (self->draft));
  runconf_transaction_set_dry_run (transaction, TRUE);
  runconf_configuration_apply (editor_page_get_configuration (EDITOR_PAGE (self)), transaction,
                               ask_anew (self), on_unlocked, g_object_ref (self));
}

static void
set_sensitive (EditorValuePage *self, gboolean is_sensitive)
{
  gboolean is_whole = *editor_draft_get_path (self->draft) == '\0';

  if (self->control != NULL)
    gtk_widget_set_sensitive (GTK_WIDGET (self->control), is_sensitive);
  gtk_widget_set_sensitive (self->reset, is_sensitive);
  gtk_widget_set_sensitive (self->unset, is_sensitive && !is_whole);
  gtk_widget_set_sensitive (self->boot_row, is_sensitive);
}

static void
show_rights (EditorValuePage *self)
{
  const char *lock = runconf_description_get_lock (self->said);
  gboolean is_allowed = self->is_unlocked || runconf_description_is_writable (self->said);

  g_autofree char *reason = lock != NULL
                                /* Translators: the file and the line of the lock, and its reason */
                                ? g_strdup_printf (_ ("Locked by %s"), lock)
                                : g_strdup (_ ("You need a password to change this value."));

  gtk_label_set_text (self->reason, reason);
  gtk_widget_set_visible (self->locked, lock != NULL || !is_allowed);
  gtk_widget_set_visible (self->unlock, lock == NULL);
  set_sensitive (self, lock == NULL && is_allowed);
}

static const char *
get_title (EditorValuePage *self)
{
  const char *title = editor_facts_get_title (self->said);

  return *title != '\0' ? title
                        : editor_place_get_name (editor_page_get_place (EDITOR_PAGE (self)));
}

static void
make_control (EditorValuePage *self, GType type)
{
  GtkWidget *child;

  if (type == G_TYPE_INVALID)
    child = g_object_new (EDITOR_TYPE_MAPPING_VIEW, NULL);
  else
    child = g_object_new (type, "title", get_title (self), NULL);

  adw_bin_set_child (self->bin, child);
  self->control = type != G_TYPE_INVALID ? EDITOR_CONTROL (child) : NULL;
  if (self->control != NULL)
    g_signal_connect_object (child, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
  if (EDITOR_IS_CONTROL_SECRET (child))
    g_signal_connect_object (child, "reveal", G_CALLBACK (on_reveal), self, G_CONNECT_SWAPPED);
}

/* The text that the user types now stays, whatever the value becomes meanwhile. */
static void
ensure_control (EditorValuePage *self)
{
  GtkWidget *child = adw_bin_get_child (self->bin);
  GType type = editor_controls_choose (self->said);
  GType wanted = type == G_TYPE_INVALID ? EDITOR_TYPE_MAPPING_VIEW : type;
  gboolean is_new = child == NULL;

  if (is_new || (G_OBJECT_TYPE (child) != wanted && !editor_draft_is_open (self->draft)))
    make_control (self, type);
  if (self->control == NULL)
    {
      editor_mapping_view_show (EDITOR_MAPPING_VIEW (adw_bin_get_child (self->bin)),
                                editor_page_get_place (EDITOR_PAGE (self)), self->said);
      return;
    }

  editor_control_describe (self->control, self->said);
  if (is_new || !editor_draft_is_open (self->draft))
    show_value (self);
}

static gboolean
has_flag (RunconfDescription *description, const char *fact)
{
  g_autoptr (GVariant) value = runconf_description_lookup (description, fact);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
         && g_variant_get_boolean (value);
}

/* A value for this boot is changed for this boot: another override would have no effect. */
static void
choose_boot (EditorValuePage *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);
  gboolean is_boot = pending != NULL
                         ? (editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) != 0
                         : g_strcmp0 (runconf_description_get_source (self->said), "boot") == 0;

  self->is_setting = TRUE;
  gtk_switch_set_active (self->boot, is_boot);
  self->is_setting = FALSE;
}

static void
show_texts (EditorValuePage *self)
{
  gtk_label_set_text (self->title, get_title (self));
  set_text (self->path, runconf_description_get_path (self->said));
  set_text (self->description, runconf_description_get_description (self->said));
  gtk_widget_set_visible (self->deprecated, has_flag (self->said, "deprecated"));
}

static void
show_description (EditorValuePage *self)
{
  gboolean is_first = adw_bin_get_child (self->bin) == NULL;

  show_texts (self);
  if (is_first)
    choose_boot (self);
  ensure_control (self);
  show_rights (self);
  set_value (self->in_force, runconf_description_get_value (self->said), is_secret (self));
  set_value (self->fallback, runconf_description_get_default_value (self->said), is_secret (self));
  gtk_widget_set_visible (GTK_WIDGET (self->bin), TRUE);
  gtk_widget_set_visible (self->facts, TRUE);
  editor_layer_list_show (self->layers, self->said);
  gtk_widget_set_visible (self->layers_group, TRUE);
  show_draft (self);
}

/* A path may have no value, only the history of one, or a default that was taken away. */
static void
show_error (EditorValuePage *self, const GError *error)
{
  const char *path = editor_draft_get_path (self->draft);
  const char *slash = strrchr (path, '/');

  g_clear_pointer (&self->said, runconf_description_unref);
  gtk_label_set_text (self->title, slash != NULL ? slash + 1 : path);
  set_text (self->path, path);
  set_text (self->description, NULL);
  gtk_widget_set_visible (self->deprecated, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->bin), FALSE);
  gtk_widget_set_visible (self->locked, FALSE);
  gtk_widget_set_visible (self->layers_group, FALSE);
  gtk_widget_set_visible (self->facts,
                          g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND));
  set_value (self->fallback, NULL, FALSE);
  show_draft (self);
  set_text (self->problem, error->message);
}

static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  RunconfDescription *description
      = runconf_configuration_describe_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_pointer (&self->said, runconf_description_unref);
  self->said = description;
  if (description != NULL)
    show_description (self);
  else
    show_error (self, error);
}

/* Without a history, or without the right to read it, there is nothing to show. */
static void
on_history (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfChange) changes
      = runconf_configuration_history_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_widget_set_visible (self->changes_group, error == NULL);
  editor_change_list_show (self->changes, changes);
}

static void
set_draft (EditorValuePage *self, EditorDraft *draft)
{
  g_cancellable_cancel (self->asking);
  if (self->draft != NULL)
    g_signal_handlers_disconnect_by_data (self->draft, self);
  g_set_object (&self->draft, draft);
  if (draft != NULL)
    g_signal_connect_swapped (draft, "notify::is-open", G_CALLBACK (on_draft), self);
}

/* Nothing of the last path stays: neither its text, nor a secret that was shown. */
static void
begin (EditorValuePage *self)
{
  EditorPage *page = EDITOR_PAGE (self);
  g_autoptr (EditorDraft) draft
      = editor_draft_new (editor_page_get_place (page), editor_page_get_path (page));

  g_clear_pointer (&self->said, runconf_description_unref);
  self->control = NULL;
  self->is_unlocked = FALSE;
  adw_bin_set_child (self->bin, NULL);
  set_draft (self, draft);
}

static void
editor_value_page_show (EditorPage *page)
{
  EditorValuePage *self = EDITOR_VALUE_PAGE (page);
  RunconfConfiguration *configuration = editor_page_get_configuration (page);
  const char *path = editor_page_get_path (page);
  GCancellable *cancellable = editor_page_restart (page);

  if (self->draft == NULL || editor_draft_get_place (self->draft) != editor_page_get_place (page)
      || strcmp (editor_draft_get_path (self->draft), path) != 0)
    begin (self);

  runconf_configuration_describe (configuration, path, cancellable, on_described,
                                  g_object_ref (page));
  runconf_configuration_history (configuration, path, 0, CHANGES_MAX, cancellable, on_history,
                                 g_object_ref (page));
}

/* Other rules may accept what they have refused until now, or the other way round. */
static void
editor_value_page_changed (EditorPage *page, RunconfChange *change)
{
  if (change == NULL && EDITOR_VALUE_PAGE (page)->draft != NULL)
    editor_draft_check_again (EDITOR_VALUE_PAGE (page)->draft);

  if (change == NULL || runconf_change_get_n_omitted (change) > 0
      || editor_path_is_touched (editor_page_get_path (page), runconf_change_get_paths (change)))
    editor_value_page_show (page);
}

static void
editor_value_page_dispose (GObject *object)
{
  EditorValuePage *self = EDITOR_VALUE_PAGE (object);

  set_draft (self, NULL);
  g_clear_object (&self->asking);
  g_clear_pointer (&self->said, runconf_description_unref);

  G_OBJECT_CLASS (editor_value_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, title);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, path);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, description);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, deprecated);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, bin);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, locked);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, reason);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, unlock);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, open);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, state);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, facts);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, in_force);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, fallback);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, reset);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, unset);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, boot_row);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, boot);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, layers_group);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, layers);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, changes_group);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, changes);
}

static void
editor_value_page_class_init (EditorValuePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_value_page_dispose;
  EDITOR_PAGE_CLASS (klass)->show = editor_value_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_value_page_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/value-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_reset);
  gtk_widget_class_bind_template_callback (widget_class, on_unset);
  gtk_widget_class_bind_template_callback (widget_class, on_boot);
}

static void
editor_value_page_init (EditorValuePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
