/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/controls.h"

#include <string.h>

#include "editor/control-choice.h"
#include "editor/control-date.h"
#include "editor/control-lines.h"
#include "editor/control-list.h"
#include "editor/control-number.h"
#include "editor/control-secret.h"
#include "editor/control-switch.h"
#include "editor/control-text.h"
#include "editor/facts.h"

static gboolean
has_fact (RunconfDescription *description, const char *fact)
{
  g_autoptr (GVariant) value = runconf_description_lookup (description, fact);

  return value != NULL;
}

static gboolean
has_date (RunconfDescription *description)
{
  g_autoptr (GVariant) format = runconf_description_lookup (description, "format");
  const char *name = format != NULL && g_variant_is_of_type (format, G_VARIANT_TYPE_STRING)
                         ? g_variant_get_string (format, NULL)
                         : "";

  return strcmp (name, "date") == 0 || strcmp (name, "date-time") == 0;
}

/* Takes ownership of @value. */
static gboolean
is_long (GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
         && strchr (g_variant_get_string (value, NULL), '\n') != NULL;
}

/* A schema doesn't say whether a string has several lines. */
static gboolean
has_lines (RunconfDescription *description)
{
  return is_long (runconf_description_get_value (description))
         || is_long (runconf_description_get_default_value (description));
}

static GType
choose_for_string (RunconfDescription *description)
{
  if (has_lines (description))
    return EDITOR_TYPE_CONTROL_LINES;

  return has_date (description) ? EDITOR_TYPE_CONTROL_DATE : EDITOR_TYPE_CONTROL_TEXT;
}

/* Returns: the class of the control for a value; %G_TYPE_INVALID for a mapping, whose values have a
 * control each
 */
GType
editor_controls_choose (RunconfDescription *description)
{
  EditorValueType type = editor_facts_get_type (description);

  if (type == EDITOR_VALUE_MAPPING)
    return G_TYPE_INVALID;
  if (runconf_description_is_secret (description))
    return EDITOR_TYPE_CONTROL_SECRET;
  if (has_fact (description, "enum"))
    return EDITOR_TYPE_CONTROL_CHOICE;

  switch (type)
    {
    case EDITOR_VALUE_BOOLEAN:
      return EDITOR_TYPE_CONTROL_SWITCH;
    case EDITOR_VALUE_INTEGER:
    case EDITOR_VALUE_NUMBER:
      return EDITOR_TYPE_CONTROL_NUMBER;
    case EDITOR_VALUE_SEQUENCE:
      return EDITOR_TYPE_CONTROL_LIST;
    case EDITOR_VALUE_STRING:
      return choose_for_string (description);
    default:
      return EDITOR_TYPE_CONTROL_TEXT;
    }
}
