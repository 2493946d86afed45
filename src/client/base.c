/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/base.h"

#include <string.h>

#include <runconf/error.h>

#include "core/path.h"

/* Conversion of paths, of the arguments of calls and of their replies, for a part of a configuration. */

/**
 * runconf_base_join:
 * @base: the path of the part
 * @path: a path in the part
 *
 * A path that isn't a JSON Pointer stays as it is, so that it is refused like any other.
 *
 * Returns: (transfer full): the path in the whole configuration
 */
char *
runconf_base_join (const char *base, const char *path)
{
  return *path == '\0' || *path == '/' ? g_strconcat (base, path, NULL) : g_strdup (path);
}

/**
 * runconf_base_strip:
 * @base: the path of the part
 * @path: a path in the whole configuration
 *
 * Returns: (transfer none) (nullable): the path in the part, %NULL if @path isn't in it
 */
const char *
runconf_base_strip (const char *base, const char *path)
{
  return runconf_path_is_below (path, base) ? path + strlen (base) : NULL;
}

/* Returns: (transfer floating): the arguments with another path in the first place */
static GVariant *
wrap_path (const char *base, GVariant *arguments)
{
  g_autofree char *full = NULL;
  GVariantBuilder wrapped;
  const char *path;

  g_variant_get_child (arguments, 0, "&s", &path);
  full = runconf_base_join (base, path);
  g_variant_builder_init (&wrapped, g_variant_get_type (arguments));
  g_variant_builder_add (&wrapped, "s", full);
  for (gsize i = 1; i < g_variant_n_children (arguments); i++)
    {
      g_autoptr (GVariant) other = g_variant_get_child_value (arguments, i);

      g_variant_builder_add_value (&wrapped, other);
    }

  return g_variant_builder_end (&wrapped);
}

static GVariant *
wrap_operations (const char *base, GVariant *arguments)
{
  g_autoptr (GVariant) operations = NULL;
  g_autoptr (GVariant) options = NULL;
  GVariantBuilder wrapped;

  g_variant_get (arguments, "(@a(ssv)@a{sv})", &operations, &options);
  g_variant_builder_init (&wrapped, G_VARIANT_TYPE ("a(ssv)"));
  for (gsize i = 0; i < g_variant_n_children (operations); i++)
    {
      g_autoptr (GVariant) value = NULL;
      g_autofree char *full = NULL;
      const char *verb, *path;

      g_variant_get_child (operations, i, "(&s&sv)", &verb, &path, &value);
      full = runconf_base_join (base, path);
      g_variant_builder_add (&wrapped, "(ssv)", verb, full, value);
    }

  return g_variant_new ("(a(ssv)@a{sv})", &wrapped, options);
}

/* Merge and Save have the whole configuration as their argument, so one operation takes their place. */
static GVariant *
wrap_mapping (const char *base, const char *verb, GVariant *arguments)
{
  g_autoptr (GVariant) mapping = g_variant_get_child_value (arguments, 0);
  g_autoptr (GVariant) options = NULL;
  GVariantBuilder operations;

  if (g_variant_n_children (arguments) > 1)
    options = g_variant_get_child_value (arguments, 1);
  else
    options = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  g_variant_builder_init (&operations, G_VARIANT_TYPE ("a(ssv)"));
  g_variant_builder_add (&operations, "(ssv)", verb, base, mapping);

  return g_variant_new ("(a(ssv)@a{sv})", &operations, options);
}

static GVariant *
wrap (const char *base, RunconfMethod *method, GVariant *arguments, GError **error)
{
  switch (*method)
    {
    case RUNCONF_METHOD_GET:
    case RUNCONF_METHOD_SET:
    case RUNCONF_METHOD_RESET:
    case RUNCONF_METHOD_DESCRIBE:
    case RUNCONF_METHOD_EXPLAIN:
    case RUNCONF_METHOD_DUMP:
    case RUNCONF_METHOD_HISTORY:
      return wrap_path (base, arguments);
    case RUNCONF_METHOD_MERGE:
      *method = RUNCONF_METHOD_APPLY;
      return wrap_mapping (base, "merge", arguments);
    case RUNCONF_METHOD_SAVE:
      *method = RUNCONF_METHOD_APPLY;
      return wrap_mapping (base, "save", arguments);
    case RUNCONF_METHOD_APPLY:
      return wrap_operations (base, arguments);
    case RUNCONF_METHOD_MERGE_TEXT:
    case RUNCONF_METHOD_REPLACE_TEXT:
    case RUNCONF_METHOD_REVERT:
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "this object has the part %s of a configuration, and the call changes the whole "
                   "one: call it with the object that the part was made of",
                   base);
      return NULL;
    case RUNCONF_METHOD_CONFIRM:
    case RUNCONF_METHOD_RELOAD:
    case RUNCONF_METHOD_DIFF:
    default:
      return g_variant_ref (arguments);
    }
}

/**
 * runconf_base_wrap:
 * @base: the path of the part
 * @method: (inout): the method, and then the one to call in its place
 * @arguments: its arguments, with paths in the part
 *
 * Returns: (transfer full) (nullable): the arguments with paths in the whole configuration; %NULL with
 *   %RUNCONF_ERROR_UNAVAILABLE if the call is one for the whole configuration only
 */
GVariant *
runconf_base_wrap (const char *base, RunconfMethod *method, GVariant *arguments, GError **error)
{
  GVariant *wrapped = wrap (base, method, arguments, error);

  return wrapped != NULL ? g_variant_take_ref (wrapped) : NULL;
}

/* Returns: (transfer floating): the paths in the part; a path above it becomes the whole part */
static GVariant *
strip_paths (const char *base, GVariant *paths)
{
  g_autofree const char **all = g_variant_get_strv (paths, NULL);
  GVariantBuilder stripped;

  g_variant_builder_init (&stripped, G_VARIANT_TYPE_STRING_ARRAY);
  for (gsize i = 0; all[i] != NULL; i++)
    {
      const char *path = runconf_base_strip (base, all[i]);

      if (path == NULL && runconf_path_is_below (base, all[i]))
        path = "";

      /* an item that is no path reports a change of the overrides */
      g_variant_builder_add (&stripped, "s", path != NULL ? path : all[i]);
    }

  return g_variant_builder_end (&stripped);
}

/* Returns: (transfer floating): the differences in the part, an `a(svv)` */
static GVariant *
strip_differences (const char *base, GVariant *differences)
{
  GVariantBuilder stripped;

  g_variant_builder_init (&stripped, G_VARIANT_TYPE ("a(svv)"));
  for (gsize i = 0; i < g_variant_n_children (differences); i++)
    {
      g_autoptr (GVariant) old_value = NULL;
      g_autoptr (GVariant) new_value = NULL;
      const char *path;

      g_variant_get_child (differences, i, "(&s@v@v)", &path, &old_value, &new_value);
      path = runconf_base_strip (base, path);
      if (path != NULL)
        g_variant_builder_add (&stripped, "(s@v@v)", path, old_value, new_value);
    }

  return g_variant_builder_end (&stripped);
}

static GVariant *strip_list (const char *base, GVariant *list);

/* Returns: (transfer floating): the entry of a description, a layer or a change with paths in the part */
static GVariant *
strip_content (const char *base, const char *key, GVariant *content)
{
  const char *path;

  if (strcmp (key, "path") == 0 && g_variant_is_of_type (content, G_VARIANT_TYPE_STRING))
    {
      path = runconf_base_strip (base, g_variant_get_string (content, NULL));

      return g_variant_new_string (path != NULL ? path : "");
    }
  if (strcmp (key, "hidden") == 0)
    return strip_paths (base, content);
  if (strcmp (key, "changes") == 0)
    return strip_differences (base, content);
  if (strcmp (key, "layers") == 0)
    return strip_list (base, content);

  return content;
}

static GVariant *
strip_dictionary (const char *base, GVariant *dictionary)
{
  GVariantBuilder stripped;
  GVariantIter iter;
  const char *key;
  GVariant *content;

  g_variant_builder_init (&stripped, G_VARIANT_TYPE_VARDICT);
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &content))
    g_variant_builder_add (&stripped, "{sv}", key, strip_content (base, key, content));

  return g_variant_builder_end (&stripped);
}

static GVariant *
strip_list (const char *base, GVariant *list)
{
  GVariantBuilder stripped;

  g_variant_builder_init (&stripped, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) dictionary = g_variant_get_child_value (list, i);

      g_variant_builder_add_value (&stripped, strip_dictionary (base, dictionary));
    }

  return g_variant_builder_end (&stripped);
}

static GVariant *
unwrap (const char *base, RunconfMethod method, GVariant *reply)
{
  g_autoptr (GVariant) content = g_variant_get_child_value (reply, 0);
  g_autoptr (GVariant) paths = NULL;
  guint64 version;

  switch (method)
    {
    case RUNCONF_METHOD_MERGE:
    case RUNCONF_METHOD_SAVE:
    case RUNCONF_METHOD_APPLY:
      g_variant_get (reply, "(t@as)", &version, &paths);
      return g_variant_new ("(t@as)", version, strip_paths (base, paths));
    case RUNCONF_METHOD_DESCRIBE:
      return g_variant_new ("(@a{sv})", strip_dictionary (base, content));
    case RUNCONF_METHOD_EXPLAIN:
    case RUNCONF_METHOD_HISTORY:
      return g_variant_new ("(@aa{sv})", strip_list (base, content));
    case RUNCONF_METHOD_DIFF:
      return g_variant_new ("(@a(svv))", strip_differences (base, content));
    default:
      return g_variant_ref (reply);
    }
}

/**
 * runconf_base_unwrap:
 * @base: the path of the part
 * @method: the method that the program called
 * @reply: the reply, with paths in the whole configuration
 *
 * Returns: (transfer full): the reply with paths in the part
 */
GVariant *
runconf_base_unwrap (const char *base, RunconfMethod method, GVariant *reply)
{
  if (g_variant_n_children (reply) == 0)
    return g_variant_ref (reply);

  return g_variant_take_ref (unwrap (base, method, reply));
}
