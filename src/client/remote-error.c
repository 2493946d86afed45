/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/remote-error.h"

#include <string.h>

#include "core/error-name.h"

/* Converting the errors of calls over the bus to the errors of the library. */

/**
 * runconf_error_register:
 *
 * Registers the names that errors have on the bus with GDBus, once. Errors that were made before
 * keep the code of an unknown error.
 */
void
runconf_error_register (void)
{
  static gsize is_registered;

  if (!g_once_init_enter (&is_registered))
    return;

  for (guint code = 0; code < RUNCONF_N_BUS_ERRORS; code++)
    g_dbus_error_register_error (RUNCONF_ERROR, code, runconf_error_get_bus_name (code));

  g_once_init_leave (&is_registered, 1);
}

/* The meanings of the errors that aren't of Runconf. */
typedef enum
{
  OTHER,
  DENIED,
  NEEDS_DIALOG,
  OVER_LIMIT,
  ABSENT,      /* there is no peer, so it didn't receive the call */
  SILENT,      /* the peer may have received the call */
  UNKNOWN,     /* the peer has no such object, or no such method */
  WRONG_REPLY, /* the reply has another type than expected */
} Meaning;

static const RunconfError codes[] = {
  [OTHER] = RUNCONF_ERROR_FAILED,
  [DENIED] = RUNCONF_ERROR_ACCESS_DENIED,
  [NEEDS_DIALOG] = RUNCONF_ERROR_AUTHORIZATION_REQUIRED,
  [OVER_LIMIT] = RUNCONF_ERROR_LIMITS_EXCEEDED,
  [ABSENT] = RUNCONF_ERROR_UNAVAILABLE,
  [SILENT] = RUNCONF_ERROR_UNAVAILABLE,
  [UNKNOWN] = RUNCONF_ERROR_UNAVAILABLE,
  [WRONG_REPLY] = RUNCONF_ERROR_UNAVAILABLE,
};

#define PREFIX "org.freedesktop.DBus.Error."

static const struct
{
  const char *name;
  Meaning meaning;
} foreign[] = {
  { "AccessDenied", DENIED },
  { "AuthFailed", DENIED },
  { "InteractiveAuthorizationRequired", NEEDS_DIALOG },
  { "LimitsExceeded", OVER_LIMIT },
  { "NameHasNoOwner", ABSENT },
  { "NoServer", ABSENT },
  { "ServiceUnknown", ABSENT },
  { "Disconnected", SILENT },
  { "NoReply", SILENT },
  { "TimedOut", SILENT },
  { "Timeout", SILENT },
  /* the bus reports a missing object with the same errors as a missing method */
  { "UnknownInterface", UNKNOWN },
  { "UnknownMethod", UNKNOWN },
  { "UnknownObject", UNKNOWN },
};

/* the names of the errors of a service that can't be started begin with this */
#define SPAWN "Spawn."

/* A connection can end with any error of a socket. */
static Meaning
find_local (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return WRONG_REPLY;

  return error->domain == G_IO_ERROR ? SILENT : OTHER;
}

/* @error must have its remote name still. */
static Meaning
find_meaning (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  const char *word;

  if (name == NULL)
    return find_local (error);
  if (!g_str_has_prefix (name, PREFIX))
    return OTHER;

  word = name + strlen (PREFIX);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      if (strcmp (word, foreign[i].name) == 0)
        return foreign[i].meaning;
    }

  return g_str_has_prefix (word, SPAWN) ? ABSENT : OTHER;
}

/**
 * runconf_error_is_unknown:
 * @error: an error of a call over the bus
 *
 * Returns: whether the peer has no such object, or no such method
 */
gboolean
runconf_error_is_unknown (const GError *error)
{
  return find_meaning (error) == UNKNOWN;
}

/**
 * runconf_error_is_silent:
 * @error: an error of a call over the bus
 *
 * Returns: whether there is no reply: the wait was too long or cancelled, or the peer has ended
 */
gboolean
runconf_error_is_silent (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
         || find_meaning (error) == SILENT;
}

/* The messages of the bus name its own files, and programs show them to users.
 *
 * Returns: (transfer full): the message for @meaning
 */
static char *
explain (Meaning meaning, const char *message, gboolean is_write)
{
  switch (meaning)
    {
    case WRONG_REPLY:
      return g_strdup_printf ("the service replied, but its reply can't be used: the service and "
                              "this library have to be of versions that fit (%s)",
                              message);
    case UNKNOWN:
      return g_strdup_printf ("the service doesn't serve the configuration, or is older than this "
                              "library (%s)",
                              message);
    case SILENT:
      if (is_write)
        return g_strdup_printf ("the service didn't reply, and the change may have been made: read "
                                "the values when the service is back, before you repeat it (%s)",
                                message);
      G_GNUC_FALLTHROUGH;
    case ABSENT:
      return g_strdup_printf ("the service isn't available: try again when it is back (%s)",
                              message);
    case OTHER:
    case DENIED:
    case NEEDS_DIALOG:
    case OVER_LIMIT:
    default:
      return g_strdup (message);
    }
}

/**
 * runconf_error_take_remote:
 * @error: an error of a call over the bus
 * @is_write: whether the call was a write
 *
 * Makes the error one of the library: removes its name on the bus from the message, and changes its
 * code to one of #RunconfError, unless the call was cancelled.
 */
void
runconf_error_take_remote (GError *error, gboolean is_write)
{
  g_autofree char *message = NULL;
  Meaning meaning;

  g_return_if_fail (error != NULL);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  meaning = find_meaning (error);
  g_dbus_error_strip_remote_error (error);
  if (error->domain == RUNCONF_ERROR)
    return;

  message = error->message;
  error->message = explain (meaning, message, is_write);
  error->domain = RUNCONF_ERROR;
  error->code = (int) codes[meaning];
}
