/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/compiled.h"

#include <string.h>

/* The file is a hash table of schemas, each of which is a hash table of its keys. All numbers are
 * little-endian. A table is a header, a Bloom filter, the buckets, and the items. Here the items are
 * read from the first to the last: a file has some hundred schemas of some ten keys, and is read once.
 *
 * A key is the tuple of its default and of further parts, each of which is a pair of a code and a
 * value. All offsets are checked: the file may be that of a user, or be cut off.
 */

#define SIGNATURE "GVariant"
#define ROOT_OFFSET 16
#define TABLE_HEADER_SIZE 8
#define WORD_SIZE 4
#define N_BLOOM_WORDS_MASK ((1u << 27) - 1)

#define ITEM_SIZE 24
#define ITEM_NAME_OFFSET 8
#define ITEM_NAME_SIZE 12
#define ITEM_TYPE 14
#define ITEM_VALUE 16

#define TYPE_TABLE 'H'
#define TYPE_VALUE 'v'

struct _RunconfGsettingsCompiled
{
  GBytes *bytes;
  const guchar *data;
  gsize size;
};

/* a part of the file, which is within it */
typedef struct
{
  gsize start;
  gsize end;
} Region;

static guint32
read_word (const RunconfGsettingsCompiled *self, gsize offset)
{
  guint32 word;

  memcpy (&word, self->data + offset, sizeof word);

  return GUINT32_FROM_LE (word);
}

static guint16
read_half_word (const RunconfGsettingsCompiled *self, gsize offset)
{
  guint16 half;

  memcpy (&half, self->data + offset, sizeof half);

  return GUINT16_FROM_LE (half);
}

static gboolean
read_region (const RunconfGsettingsCompiled *self, gsize offset, Region *region)
{
  region->start = read_word (self, offset);
  region->end = read_word (self, offset + WORD_SIZE);

  return region->start <= region->end && region->end <= self->size;
}

/* Returns: the offset of the first item of a table, or its end if it has none */
static gsize
find_items (const RunconfGsettingsCompiled *self, const Region *table)
{
  guint64 n_words;

  if (table->end - table->start < TABLE_HEADER_SIZE)
    return table->end;

  n_words = (guint64) (read_word (self, table->start) & N_BLOOM_WORDS_MASK)
            + read_word (self, table->start + WORD_SIZE);
  if (n_words > (table->end - table->start - TABLE_HEADER_SIZE) / WORD_SIZE)
    return table->end;

  return table->start + TABLE_HEADER_SIZE + n_words * WORD_SIZE;
}

static gboolean
is_item (const RunconfGsettingsCompiled *self, gsize item, const char *name, char type)
{
  gsize start = read_word (self, item + ITEM_NAME_OFFSET);
  gsize length = read_half_word (self, item + ITEM_NAME_SIZE);

  return self->data[item + ITEM_TYPE] == type && length == strlen (name) && start <= self->size
         && length <= self->size - start && memcmp (self->data + start, name, length) == 0;
}

/* Returns: whether the table has an item @name of @type */
static gboolean
find (const RunconfGsettingsCompiled *self, const Region *table, const char *name, char type,
      Region *value)
{
  gsize item = find_items (self, table);

  for (; table->end - item >= ITEM_SIZE; item += ITEM_SIZE)
    {
      if (is_item (self, item, name, type))
        return read_region (self, item + ITEM_VALUE, value);
    }

  return FALSE;
}

static gboolean
find_schema (const RunconfGsettingsCompiled *self, const char *schema, Region *table)
{
  Region root;

  return read_region (self, ROOT_OFFSET, &root) && find (self, &root, schema, TYPE_TABLE, table);
}

/* Returns: (transfer full) (nullable): the value of an item of a schema */
static GVariant *
dup_value (const RunconfGsettingsCompiled *self, const char *schema, const char *name)
{
  Region table, region;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) boxed = NULL;

  if (!find_schema (self, schema, &table) || !find (self, &table, name, TYPE_VALUE, &region))
    return NULL;

  bytes = g_bytes_new_from_bytes (self->bytes, region.start, region.end - region.start);
  boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));

  return g_variant_get_variant (boxed);
}

/**
 * runconf_gsettings_compiled_new:
 * @path: a file of compiled schemas
 *
 * Returns: (transfer full) (nullable): the file, or %NULL with %G_FILE_ERROR
 */
RunconfGsettingsCompiled *
runconf_gsettings_compiled_new (const char *path, GError **error)
{
  g_autoptr (RunconfGsettingsCompiled) self = g_new0 (RunconfGsettingsCompiled, 1);
  char *contents;

  if (!g_file_get_contents (path, &contents, &self->size, error))
    return NULL;

  self->bytes = g_bytes_new_take (contents, self->size);
  self->data = (const guchar *) contents;
  if (self->size >= ROOT_OFFSET + 2 * WORD_SIZE
      && memcmp (contents, SIGNATURE, strlen (SIGNATURE)) == 0)
    return g_steal_pointer (&self);

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s isn't a file of compiled schemas; write it with glib-compile-schemas", path);

  return NULL;
}

void
runconf_gsettings_compiled_free (RunconfGsettingsCompiled *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

gboolean
runconf_gsettings_compiled_has_schema (RunconfGsettingsCompiled *self, const char *schema)
{
  Region table;

  return find_schema (self, schema, &table);
}

/**
 * runconf_gsettings_compiled_dup_text:
 * @name: `.extends`, or the name of a child with a slash behind it
 *
 * Returns: (transfer full) (nullable): the text of a schema that isn't a key: the name of a schema
 */
char *
runconf_gsettings_compiled_dup_text (RunconfGsettingsCompiled *self, const char *schema,
                                     const char *name)
{
  g_autoptr (GVariant) value = dup_value (self, schema, name);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_dup_string (value, NULL)
             : NULL;
}

/**
 * runconf_gsettings_compiled_get_codes:
 * @codes: the codes of the parts of the key are appended here
 *
 * Returns: whether the schema itself has the key; else a schema that it extends may have it
 */
gboolean
runconf_gsettings_compiled_get_codes (RunconfGsettingsCompiled *self, const char *schema,
                                      const char *key, GString *codes)
{
  g_autoptr (GVariant) value = dup_value (self, schema, key);
  gsize n_parts;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_TUPLE))
    return FALSE;

  n_parts = g_variant_n_children (value);
  for (gsize i = 1; i < n_parts; i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) code = NULL;

      if (!g_variant_is_of_type (part, G_VARIANT_TYPE ("(y*)")))
        continue;
      code = g_variant_get_child_value (part, 0);
      g_string_append_c (codes, (char) g_variant_get_byte (code));
    }

  return TRUE;
}
