/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/pending.h"

struct _EditorPending
{
  GObject parent_instance;

  EditorVerb verb;
  EditorPendingFlags flags;
  char *path;
  GVariant *value; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (EditorPending, editor_pending, G_TYPE_OBJECT)

EditorVerb
editor_pending_get_verb (EditorPending *self)
{
  return self->verb;
}

const char *
editor_pending_get_path (EditorPending *self)
{
  return self->path;
}

/* Returns: (transfer none) (nullable): the new value; %NULL unless the path gets one */
GVariant *
editor_pending_get_value (EditorPending *self)
{
  return self->value;
}

EditorPendingFlags
editor_pending_get_flags (EditorPending *self)
{
  return self->flags;
}

void
editor_pending_add_to (EditorPending *self, RunconfTransaction *transaction)
{
  switch (self->verb)
    {
    case EDITOR_VERB_SET:
      runconf_transaction_set_value (transaction, self->path, self->value);
      break;
    case EDITOR_VERB_RESET:
      runconf_transaction_reset (transaction, self->path);
      break;
    case EDITOR_VERB_UNSET:
      runconf_transaction_unset (transaction, self->path);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
editor_pending_finalize (GObject *object)
{
  EditorPending *self = EDITOR_PENDING (object);

  g_free (self->path);
  g_clear_pointer (&self->value, g_variant_unref);

  G_OBJECT_CLASS (editor_pending_parent_class)->finalize (object);
}

static void
editor_pending_class_init (EditorPendingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_pending_finalize;
}

static void
editor_pending_init (EditorPending *self)
{
}

/* @value: (nullable): the new value of %EDITOR_VERB_SET; sunk if floating */
EditorPending *
editor_pending_new (EditorVerb verb, const char *path, GVariant *value)
{
  return editor_pending_new_with_flags (verb, path, value, EDITOR_PENDING_DEFAULT);
}

/* @value: (nullable): the new value of a verb that has one; sunk if floating */
EditorPending *
editor_pending_new_with_flags (EditorVerb verb, const char *path, GVariant *value,
                               EditorPendingFlags flags)
{
  EditorPending *self = g_object_new (EDITOR_TYPE_PENDING, NULL);

  self->verb = verb;
  self->flags = flags;
  self->path = g_strdup (path);
  self->value = value != NULL ? g_variant_ref_sink (value) : NULL;

  return self;
}
