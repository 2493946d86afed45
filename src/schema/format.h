/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The values of `format` that are checked. Any other word is only a remark for people. */
typedef enum
{
  RUNCONFD_FORMAT_ANY,
  RUNCONFD_FORMAT_DATE_TIME,
  RUNCONFD_FORMAT_DATE,
  RUNCONFD_FORMAT_TIME,
  RUNCONFD_FORMAT_EMAIL,
  RUNCONFD_FORMAT_HOSTNAME,
  RUNCONFD_FORMAT_IPV4,
  RUNCONFD_FORMAT_IPV6,
  RUNCONFD_FORMAT_URI,
  RUNCONFD_FORMAT_URI_REFERENCE,
  RUNCONFD_FORMAT_JSON_POINTER,
  RUNCONFD_FORMAT_REGEX,
} RunconfdFormat;

RunconfdFormat runconfd_format_from_name (const char *name);
const char *runconfd_format_get_example (RunconfdFormat format);
gboolean runconfd_format_check (RunconfdFormat format, const char *text);

G_END_DECLS
