/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/request.h"

G_BEGIN_DECLS

/**
 * RunconfdOptionKind:
 * @RUNCONFD_OPTION_BOOLEAN: its target is a #gboolean
 * @RUNCONFD_OPTION_INTEGER: of any of the integer types; its target is a #guint64
 * @RUNCONFD_OPTION_TEXT: its target is a string, which is freed if there is one before
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
 * @kind: what it is
 * @target: where it goes
 * @is_set: (nullable): whether it was given
 * @min: the least integer
 * @max: the largest integer, or how many bytes a text has at most
 * @wanted: what it has to be, for a message
 *
 * An option that a method takes.
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
gboolean runconfd_options_read_request (GVariant *options, RunconfdRequest *request,
                                        GError **error);

G_END_DECLS
