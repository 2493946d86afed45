/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/options.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/variant.h"

/* The options of methods and of writes, as the service and a configuration in memory read them. */

/* the limits of a write */
#define MAX_MESSAGE_BYTES 1000
#define MAX_CONFIRM_SECONDS 2592000

/* Callers may use any of the eight integer types of D-Bus. */
static gboolean
read_integer (GVariant *value, guint64 *integer)
{
  g_autoptr (RunconfNode) node = runconf_node_from_variant (value, "", NULL);

  if (node == NULL)
    return FALSE;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_INTEGER:
      *integer = (guint64) runconf_node_get_integer (node);
      return runconf_node_get_integer (node) >= 0;
    case RUNCONF_KIND_UNSIGNED:
      *integer = runconf_node_get_unsigned (node);
      return TRUE;
    case RUNCONF_KIND_NULL:
    case RUNCONF_KIND_BOOLEAN:
    case RUNCONF_KIND_DOUBLE:
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
    case RUNCONF_KIND_SEQUENCE:
    case RUNCONF_KIND_MAPPING:
    default:
      return FALSE;
    }
}

static gboolean
read_value (const RunconfOption *option, GVariant *value)
{
  guint64 integer;

  switch (option->kind)
    {
    case RUNCONF_OPTION_BOOLEAN:
      if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
        return FALSE;
      *(gboolean *) option->target = g_variant_get_boolean (value);
      return TRUE;
    case RUNCONF_OPTION_INTEGER:
      if (!read_integer (value, &integer) || integer < option->min || integer > option->max)
        return FALSE;
      *(guint64 *) option->target = integer;
      return TRUE;
    case RUNCONF_OPTION_TEXT:
      if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
          || g_variant_get_size (value) > option->max + 1)
        return FALSE;
      g_free (*(char **) option->target);
      *(char **) option->target = g_variant_dup_string (value, NULL);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

static void
set_unknown (const char *name, const RunconfOption *known, guint n_known, GError **error)
{
  g_autofree char *shown = runconf_escape (name, -1);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < n_known; i++)
    g_string_append_printf (names, "%s“%s”",
                            i == 0            ? ""
                            : i + 1 < n_known ? ", "
                                              : " or ",
                            known[i].name);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "“%s” isn't an option: use %s",
               shown, names->str);
}

/* The error for a number out of range reports the number; the error for another value reports its
 * type.
 */
static void
set_wrong (const RunconfOption *option, GVariant *value, GError **error)
{
  guint64 integer;

  if (option->kind == RUNCONF_OPTION_INTEGER && read_integer (value, &integer))
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "the option “%s” has to be %s, not %" G_GUINT64_FORMAT, option->name,
                 option->wanted, integer);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "the option “%s” has to be %s, not a value of the D-Bus type %s", option->name,
                 option->wanted, g_variant_get_type_string (value));
}

static gboolean
read_option (const char *name, GVariant *value, const RunconfOption *known, guint n_known,
             GError **error)
{
  guint i = 0;

  while (i < n_known && strcmp (known[i].name, name) != 0)
    i++;

  if (i == n_known)
    {
      set_unknown (name, known, n_known, error);
      return FALSE;
    }

  if (!read_value (&known[i], value))
    {
      set_wrong (&known[i], value, error);
      return FALSE;
    }

  if (known[i].is_set != NULL)
    *known[i].is_set = TRUE;

  return TRUE;
}

/**
 * runconf_options_read:
 * @options: of the type `a{sv}`
 * @known: (array length=n_known): the options of the method
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if an option is unknown or wrong
 */
gboolean
runconf_options_read (GVariant *options, const RunconfOption *known, guint n_known, GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!read_option (name, owned, known, n_known, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_options_read_write:
 * @options: the options of a write, of the type `a{sv}`
 * @may_be_boot: whether the write may change the overrides for this boot
 * @write: gets them; its message must be freed
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if one is unknown or wrong
 */
gboolean
runconf_options_read_write (GVariant *options, gboolean may_be_boot, RunconfWriteOptions *write,
                            GError **error)
{
  const RunconfOption known[] = {
    { "if-version", RUNCONF_OPTION_INTEGER, &write->if_version, &write->has_if_version, 0,
      G_MAXUINT64, "a version, which is an integer from 0" },
    { "message", RUNCONF_OPTION_TEXT, &write->message, NULL, 0, MAX_MESSAGE_BYTES,
      "a string of at most " G_STRINGIFY (MAX_MESSAGE_BYTES) " bytes" },
    { "dry-run", RUNCONF_OPTION_BOOLEAN, &write->dry_run, NULL, 0, 0, "a boolean" },
    { "report-overrides", RUNCONF_OPTION_BOOLEAN, &write->reports_overrides, NULL, 0, 0,
      "a boolean" },
    { "confirm-timeout", RUNCONF_OPTION_INTEGER, &write->confirm_seconds, NULL, 1,
      MAX_CONFIRM_SECONDS,
      "a number of seconds, from 1 to " G_STRINGIFY (MAX_CONFIRM_SECONDS) " (30 days)" },
    { "boot", RUNCONF_OPTION_BOOLEAN, &write->is_boot, NULL, 0, 0, "a boolean" },
  };

  return runconf_options_read (options, known, G_N_ELEMENTS (known) - (may_be_boot ? 0 : 1), error);
}

/**
 * runconf_options_check_version:
 * @wanted: the option `if-version` of a write
 * @version: the version that the configuration is at
 *
 * Returns: %FALSE with %RUNCONF_ERROR_VERSION_MISMATCH if they differ
 */
gboolean
runconf_options_check_version (guint64 wanted, guint64 version, GError **error)
{
  if (wanted == version)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               "the configuration is at version %" G_GUINT64_FORMAT ", not at %" G_GUINT64_FORMAT
               ": read it again, then repeat the change",
               version, wanted);

  return FALSE;
}
