/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mapping.h"
#include "core/operation.h"
#include "core/path.h"

#define MAX_POINTERS 512

static const char *const keys[]
    = { "a",  "b",        "x y", "",     "k1", "#c",  "on",  "a: b", "~",         "-",
        "? ", "\xc3\xa4", "'q'", "8080", "<<", "[x]", "a/b", "a~b",  "two\nlines" };

/* Written as YAML, since that has them all. */
static const char *const values[] = {
  "1",
  "-7",
  "1.5",
  "true",
  "null",
  "text",
  "'it''s'",
  "\"two\\nlines\\n\"",
  "\"two\\nlines\"",
  "\"kept\\n\\n\"",
  "\" led\\n by space\\n\"",
  "\"tail \\n\"",
  "\"\\n\"",
  "\"\\ttab\"",
  "'no'",
  "'# no comment'",
  "'a: b'",
  "''",
  "'[x'",
  "\"\\x01\\u2028\"",
  "99999999999999999999",
  ".nan",
  "!!binary AAEC",
  "[]",
  "{}",
  "[1, [2, {a: b}], x]",
  "{a: 1, b: {c: [d, \"e\\nf\\n\"]}}",
  "[\"l\\nm\\n\"]",
  "{k: \"l\\nm\\n\\n\"}",
  "words that go on and on until they are longer than a line that is folded at its end",
};

guint8
fuzz_take_byte (FuzzInput *self)
{
  if (self->size == 0)
    return 0;

  self->size--;
  return *self->data++;
}

/* Returns: (transfer full) (nullable): what the text before the next NUL means, or all that is left */
RunconfNode *
fuzz_take_tree (FuzzInput *self)
{
  const guint8 *end = self->size > 0 ? memchr (self->data, '\0', self->size) : NULL;
  gsize length = end != NULL ? (gsize) (end - self->data) : self->size;
  g_autoptr (GBytes) text = g_bytes_new (self->data, length);
  g_autoptr (RunconfDocument) document = runconf_document_new (text, "text", NULL);

  self->data += length + (end != NULL);
  self->size -= length + (end != NULL);

  return document != NULL ? runconf_node_ref (runconf_document_get_root (document)) : NULL;
}

RunconfNode *
fuzz_take_value (FuzzInput *self)
{
  return runconf_read_value (values[fuzz_take_byte (self) % G_N_ELEMENTS (values)], -1, "value",
                             NULL);
}

const char *
fuzz_take_key (FuzzInput *self)
{
  return keys[fuzz_take_byte (self) % G_N_ELEMENTS (keys)];
}

const char *
fuzz_take_pointer (FuzzInput *self, GPtrArray *pointers)
{
  return pointers->pdata[fuzz_take_byte (self) % pointers->len];
}

static void
list_below (const RunconfNode *node, GString *pointer, GPtrArray *pointers)
{
  gsize length = pointer->len;
  char index[16];

  g_ptr_array_add (pointers, g_strdup (pointer->str));
  for (guint i = 0; i < runconf_node_get_length (node) && pointers->len < MAX_POINTERS; i++)
    {
      g_snprintf (index, sizeof index, "%u", i);
      runconf_path_append (pointer, runconf_node_is_mapping (node)
                                        ? runconf_mapping_get_key (node, i, NULL)
                                        : index);
      list_below (runconf_node_get_child (node, i), pointer, pointers);
      g_string_truncate (pointer, length);
    }
}

/* Returns: (element-type utf8) (transfer full): the path of the root and of what is below it */
GPtrArray *
fuzz_list_pointers (const RunconfNode *root)
{
  GPtrArray *pointers = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) pointer = g_string_new (NULL);

  list_below (root, pointer, pointers);

  return pointers;
}

/* Returns: (transfer full): the tree that an operation of the input makes, @root where it is refused */
RunconfNode *
fuzz_apply_operation (FuzzInput *self, const RunconfNode *defaults, const RunconfNode *root)
{
  static const RunconfVerb verbs[]
      = { RUNCONF_VERB_SET,   RUNCONF_VERB_SET,   RUNCONF_VERB_RESET,
          RUNCONF_VERB_MERGE, RUNCONF_VERB_UNSET, RUNCONF_VERB_REPLACE };
  g_autoptr (GPtrArray) pointers = fuzz_list_pointers (root);
  guint8 verb = fuzz_take_byte (self) % G_N_ELEMENTS (verbs);
  g_autoptr (GString) pointer = g_string_new (fuzz_take_pointer (self, pointers));
  const char *key = fuzz_take_key (self);
  g_autoptr (RunconfNode) value = fuzz_take_value (self);
  g_autoptr (RunconfOperation) operation = NULL;
  RunconfNode *changed = NULL;

  if (verb == 1)
    runconf_path_append (pointer, key);
  operation = runconf_operation_new (verbs[verb], pointer->str,
                                     runconf_verb_has_value (verbs[verb]) ? value : NULL, NULL);
  if (operation != NULL)
    changed = runconf_operation_apply (operation, defaults, root, NULL);

  return changed != NULL ? changed : runconf_node_ref (root);
}

void
fuzz_fail (const char *where, const char *law, GBytes *text)
{
  fprintf (stderr, "%s: %s\n", where, law);
  if (text != NULL)
    fwrite (g_bytes_get_data (text, NULL), 1, g_bytes_get_size (text), stderr);
  abort ();
}
