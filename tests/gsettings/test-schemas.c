/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "core/mapping.h"
#include "core/variant.h"
#include "gsettings/form/form.h"
#include "gsettings/schemas/catalogue.h"
#include "gsettings/schemas/compiled.h"
#include "gsettings/schemas/defaults.h"
#include "gsettings/schemas/definitions.h"
#include "schema/schema.h"
#include "tests/gsettings/random-value.h"
#include "yaml/document.h"

/* The defaults and the schema, made of the schemas of the tests and of those that are installed. */

#define INSTALLED_FOLDER "/usr/share/glib-2.0/schemas"
#define N_VALUES 100
#define VALUE_DEPTH 3
#define N_DAMAGES 3000
#define MAX_NAME_LENGTH 34 /* of those that g_settings_schema_key_range_check() looks up */

typedef struct
{
  RunconfGsettingsSources *sources;
  RunconfGsettingsCatalogue *catalogue;
  RunconfDocument *defaults;
  RunconfSchema *schema;
} Fixture;

static char *schemas_folder; /* those of the tests, compiled */

static RunconfDocument *
parse (GBytes *text)
{
  g_autoptr (GError) error = NULL;
  RunconfDocument *document = runconf_document_new (text, "text", &error);

  g_assert_no_error (error);

  return document;
}

static RunconfDocument *
write_defaults (const RunconfGsettingsCatalogue *catalogue)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) defaults = runconf_gsettings_defaults_new (catalogue);
  g_autoptr (GBytes) text = runconf_gsettings_defaults_write (catalogue, defaults, "", &error);

  g_assert_no_error (error);

  return parse (text);
}

static RunconfSchema *
write_schema (const RunconfGsettingsCatalogue *catalogue)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) root = runconf_gsettings_definitions_new (catalogue, &error);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  RunconfSchema *schema;

  g_assert_no_error (error);
  text = runconf_gsettings_definitions_write (root, &error);
  g_assert_no_error (error);
  document = parse (text);
  schema = runconf_schema_new (runconf_document_get_root (document), NULL, &error);
  g_assert_no_error (error);

  return schema;
}

static void
set_up (Fixture *self, gconstpointer folder)
{
  const char *const folders[] = { folder != NULL ? folder : schemas_folder, NULL };
  g_autoptr (GError) error = NULL;

  self->sources = runconf_gsettings_sources_new (folders, &error);
  g_assert_no_error (error);
  self->catalogue = runconf_gsettings_catalogue_new (self->sources);
  self->defaults = write_defaults (self->catalogue);
  self->schema = write_schema (self->catalogue);
}

static void
tear_down (Fixture *self, gconstpointer folder)
{
  runconf_schema_unref (self->schema);
  runconf_document_unref (self->defaults);
  runconf_gsettings_catalogue_free (self->catalogue);
  runconf_gsettings_sources_free (self->sources);
}

/* Calls a function for each key in a folder. */
typedef void (*KeyFunc) (Fixture *self, const RunconfGsettingsEntry *entry, const char *path);

static void
each_key (Fixture *self, const RunconfGsettingsEntry *folder, const char *path, KeyFunc func)
{
  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      g_autofree char *entry_path = g_strconcat (path, "/", entry->name, NULL);

      if (entry->keys->len > 0)
        func (self, entry, entry_path);
      if (entry->children != NULL)
        each_key (self, entry, entry_path, func);
    }
}

static void
each (Fixture *self, KeyFunc func)
{
  each_key (self, runconf_gsettings_catalogue_get_root (self->catalogue), "", func);
}

static const RunconfNode *
find_default (Fixture *self, const char *key)
{
  g_autofree char *pointer = runconf_gsettings_path (key);
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  return runconf_node_find (runconf_document_get_root (self->defaults), path, NULL);
}

static guint n_defaults, n_missing;

static void
check_default (Fixture *self, const RunconfGsettingsEntry *entry, const char *path)
{
  const RunconfNode *node = find_default (self, path);
  g_autoptr (GVariant) form = NULL;

  if (node == NULL || entry->children != NULL)
    {
      n_missing++;
      return;
    }

  n_defaults++;
  form = g_variant_ref_sink (runconf_node_to_variant (node));
  for (guint i = 0; i < entry->keys->len; i++)
    {
      GSettingsSchemaKey *key = ((RunconfGsettingsKey *) entry->keys->pdata[i])->key;
      g_autoptr (GVariant) expected = g_settings_schema_key_get_default_value (key);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value
          = runconf_gsettings_unpack (form, g_settings_schema_key_get_value_type (key), &error);

      g_assert_no_error (error);
      g_assert_cmpvariant (value, expected);
    }
}

/* Law, for all keys: a default in the file is that of all schemas that have the key. */
static void
test_defaults (Fixture *self, gconstpointer folder)
{
  n_defaults = n_missing = 0;
  each (self, check_default);
  g_test_message ("%u keys have a default, %u none", n_defaults, n_missing);
  g_assert_cmpuint (n_defaults, >, 4 * n_missing);
}

/* Returns: (transfer full): a tree with one value */
static RunconfNode *
make_tree (const char *key, GVariant *form)
{
  g_auto (GStrv) segments = g_strsplit (key + 1, "/", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_node_from_variant (form, "", &error);

  g_assert_no_error (error);
  for (guint i = g_strv_length (segments); i > 0; i--)
    {
      g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

      runconf_mapping_builder_add (builder, segments[i - 1], strlen (segments[i - 1]), node);
      runconf_node_unref (node);
      node = runconf_mapping_builder_end (builder);
    }

  return g_steal_pointer (&node);
}

static gboolean
is_accepted (Fixture *self, const char *key, GVariant *form)
{
  g_autoptr (RunconfNode) tree = make_tree (key, form);
  g_autoptr (GPtrArray) violations = runconf_schema_check (self->schema, tree);

  return violations == NULL || violations->len == 0;
}

/* Returns: (nullable): a string that is in the range of a key, or nearly is */
static char *
choose_name (GVariant *range)
{
  g_autofree const char **names = NULL;
  gsize length;

  if (!g_variant_is_of_type (range, G_VARIANT_TYPE_STRING_ARRAY)
      || g_variant_n_children (range) == 0)
    return NULL;

  names = g_variant_get_strv (range, &length);
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return g_strconcat (names[0], "x", NULL);
    case 1:
      return NULL;
    default:
      return g_strdup (names[g_test_rand_int_range (0, length)]);
    }
}

static GVariant *
near_number (GVariant *limit)
{
  int step = g_test_rand_int_range (-1, 2);

  switch (g_variant_classify (limit))
    {
    case G_VARIANT_CLASS_BYTE:
      return g_variant_new_byte (g_variant_get_byte (limit) + step);
    case G_VARIANT_CLASS_INT16:
      return g_variant_new_int16 (g_variant_get_int16 (limit) + step);
    case G_VARIANT_CLASS_INT32:
      return g_variant_new_int32 (g_variant_get_int32 (limit) + (guint) step);
    case G_VARIANT_CLASS_UINT32:
      return g_variant_new_uint32 (g_variant_get_uint32 (limit) + step);
    case G_VARIANT_CLASS_INT64:
      return g_variant_new_int64 (g_variant_get_int64 (limit) + (guint64) (gint64) step);
    case G_VARIANT_CLASS_UINT64:
      return g_variant_new_uint64 (g_variant_get_uint64 (limit) + step);
    case G_VARIANT_CLASS_DOUBLE:
      return g_variant_new_double (g_variant_get_double (limit) + step * 1e-9);
    default:
      return NULL;
    }
}

/* Returns: (nullable): a number at a limit of the range, or next to it */
static GVariant *
choose_number (GVariant *range)
{
  g_autoptr (GVariant) limit = NULL;

  if (!g_variant_is_of_type (range, G_VARIANT_TYPE_TUPLE) || g_test_rand_bit ())
    return NULL;

  limit = g_variant_get_child_value (range, g_test_rand_int_range (0, 2));

  return near_number (limit);
}

/* Returns: (transfer floating): a value of @type, often with a part that is in the range */
static GVariant *
choose_value (const GVariantType *type, GVariant *range)
{
  GVariant *number = choose_number (range);
  char *name = g_variant_type_equal (type, G_VARIANT_TYPE_STRING) ? choose_name (range) : NULL;
  GVariant *items[3];
  guint length = g_test_rand_int_range (0, G_N_ELEMENTS (items) + 1);

  if (number != NULL)
    return number;
  if (name != NULL)
    return g_variant_new_take_string (name);
  if (g_variant_type_is_maybe (type) && g_test_rand_bit ())
    return g_variant_new_maybe (NULL, choose_value (g_variant_type_element (type), range));
  if (!g_variant_type_equal (type, G_VARIANT_TYPE_STRING_ARRAY))
    return random_value (type, VALUE_DEPTH);

  for (guint i = 0; i < length; i++)
    items[i] = choose_value (G_VARIANT_TYPE_STRING, range);

  return g_variant_new_array (G_VARIANT_TYPE_STRING, items, length);
}

/* For GLib, NaN is in each range of numbers, and a long name in each list of names. */
static gboolean
is_like_others (GVariant *value)
{
  gsize length = g_variant_is_container (value) ? g_variant_n_children (value) : 0;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return !isnan (g_variant_get_double (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return strlen (g_variant_get_string (value, NULL)) <= MAX_NAME_LENGTH;

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (!is_like_others (child))
        return FALSE;
    }

  return TRUE;
}

static guint n_in_range, n_out_of_range;

static void
check_value (Fixture *self, GSettingsSchemaKey *key, GVariant *value, const char *path)
{
  g_autoptr (GVariant) form = runconf_gsettings_pack (value, TRUE);
  gboolean is_in_range = g_settings_schema_key_range_check (key, value);
  g_autofree char *text = g_variant_print (value, TRUE);

  if (is_accepted (self, path, form) != is_in_range)
    g_error ("%s: %s is %s the range", path, text, is_in_range ? "in" : "out of");

  n_in_range += is_in_range;
  n_out_of_range += !is_in_range;
}

static gboolean
is_free (GVariant *described)
{
  const char *sort;

  g_variant_get (described, "(&sv)", &sort, NULL);

  return strcmp (sort, "type") == 0;
}

/* A key of several schemas accepts the values of each. */
static void
check_range (Fixture *self, const RunconfGsettingsEntry *entry, const char *path)
{
  GSettingsSchemaKey *key = ((RunconfGsettingsKey *) entry->keys->pdata[0])->key;
  g_autoptr (GVariant) described = g_settings_schema_key_get_range (key);
  g_autoptr (GVariant) range = NULL;

  if (entry->keys->len > 1 || entry->children != NULL)
    return;

  g_variant_get (described, "(sv)", NULL, &range);
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autoptr (GVariant) value
          = g_variant_ref_sink (choose_value (g_settings_schema_key_get_value_type (key), range));

      if (is_free (described) || is_like_others (value))
        check_value (self, key, value, path);
    }
}

/* Law, for all keys and values of their types: the schema accepts a value if it is in the range. */
static void
test_ranges (Fixture *self, gconstpointer folder)
{
  n_in_range = n_out_of_range = 0;
  each (self, check_range);
  g_test_message ("%u values in the range, %u out of it", n_in_range, n_out_of_range);
  g_assert_cmpuint (n_in_range, >, 0);
  g_assert_cmpuint (n_out_of_range, >, 0);
}

typedef struct
{
  const char *key;
  const char *form;
  gboolean is_accepted;
} FormCase;

static gboolean
is_read (Fixture *self, const char *path, GVariant *form)
{
  const RunconfGsettingsEntry *entry = runconf_gsettings_catalogue_find (self->catalogue, path);
  GSettingsSchemaKey *key = ((RunconfGsettingsKey *) entry->keys->pdata[0])->key;
  g_autoptr (GVariant) value
      = runconf_gsettings_unpack (form, g_settings_schema_key_get_value_type (key), NULL);

  return value != NULL;
}

/* The schema accepts the forms that are read, of those that a person may write. */
static void
test_forms (Fixture *self, gconstpointer folder)
{
  static const FormCase cases[] = {
    { "y", "256", FALSE },
    { "y", "-1", FALSE },
    { "n", "32768", FALSE },
    { "i", "2147483648", FALSE },
    { "u", "-1", FALSE },
    { "x", "9223372036854775808", FALSE },
    { "t", "-1", FALSE },
    { "i", "'5'", FALSE },
    { "i", "1.5", FALSE },
    { "i", "1.0", TRUE },
    { "i", "1e10", FALSE },
    { "t", "1e19", TRUE },
    { "t", "1e20", FALSE },
    { "x", ".inf", FALSE },
    { "i", "null", FALSE },
    { "b", "1", FALSE },
    { "s", "1", FALSE },
    { "d", "1", TRUE },
    { "d", ".nan", TRUE },
    { "o", "a/b", FALSE },
    { "o", "/a/", FALSE },
    { "o", "/", TRUE },
    { "g", "word", FALSE },
    { "g", "''", TRUE },
    { "ay", "[1, 255]", TRUE },
    { "ay", "[256]", FALSE },
    { "ay", "a text", FALSE },
    { "ay", "!!binary 'AAE='", TRUE },
    { "as", "a", FALSE },
    { "as", "[a, 1]", FALSE },
    { "dict-si", "{a: 1}", TRUE },
    { "dict-si", "{a: b}", FALSE },
    { "dict-si", "{gvariant: '{}'}", TRUE },
    { "dict-si", "{gvariant: 5}", TRUE },
    { "dict-si", "{gvariant: '{}', a: 1}", FALSE },
    { "dict-us", "{1: a}", TRUE },
    { "dict-us", "{-1: a}", FALSE },
    { "dict-us", "{a: a}", FALSE },
    { "dict-us", "{gvariant: '{}'}", TRUE },
    { "dict-xs", "{-1: a}", TRUE },
    { "dict-bi", "{true: 1}", TRUE },
    { "dict-bi", "{yes: 1}", FALSE },
    { "dict-os", "{/a: b}", TRUE },
    { "dict-os", "{a: b}", FALSE },
    { "dict-sv", "{a: {gvariant: 'uint32 5'}, b: 1, c: [{}]}", TRUE },
    { "dict-sv", "{a: {b: null}}", FALSE },
    { "dict-sv", "{a: {b: [[]]}}", FALSE },
    { "tuple", "[a, 1, 2]", TRUE },
    { "tuple", "[a, 1]", FALSE },
    { "tuple", "[a, 1, 2, 3]", FALSE },
    { "tuple", "[1, a, 2]", FALSE },
    { "unit", "[]", TRUE },
    { "unit", "[1]", FALSE },
    { "tuple-v", "{gvariant: \"('a', <byte 1>)\"}", TRUE },
    { "ms", "null", TRUE },
    { "ms", "a", TRUE },
    { "ms", "[]", FALSE },
    { "mmi", "[]", TRUE },
    { "mmi", "[null]", TRUE },
    { "mmi", "[1]", TRUE },
    { "mmi", "[1, 2]", FALSE },
    { "mmi", "1", FALSE },
    { "v", "{a: [b]}", TRUE },
    { "v", "{gvariant: '@as []'}", TRUE },
    { "v", "null", FALSE },
    { "v", "[]", FALSE },
    { "v", "[null]", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/org/runconf/test/types/", cases[i].key, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node = runconf_read_value (cases[i].form, -1, "form", &error);
      g_autoptr (GVariant) form = NULL;

      g_assert_no_error (error);
      form = g_variant_ref_sink (runconf_node_to_variant (node));
      g_test_message ("%s: %s", cases[i].key, cases[i].form);
      g_assert_cmpint (is_accepted (self, path, form), ==, cases[i].is_accepted);
      g_assert_cmpint (is_read (self, path, form), ==, cases[i].is_accepted);
    }
}

static void
damage (char *data, gsize size)
{
  guint n_bytes = g_test_rand_int_range (1, 5);

  for (guint i = 0; i < n_bytes; i++)
    data[g_test_rand_int_range (0, size)] = g_test_rand_int_range (0, 256);
}

static void
read_damaged (RunconfGsettingsCompiled *compiled)
{
  static const char *const names[] = { "b", "dict-sv", "greeting", "inherited", "colour" };
  static const char *const schemas[]
      = { "org.runconf.test.types", "org.runconf.test.defaults", "org.runconf.test.extension" };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autofree char *extended
          = runconf_gsettings_compiled_dup_text (compiled, schemas[i], ".extends");
      g_autoptr (GString) codes = g_string_new (NULL);

      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        runconf_gsettings_compiled_get_codes (compiled, schemas[i], names[j], codes);
    }
}

/* No damage of the file makes reads beyond it: the address sanitizer would report them. */
static void
test_damaged (void)
{
  g_autofree char *path = g_build_filename (schemas_folder, "gschemas.compiled", NULL);
  g_autofree char *folder = g_dir_make_tmp ("runconf-damaged-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "gschemas.compiled", NULL);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (guint i = 0; i < N_DAMAGES; i++)
    {
      gsize length
          = g_test_rand_int_range (0, 10) > 0 ? size : (gsize) g_test_rand_int_range (0, size);
      g_autofree char *damaged = g_memdup2 (data, size);
      g_autoptr (RunconfGsettingsCompiled) compiled = NULL;

      damage (damaged, size);
      g_assert_true (g_file_set_contents_full (copy, damaged, (gssize) length,
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
      compiled = runconf_gsettings_compiled_new (copy, NULL);
      if (compiled != NULL)
        read_damaged (compiled);
    }

  g_unlink (copy);
  g_rmdir (folder);
}

static void
add (const char *name, const char *folder, void (*test) (Fixture *self, gconstpointer folder))
{
  g_autofree char *path
      = g_strconcat ("/gsettings/schemas/", folder != NULL ? "installed/" : "own/", name, NULL);

  g_test_add (path, Fixture, folder, set_up, test, tear_down);
}

static gboolean
has_installed (void)
{
  return g_file_test (INSTALLED_FOLDER "/org.gnome.desktop.interface.gschema.xml",
                      G_FILE_TEST_EXISTS);
}

static void
test_nothing_installed (void)
{
  g_test_skip ("gsettings-desktop-schemas isn't installed");
}

static void
copy_schemas (const char *from)
{
  g_autoptr (GDir) folder = g_dir_open (from, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (schemas_folder, name, NULL);
      g_autofree char *text = NULL;
      gsize size;

      g_assert_true (g_file_get_contents (source, &text, &size, NULL));
      g_assert_true (g_file_set_contents (target, text, (gssize) size, NULL));
    }
}

static void
compile_schemas (void)
{
  const char *command[] = { "glib-compile-schemas", "--strict", schemas_folder, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
remove_schemas (void)
{
  g_autoptr (GDir) folder = g_dir_open (schemas_folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (schemas_folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (schemas_folder);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("XDG_CURRENT_DESKTOP");
  schemas_folder = g_dir_make_tmp ("runconf-schemas-XXXXXX", NULL);
  copy_schemas (g_getenv ("RUNCONF_TEST_SCHEMAS"));
  compile_schemas ();

  add ("defaults", NULL, test_defaults);
  add ("ranges", NULL, test_ranges);
  add ("forms", NULL, test_forms);
  g_test_add_func ("/gsettings/schemas/damaged", test_damaged);
  if (has_installed ())
    {
      add ("defaults", INSTALLED_FOLDER, test_defaults);
      add ("ranges", INSTALLED_FOLDER, test_ranges);
    }
  else
    g_test_add_func ("/gsettings/schemas/installed", test_nothing_installed);

  result = g_test_run ();
  remove_schemas ();
  g_free (schemas_folder);

  return result;
}
