/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The values of `format` that are checked. Any other word is only a remark for people. */
typedef enum
{
  RUNCONF_FORMAT_ANY,
  RUNCONF_FORMAT_DATE_TIME,
  RUNCONF_FORMAT_DATE,
  RUNCONF_FORMAT_TIME,
  RUNCONF_FORMAT_EMAIL,
  RUNCONF_FORMAT_HOSTNAME,
  RUNCONF_FORMAT_IPV4,
  RUNCONF_FORMAT_IPV6,
  RUNCONF_FORMAT_URI,
  RUNCONF_FORMAT_URI_REFERENCE,
  RUNCONF_FORMAT_JSON_POINTER,
  RUNCONF_FORMAT_REGEX,
} RunconfFormat;

RunconfFormat runconf_format_from_name (const char *name);
const char *runconf_format_get_example (RunconfFormat format);
gboolean runconf_format_check (RunconfFormat format, const char *text);

G_END_DECLS
