/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "core/path.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

/* A text is refused or read; what is read is in order, and can be written and read again. */

/* Returns: the index behind the span and what is below it */
static guint
check_span (const RunconfSpan *spans, guint n_spans, guint index, gsize start, gsize end,
            GBytes *text)
{
  const RunconfSpan *span = &spans[index];
  guint child = index + 1;

  FUZZ_LAW (span->start >= start && span->start + span->properties <= span->end && span->end <= end,
            text);
  FUZZ_LAW (span->next > index && span->next <= n_spans, text);
  while (child < span->next)
    child = check_span (spans, n_spans, child, span->start, span->end, text);
  FUZZ_LAW (child == span->next, text);

  return child;
}

static void
check_places (RunconfDocument *document, GBytes *text)
{
  g_autoptr (GPtrArray) pointers = fuzz_list_pointers (runconf_document_get_root (document));
  guint line, column, n_spans;
  const RunconfSpan *spans = runconf_document_get_spans (document, &n_spans);

  if (runconf_document_is_empty (document))
    return;

  FUZZ_LAW (check_span (spans, n_spans, 0, 0, g_bytes_get_size (text), text) == n_spans, text);
  for (guint i = 0; i < pointers->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (pointers->pdata[i], NULL);

      /* a key can be longer than a path takes */
      if (path != NULL)
        FUZZ_LAW (runconf_document_locate (document, path, &line, &column), text);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) text = g_bytes_new (data, size);
  g_autoptr (GBytes) written = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = runconf_document_new (text, "text", &error);
  g_autoptr (RunconfDocument) again = NULL;
  g_autoptr (GString) json = g_string_new (NULL);
  GString *yaml;

  FUZZ_LAW ((document == NULL) == (error != NULL), text);
  if (document == NULL)
    {
      FUZZ_LAW (g_str_has_prefix (error->message, "text:"), text);
      return 0;
    }

  check_places (document, text);
  runconf_emit_json (json, runconf_document_get_root (document));
  yaml = g_string_new (NULL);
  runconf_emit_yaml (yaml, runconf_document_get_root (document));
  written = g_string_free_to_bytes (yaml);
  again = runconf_document_new (written, "again", NULL);
  FUZZ_LAW (again != NULL
                && runconf_node_equal (runconf_document_get_root (again),
                                       runconf_document_get_root (document)),
            written);

  return 0;
}
