/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/options.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"

/* Defines and checks the options of all verbs. */

void
cli_options_clear (CliOptions *self)
{
  g_free (self->configuration);
  g_free (self->address);
  g_free (self->offline);
  g_free (self->defaults);
  g_free (self->color);
}

static gboolean
take (char **place, const char *value)
{
  g_free (*place);
  *place = g_strdup (value);

  return TRUE;
}

/* Sets an option. A callback is used since options are parsed twice, before the verb and after it,
 * and the later value replaces the earlier one.
 */
static gboolean
take_text (const char *option, const char *value, gpointer data, GError **error)
{
  CliOptions *self = data;

  if (strcmp (option, "-c") == 0 || strcmp (option, "--configuration") == 0)
    return take (&self->configuration, value);
  if (strcmp (option, "--address") == 0)
    return take (&self->address, value);
  if (strcmp (option, "--offline") == 0)
    return take (&self->offline, value);
  if (strcmp (option, "--defaults") == 0)
    return take (&self->defaults, value);

  return take (&self->color, value);
}

/**
 * cli_options_make_entries:
 * @self: the struct that receives the values
 * @is_before_verb: whether to include the options that are only allowed before the verb
 *
 * Returns: (transfer full): the options of all verbs
 */
GOptionEntry *
cli_options_make_entries (CliOptions *self, gboolean is_before_verb)
{
  /* arguments are declared as file names, so that GLib passes the bytes unchanged in any locale */
  const GOptionEntry entries[] = {
    { "configuration", 'c', G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_text,
      N_ ("The configuration, “default” unless $RUNCONF_CONFIGURATION names another"),
      N_ ("NAME") },
    { "system", 0, 0, G_OPTION_ARG_NONE, &self->system,
      N_ ("Use the service of the system (default)"), NULL },
    { "session", 0, 0, G_OPTION_ARG_NONE, &self->session, N_ ("Use the service of the session"),
      NULL },
    { "address", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_text,
      N_ ("Use the service on the bus at ADDRESS"), N_ ("ADDRESS") },
    { "offline", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_text,
      N_ ("Work on FILE, which holds overrides, without a service"), N_ ("FILE") },
    { "defaults", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_text,
      N_ ("With --offline, the file of the defaults"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Print JSON"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, N_ ("Don't report the result"), NULL },
    { "color", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_text,
      N_ ("Use colours: “auto” (on a terminal), “always” or “never”"), N_ ("WHEN") },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help, N_ ("Show this help"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, N_ ("Show the version"), NULL },
    { NULL },
  };
  GOptionEntry *made = g_memdup2 (entries, sizeof entries);

  /* the last option is only allowed before the verb */
  if (!is_before_verb)
    made[G_N_ELEMENTS (entries) - 2] = (GOptionEntry){ NULL };

  return made;
}

/**
 * cli_options_new_group:
 * @is_before_verb: whether to include the options that are only allowed before the verb
 *
 * Returns: (transfer full): the options, whose values are stored in @self
 */
GOptionGroup *
cli_options_new_group (CliOptions *self, gboolean is_before_verb)
{
  g_autofree GOptionEntry *entries = cli_options_make_entries (self, is_before_verb);
  GOptionGroup *group = g_option_group_new ("global", _ ("Options of all verbs:"), "", self, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);

  return group;
}

/**
 * cli_options_check:
 *
 * Returns: %FALSE with an error if the options contradict each other
 */
gboolean
cli_options_check (const CliOptions *self, GError **error)
{
  int n_places = self->system + self->session + (self->address != NULL) + (self->offline != NULL);

  if (n_places > 1)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--system, --session, --address and --offline exclude each other: give one"));
      return FALSE;
    }

  if (self->defaults != NULL && self->offline == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--defaults needs --offline: a service knows its defaults"));
      return FALSE;
    }

  if (self->color != NULL && strcmp (self->color, "auto") != 0
      && strcmp (self->color, "always") != 0 && strcmp (self->color, "never") != 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("--color=%s: use “auto”, “always” or “never”"), self->color);
      return FALSE;
    }

  return TRUE;
}
