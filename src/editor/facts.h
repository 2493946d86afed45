/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

/**
 * EditorValueType:
 * @EDITOR_VALUE_ANY: a scalar of several types
 *
 * The type that a value may have, as the schema or else the value has it.
 */
typedef enum
{
  EDITOR_VALUE_ANY,
  EDITOR_VALUE_BOOLEAN,
  EDITOR_VALUE_INTEGER,
  EDITOR_VALUE_NUMBER,
  EDITOR_VALUE_STRING,
  EDITOR_VALUE_BINARY,
  EDITOR_VALUE_SEQUENCE,
  EDITOR_VALUE_MAPPING,
} EditorValueType;

EditorValueType editor_facts_get_type (RunconfDescription *description);
gboolean editor_facts_get_number (RunconfDescription *description, const char *fact,
                                  double *number);
gboolean editor_facts_read_number (GVariant *value, double *number);
char *editor_facts_make_hint (RunconfDescription *description);
const char *editor_facts_get_title (RunconfDescription *description);

G_END_DECLS
