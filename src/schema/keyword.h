/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/private.h"

G_BEGIN_DECLS

/* The form that the value of a keyword must have. */
typedef enum
{
  RUNCONF_FORM_ANY,
  RUNCONF_FORM_STRING,
  RUNCONF_FORM_BOOLEAN,
  RUNCONF_FORM_NUMBER,
  RUNCONF_FORM_POSITIVE,
  RUNCONF_FORM_COUNT,
  RUNCONF_FORM_LIST,
  RUNCONF_FORM_CHOICES,
  RUNCONF_FORM_KEYS,
  RUNCONF_FORM_TYPE,
  RUNCONF_FORM_PATTERN,
  RUNCONF_FORM_FORMAT,
  RUNCONF_FORM_DRAFT,
  RUNCONF_FORM_SUBSCHEMA,
  RUNCONF_FORM_SUBSCHEMAS,
  RUNCONF_FORM_ITEMS,
  RUNCONF_FORM_PROPERTIES,
  RUNCONF_FORM_PATTERN_PROPERTIES,
  RUNCONF_FORM_DEPENDENCIES,
} RunconfForm;

RunconfForm runconf_keyword_get_form (RunconfKeyword keyword);
gboolean runconf_keyword_find_later (const RunconfNode *node, const char **name,
                                     const char **instead);

G_END_DECLS
