/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/options.h"

/**
 * runconfd_options_read_request:
 * @options: the options of a write, of the type `a{sv}`
 * @may_be_boot: whether the write may change the overrides for this boot
 * @request: gets them
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if one is unknown or wrong
 */
gboolean
runconfd_options_read_request (GVariant *options, gboolean may_be_boot, RunconfdRequest *request,
                               GError **error)
{
  RunconfWriteOptions write = { 0 };

  if (!runconf_options_read_write (options, may_be_boot, &write, error))
    {
      g_free (write.message);
      return FALSE;
    }

  request->has_if_version = write.has_if_version;
  request->if_version = write.if_version;
  request->message = write.message;
  request->dry_run = write.dry_run;
  request->reports_overrides = write.reports_overrides;
  request->confirm_timeout = (gint64) write.confirm_seconds * G_USEC_PER_SEC;
  if (write.is_boot)
    request->layer = RUNCONF_LAYER_BOOT;

  return TRUE;
}
