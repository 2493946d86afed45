/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "schema/checker.h"
#include "schema/value.h"

/* Records violations, without showing secrets. */

void
runconf_violation_free (RunconfViolation *self)
{
  g_free (self->path);
  g_free (self->rule);
  g_free (self->key);
  g_free (self->text);
  g_free (self->message);
  g_free (self);
}

/* Returns: (transfer full): a key, equal for the same violation with another text or value */
char *
runconf_violation_get_identity (const RunconfViolation *self)
{
  return g_strjoin ("\n", self->rule, self->path, self->key, NULL);
}

static gboolean
is_same (const RunconfViolation *a, const RunconfViolation *b)
{
  return g_str_equal (a->path, b->path) && g_str_equal (a->rule, b->rule)
         && g_strcmp0 (a->key, b->key) == 0;
}

static gboolean
contains (GPtrArray *violations, const RunconfViolation *violation)
{
  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *other = violations->pdata[i];

      if (is_same (other, violation) && g_str_equal (other->text, violation->text))
        return TRUE;
    }

  return FALSE;
}

static void
add (RunconfSchemaChecker *self, const char *path, const char *rule, const char *key, char *text)
{
  RunconfViolation *violation = g_new0 (RunconfViolation, 1);
  g_autofree char *shown = runconf_escape (path, -1);
  g_autofree char *identity = NULL;

  violation->path = g_strdup (path);
  violation->rule = g_strdup (rule);
  violation->key = g_strdup (key);
  violation->text = text;
  violation->message
      = g_strdup_printf ("%s: %s", *path == '\0' ? "the whole configuration" : shown, text);

  identity = runconf_violation_get_identity (violation);
  /* two schemas may report the same violation; among very many, duplicates don't matter */
  if ((self->known != NULL && g_hash_table_contains (self->known, identity))
      || (self->violations->len < RUNCONF_MAX_VIOLATIONS && contains (self->violations, violation)))
    runconf_violation_free (violation);
  else
    g_ptr_array_add (self->violations, violation);
}

/**
 * runconf_checker_is_secret:
 *
 * Returns: whether the current path is a secret, or within one; valid only while violations are
 *   recorded
 */
gboolean
runconf_checker_is_secret (RunconfSchemaChecker *self)
{
  g_autofree char *secret = runconf_schema_find_secret_above (self->schema, self->path->str);

  return secret != NULL;
}

/* Adds a violation of the value @shown, or of the secret that it is in. */
static void
refuse (RunconfSchemaChecker *self, RunconfKeyword rule, const char *key, const char *shown,
        const char *reason)
{
  g_autofree char *secret = runconf_schema_find_secret_above (self->schema, self->path->str);

  add (self, secret != NULL ? secret : self->path->str, runconf_keyword_get_name (rule), key,
       g_strdup_printf ("%s %s", secret != NULL ? "the secret" : shown, reason));
}

/**
 * runconf_checker_refuse:
 * @value: the invalid value, shown before the reason unless it is secret
 * @format: the reason. It must not contain text of the tree
 *
 * Returns: %FALSE
 */
gboolean
runconf_checker_refuse (RunconfSchemaChecker *self, RunconfKeyword rule, const RunconfNode *value,
                        const char *format, ...)
{
  g_autofree char *reason = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  if (self->violations == NULL)
    return FALSE;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  shown = runconf_value_show (value);
  refuse (self, rule, NULL, shown, reason);

  return FALSE;
}

/* Like runconf_checker_refuse(), for the key at the current path. */
gboolean
runconf_checker_refuse_key (RunconfSchemaChecker *self, RunconfKeyword rule, const char *key,
                            const char *format, ...)
{
  g_autofree char *reason = NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  if (self->violations == NULL)
    return FALSE;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  escaped = runconf_escape (key, -1);
  shown = g_strdup_printf ("the key “%s”", escaped);
  refuse (self, rule, NULL, shown, reason);

  return FALSE;
}

/* Like runconf_checker_refuse(), for a missing key that the schema requires. */
gboolean
runconf_checker_refuse_lack (RunconfSchemaChecker *self, RunconfKeyword rule, const char *key,
                             const char *reason)
{
  g_autofree char *escaped = NULL;
  g_autofree char *text = NULL;

  if (self->violations == NULL)
    return FALSE;

  escaped = runconf_escape (key, -1);
  text = g_strdup_printf ("lacks the key “%s”%s", escaped, reason);
  refuse (self, rule, key, "the mapping", text);

  return FALSE;
}

void
runconf_checker_refuse_limits (RunconfSchemaChecker *self, const char *path)
{
  g_autofree char *secret = runconf_schema_find_secret_above (self->schema, path);

  add (self, secret != NULL ? secret : path, "limits", NULL,
       g_strdup ("the check takes too long: simplify the patterns and alternatives of the schema, "
                 "or shorten the values"));
}
