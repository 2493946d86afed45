/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/merge-text.h"

#include <string.h>

#include "gsettings/form/form.h"
#include "yaml/number.h"
#include "yaml/quote.h"

/* A change as text: the program makes one string of it, the bus carries one, and the service parses it.
 * As values, each key would be six objects in the program, and again in the service.
 */
typedef struct
{
  GString *text;
  const char *key; /* the last one */
  gsize folder;    /* the bytes of it that are its folder, up to the slash */
  gboolean is_possible;
} MergeText;

/* The bytes of a key that YAML certainly reads without a question mark: 1,024 characters after the escapes */
#define MAX_SIMPLE_KEY 160

static void
append_name (GString *text, const char *name, gsize length)
{
  if (length > MAX_SIMPLE_KEY)
    g_string_append (text, "? ");
  runconf_quote_append (text, name, length);
  g_string_append (text, length > MAX_SIMPLE_KEY ? " : " : ": ");
}

static void
close_folders (GString *text, const char *folders, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (folders[i] == '/')
        g_string_append_c (text, '}');
    }
}

static void
open_folders (GString *text, const char *folders, gsize length)
{
  const char *end = folders + length;

  while (folders < end)
    {
      const char *slash = memchr (folders, '/', (gsize) (end - folders));

      append_name (text, folders, (gsize) (slash - folders));
      g_string_append_c (text, '{');
      folders = slash + 1;
    }
}

/* Returns: the bytes of the innermost folder that has both keys */
static gsize
find_common (const MergeText *self, const char *key, gsize folder)
{
  gsize limit = MIN (folder, self->folder);
  gsize common = 1;

  for (gsize i = 1; i < limit && key[i] == self->key[i]; i++)
    {
      if (key[i] == '/')
        common = i + 1;
    }

  return common;
}

static void
begin (MergeText *self, const char *key)
{
  const char *name = strrchr (key, '/') + 1;
  gsize folder = (gsize) (name - key);
  gsize common = find_common (self, key, folder);

  close_folders (self->text, self->key + common, self->folder - common);
  if (self->text->len > 1)
    g_string_append_c (self->text, ',');
  open_folders (self->text, key + common, folder - common);
  append_name (self->text, name, strlen (name));
  self->key = key;
  self->folder = folder;
}

static void append_form (GString *text, GVariant *form);

static void
append_binary (GString *text, GVariant *form)
{
  gsize size;
  gconstpointer data = g_variant_get_fixed_array (form, &size, 1);
  g_autofree char *encoded = g_base64_encode (data, size);

  g_string_append_printf (text, "!!binary \"%s\"", encoded);
}

static void
append_sequence (GString *text, GVariant *form)
{
  gsize length = g_variant_n_children (form);

  g_string_append_c (text, '[');
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (form, i);
      g_autoptr (GVariant) item = g_variant_get_variant (boxed);

      if (i > 0)
        g_string_append_c (text, ',');
      append_form (text, item);
    }
  g_string_append_c (text, ']');
}

static void
append_mapping (GString *text, GVariant *form)
{
  gsize length = g_variant_n_children (form);

  g_string_append_c (text, '{');
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) value = NULL;
      const char *name;

      g_variant_get_child (form, i, "{&sv}", &name, &value);
      if (i > 0)
        g_string_append_c (text, ',');
      append_name (text, name, strlen (name));
      append_form (text, value);
    }
  g_string_append_c (text, '}');
}

static void
append_array (GString *text, GVariant *form, char element_type)
{
  if (element_type == 'y')
    append_binary (text, form);
  else if (element_type == 'v')
    append_sequence (text, form);
  else
    append_mapping (text, form);
}

static void
append_string (GString *text, GVariant *form)
{
  gsize length;
  const char *string = g_variant_get_string (form, &length);

  runconf_quote_append (text, string, length);
}

static void
append_form (GString *text, GVariant *form)
{
  const char *type = g_variant_get_type_string (form);

  switch (*type)
    {
    case 'b':
      g_string_append (text, g_variant_get_boolean (form) ? "true" : "false");
      break;
    case 'x':
      runconf_number_append_integer (text, g_variant_get_int64 (form));
      break;
    case 't':
      g_string_append_printf (text, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (form));
      break;
    case 'd':
      runconf_number_append (text, g_variant_get_double (form));
      break;
    case 's':
      append_string (text, form);
      break;
    case 'a':
      append_array (text, form, type[1]);
      break;
    default:
      g_string_append (text, "null");
      break;
    }
}

/**
 * runconf_backend_can_be_merged:
 *
 * Returns: whether a merge gives a key this value: it would lay a mapping over the default, and null in it
 *   resets a key
 */
gboolean
runconf_backend_can_be_merged (GVariant *form)
{
  const char *type = g_variant_get_type_string (form);

  return *type != 'g' && (*type != 'a' || type[1] != '{');
}

static gboolean
add (gpointer key, gpointer value, gpointer data)
{
  MergeText *self = data;
  g_autoptr (GVariant) form = value != NULL ? runconf_gsettings_pack (value, TRUE) : NULL;

  self->is_possible = form == NULL || runconf_backend_can_be_merged (form);
  begin (self, key);
  if (form != NULL)
    append_form (self->text, form);
  else
    g_string_append (self->text, "null");

  return !self->is_possible;
}

/**
 * runconf_backend_merge_text_new:
 * @change: keys with the values that they get, %NULL for a reset
 *
 * Returns: (transfer full) (nullable): the text that makes the change if it is merged; %NULL if a merge
 *   can't mean the same
 */
char *
runconf_backend_merge_text_new (GTree *change)
{
  g_autoptr (GString) text = g_string_new ("{");
  MergeText self = { .text = text, .key = "/", .folder = 1 };

  g_tree_foreach (change, add, &self);
  close_folders (text, self.key, self.folder);

  return self.is_possible ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
