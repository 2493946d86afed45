/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdBodyState:
 * @RUNCONFD_BODY_GOOD: GDBus can unpack it
 * @RUNCONFD_BODY_INVALID: its marshalling violates the D-Bus specification
 * @RUNCONFD_BODY_TOO_DEEP: more than 63 containers are nested, counted through variants
 * @RUNCONFD_BODY_TOO_MANY: its values are more, or take more memory, than allowed; the rest of it
 *   wasn't checked
 */
typedef enum
{
  RUNCONFD_BODY_GOOD,
  RUNCONFD_BODY_INVALID,
  RUNCONFD_BODY_TOO_DEEP,
  RUNCONFD_BODY_TOO_MANY,
} RunconfdBodyState;

/**
 * RunconfdBody:
 * @data: marshalled values; the first one is aligned to 8 bytes in its message
 * @size: of @data, in bytes
 * @is_big: whether its byte order is big-endian
 * @max_values: the number of values to stop at
 * @max_memory: the estimate of memory to stop at
 * @n_values: (out): how many values were read: basic values, containers and variants. An array of
 *   numbers counts as one.
 * @memory: (out): an estimate of the bytes that GDBus allocates for these values, never too low
 * @problem: (out) (nullable): the reason why the body isn't good, as a static string
 * @fault: (out): the byte of the body where it isn't good
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  gboolean is_big;
  guint max_values;
  gsize max_memory;
  guint n_values;
  gsize memory;
  const char *problem;
  gsize fault;
} RunconfdBody;

RunconfdBodyState runconfd_body_check (RunconfdBody *self, const char *signature);
gsize runconfd_body_skip (RunconfdBody *self, const char *type, gsize at);

G_END_DECLS
