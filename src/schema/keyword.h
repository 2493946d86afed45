/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/private.h"

G_BEGIN_DECLS

/* The form that the value of a keyword must have. */
typedef enum
{
  RUNCONFD_FORM_ANY,
  RUNCONFD_FORM_STRING,
  RUNCONFD_FORM_BOOLEAN,
  RUNCONFD_FORM_NUMBER,
  RUNCONFD_FORM_POSITIVE,
  RUNCONFD_FORM_COUNT,
  RUNCONFD_FORM_LIST,
  RUNCONFD_FORM_CHOICES,
  RUNCONFD_FORM_KEYS,
  RUNCONFD_FORM_TYPE,
  RUNCONFD_FORM_PATTERN,
  RUNCONFD_FORM_FORMAT,
  RUNCONFD_FORM_DRAFT,
  RUNCONFD_FORM_SUBSCHEMA,
  RUNCONFD_FORM_SUBSCHEMAS,
  RUNCONFD_FORM_ITEMS,
  RUNCONFD_FORM_PROPERTIES,
  RUNCONFD_FORM_PATTERN_PROPERTIES,
  RUNCONFD_FORM_DEPENDENCIES,
} RunconfdForm;

RunconfdForm runconfd_keyword_get_form (RunconfdKeyword keyword);
gboolean runconfd_keyword_find_later (const RunconfNode *node, const char **name,
                                      const char **instead);

G_END_DECLS
