/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/change/request.h"

G_BEGIN_DECLS

/**
 * RunconfdOptionKind:
 * @RUNCONFD_OPTION_BOOLEAN: its target is a #gboolean
 * @RUNCONFD_OPTION_INTEGER: of any of the integer types; its target is a #guint64
 * @RUNCONFD_OPTION_TEXT: its target is a string, which replaces and frees a previous one
 */
typedef enum
{
  RUNCONFD_OPTION_BOOLEAN,
  RUNCONFD_OPTION_INTEGER,
  RUNCONFD_OPTION_TEXT,
} RunconfdOptionKind;

/**
 * RunconfdOption:
 * @name: as callers write it
 * @kind: its type
 * @target: receives the value
 * @is_set: (nullable): set if the call has the option
 * @min: the least integer
 * @max: the largest integer, or the maximal size of a text in bytes
 * @wanted: the allowed values, for the error message
 *
 * An option of a D-Bus method.
 */
typedef struct
{
  const char *name;
  RunconfdOptionKind kind;
  gpointer target;
  gboolean *is_set;
  guint64 min;
  guint64 max;
  const char *wanted;
} RunconfdOption;

gboolean runconfd_options_read (GVariant *options, const RunconfdOption *known, guint n_known,
                                GError **error);
gboolean runconfd_options_read_request (GVariant *options, gboolean may_be_boot,
                                        RunconfdRequest *request, GError **error);

G_END_DECLS
