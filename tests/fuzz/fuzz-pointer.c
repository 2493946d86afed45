/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "core/limits.h"
#include "core/path.h"

/* A JSON Pointer is refused, or says its segments; they make the same pointer. */
int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *pointer = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, &error);
  g_autoptr (GString) again = g_string_new (NULL);
  guint index;

  FUZZ_LAW ((path == NULL) == (error != NULL), NULL);
  if (path == NULL)
    {
      FUZZ_LAW (g_utf8_validate (error->message, -1, NULL), NULL);
      return 0;
    }

  FUZZ_LAW (runconf_path_get_length (path) <= RUNCONF_MAX_SEGMENTS, NULL);
  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      g_autofree char *prefix = runconf_path_get_prefix (path, i);

      FUZZ_LAW (g_str_equal (prefix, again->str), NULL);
      FUZZ_LAW (runconf_path_is_below (pointer, prefix), NULL);
      runconf_path_append (again, runconf_path_get_segment (path, i));
      runconf_path_parse_index (runconf_path_get_segment (path, i), &index);
    }
  FUZZ_LAW (g_str_equal (again->str, pointer), NULL);
  FUZZ_LAW (g_str_equal (runconf_path_get_pointer (path), pointer), NULL);

  return 0;
}
