/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUNCONF_ERROR_H
#define RUNCONF_ERROR_H

/* This file is installed as <runconf/error.h> too, so one source may include two copies of it.
 * `#pragma once` would treat them as two files.
 */

#include <glib.h>

G_BEGIN_DECLS

#define RUNCONF_ERROR (runconf_error_quark ())

/**
 * RunconfError:
 * @RUNCONF_ERROR_INVALID_PATH: not a JSON Pointer, or a path that can't be written
 * @RUNCONF_ERROR_NOT_FOUND: there is no value at the path
 * @RUNCONF_ERROR_INVALID_VALUE: a value, text or option that can't be accepted
 * @RUNCONF_ERROR_VERSION_MISMATCH: the configuration is at another version than `if-version`
 *   requires
 * @RUNCONF_ERROR_TOO_LARGE: larger, deeper or longer than Runconf accepts
 * @RUNCONF_ERROR_STORAGE_FAILED: the overrides can't be read or written
 * @RUNCONF_ERROR_UNAVAILABLE: the configuration isn't served now
 * @RUNCONF_ERROR_SCHEMA_VIOLATION: a value that the schema doesn't allow
 * @RUNCONF_ERROR_LOCKED: the path is locked
 * @RUNCONF_ERROR_ACCESS_DENIED: the caller doesn't have the right to make this call
 * @RUNCONF_ERROR_AUTHORIZATION_REQUIRED: the caller gets the right with a password, and the call didn't
 *   allow the service to ask for one
 * @RUNCONF_ERROR_LIMITS_EXCEEDED: too many calls of the user are under way
 * @RUNCONF_ERROR_FAILED: another error, which the bus or the service reports
 *
 * The error codes of Runconf. On the bus each code up to @RUNCONF_ERROR_LOCKED is
 * `org.runconf.Error.` and its name; the others are errors of D-Bus, such as
 * `org.freedesktop.DBus.Error.AccessDenied`.
 *
 * New codes are only ever appended.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_ERROR_INVALID_PATH,
  RUNCONF_ERROR_NOT_FOUND,
  RUNCONF_ERROR_INVALID_VALUE,
  RUNCONF_ERROR_VERSION_MISMATCH,
  RUNCONF_ERROR_TOO_LARGE,
  RUNCONF_ERROR_STORAGE_FAILED,
  RUNCONF_ERROR_UNAVAILABLE,
  RUNCONF_ERROR_SCHEMA_VIOLATION,
  RUNCONF_ERROR_LOCKED,
  RUNCONF_ERROR_ACCESS_DENIED,
  RUNCONF_ERROR_AUTHORIZATION_REQUIRED,
  RUNCONF_ERROR_LIMITS_EXCEEDED,
  RUNCONF_ERROR_FAILED,
} RunconfError;

GQuark runconf_error_quark (void);

G_END_DECLS

#endif
