/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/form.h"

#include <string.h>

#include <runconf/error.h>

/* Checks the form of replies, so that the library and programs can rely on the documented types.
 * GDBus has checked the type of the whole reply; these checks are about the content of its variants.
 * Unknown keys, which a newer service may send, are accepted.
 */

typedef gboolean (*Check) (GVariant *content);

/* A key of a dictionary: the type of its content, or a function that checks the content */
typedef struct
{
  const char *key;
  const char *type;
  Check check;
  gboolean is_required;
} Member;

/* @position: the child of each item that is the variant, or -1 if the item itself is it */
static gboolean
are_values (GVariant *container, int position)
{
  gsize length = g_variant_n_children (container);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (container, i);
      g_autoptr (GVariant) boxed = position < 0
                                       ? g_variant_ref (item)
                                       : g_variant_get_child_value (item, (gsize) position);
      g_autoptr (GVariant) content = g_variant_get_variant (boxed);

      if (!runconf_form_is_value (content))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_form_is_value:
 *
 * The depth must be limited, as it is in a message of D-Bus.
 *
 * Returns: whether all types in it are those that a value of a configuration has on the bus
 */
gboolean
runconf_form_is_value (GVariant *value)
{
  const char *type = g_variant_get_type_string (value);

  if (strcmp (type, "a{sv}") == 0)
    return are_values (value, 1);

  if (strcmp (type, "av") == 0)
    return are_values (value, -1);

  if (strcmp (type, "g") == 0)
    return *g_variant_get_string (value, NULL) == '\0';

  return strcmp (type, "ay") == 0 || (strlen (type) == 1 && strchr ("bxtds", *type) != NULL);
}

/* One side of a difference; a structure stands for no value. */
static gboolean
is_side (GVariant *difference, gsize position)
{
  g_autoptr (GVariant) boxed = g_variant_get_child_value (difference, position);
  g_autoptr (GVariant) content = g_variant_get_variant (boxed);

  return g_variant_is_of_type (content, G_VARIANT_TYPE ("(b)")) || runconf_form_is_value (content);
}

static gboolean
are_differences (GVariant *content)
{
  gsize length = g_variant_n_children (content);

  if (!g_variant_is_of_type (content, G_VARIANT_TYPE ("a(svv)")))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) difference = g_variant_get_child_value (content, i);

      if (!is_side (difference, 1) || !is_side (difference, 2))
        return FALSE;
    }

  return TRUE;
}

static gboolean
fits (const Member *member, GVariant *content)
{
  return member->check != NULL ? member->check (content)
                               : g_variant_is_of_type (content, G_VARIANT_TYPE (member->type));
}

/* Returns: (nullable): the first key that is missing or whose content has a wrong form */
static const char *
find_mistake (const Member *members, GVariant *dictionary)
{
  for (const Member *member = members; member->key != NULL; member++)
    {
      g_autoptr (GVariant) content = g_variant_lookup_value (dictionary, member->key, NULL);

      if (content != NULL ? !fits (member, content) : member->is_required)
        return member->key;
    }

  return NULL;
}

static const char *
find_mistake_in_list (const Member *members, GVariant *list)
{
  gsize length = g_variant_n_children (list);
  const char *mistake = NULL;

  for (gsize i = 0; i < length && mistake == NULL; i++)
    {
      g_autoptr (GVariant) dictionary = g_variant_get_child_value (list, i);

      mistake = find_mistake (members, dictionary);
    }

  return mistake;
}

static const Member of_layer[] = {
  { "layer", "s", NULL, TRUE },
  { "path", "s", NULL, TRUE },
  { "type", "s", NULL, TRUE },
  { "file", "s", NULL, FALSE },
  { "line", "u", NULL, FALSE },
  { "column", "u", NULL, FALSE },
  { "value", NULL, runconf_form_is_value, FALSE },
  { "ignored", "s", NULL, FALSE },
  { NULL },
};

static gboolean
are_layers (GVariant *content)
{
  return g_variant_is_of_type (content, G_VARIANT_TYPE ("aa{sv}"))
         && find_mistake_in_list (of_layer, content) == NULL;
}

static const Member of_description[] = {
  { "type", "s", NULL, TRUE },
  { "value", NULL, runconf_form_is_value, FALSE },
  { "default", NULL, runconf_form_is_value, FALSE },
  { "source", "s", NULL, FALSE },
  { "file", "s", NULL, FALSE },
  { "line", "u", NULL, FALSE },
  { "column", "u", NULL, FALSE },
  { "version", "t", NULL, FALSE },
  { "time", "t", NULL, FALSE },
  { "writable", "b", NULL, FALSE },
  { "secret", "b", NULL, FALSE },
  { "hidden", "as", NULL, FALSE },
  { "lock", "s", NULL, FALSE },
  { "layers", NULL, are_layers, FALSE },
  { NULL },
};

static const Member of_change[] = {
  { "version", "t", NULL, TRUE },
  { "time", "t", NULL, TRUE },
  { "origin", "s", NULL, TRUE },
  { "uid", "u", NULL, FALSE },
  { "caller", "s", NULL, FALSE },
  { "message", "s", NULL, FALSE },
  { "layer", "s", NULL, FALSE },
  { "omitted", "t", NULL, FALSE },
  { "changes", NULL, are_differences, FALSE },
  { NULL },
};

static const Member of_properties[] = {
  { "State", "s", NULL, TRUE },
  { "StateMessage", "s", NULL, TRUE },
  { "DefaultConfigPath", "s", NULL, FALSE },
  { "RuntimeConfigPath", "s", NULL, FALSE },
  { "RulesRevision", "u", NULL, FALSE },
  { "SnapshotRevision", "u", NULL, FALSE },
  { "Locks", "as", NULL, FALSE },
  { "Name", "s", NULL, FALSE },
  { "Version", "t", NULL, FALSE },
  { "LastModified", "t", NULL, FALSE },
  { "HasOverrides", "b", NULL, FALSE },
  { NULL },
};

/* Returns: (nullable): the part of the content of a reply that has a wrong form */
static const char *
find_mistake_in_reply (RunconfMethod method, GVariant *content)
{
  g_autoptr (GVariant) value = NULL;

  switch (method)
    {
    case RUNCONF_METHOD_GET:
      value = g_variant_get_variant (content);
      return runconf_form_is_value (value) ? NULL : "value";
    case RUNCONF_METHOD_DESCRIBE:
      return find_mistake (of_description, content);
    case RUNCONF_METHOD_EXPLAIN:
      return find_mistake_in_list (of_layer, content);
    case RUNCONF_METHOD_HISTORY:
      return find_mistake_in_list (of_change, content);
    case RUNCONF_METHOD_DIFF:
      return are_differences (content) ? NULL : "changes";
    default:
      return NULL;
    }
}

static gboolean
report (const char *mistake, GError **error)
{
  if (mistake == NULL)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the reply of the service can't be used, “%s” is missing in it or has a wrong type: "
               "the service and this library have to be of versions that fit",
               mistake);

  return FALSE;
}

/**
 * runconf_form_check_reply:
 * @reply: a reply of the type that the method has
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if the content isn't as documented
 */
gboolean
runconf_form_check_reply (RunconfMethod method, GVariant *reply, GError **error)
{
  g_autoptr (GVariant) content = NULL;

  if (g_variant_n_children (reply) == 0)
    return TRUE;

  content = g_variant_get_child_value (reply, 0);

  return report (find_mistake_in_reply (method, content), error);
}

/**
 * runconf_form_check_properties:
 * @properties: all properties of a configuration on the bus, an `a{sv}`
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if they aren't as documented
 */
gboolean
runconf_form_check_properties (GVariant *properties, GError **error)
{
  return report (find_mistake (of_properties, properties), error);
}
