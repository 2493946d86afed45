/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUNCONF_STORE_ERROR (runconf_store_error_quark ())

/**
 * RunconfStoreError:
 * @RUNCONF_STORE_ERROR_CONFLICT: the text doesn't have the expected stamp; it isn't replaced
 * @RUNCONF_STORE_ERROR_UNREADABLE: something is there, but it can't be read
 * @RUNCONF_STORE_ERROR_TOO_LARGE: the text is above `RUNCONF_MAX_TEXT_BYTES`
 * @RUNCONF_STORE_ERROR_FAILED: any other error; the store still has the whole old text
 * @RUNCONF_STORE_ERROR_IN_USE: another process serves the file
 * @RUNCONF_STORE_ERROR_BUSY: another process is writing the file now: try again shortly
 *
 * The errors of a store. New codes are only appended.
 */
typedef enum
{
  RUNCONF_STORE_ERROR_CONFLICT,
  RUNCONF_STORE_ERROR_UNREADABLE,
  RUNCONF_STORE_ERROR_TOO_LARGE,
  RUNCONF_STORE_ERROR_FAILED,
  RUNCONF_STORE_ERROR_IN_USE,
  RUNCONF_STORE_ERROR_BUSY,
} RunconfStoreError;

GQuark runconf_store_error_quark (void);

void runconf_failure_set (GError **error, RunconfStoreError code, const char *path, int number,
                          const char *what);
void runconf_failure_set_conflict (GError **error, const char *path);

G_END_DECLS
