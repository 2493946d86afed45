/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/layers.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "layers/layer.h"

/* The names of layers on the command line. */

/* the strongest layer that the service returns alone */
#define LAST_LAYER RUNCONF_LAYER_BOOT

#define N_SELECTORS (RUNCONF_LAYER_VENDOR - RUNCONF_LAYER_EFFECTIVE)

/* the values in force, all defaults together, and the overrides; then each layer */
static const char *known[N_SELECTORS + LAST_LAYER - RUNCONF_LAYER_VENDOR + 2]
    = { "effective", "defaults", "overrides" };

/**
 * cli_layers_list_all:
 *
 * Returns: (array zero-terminated=1): the names of all that can be printed alone: the values in force,
 *   all defaults together, the overrides, and each layer
 */
const char *const *
cli_layers_list_all (void)
{
  for (RunconfLayer layer = RUNCONF_LAYER_VENDOR; layer <= LAST_LAYER; layer++)
    known[N_SELECTORS + layer - RUNCONF_LAYER_VENDOR] = runconf_layer_get_name (layer);

  return known;
}

/**
 * cli_layers_list:
 *
 * Returns: (array zero-terminated=1): the names of the layers, the weakest first
 */
const char *const *
cli_layers_list (void)
{
  return cli_layers_list_all () + N_SELECTORS;
}

/**
 * cli_layers_find:
 * @name: one of cli_layers_list_all()
 *
 * Returns: the layer
 */
RunconfLayer
cli_layers_find (const char *name)
{
  const char *const *names = cli_layers_list_all ();
  guint i = 0;

  while (strcmp (names[i], name) != 0)
    i++;

  return RUNCONF_LAYER_EFFECTIVE + i;
}

/**
 * cli_layers_check:
 * @names: the valid names
 * @option: the option that @name was given for
 *
 * Returns: %FALSE with an error if @name isn't among @names
 */
gboolean
cli_layers_check (const char *const *names, const char *option, const char *name, GError **error)
{
  g_autofree char *valid = NULL;

  if (g_strv_contains (names, name))
    return TRUE;

  valid = g_strjoinv ("”, “", (char **) names);
  /* Translators: an option, its argument, and the valid arguments, each in quotes */
  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("%s %s: use one of “%s”"), option, name,
               valid);

  return FALSE;
}
