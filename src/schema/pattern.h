/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdPattern:
 *
 * A regular expression of a schema, which may match anywhere in a string.
 */
typedef struct _RunconfdPattern RunconfdPattern;

/**
 * RunconfdMatch:
 * @RUNCONFD_MATCH_LIMIT: unknown, since matching would take too long
 */
typedef enum
{
  RUNCONFD_MATCH_NO,
  RUNCONFD_MATCH_YES,
  RUNCONFD_MATCH_LIMIT,
} RunconfdMatch;

RunconfdPattern *runconfd_pattern_new (const char *source, GError **error);
void runconfd_pattern_free (RunconfdPattern *self);

const char *runconfd_pattern_get_source (const RunconfdPattern *self);
RunconfdMatch runconfd_pattern_match (const RunconfdPattern *self, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdPattern, runconfd_pattern_free)

G_END_DECLS
