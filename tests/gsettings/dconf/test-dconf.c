/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "gsettings/dconf/entry.h"
#include "gsettings/dconf/export.h"
#include "gsettings/dconf/import.h"
#include "tests/gsettings/random-value.h"
#include "yaml/document.h"
#include "yaml/emitter.h"

#define N_DATABASES 1000
#define N_KEYS 10

static GPtrArray *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return dconf_entries_parse (bytes, "dump", error);
}

static GPtrArray *
parse_well (const char *text)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *entries = parse (text, &error);

  g_assert_no_error (error);

  return entries;
}

static void
check_text (const char *text, const char *wanted)
{
  g_autoptr (GPtrArray) entries = parse_well (text);
  g_autofree char *again = dconf_entries_print (entries);

  g_assert_cmpstr (again, ==, wanted);
}

/* Texts are printed as `dconf dump` prints them. */
static void
test_text (void)
{
  check_text ("", "");
  check_text ("[/]\na=1\n", "[/]\na=1\n");
  check_text ("# c\n\n[b/c]\r\n z = 'x' \n  \ny=uint32 5\n[a]\nk=@as []",
              "[a]\nk=@as []\n\n[b/c]\ny=uint32 5\nz='x'\n");
  check_text ("[a]\nk=1\n[b]\nk=2\n[a]\nk=3\nl='='\n", "[a]\nk=3\nl='='\n\n[b]\nk=2\n");
  check_text ("[a]\nb=1\n[a/b]\nc=2\n[a-b]\nc=3\n", "[a]\nb=1\n\n[a-b]\nc=3\n\n[a/b]\nc=2\n");
}

static void
test_errors (void)
{
  static const char *const cases[][2] = {
    { "a=1", "dump:1:1: a key stands below its folder, as in “[org/gnome/desktop]”" },
    { "[a]\n  b", "dump:2:3: expected “[FOLDER]”, “KEY=VALUE”, a comment or nothing" },
    { "[a]\n=1", "dump:2:1: a key has a name without a slash" },
    { "[a]\nb/c=1", "dump:2:1: a key has a name without a slash" },
    { "[", "dump:1:2: a folder ends with “]”, as in “[org/gnome/desktop]”" },
    { "\n[ключ", "dump:2:6: a folder ends with “]”, as in “[org/gnome/desktop]”" },
    { "[/a]", "dump:1:2: the name of a folder has names separated by slashes, as in "
              "“[org/gnome/desktop]”" },
    { "[a//b]", "dump:1:2: the name of a folder has names separated by slashes, as in "
                "“[org/gnome/desktop]”" },
    { "[]", "dump:1:2: the name of a folder has names separated by slashes, as in "
            "“[org/gnome/desktop]”" },
    { "[a]\nключ=(1, x)", "dump:2:10: the value isn't a GVariant in text form: expected value" },
    { "[a]\nb=", "dump:2:3: the value isn't a GVariant in text form: expected value" },
    { "[a]\nb=[]", "dump:2:3: the value isn't a GVariant in text form: unable to infer type" },
    { "[a]\nb=1 2", "dump:2:5: the value isn't a GVariant in text form: expected end of input" },
    { "[a]\nb='\xff'", "dump:2:4: the text isn't valid UTF-8, or has a NUL in it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (cases[i][0], &error));
      g_assert_nonnull (error);
      g_assert_cmpstr (error->message, ==, cases[i][1]);
    }
}

static GPtrArray *
complaints_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

/* Keys that a configuration can't have are reported, one by one; all others are imported. */
static void
test_import_problems (void)
{
  static const char *const wanted[] = {
    "not imported: /_runtime_config/a: the topmost folder “_runtime_config” belongs to Runconf",
    "not imported: /a/b: it is a folder with other keys, too, which a configuration can't have; "
    "rename it or remove it with “dconf reset”",
  };
  g_autoptr (GPtrArray) entries
      = parse_well ("[_runtime_config]\na=1\n[a]\nb=1\nd=1\n[a/b]\nc=1\n");
  g_autoptr (GPtrArray) complaints = complaints_new ();
  g_autoptr (DconfTypes) types = dconf_types_new_empty ();
  g_autoptr (RunconfNode) root = dconf_import (entries, types, complaints);
  g_autoptr (GString) text = g_string_new (NULL);

  runconf_emit_yaml (text, root);
  g_assert_cmpstr (text->str, ==, "a:\n  d: 1\n  b:\n    c: 1\n");
  g_assert_cmpuint (complaints->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpstr (complaints->pdata[i], ==, wanted[i]);
}

static void
check_too_large (const char *folder, const char *problem)
{
  g_autofree char *dump = g_strdup_printf ("[%s]\nk=1\n", folder);
  g_autoptr (GPtrArray) entries = parse_well (dump);
  g_autoptr (GPtrArray) complaints = complaints_new ();
  g_autoptr (DconfTypes) types = dconf_types_new_empty ();
  g_autoptr (RunconfNode) root = dconf_import (entries, types, complaints);

  g_assert_cmpuint (runconf_node_get_length (root), ==, problem == NULL);
  g_assert_cmpuint (complaints->len, ==, problem != NULL);
  if (problem != NULL)
    g_assert_true (g_str_has_suffix (complaints->pdata[0], problem));
}

static void
test_import_limits (void)
{
  g_autofree char *long_name = g_strnfill (1001, 'k');

  check_too_large (long_name, ": a part of its name has more than 1000 bytes");
  check_too_large ("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19", NULL);
  check_too_large ("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20",
                   ": it is in too many folders");
}

static GPtrArray *
export_text (const char *yaml, const DconfTypes *types, GPtrArray *complaints)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (yaml, strlen (yaml));
  g_autoptr (RunconfDocument) document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);

  return dconf_export (runconf_document_get_root (document), types, complaints);
}

/* What people write by hand, and dconf can't have, is reported; all other keys are exported. */
static void
test_export (void)
{
  static const char yaml[] = "a: {b: 5, u: 7, '': 1, x/y: 1, n: null, e: [], gone: !unset }\n"
                             "d: {k: {x: 1}, f: {x: 1}, v: {gvariant: uint32 1}}\n"
                             "s: text\n";
  static const char *const wanted[] = {
    "not exported: /a/: a key of dconf has no empty part, and no slash in a part",
    "not exported: /a/x~1y: a key of dconf has no empty part, and no slash in a part",
    "not exported: /a/n: expected a value that tells its type, or {gvariant: TEXT}, found null",
    ("not exported: /a/e: expected a value that tells its type, or {gvariant: TEXT}, found an "
     "empty sequence"),
    "not exported: /a/gone: it hides the default, which dconf can't",
    "not exported: /s: expected a boolean, found a string",
  };
  g_autoptr (DconfTypes) types = dconf_types_new_empty ();
  g_autoptr (GPtrArray) complaints = complaints_new ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *text = NULL;

  dconf_types_add (types, "/a/u", G_VARIANT_TYPE_UINT32);
  dconf_types_add (types, "/d/k", G_VARIANT_TYPE ("a{si}"));
  dconf_types_add (types, "/d/f", G_VARIANT_TYPE_INT32);
  dconf_types_add (types, "/s", G_VARIANT_TYPE_BOOLEAN);
  entries = export_text (yaml, types, complaints);
  text = dconf_entries_print (entries);
  g_assert_cmpstr (text, ==, "[a]\nb=5\nu=uint32 7\n\n[d]\nk={'x': 1}\nv=uint32 1\n\n[d/f]\nx=1\n");
  g_assert_cmpuint (complaints->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpstr (complaints->pdata[i], ==, wanted[i]);
}

static void
add_relocatable (DconfTypes *types, const char *name, const char *type)
{
  GHashTable *schema = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify) g_variant_type_free);

  g_hash_table_insert (schema, g_strdup ("name"), g_variant_type_new ("s"));
  g_hash_table_insert (schema, g_strdup (name), g_variant_type_new (type));
  dconf_types_add_relocatable (types, schema);
}

/* Programs choose the paths of relocatable schemas, and write their values in the natural form. */
static void
test_export_relocatable (void)
{
  static const char yaml[] = "1: {name: a, size: 5}\n"
                             "2: {name: a, size: text}\n"
                             "3: {name: a, size: 5, other: 1}\n"
                             "4: {name: a, list: []}\n"
                             "5: {name: a, map: {x: 1}}\n"
                             "6: {name: a, size: {gvariant: int64 5}}\n"
                             "7: {name: a, unclear: 5}\n"
                             "8: {map: {x: 1}}\n";
  g_autoptr (DconfTypes) types = dconf_types_new_empty ();
  g_autoptr (GPtrArray) complaints = complaints_new ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *text = NULL;

  add_relocatable (types, "size", "u");
  add_relocatable (types, "list", "as");
  add_relocatable (types, "map", "a{sy}");
  add_relocatable (types, "unclear", "u");
  add_relocatable (types, "unclear", "x");
  entries = export_text (yaml, types, complaints);
  text = dconf_entries_print (entries);
  g_assert_cmpstr (text, ==,
                   "[1]\nname='a'\nsize=uint32 5\n\n"
                   "[2]\nname='a'\nsize='text'\n\n"
                   "[3]\nname='a'\nother=1\nsize=5\n\n"
                   "[4]\nlist=@as []\nname='a'\n\n"
                   "[5]\nmap={'x': byte 0x01}\nname='a'\n\n"
                   "[6]\nname='a'\nsize=int64 5\n\n"
                   "[7]\nname='a'\nunclear=5\n\n"
                   "[8/map]\nx=1\n");
  g_assert_cmpuint (complaints->len, ==, 0);
}

/* Returns: a key that isn't a folder, and in no key */
static char *
random_key (guint number)
{
  static const char *const names[]
      = { "a",  "gvariant", "~",  "a b", "ключ", "_runtime_config", "-", "null", "1", "#",
          "%s", "[x]",      "~1", ":",   "'" };
  GString *key = g_string_new (NULL);

  for (guint left = g_test_rand_int_range (0, 4); left > 0; left--)
    g_string_append_printf (key, "/%s-f", names[g_test_rand_int_range (0, G_N_ELEMENTS (names))]);
  if (g_test_rand_int_range (0, 4) == 0)
    g_string_append_printf (key, "/%u/gvariant", number);
  else
    g_string_append_printf (key, "/%u%s", number,
                            names[g_test_rand_int_range (0, G_N_ELEMENTS (names))]);

  return g_string_free (key, FALSE);
}

/* GLib doesn't read its own text of the smallest floats: the text of dconf can't have them. */
static gboolean
is_readable (GVariant *value)
{
  g_autofree char *text = g_variant_print (value, TRUE);
  g_autoptr (GVariant) again = g_variant_parse (NULL, text, NULL, NULL, NULL);

  return again != NULL;
}

static GPtrArray *
random_entries (DconfTypes *types)
{
  GPtrArray *entries = dconf_entries_new ();

  while (entries->len < N_KEYS)
    {
      g_autoptr (GVariantType) type = random_type (entries->len % 5);
      g_autoptr (GVariant) value = g_variant_ref_sink (random_value (type, 5));
      g_autofree char *key = random_key (entries->len);
      guint sort = g_test_rand_int_range (0, 5);

      if (!is_readable (value))
        continue;

      dconf_entries_add (entries, key, value);
      if (sort < 2)
        dconf_types_add (types, key, type);
    }

  return entries;
}

static GPtrArray *
print_all (GPtrArray *entries)
{
  GPtrArray *lines = complaints_new ();

  /* printing sorts them */
  g_free (dconf_entries_print (entries));
  for (guint i = 0; i < entries->len; i++)
    {
      const DconfEntry *entry = entries->pdata[i];
      g_autofree char *value = print_sorted (entry->value);

      g_ptr_array_add (lines, g_strdup_printf ("%s=%s", entry->key, value));
    }

  return lines;
}

static void
assert_same_entries (GPtrArray *a, GPtrArray *b)
{
  g_autoptr (GPtrArray) lines_a = print_all (a);
  g_autoptr (GPtrArray) lines_b = print_all (b);

  for (guint i = 0; i < MIN (lines_a->len, lines_b->len); i++)
    g_assert_cmpstr (lines_a->pdata[i], ==, lines_b->pdata[i]);
  g_assert_cmpuint (lines_a->len, ==, lines_b->len);
}

/* The text of dconf and the text of a configuration in between, random values with and without a
 * schema come out the same.
 */
static void
test_law (void)
{
  for (guint i = 0; i < N_DATABASES; i++)
    {
      g_autoptr (DconfTypes) types = dconf_types_new_empty ();
      g_autoptr (GPtrArray) entries = random_entries (types);
      g_autofree char *text = dconf_entries_print (entries);
      g_autoptr (GPtrArray) parsed = parse_well (text);
      g_autoptr (GPtrArray) complaints = complaints_new ();
      g_autoptr (RunconfNode) root = dconf_import (parsed, types, complaints);
      g_autoptr (GString) yaml = g_string_new (NULL);
      g_autoptr (GPtrArray) again = NULL;

      runconf_emit_yaml (yaml, root);
      again = export_text (yaml->str, types, complaints);
      g_assert_cmpstr (complaints->len > 0 ? complaints->pdata[0] : NULL, ==, NULL);
      assert_same_entries (entries, again);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gsettings/dconf/text", test_text);
  g_test_add_func ("/gsettings/dconf/errors", test_errors);
  g_test_add_func ("/gsettings/dconf/import-problems", test_import_problems);
  g_test_add_func ("/gsettings/dconf/import-limits", test_import_limits);
  g_test_add_func ("/gsettings/dconf/export", test_export);
  g_test_add_func ("/gsettings/dconf/export-relocatable", test_export_relocatable);
  g_test_add_func ("/gsettings/dconf/law", test_law);

  return g_test_run ();
}
