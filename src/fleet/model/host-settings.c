/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/host-settings.h"

#include <string.h>

#include "core/error.h"
#include "fleet/model/form.h"
#include "fleet/model/keys.h"

#define TLS "tls"

static const char *const bus_names[] = {
  [RUNCONF_FLEET_BUS_SYSTEM] = "system",
  [RUNCONF_FLEET_BUS_SESSION] = "session",
  [RUNCONF_FLEET_BUS_NONE] = "none",
};

static const char *const rollouts_names[] = {
  [RUNCONF_FLEET_ROLLOUTS_SHARED] = "shared",
  [RUNCONF_FLEET_ROLLOUTS_RESUME] = "resume",
  [RUNCONF_FLEET_ROLLOUTS_UNDO] = "undo",
  [RUNCONF_FLEET_ROLLOUTS_LEAVE] = "leave",
};

#define FIELD(key, type, member)                                                                   \
  {                                                                                                \
    key, RUNCONF_FLEET_FIELD_##type, G_STRUCT_OFFSET (RunconfFleetSettings, member)                \
  }

static const RunconfFleetField fields[] = {
  FIELD ("bus", STRING, bus_name),
  FIELD ("endpoints", STRINGS, endpoints),
  FIELD ("folder", STRING, folder),
  FIELD ("groups", STRINGS, groups),
  FIELD ("health", STRING, health),
  FIELD ("host", STRING, host),
  FIELD ("password-file", STRING, password_file),
  FIELD ("prefix", STRING, prefix),
  FIELD ("rollouts", STRING, rollouts_name),
  { TLS, RUNCONF_FLEET_FIELD_SECTION, 0 },
  FIELD ("user", STRING, user),
};

static const RunconfFleetField tls_fields[] = {
  FIELD ("ca", STRING, ca),
  FIELD ("certificate", STRING, certificate),
  FIELD ("key", STRING, key),
};

void
runconf_fleet_settings_free (RunconfFleetSettings *self)
{
  runconf_fleet_fields_clear (fields, G_N_ELEMENTS (fields), self);
  runconf_fleet_fields_clear (tls_fields, G_N_ELEMENTS (tls_fields), self);
  g_free (self);
}

static gboolean
read_form (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  return runconf_fleet_form_check_keys (form, NULL, fields, G_N_ELEMENTS (fields), error)
         && runconf_fleet_form_read (form, NULL, fields, G_N_ELEMENTS (fields), self, error)
         && runconf_fleet_form_check_keys (form, TLS, tls_fields, G_N_ELEMENTS (tls_fields), error)
         && runconf_fleet_form_read (form, TLS, tls_fields, G_N_ELEMENTS (tls_fields), self, error);
}

/* A user in the URL would be in process lists and logs with its password. */
static gboolean
is_endpoint (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  const char *path = uri != NULL ? g_uri_get_path (uri) : "";
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return (strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0) && host != NULL
         && *host != '\0' && (*path == '\0' || strcmp (path, "/") == 0)
         && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL
         && g_uri_get_fragment (uri) == NULL;
}

static gboolean
check_endpoints (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  if (self->endpoints == NULL || self->endpoints[0] == NULL)
    {
      runconf_fleet_form_fail (form, "/endpoints", error,
                               "“endpoints” is missing: list the URLs of etcd, such as "
                               "https://etcd1.example.org:2379");
      return FALSE;
    }

  for (guint i = 0; self->endpoints[i] != NULL; i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/endpoints/%u", i);

      if (is_endpoint (self->endpoints[i]))
        continue;
      /* not the text, which may contain a password */
      runconf_fleet_form_fail (form, pointer, error,
                               "endpoint %u has to be a URL of scheme, host and port, such as "
                               "https://etcd1.example.org:2379",
                               i + 1);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_name (RunconfFleetForm *form, const char *pointer, RunconfFleetNameType type,
            const char *name, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (runconf_fleet_check_name (type, name, &reason))
    return TRUE;

  runconf_fleet_form_fail (form, pointer, error, "%s", reason->message);
  return FALSE;
}

static gboolean
check_names (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  if (self->host != NULL && !check_name (form, "/host", RUNCONF_FLEET_NAME_HOST, self->host, error))
    return FALSE;

  for (guint i = 0; self->groups != NULL && self->groups[i] != NULL; i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/groups/%u", i);

      if (!check_name (form, pointer, RUNCONF_FLEET_NAME_GROUP, self->groups[i], error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check_prefix (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (self->prefix == NULL)
    self->prefix = g_strdup (RUNCONF_FLEET_PREFIX);
  if (runconf_fleet_check_prefix (self->prefix, &reason))
    return TRUE;

  runconf_fleet_form_fail (form, "/prefix", error, "%s", reason->message);
  return FALSE;
}

static gboolean
check_path (RunconfFleetForm *form, const char *pointer, const char *path, GError **error)
{
  if (path == NULL || g_path_is_absolute (path))
    return TRUE;

  runconf_fleet_form_fail (form, pointer, error, "the path has to be absolute: it begins with /");
  return FALSE;
}

static gboolean
check_paths (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  if (self->folder == NULL)
    self->folder = g_strdup (RUNCONF_FLEET_DEFAULT_FOLDER);

  return check_path (form, "/folder", self->folder, error)
         && check_path (form, "/password-file", self->password_file, error)
         && check_path (form, "/tls/ca", self->ca, error)
         && check_path (form, "/tls/certificate", self->certificate, error)
         && check_path (form, "/tls/key", self->key, error);
}

/* A certificate and its key may also be credentials of systemd, so one without the other is no
 * error.
 */
static gboolean
check_user (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (self->user != NULL && !runconf_fleet_check_user (self->user, &reason))
    runconf_fleet_form_fail (form, "/user", error, "%s", reason->message);
  else if (self->user == NULL && self->password_file != NULL)
    runconf_fleet_form_fail (form, "/password-file", error,
                             "“password-file” is the password of a user: add “user”");
  else
    return TRUE;

  return FALSE;
}

/* @choice: (inout): the default, which stays without a @name */
static gboolean
check_choice (RunconfFleetForm *form, const char *key, const char *name, const char *const *names,
              guint n_names, guint *choice, GError **error)
{
  g_autofree char *pointer = g_strconcat ("/", key, NULL);
  g_autoptr (GString) list = g_string_new (NULL);

  if (name == NULL)
    return TRUE;

  for (guint i = 0; i < n_names; i++)
    {
      if (strcmp (name, names[i]) == 0)
        {
          *choice = i;
          return TRUE;
        }
      g_string_append_printf (list, "%s%s",
                              i == 0            ? ""
                              : i + 1 < n_names ? ", "
                                                : " or ",
                              names[i]);
    }

  runconf_fleet_form_fail (form, pointer, error, "“%s” has to be %s", key, list->str);
  return FALSE;
}

static gboolean
check_choices (RunconfFleetSettings *self, RunconfFleetForm *form, GError **error)
{
  guint bus = RUNCONF_FLEET_BUS_SYSTEM;
  guint rollouts = RUNCONF_FLEET_ROLLOUTS_SHARED;

  if (!check_choice (form, "bus", self->bus_name, bus_names, G_N_ELEMENTS (bus_names), &bus, error)
      || !check_choice (form, "rollouts", self->rollouts_name, rollouts_names,
                        G_N_ELEMENTS (rollouts_names), &rollouts, error))
    return FALSE;

  self->bus = bus;
  self->rollouts = rollouts;

  return TRUE;
}

/**
 * runconf_fleet_settings_parse:
 * @text: the contents of a `fleetd.yaml`
 * @name: its name in messages
 *
 * Returns: (transfer full) (nullable): the settings, or %NULL with an error that has the line and
 *   the column
 */
RunconfFleetSettings *
runconf_fleet_settings_parse (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfFleetForm) form = runconf_fleet_form_new (text, name, error);
  g_autoptr (RunconfFleetSettings) self = NULL;

  if (form == NULL)
    return NULL;

  self = g_new0 (RunconfFleetSettings, 1);
  if (!read_form (self, form, error) || !check_endpoints (self, form, error)
      || !check_prefix (self, form, error) || !check_names (self, form, error)
      || !check_paths (self, form, error) || !check_user (self, form, error)
      || !check_choices (self, form, error))
    return NULL;

  return g_steal_pointer (&self);
}
