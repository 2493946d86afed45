/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/keys.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"

#define SIGNS "_.-"

/* The kinds of names: the word in messages, and the longest one. */
static const struct
{
  const char *word;
  gsize max_length;
} kinds[] = {
  [RUNCONF_FLEET_NAME_CONFIGURATION] = { "configuration", RUNCONF_FLEET_MAX_NAME_LENGTH },
  [RUNCONF_FLEET_NAME_GROUP] = { "group", RUNCONF_FLEET_MAX_NAME_LENGTH },
  [RUNCONF_FLEET_NAME_HOST] = { "host", RUNCONF_FLEET_MAX_HOST_LENGTH },
  [RUNCONF_FLEET_NAME_CHANGE] = { "change", 36 },
};

static gboolean
refuse (const char *word, const char *name, GError **error, const char *reason)
{
  g_autofree char *shown = runconf_escape (name, -1);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "the %s “%s”: %s", word, shown,
               reason);
  return FALSE;
}

static gboolean
refuse_length (const char *word, const char *name, gsize max_length, GError **error)
{
  g_autofree char *reason
      = g_strdup_printf ("a name has at most %" G_GSIZE_FORMAT " characters", max_length);

  return refuse (word, name, error, reason);
}

/* Returns: the first byte that a name can't have at its place, or %NULL */
static const char *
find_flaw (const char *name, const char *signs)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (signs, *c) == NULL)
      return c;

  return NULL;
}

static gboolean
check_characters (const char *word, const char *name, GError **error)
{
  const char *flaw = find_flaw (name, SIGNS);

  if (flaw != NULL && *flaw == '/')
    return refuse (word, name, error,
                   "a name has no slash: it is one segment of a key; use “-” or “.” instead");
  if (flaw != NULL)
    return refuse (word, name, error, "a name has only letters, digits, “_”, “.” and “-”");
  if (!g_ascii_isalnum (*name))
    return refuse (word, name, error, "a name begins with a letter or a digit");

  return TRUE;
}

static gboolean
is_change (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (g_ascii_isupper (*c))
      return FALSE;

  return g_uuid_string_is_valid (name);
}

/**
 * runconf_fleet_check_name:
 * @type: the kind of name
 *
 * Returns: whether @name is one of its kind
 */
gboolean
runconf_fleet_check_name (RunconfFleetNameType type, const char *name, GError **error)
{
  const char *word = kinds[type].word;

  if (*name == '\0')
    return refuse (word, name, error, "a name has at least one character");
  if (type == RUNCONF_FLEET_NAME_CHANGE)
    return is_change (name) || refuse (word, name, error, "a change has a UUID in lower case");
  if (strlen (name) > kinds[type].max_length)
    return refuse_length (word, name, kinds[type].max_length, error);

  return check_characters (word, name, error);
}

/**
 * runconf_fleet_check_pattern:
 * @pattern: a pattern for names of hosts: `*` is any number of characters, `?` is one
 *
 * Returns: whether a host can match the pattern
 */
gboolean
runconf_fleet_check_pattern (const char *pattern, GError **error)
{
  if (*pattern == '\0')
    return refuse ("pattern", pattern, error, "a pattern has at least one character");
  if (strlen (pattern) > RUNCONF_FLEET_MAX_PATTERN_LENGTH)
    return refuse_length ("pattern", pattern, RUNCONF_FLEET_MAX_PATTERN_LENGTH, error);
  if (find_flaw (pattern, SIGNS "*?") != NULL)
    return refuse ("pattern", pattern, error,
                   "a pattern has only letters, digits, “_”, “.”, “-”, “*” and “?”");

  return TRUE;
}

/**
 * runconf_fleet_check_prefix:
 * @prefix: the beginning of all keys of a fleet
 *
 * Returns: whether it begins and ends with a slash, and has only characters of names between
 * slashes
 */
gboolean
runconf_fleet_check_prefix (const char *prefix, GError **error)
{
  if (*prefix != '/' || !g_str_has_suffix (prefix, "/"))
    return refuse ("prefix", prefix, error,
                   "a prefix begins and ends with a slash, like “/runconf/”");
  if (strlen (prefix) > RUNCONF_FLEET_MAX_PREFIX_LENGTH)
    return refuse_length ("prefix", prefix, RUNCONF_FLEET_MAX_PREFIX_LENGTH, error);
  if (find_flaw (prefix, SIGNS "/") != NULL || strstr (prefix, "//") != NULL)
    return refuse ("prefix", prefix, error,
                   "between its slashes a prefix has letters, digits, “_”, “.” and “-”");

  return TRUE;
}

/**
 * runconf_fleet_check_user:
 * @user: a user of etcd
 *
 * Messages name users, and the history does. “NAME:PASSWORD”, as etcdctl takes it, would show the
 * password there; so the message about it doesn't repeat it.
 *
 * Returns: whether @user can be one
 */
gboolean
runconf_fleet_check_user (const char *user, GError **error)
{
  if (*user == '\0')
    return refuse ("user", user, error, "a name has at least one character");
  if (strchr (user, ':') == NULL)
    return TRUE;

  return refuse (
      "user", "…", error,
      "a user has no colon; if a password follows it, choose another one, and write that "
      "into the password-file");
}

/* Returns: whether a character of a host is one that a pattern wants */
static inline gboolean
takes (char wanted, char is)
{
  return is != '\0' && (wanted == '?' || wanted == is);
}

/**
 * runconf_fleet_pattern_matches:
 *
 * Names of hosts are compared by their bytes. A later `*` is preferred over an earlier one, so that
 * the time is at most the product of the lengths.
 *
 * Returns: whether the whole of @host matches
 */
gboolean
runconf_fleet_pattern_matches (const char *pattern, const char *host)
{
  const char *star = NULL, *retry = NULL;

  while (*host != '\0' || *pattern != '\0')
    {
      if (*pattern == '*')
        {
          star = pattern++;
          retry = host;
        }
      else if (takes (*pattern, *host))
        {
          pattern++;
          host++;
        }
      else if (star != NULL && *retry != '\0')
        {
          pattern = star + 1;
          host = ++retry;
        }
      else
        return FALSE;
    }

  return TRUE;
}
