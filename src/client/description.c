/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/description-private.h"

#include <string.h>

#include "client/enums-private.h"

/**
 * RunconfDescription: (ref-func runconf_description_ref) (unref-func runconf_description_unref)
 *
 * The facts about the value at a path: its type, its source, its place and its rules.
 *
 * [method@Configuration.describe] returns the facts about the value in force. Each item of
 * [method@Configuration.explain] and of [method@Description.get_layers] has the facts about the value
 * that one layer has: its path, type, value, layer, place, and the reason if it has no effect.
 *
 * A description never changes. It can be used in any thread, and none of its functions blocks.
 *
 * Since: 1.0
 */
struct _RunconfDescription
{
  gint ref_count; /* atomic */
  char *path;
  GVariant *facts; /* serialised, so that strings in it stay in place */
};

G_DEFINE_BOXED_TYPE (RunconfDescription, runconf_description, runconf_description_ref,
                     runconf_description_unref)

/**
 * runconf_description_new: (skip)
 * @path: a path
 * @facts: an `a{sv}` in the form that form.c checks
 *
 * Returns: (transfer full): the description
 */
RunconfDescription *
runconf_description_new (const char *path, GVariant *facts)
{
  RunconfDescription *self = g_new0 (RunconfDescription, 1);

  self->ref_count = 1;
  self->path = g_strdup (path);
  self->facts = g_variant_ref (facts);
  g_variant_get_data (facts);

  return self;
}

/**
 * runconf_description_new_list: (skip)
 * @values: an `aa{sv}`, as the method Explain returns it
 *
 * Returns: (transfer full) (element-type RunconfDescription): the descriptions
 */
GList *
runconf_description_new_list (GVariant *values)
{
  GList *list = NULL;

  for (gsize i = g_variant_n_children (values); i > 0; i--)
    {
      g_autoptr (GVariant) facts = g_variant_get_child_value (values, i - 1);
      const char *path = "";

      g_variant_lookup (facts, "path", "&s", &path);
      list = g_list_prepend (list, runconf_description_new (path, facts));
    }

  return list;
}

/**
 * runconf_description_ref:
 * @self: a description
 *
 * Increases the reference count.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
RunconfDescription *
runconf_description_ref (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * runconf_description_unref:
 * @self: (transfer full): a description
 *
 * Decreases the reference count, and frees the description when it is 0.
 *
 * Since: 1.0
 */
void
runconf_description_unref (RunconfDescription *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_variant_unref (self->facts);
  g_free (self->path);
  g_free (self);
}

/* Returns: (transfer none) (nullable): a fact that is a text */
static const char *
get_text (RunconfDescription *self, const char *key)
{
  const char *text = NULL;

  g_variant_lookup (self->facts, key, "&s", &text);

  return text;
}

/**
 * runconf_description_get_path:
 * @self: a description
 *
 * Gets the path of the value. For the value of a layer it is a parent of the path that was asked for, if
 * the layer has a value there that is no mapping, and so hides the values of weaker layers.
 *
 * Returns: (transfer none): the path, as a JSON Pointer
 *
 * Since: 1.0
 */
const char *
runconf_description_get_path (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

/**
 * runconf_description_get_value_type:
 * @self: a description
 *
 * Gets the type of the value: `mapping`, `sequence`, `string`, `integer`, `float`, `boolean`, `null`
 * or `binary`.
 *
 * Returns: (transfer none) (nullable): the type; a description of the service always has one
 *
 * Since: 1.0
 */
const char *
runconf_description_get_value_type (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "type");
}

/**
 * runconf_description_get_value:
 * @self: a description
 *
 * Gets the value.
 *
 * Returns: (transfer full) (nullable): the value; %NULL for a secret, and for a mapping of a layer
 *
 * Since: 1.0
 */
GVariant *
runconf_description_get_value (RunconfDescription *self)
{
  return runconf_description_lookup (self, "value");
}

/**
 * runconf_description_get_default_value:
 * @self: a description
 *
 * Gets the value that is in force without overrides.
 *
 * Returns: (transfer full) (nullable): the default; %NULL if there is none, for a secret, and for the
 *   value of a layer
 *
 * Since: 1.0
 */
GVariant *
runconf_description_get_default_value (RunconfDescription *self)
{
  return runconf_description_lookup (self, "default");
}

/**
 * runconf_description_get_layer:
 * @self: a description
 *
 * Gets the layer that the value comes from. A mapping may have values of several layers: its layer is the
 * strongest one.
 *
 * Returns: the layer, or %RUNCONF_LAYER_UNKNOWN
 *
 * Since: 1.0
 */
RunconfLayer
runconf_description_get_layer (RunconfDescription *self)
{
  g_autolist (RunconfDescription) layers = NULL;
  const char *name;

  g_return_val_if_fail (self != NULL, RUNCONF_LAYER_UNKNOWN);

  name = get_text (self, "layer");
  if (name != NULL)
    return (RunconfLayer) runconf_enums_find (RUNCONF_TYPE_LAYER, name);

  layers = runconf_description_get_layers (self);
  for (const GList *each = layers; each != NULL; each = each->next)
    if (runconf_description_get_ignored (each->data) == NULL)
      return runconf_description_get_layer (each->data);

  return RUNCONF_LAYER_UNKNOWN;
}

/**
 * runconf_description_get_source:
 * @self: a description
 *
 * Gets the kind of the source: `default`, `override`, `boot` for an override for this boot, or `locked`
 * if the default is fixed.
 *
 * Returns: (transfer none) (nullable): the source; %NULL for the value of a layer
 *
 * Since: 1.0
 */
const char *
runconf_description_get_source (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "source");
}

/**
 * runconf_description_get_file:
 * @self: a description
 *
 * Gets the file that has the value.
 *
 * Returns: (transfer none) (nullable): the path of the file, or %NULL if it is unknown
 *
 * Since: 1.0
 */
const char *
runconf_description_get_file (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "file");
}

/**
 * runconf_description_get_line:
 * @self: a description
 *
 * Gets the line of the value in its file.
 *
 * Returns: the line, counted from 1, or 0 if it is unknown
 *
 * Since: 1.0
 */
guint
runconf_description_get_line (RunconfDescription *self)
{
  guint32 number = 0;

  g_return_val_if_fail (self != NULL, 0);

  g_variant_lookup (self->facts, "line", "u", &number);

  return (guint) number;
}

/**
 * runconf_description_get_column:
 * @self: a description
 *
 * Gets the column of the value in its file.
 *
 * Returns: the column in characters, counted from 1, or 0 if it is unknown
 *
 * Since: 1.0
 */
guint
runconf_description_get_column (RunconfDescription *self)
{
  guint32 number = 0;

  g_return_val_if_fail (self != NULL, 0);

  g_variant_lookup (self->facts, "column", "u", &number);

  return (guint) number;
}

/**
 * runconf_description_is_writable:
 * @self: a description
 *
 * Gets whether the caller may write the path.
 *
 * Returns: whether the path is writable; %FALSE for the value of a layer
 *
 * Since: 1.0
 */
gboolean
runconf_description_is_writable (RunconfDescription *self)
{
  gboolean is_writable = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);

  g_variant_lookup (self->facts, "writable", "b", &is_writable);

  return is_writable;
}

/**
 * runconf_description_is_secret:
 * @self: a description
 *
 * Gets whether the value is a secret, which the description doesn't have.
 *
 * Returns: whether the value is a secret
 *
 * Since: 1.0
 */
gboolean
runconf_description_is_secret (RunconfDescription *self)
{
  g_autoptr (GVariant) value = NULL;
  gboolean is_secret;

  g_return_val_if_fail (self != NULL, FALSE);

  if (g_variant_lookup (self->facts, "secret", "b", &is_secret))
    return is_secret;

  value = runconf_description_get_value (self);

  return value == NULL && g_strcmp0 (runconf_description_get_value_type (self), "mapping") != 0;
}

/**
 * runconf_description_get_lock:
 * @self: a description
 *
 * Gets the lock that forbids to write the path.
 *
 * Returns: (transfer none) (nullable): the file, line and reason of the lock, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
runconf_description_get_lock (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "lock");
}

/**
 * runconf_description_get_version:
 * @self: a description
 *
 * Gets the version of the last change at, below or above the path.
 *
 * Returns: the version, or 0 if the history has none
 *
 * Since: 1.0
 */
guint64
runconf_description_get_version (RunconfDescription *self)
{
  guint64 number = 0;

  g_return_val_if_fail (self != NULL, 0);

  g_variant_lookup (self->facts, "version", "t", &number);

  return number;
}

/**
 * runconf_description_get_time:
 * @self: a description
 *
 * Gets the time of the last change at, below or above the path.
 *
 * Returns: the time in microseconds since the epoch, or 0 if the history has none
 *
 * Since: 1.0
 */
gint64
runconf_description_get_time (RunconfDescription *self)
{
  guint64 number = 0;

  g_return_val_if_fail (self != NULL, 0);

  g_variant_lookup (self->facts, "time", "t", &number);

  return (gint64) number;
}

/**
 * runconf_description_get_title:
 * @self: a description
 *
 * Gets the title of the value in the schema.
 *
 * Returns: (transfer none) (nullable): the title, or %NULL if the schema has none
 *
 * Since: 1.0
 */
const char *
runconf_description_get_title (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "title");
}

/**
 * runconf_description_get_description:
 * @self: a description
 *
 * Gets the description of the value in the schema.
 *
 * Returns: (transfer none) (nullable): the description, or %NULL if the schema has none
 *
 * Since: 1.0
 */
const char *
runconf_description_get_description (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "description");
}

/**
 * runconf_description_get_ignored:
 * @self: a description
 *
 * Gets the reason why the value of a layer has no effect: a lock, the schema, or a file that replaces
 * the whole file.
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if the value has an effect
 *
 * Since: 1.0
 */
const char *
runconf_description_get_ignored (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return get_text (self, "ignored");
}

/**
 * runconf_description_get_layers:
 * @self: a description
 *
 * Gets the values that the layers have at the path, the strongest layer first. The first value that isn't
 * ignored is in force.
 *
 * Returns: (transfer full) (element-type RunconfDescription): the values; empty, which is %NULL, for the
 *   value of a layer
 *
 * Since: 1.0
 */
GList *
runconf_description_get_layers (RunconfDescription *self)
{
  g_autoptr (GVariant) layers = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  layers = g_variant_lookup_value (self->facts, "layers", G_VARIANT_TYPE ("aa{sv}"));

  return layers != NULL ? runconf_description_new_list (layers) : NULL;
}

/**
 * runconf_description_lookup:
 * @self: a description
 * @key: the name of a fact
 *
 * Gets a fact by its name on the bus.
 *
 * It is meant for the facts from the schema, each of which is there if the schema has it: `deprecated` b,
 * `types` (s or av), `enum` av, `const`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
 * `multipleOf`, `minLength`, `maxLength`, `pattern` s, `format` s, `minItems`, `maxItems`, `uniqueItems` b
 * and `examples` av. A mapping with secrets in it has `hidden` as: the paths of the secrets. A mapping
 * whose keys the schema names has `keys` aa{sv}: the `path` s of each key, also of those that have no
 * value yet, with its `title`, `description`, `deprecated`, `types` and `enum`.
 *
 * Returns: (transfer full) (nullable): the fact, or %NULL if there is none of this name
 *
 * Since: 1.0
 */
GVariant *
runconf_description_lookup (RunconfDescription *self, const char *key)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return g_variant_lookup_value (self->facts, key, NULL);
}

/**
 * runconf_description_get_facts:
 * @self: a description
 *
 * Gets all facts by their names on the bus, also those that this version of the library doesn't know.
 *
 * Returns: (transfer none): the facts, an `a{sv}`
 *
 * Since: 1.0
 */
GVariant *
runconf_description_get_facts (RunconfDescription *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->facts;
}
