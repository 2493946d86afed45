/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/settings.h"

#include <string.h>

#include <gio/gio.h>

#include "core/escape.h"
#include "fleet/etcd/error.h"

RunconfEtcdSettings *
runconf_etcd_settings_new (void)
{
  RunconfEtcdSettings *self = g_new0 (RunconfEtcdSettings, 1);

  self->attempt_ms = RUNCONF_ETCD_ATTEMPT_MS;
  self->deadline_ms = RUNCONF_ETCD_DEADLINE_MS;
  self->probe_ms = RUNCONF_ETCD_PROBE_MS;
  return self;
}

RunconfEtcdSettings *
runconf_etcd_settings_copy (const RunconfEtcdSettings *self)
{
  RunconfEtcdSettings *copy = g_memdup2 (self, sizeof *self);

  copy->endpoints = g_strdupv (self->endpoints);
  copy->ca = g_strdup (self->ca);
  copy->certificate = g_strdup (self->certificate);
  copy->key = g_strdup (self->key);
  copy->user = g_strdup (self->user);
  copy->password = g_strdup (self->password);
  copy->password_file = g_strdup (self->password_file);
  return copy;
}

/**
 * runconf_etcd_password_free:
 * @password: (transfer full) (nullable): a password, which doesn't stay in the memory
 */
void
runconf_etcd_password_free (char *password)
{
  if (password != NULL)
    explicit_bzero (password, strlen (password));
  g_free (password);
}

void
runconf_etcd_settings_free (RunconfEtcdSettings *self)
{
  g_strfreev (self->endpoints);
  g_free (self->ca);
  g_free (self->certificate);
  g_free (self->key);
  g_free (self->user);
  runconf_etcd_password_free (self->password);
  g_free (self->password_file);
  g_free (self);
}

static gboolean
has_password (const RunconfEtcdSettings *self)
{
  return self->password != NULL || self->password_file != NULL;
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID, message);
  return FALSE;
}

/* A URL may have a password, which a message must not show. */
static gboolean
refuse_endpoint (const char *endpoint, GError **error, const char *reason)
{
  g_autofree char *shown
      = strchr (endpoint, '@') != NULL ? g_strdup ("…") : runconf_escape (endpoint, -1);

  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID, "the endpoint “%s”: %s",
               shown, reason);
  return FALSE;
}

static gboolean
check_parts (const char *endpoint, GUri *uri, GError **error)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *path = g_uri_get_path (uri);

  if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    return refuse_endpoint (endpoint, error, "an endpoint begins with “https://” or “http://”");
  if (g_uri_get_userinfo (uri) != NULL)
    return refuse_endpoint (endpoint, error, "set the user and the password apart from it");
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return refuse_endpoint (endpoint, error, "it has no host; use “https://HOST:2379”");
  if (g_uri_get_port (uri) == 0)
    return refuse_endpoint (endpoint, error, "a port is from 1 to 65535");
  if ((*path != '\0' && !g_str_equal (path, "/")) || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL)
    return refuse_endpoint (endpoint, error, "nothing follows the port; use “https://HOST:2379”");

  return TRUE;
}

/**
 * runconf_etcd_check_endpoint:
 *
 * Returns: whether @endpoint is the URL of a member: a scheme, a host and perhaps a port
 */
gboolean
runconf_etcd_check_endpoint (const char *endpoint, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GUri) uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, &problem);

  if (uri == NULL)
    return refuse_endpoint (endpoint, error, "not a URL; use “https://HOST:2379”");

  return check_parts (endpoint, uri, error);
}

/**
 * runconf_etcd_settings_check:
 *
 * Returns: whether the settings can be right; the files aren't read
 */
gboolean
runconf_etcd_settings_check (const RunconfEtcdSettings *self, GError **error)
{
  guint n_endpoints = self->endpoints == NULL ? 0 : g_strv_length (self->endpoints);

  if (n_endpoints == 0)
    return refuse (error, "no endpoint is set; use “https://HOST:2379”");
  if (n_endpoints > RUNCONF_ETCD_MAX_ENDPOINTS)
    return refuse (error,
                   "at most " G_STRINGIFY (RUNCONF_ETCD_MAX_ENDPOINTS) " endpoints can be set");
  if (self->key != NULL && self->certificate == NULL)
    return refuse (error, "a key is set without its certificate");
  if ((self->user != NULL) != has_password (self))
    return refuse (error, "set both a user and a password, or neither");

  for (guint i = 0; i < n_endpoints; i++)
    if (!runconf_etcd_check_endpoint (self->endpoints[i], error))
      return FALSE;

  return TRUE;
}

/**
 * runconf_etcd_find_password:
 * @text: the contents of a file with a password
 *
 * Returns: (transfer full) (nullable): the first line, or %NULL if it is empty
 */
char *
runconf_etcd_find_password (const char *text, gsize size)
{
  char *line = g_strndup (text, size);

  line[strcspn (line, "\r\n")] = '\0';
  if (*line == '\0')
    g_clear_pointer (&line, g_free);

  return line;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL ? g_inet_address_get_is_loopback (address)
                         : g_ascii_strcasecmp (host, "localhost") == 0;
}

/**
 * runconf_etcd_settings_find_exposed:
 * @self: valid settings
 *
 * Returns: (nullable): an endpoint to which the password would go over a network without TLS
 */
const char *
runconf_etcd_settings_find_exposed (const RunconfEtcdSettings *self)
{
  for (guint i = 0; has_password (self) && self->endpoints[i] != NULL; i++)
    {
      g_autoptr (GUri) uri = g_uri_parse (self->endpoints[i], G_URI_FLAGS_NONE, NULL);

      if (uri != NULL && g_str_equal (g_uri_get_scheme (uri), "http")
          && !is_loopback (g_uri_get_host (uri)))
        return self->endpoints[i];
    }

  return NULL;
}
