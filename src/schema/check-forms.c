/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/escape.h"
#include "core/mapping.h"
#include "schema/meaning.h"

/* The distance of a value from a branch is a number of violations. A violation of `type`, `const`
 * or `enum` adds more, since such a value was probably meant for another branch.
 */
#define DISTANCE_OF_TYPE 10000
#define DISTANCE_OF_CHOICE 100

/* The limits of one message. Branches may contain branches, and the message of each level repeats
 * that of the level below.
 */
#define MAX_SHOWN_NAMES 10
#define MAX_SHOWN_VIOLATIONS 10
#define MAX_SHOWN_BYTES 2000

/* Ignores violations of secrets, which would show the branch that a secret is closest to. */
static guint
get_distance (RunconfSchemaChecker *self, GPtrArray *violations)
{
  guint distance = 0;

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];
      g_autofree char *secret = runconf_schema_find_secret_above (self->schema, violation->path);

      if (secret != NULL)
        continue;

      distance++;
      if (g_str_equal (violation->rule, "const") || g_str_equal (violation->rule, "enum"))
        distance += DISTANCE_OF_CHOICE;
      if (g_str_equal (violation->rule, "type") && g_str_equal (violation->path, self->path->str))
        distance += DISTANCE_OF_TYPE;
    }

  return distance;
}

/* Returns: (transfer full) (nullable): the title of the branch, or the name of its definition */
static char *
show_name (const RunconfSubschema *branch)
{
  const RunconfSubschema *target = branch;
  const char *name;

  do
    {
      const RunconfNode *title = target->keywords[RUNCONF_KEYWORD_TITLE];

      if (title != NULL)
        return runconf_escape (runconf_node_get_string (title, NULL), -1);
      target = target->ref;
    }
  while (target != NULL);

  name = branch->ref != NULL ? strrchr (branch->ref->place, '/') : NULL;

  return name != NULL ? runconf_escape (name + 1, -1) : NULL;
}

/**
 * runconf_subschema_show_title:
 *
 * Returns: (transfer full): for example “ (an HTTP server)”; empty if it has no name
 */
char *
runconf_subschema_show_title (const RunconfSubschema *self)
{
  g_autofree char *name = show_name (self);

  return name != NULL ? g_strdup_printf (" (%s)", name) : g_strdup ("");
}

/* Returns: (transfer full): the name of the branch, or its number in the list */
static char *
show_branch (GPtrArray *branches, const RunconfSubschema *branch)
{
  char *name = show_name (branch);
  guint index;

  if (name != NULL || !g_ptr_array_find (branches, branch, &index))
    return name;

  return g_strdup_printf ("form %u", index + 1);
}

/* Returns: (transfer full): for example “ (a file, form 2)”; empty if no branch has a name
 * @all: the list of the schema
 */
static char *
show_branches (GPtrArray *all, GPtrArray *branches)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean has_name = FALSE;

  for (guint i = 0; i < branches->len && i < MAX_SHOWN_NAMES; i++)
    {
      g_autofree char *name = show_name (branches->pdata[i]);
      g_autofree char *shown = show_branch (all, branches->pdata[i]);

      has_name = has_name || name != NULL;
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : " (", shown);
    }
  g_string_append (text, branches->len > MAX_SHOWN_NAMES ? ", …)" : ")");

  return has_name ? g_string_free (g_steal_pointer (&text), FALSE) : g_strdup ("");
}

/* Returns: (transfer full): for example “the 2 forms that its key “kind” names (a file, a link)” */
static char *
show_forms (const RunconfMeaning *meaning, GPtrArray *all)
{
  GPtrArray *branches = meaning->key != NULL ? meaning->branches : all;
  g_autofree char *names = show_branches (all, branches);
  g_autofree char *key = meaning->key != NULL ? runconf_escape (meaning->key, -1) : NULL;

  if (key == NULL)
    return g_strdup_printf ("the %u allowed forms%s", branches->len, names);

  return g_strdup_printf ("the %u forms that its key “%s” names%s", branches->len, key, names);
}

static void
shorten (GString *text)
{
  if (text->len <= MAX_SHOWN_BYTES)
    return;

  g_string_truncate (
      text, (gsize) (g_utf8_find_prev_char (text->str, text->str + MAX_SHOWN_BYTES) - text->str));
  g_string_append (text, "…");
}

/* Returns: (transfer full): the violations, as a part of a sentence */
static char *
join (RunconfSchemaChecker *self, GPtrArray *violations)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < violations->len && i < MAX_SHOWN_VIOLATIONS; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];

      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "",
                              g_str_equal (violation->path, self->path->str) ? violation->text
                                                                             : violation->message);
    }
  if (violations->len > MAX_SHOWN_VIOLATIONS)
    g_string_append_printf (text, "; and %u more", violations->len - MAX_SHOWN_VIOLATIONS);
  shorten (text);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
refuse_type (RunconfSchemaChecker *self, RunconfKeyword rule, GPtrArray *branches,
             const RunconfNode *value)
{
  g_autofree char *wanted = NULL;
  RunconfTypes types = 0;

  for (guint i = 0; i < branches->len; i++)
    {
      const RunconfSubschema *branch = branches->pdata[i];

      while (branch->ref != NULL)
        branch = branch->ref;
      types |= branch->types;
    }
  if (types == 0)
    return runconf_checker_refuse (self, rule, value,
                                   "isn't allowed: the schema allows no value here");

  wanted = runconf_types_print (types);

  return runconf_checker_refuse (self, rule, value, "isn't valid: it must be %s", wanted);
}

/* The value itself, or the key that distinguishes the branches, isn't one of their choices. */
static gboolean
refuse_choice (RunconfSchemaChecker *self, RunconfKeyword rule, GPtrArray *branches,
               const RunconfNode *value, const RunconfMeaning *meaning)
{
  g_autofree char *choices = runconf_meaning_show_choices (meaning, self);
  g_autofree char *forms = show_forms (meaning, branches);
  g_autofree char *key = NULL;

  if (meaning->choice_key == NULL)
    return runconf_checker_refuse (self, rule, value, "isn't valid: it must be %s", choices);

  key = runconf_escape (meaning->choice_key, -1);
  if (runconf_mapping_get (value, meaning->choice_key) == NULL)
    return runconf_checker_refuse (self, rule, value,
                                   "fits none of %s: it lacks the key “%s”, which must be %s",
                                   forms, key, choices);

  return runconf_checker_refuse (self, rule, value, "fits none of %s: its key “%s” must be %s",
                                 forms, key, choices);
}

/* Returns: (transfer full) (nullable): the violations of the nearest branch */
static GPtrArray *
find_nearest (RunconfSchemaChecker *self, GPtrArray *branches, const RunconfNode *value,
              const RunconfSubschema **nearest)
{
  g_autoptr (GPtrArray) violations = NULL;
  guint least = G_MAXUINT;

  for (guint i = 0; i < branches->len; i++)
    {
      g_autoptr (GPtrArray) found = runconf_checker_explain (self, branches->pdata[i], value);
      guint distance = get_distance (self, found);

      if (found->len == 0 || distance >= least)
        continue;
      least = distance;
      *nearest = branches->pdata[i];
      g_clear_pointer (&violations, g_ptr_array_unref);
      violations = g_steal_pointer (&found);
    }

  return g_steal_pointer (&violations);
}

static gboolean
refuse_nearest (RunconfSchemaChecker *self, RunconfKeyword rule, GPtrArray *branches,
                const RunconfNode *value, const RunconfMeaning *meaning)
{
  const RunconfSubschema *nearest = NULL;
  g_autoptr (GPtrArray) violations = find_nearest (self, meaning->branches, value, &nearest);
  g_autofree char *forms = show_forms (meaning, branches);
  g_autofree char *problems = NULL;
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;

  /* the check was stopped, which is reported separately */
  if (violations == NULL)
    return FALSE;

  problems = join (self, violations);
  if (meaning->key != NULL && meaning->branches->len == 1)
    {
      key = runconf_escape (meaning->key, -1);
      name = runconf_subschema_show_title (nearest);
      return runconf_checker_refuse (self, rule, value,
                                     "doesn't fit the form that its key “%s” names%s: %s", key,
                                     name, problems);
    }

  name = show_branch (branches, nearest);

  return runconf_checker_refuse (self, rule, value, "fits none of %s; for the nearest one (%s): %s",
                                 forms, name, problems);
}

/* Reports the violations of a value that matches no branch: those of the branch that its choices
 * select, or else of the nearest one. For a secret, either would reveal too much.
 */
gboolean
runconf_checker_refuse_forms (RunconfSchemaChecker *self, RunconfKeyword rule, GPtrArray *branches,
                              const RunconfNode *value)
{
  g_auto (RunconfMeaning) meaning = { 0 };

  runconf_meaning_find (&meaning, self, branches, value);
  if (meaning.branches->len == 0)
    return refuse_type (self, rule, branches, value);
  if (runconf_checker_is_secret (self))
    return runconf_checker_refuse (self, rule, value, "fits none of the %u allowed forms",
                                   branches->len);
  if (meaning.wrong_choice)
    return refuse_choice (self, rule, branches, value, &meaning);

  return refuse_nearest (self, rule, branches, value, &meaning);
}
