/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/log.h"

/* in µs */
#define LIMIT_INTERVAL (10 * G_USEC_PER_SEC)

static GLogLevelFlags
get_level (int priority)
{
  switch (priority)
    {
    case LOG_ERR:
    case LOG_WARNING:
      return G_LOG_LEVEL_WARNING;
    case LOG_NOTICE:
      return G_LOG_LEVEL_MESSAGE;
    case LOG_INFO:
      return G_LOG_LEVEL_INFO;
    default:
      return G_LOG_LEVEL_DEBUG;
    }
}

/**
 * runconfd_log:
 * @priority: `LOG_ERR`, `LOG_WARNING`, `LOG_NOTICE`, `LOG_INFO` or `LOG_DEBUG`
 * @configuration: (nullable): the name of the configuration
 * @version: the version at which it happened, or 0
 * @path: (nullable): the path of the event in the configuration
 * @format: one line; paths and keys in it have to be escaped by runconf_escape()
 *
 * Logs a message with fields, so that journalctl can filter by `RUNCONF_CONFIGURATION=default`,
 * `RUNCONF_VERSION=12` or `RUNCONF_PATH=/chat/websocket/`.
 */
void
runconfd_log (int priority, const char *configuration, guint64 version, const char *path,
              const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  g_autofree char *priority_text = NULL;
  g_autofree char *version_text = NULL;
  GLogField fields[6];
  gsize n_fields = 0;
  va_list arguments;

  if (g_log_writer_default_would_drop (get_level (priority), G_LOG_DOMAIN))
    return;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  line = configuration != NULL ? g_strdup_printf ("%s: %s", configuration, message)
                               : g_steal_pointer (&message);
  priority_text = g_strdup_printf ("%d", priority);
  version_text = g_strdup_printf ("%" G_GUINT64_FORMAT, version);

  fields[n_fields++] = (GLogField){ "PRIORITY", priority_text, -1 };
  fields[n_fields++] = (GLogField){ "GLIB_DOMAIN", G_LOG_DOMAIN, -1 };
  fields[n_fields++] = (GLogField){ "MESSAGE", line, -1 };
  if (configuration != NULL)
    fields[n_fields++] = (GLogField){ "RUNCONF_CONFIGURATION", configuration, -1 };
  if (version > 0)
    fields[n_fields++] = (GLogField){ "RUNCONF_VERSION", version_text, -1 };

  if (path != NULL)
    fields[n_fields++] = (GLogField){ "RUNCONF_PATH", path, -1 };

  g_log_structured_array (get_level (priority), fields, n_fields);
}

/**
 * runconfd_log_is_due:
 * @n_omitted: (out): the number of messages omitted since the last one
 *
 * Returns: whether to log the message, or to omit it
 */
gboolean
runconfd_log_is_due (RunconfdLogLimit *limit, guint *n_omitted)
{
  gint64 now = g_get_monotonic_time ();

  if (limit->logged_at != 0 && now - limit->logged_at < LIMIT_INTERVAL)
    {
      limit->n_omitted++;
      return FALSE;
    }

  *n_omitted = limit->n_omitted;
  *limit = (RunconfdLogLimit){ .logged_at = now };

  return TRUE;
}
