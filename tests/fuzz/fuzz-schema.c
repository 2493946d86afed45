/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "core/mapping.h"
#include "schema/schema.h"

/* A schema and a tree: their texts, with a NUL between them. Whatever they are, a check ends, and
 * what it tells is in order.
 */

static gboolean
is_clean (const char *text)
{
  return g_utf8_validate (text, -1, NULL) && strpbrk (text, "\n\r\033") == NULL;
}

static void
check_violations (GPtrArray *violations)
{
  FUZZ_LAW (violations->len <= RUNCONF_MAX_VIOLATIONS, NULL);

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (violation->path, NULL);

      FUZZ_LAW (path != NULL, NULL);
      FUZZ_LAW (is_clean (violation->message), NULL);
    }
}

/* What was found is secret, and isn't found in what is left. */
static void
check_secrets (RunconfSchema *schema, const RunconfNode *tree)
{
  g_autoptr (GPtrArray) secrets = runconf_schema_find_secrets (schema, tree);
  g_autoptr (RunconfNode) stripped = runconf_schema_strip_secrets (schema, tree);
  g_autoptr (GPtrArray) left = runconf_schema_find_secrets (schema, stripped);

  for (guint i = 0; i < secrets->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (secrets->pdata[i], NULL);

      FUZZ_LAW (runconf_schema_is_secret (schema, path), NULL);
      FUZZ_LAW (runconf_path_get_length (path) == 0
                    || runconf_node_find (stripped, path, NULL) == NULL,
                NULL);
    }
  FUZZ_LAW (left->len == 0 || runconf_node_get_length (stripped) == 0, NULL);
  FUZZ_LAW ((secrets->len == 0) == (stripped == tree) || runconf_node_get_length (tree) == 0, NULL);
}

static void
check_paths (RunconfSchema *schema, const RunconfNode *tree)
{
  g_autoptr (GPtrArray) pointers = fuzz_list_pointers (tree);

  for (guint i = 0; i < pointers->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (pointers->pdata[i], NULL);
      GVariantBuilder facts, keys;

      runconf_schema_is_locked (schema, path);
      g_variant_builder_init (&facts, G_VARIANT_TYPE_VARDICT);
      runconf_schema_describe (schema, path, &facts);
      g_variant_unref (g_variant_ref_sink (g_variant_builder_end (&facts)));
      g_variant_builder_init (&keys, G_VARIANT_TYPE ("aa{sv}"));
      runconf_schema_describe_keys (schema, path, runconf_node_find (tree, path, NULL), &keys);
      g_variant_unref (g_variant_ref_sink (g_variant_builder_end (&keys)));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  FuzzInput input = { data, size };
  g_autoptr (RunconfNode) root = fuzz_take_tree (&input);
  g_autoptr (RunconfNode) tree = fuzz_take_tree (&input);
  g_autoptr (RunconfSchema) schema = NULL;
  g_autoptr (GPtrArray) violations = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;

  if (root == NULL || tree == NULL)
    return 0;

  schema = runconf_schema_new (root, &where, &error);
  FUZZ_LAW ((schema == NULL) == (error != NULL), NULL);
  FUZZ_LAW ((schema == NULL) == (where != NULL), NULL);
  if (schema == NULL)
    {
      FUZZ_LAW (is_clean (error->message), NULL);
      return 0;
    }

  violations = runconf_schema_check (schema, tree);
  check_violations (violations);
  check_secrets (schema, tree);
  check_paths (schema, tree);

  return 0;
}
