/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/operations.h"

#include "core/error.h"
#include "core/limits.h"
#include "core/variant.h"

GPtrArray *
runconf_operations_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_operation_free);
}

/**
 * runconf_operations_add:
 * @value: (nullable): the value of the operation; ignored if its verb has none
 *
 * Adds an operation with a value of a message; see runconf_operation_new().
 */
gboolean
runconf_operations_add (GPtrArray *operations, RunconfVerb verb, const char *path, GVariant *value,
                        GError **error)
{
  g_autoptr (RunconfNode) node = NULL;
  RunconfOperation *operation;

  if (runconf_verb_has_value (verb))
    {
      node = runconf_node_from_variant (value, path, error);
      if (node == NULL)
        return FALSE;
    }

  operation = runconf_operation_new (verb, path, node, error);
  if (operation == NULL)
    return FALSE;

  g_ptr_array_add (operations, operation);

  return TRUE;
}

/* A format with “&” would serialise the value first, which then takes three times as long to read.
 *
 * @operation: of the type `(ssv)`
 */
static gboolean
add_one (GPtrArray *operations, GVariant *operation, GError **error)
{
  g_autoptr (GVariant) name = g_variant_get_child_value (operation, 0);
  g_autoptr (GVariant) path = g_variant_get_child_value (operation, 1);
  g_autoptr (GVariant) boxed = g_variant_get_child_value (operation, 2);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);
  RunconfVerb verb;

  return runconf_verb_from_string (g_variant_get_string (name, NULL), &verb, error)
         && runconf_operations_add (operations, verb, g_variant_get_string (path, NULL), value,
                                    error);
}

/**
 * runconf_operations_add_all:
 * @list: the operations of a message, of the type `a(ssv)`
 *
 * Returns: %FALSE with the error of the first wrong operation, which has its number
 */
gboolean
runconf_operations_add_all (GPtrArray *operations, GVariant *list, GError **error)
{
  gsize n_operations = g_variant_n_children (list);

  if (n_operations > RUNCONF_MAX_OPERATIONS)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                   "%" G_GSIZE_FORMAT " operations are too many: one change has at most %d; many "
                   "values go into one “merge”",
                   n_operations, RUNCONF_MAX_OPERATIONS);
      return FALSE;
    }

  for (gsize i = 0; i < n_operations; i++)
    {
      g_autoptr (GVariant) operation = g_variant_get_child_value (list, i);

      if (!add_one (operations, operation, error))
        {
          g_prefix_error (error, "operation %" G_GSIZE_FORMAT ": ", i + 1);
          return FALSE;
        }
    }

  return TRUE;
}
