/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/provenance.h"

#include <string.h>

#include "core/escape.h"

/* # fleet: DOCUMENT, revision REVISION, by AUTHOR */
#define HEADER "# fleet: "
#define REVISION ", revision "
#define AUTHOR ", by "

/**
 * runconf_provenance_format:
 *
 * Returns: (transfer full): the first line of the file, without its end
 */
char *
runconf_provenance_format (const char *document, gint64 revision, const char *author)
{
  g_autofree char *by = author != NULL ? runconf_escape (author, -1) : NULL;

  return g_strdup_printf (HEADER "%s" REVISION "%" G_GINT64_FORMAT "%s%s", document, revision,
                          by != NULL ? AUTHOR : "", by != NULL ? by : "");
}

static RunconfProvenance *
parse_line (const char *line)
{
  const char *revision = strstr (line, REVISION);
  RunconfProvenance *self;
  gint64 number;
  char *end;

  if (!g_str_has_prefix (line, HEADER) || revision == NULL)
    return NULL;
  number = g_ascii_strtoll (revision + strlen (REVISION), &end, 10);
  if (number <= 0 || (*end != '\0' && !g_str_has_prefix (end, AUTHOR)))
    return NULL;

  self = g_atomic_rc_box_new0 (RunconfProvenance);
  line += strlen (HEADER);
  self->document = g_strndup (line, (gsize) (revision - line));
  self->revision = number;
  self->author = *end != '\0' ? g_strdup (end + strlen (AUTHOR)) : NULL;

  return self;
}

/**
 * runconf_provenance_parse:
 * @text: the text of a file, which is valid UTF-8
 *
 * Returns: (transfer full) (nullable): what its first line says; %NULL if this line is another one
 */
RunconfProvenance *
runconf_provenance_parse (GBytes *text)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  const char *end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *line = end != NULL ? g_strndup (data, (gsize) (end - data)) : NULL;

  return line != NULL ? parse_line (line) : NULL;
}

RunconfProvenance *
runconf_provenance_ref (RunconfProvenance *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfProvenance *self)
{
  g_free (self->document);
  g_free (self->author);
}

void
runconf_provenance_unref (RunconfProvenance *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}
