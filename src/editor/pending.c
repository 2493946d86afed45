/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/pending.h"

#include "editor/equal.h"

struct _EditorPending
{
  GObject parent_instance;

  EditorVerb verb;
  EditorPendingFlags flags;
  char *path;
  GVariant *value;         /* (nullable) */
  GVariant *base;          /* (nullable) */
  GVariant *current;       /* (nullable) */
  GVariant *default_value; /* (nullable) */
  gboolean is_conflicting;
  char *problem;
};

enum
{
  PROP_BASE = 1,
  PROP_CURRENT,
  PROP_IS_CONFLICTING,
  PROP_PROBLEM,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorPending, editor_pending, G_TYPE_OBJECT)

/* Takes ownership of @value.
 *
 * Returns: whether the value is another one
 */
static gboolean
replace (GVariant **place, GVariant *value)
{
  g_autoptr (GVariant) old = *place;

  *place = value;

  return !editor_equal (old, value);
}

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
    case EDITOR_VERB_REPLACE:
      runconf_transaction_replace_value (transaction, self->path, self->value);
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

/* Returns: (transfer none) (nullable): the value that the change was made on */
GVariant *
editor_pending_get_base (EditorPending *self)
{
  return self->base;
}

/* Returns: (transfer none) (nullable): the value now */
GVariant *
editor_pending_get_current (EditorPending *self)
{
  return self->current;
}

/* Returns: (transfer none) (nullable): the default of the path now */
GVariant *
editor_pending_get_default (EditorPending *self)
{
  return self->default_value;
}

gboolean
editor_pending_get_conflicting (EditorPending *self)
{
  return self->is_conflicting;
}

/* Returns: why the service refuses the change; empty if it doesn't */
const char *
editor_pending_get_problem (EditorPending *self)
{
  return self->problem;
}

/* Returns: (transfer none) (nullable): the value that the path would have, as far as that is known */
static GVariant *
get_wanted (EditorPending *self)
{
  return self->verb == EDITOR_VERB_RESET ? self->default_value : self->value;
}

static void
update_conflict (EditorPending *self)
{
  gboolean is_conflicting = !editor_equal (self->current, self->base)
                            && !editor_equal (self->current, get_wanted (self));

  if (self->is_conflicting == is_conflicting)
    return;

  self->is_conflicting = is_conflicting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_CONFLICTING]);
}

/* @base: (nullable): the value that the user wants to change */
void
editor_pending_set_base (EditorPending *self, GVariant *base)
{
  if (replace (&self->base, base != NULL ? g_variant_ref (base) : NULL))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BASE]);
  update_conflict (self);
}

/* Finds out whether somebody else has changed the value. A value that became just the wanted one needs
 * no decision.
 */
void
editor_pending_compare (EditorPending *self, RunconfSnapshot *snapshot)
{
  replace (&self->default_value, runconf_snapshot_get_default_value (snapshot, self->path));
  if (replace (&self->current, runconf_snapshot_get_value (snapshot, self->path)))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT]);
  update_conflict (self);
}

void
editor_pending_set_problem (EditorPending *self, const char *problem)
{
  if (g_str_equal (self->problem, problem))
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
editor_pending_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorPending *self = EDITOR_PENDING (object);

  switch (id)
    {
    case PROP_BASE:
      g_value_set_variant (value, self->base);
      break;
    case PROP_CURRENT:
      g_value_set_variant (value, self->current);
      break;
    case PROP_IS_CONFLICTING:
      g_value_set_boolean (value, self->is_conflicting);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_pending_finalize (GObject *object)
{
  EditorPending *self = EDITOR_PENDING (object);

  g_free (self->path);
  g_free (self->problem);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->base, g_variant_unref);
  g_clear_pointer (&self->current, g_variant_unref);
  g_clear_pointer (&self->default_value, g_variant_unref);

  G_OBJECT_CLASS (editor_pending_parent_class)->finalize (object);
}

static void
editor_pending_class_init (EditorPendingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = editor_pending_get_property;
  object_class->finalize = editor_pending_finalize;

  properties[PROP_BASE]
      = g_param_spec_variant ("base", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[PROP_CURRENT]
      = g_param_spec_variant ("current", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, flags);
  properties[PROP_IS_CONFLICTING]
      = g_param_spec_boolean ("is-conflicting", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
editor_pending_init (EditorPending *self)
{
  self->problem = g_strdup ("");
}

/* @value: (nullable): the new value of a verb that has one; sunk if floating */
EditorPending *
editor_pending_new (EditorVerb verb, const char *path, GVariant *value, EditorPendingFlags flags)
{
  EditorPending *self = g_object_new (EDITOR_TYPE_PENDING, NULL);

  self->verb = verb;
  self->flags = flags;
  self->path = g_strdup (path);
  self->value = value != NULL ? g_variant_ref_sink (value) : NULL;

  return self;
}
