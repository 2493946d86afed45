/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/child-private.h"

/**
 * RunconfChild:
 *
 * A child of a mapping or a sequence: its key and its value.
 *
 * A child is an item of the model that [method@Configuration.create_children_model] returns. The model
 * keeps the value up to date as long as the child is in it; afterwards, the child keeps the last value.
 * A child is used in the main context of the model only.
 *
 * Since: 1.0
 */
struct _RunconfChild
{
  GObject parent_instance;

  char *path;
  char *key;
  GVariant *value;
};

enum
{
  PROP_PATH = 1,
  PROP_KEY,
  PROP_VALUE,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (RunconfChild, runconf_child, G_TYPE_OBJECT)

/**
 * runconf_child_new_take: (skip)
 * @path: (transfer full): the path of the child
 * @key: its key, not escaped
 * @value: (transfer full): its value
 *
 * Returns: (transfer full): a child
 */
RunconfChild *
runconf_child_new_take (char *path, const char *key, GVariant *value)
{
  RunconfChild *self = g_object_new (RUNCONF_TYPE_CHILD, NULL);

  self->path = path;
  self->key = g_strdup (key);
  self->value = value;

  return self;
}

/**
 * runconf_child_take_value: (skip)
 * @value: (transfer full): the value now, which is notified if it is another one
 */
void
runconf_child_take_value (RunconfChild *self, GVariant *value)
{
  g_autoptr (GVariant) old = self->value;

  self->value = value;
  if (!g_variant_equal (old, value))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}

/**
 * runconf_child_get_path: (attributes org.gtk.Method.get_property=path)
 * @self: a child
 *
 * Gets the path of the child. Never blocks.
 *
 * Returns: (transfer none): the path, as a JSON Pointer
 *
 * Since: 1.0
 */
const char *
runconf_child_get_path (RunconfChild *self)
{
  g_return_val_if_fail (RUNCONF_IS_CHILD (self), NULL);

  return self->path;
}

/**
 * runconf_child_get_key: (attributes org.gtk.Method.get_property=key)
 * @self: a child
 *
 * Gets the key of a child of a mapping, or the index of a child of a sequence. Never blocks.
 *
 * Returns: (transfer none): the key, not escaped
 *
 * Since: 1.0
 */
const char *
runconf_child_get_key (RunconfChild *self)
{
  g_return_val_if_fail (RUNCONF_IS_CHILD (self), NULL);

  return self->key;
}

/**
 * runconf_child_get_value: (attributes org.gtk.Method.get_property=value)
 * @self: a child
 *
 * Gets the value of the child. For the types of the values, see [method@Configuration.get_value]. Never
 * blocks.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
GVariant *
runconf_child_get_value (RunconfChild *self)
{
  g_return_val_if_fail (RUNCONF_IS_CHILD (self), NULL);
  g_return_val_if_fail (self->value != NULL, NULL);

  return g_variant_ref (self->value);
}

static void
runconf_child_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RunconfChild *self = RUNCONF_CHILD (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_KEY:
      g_value_set_string (value, self->key);
      break;
    case PROP_VALUE:
      g_value_set_variant (value, self->value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_child_finalize (GObject *object)
{
  RunconfChild *self = RUNCONF_CHILD (object);

  g_free (self->path);
  g_free (self->key);
  g_clear_pointer (&self->value, g_variant_unref);

  G_OBJECT_CLASS (runconf_child_parent_class)->finalize (object);
}

static void
runconf_child_class_init (RunconfChildClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = runconf_child_get_property;
  object_class->finalize = runconf_child_finalize;

  /**
   * RunconfChild:path: (attributes org.gtk.Property.get=runconf_child_get_path)
   *
   * The path of the child, as a JSON Pointer.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, readable);

  /**
   * RunconfChild:key: (attributes org.gtk.Property.get=runconf_child_get_key)
   *
   * The key in a mapping, not escaped, or the index in a sequence.
   *
   * Since: 1.0
   */
  properties[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, readable);

  /**
   * RunconfChild:value: (attributes org.gtk.Property.get=runconf_child_get_value)
   *
   * The value of the child. It is notified each time the value changes.
   *
   * Since: 1.0
   */
  properties[PROP_VALUE]
      = g_param_spec_variant ("value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, readable);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
runconf_child_init (RunconfChild *self)
{
}
