/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfPattern:
 *
 * A regular expression of a schema, which may match anywhere in a string.
 */
typedef struct _RunconfPattern RunconfPattern;

/**
 * RunconfMatch:
 * @RUNCONF_MATCH_LIMIT: unknown, since matching would take too long
 */
typedef enum
{
  RUNCONF_MATCH_NO,
  RUNCONF_MATCH_YES,
  RUNCONF_MATCH_LIMIT,
} RunconfMatch;

RunconfPattern *runconf_pattern_new (const char *source, GError **error);
void runconf_pattern_free (RunconfPattern *self);

const char *runconf_pattern_get_source (const RunconfPattern *self);
RunconfMatch runconf_pattern_match (const RunconfPattern *self, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfPattern, runconf_pattern_free)

G_END_DECLS
