/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfFleetFieldType:
 * @RUNCONF_FLEET_FIELD_STRING: a `char *`
 * @RUNCONF_FLEET_FIELD_STRINGS: a `char **`: a sequence of strings; one string counts as a sequence
 *   of it
 * @RUNCONF_FLEET_FIELD_INTEGER: a #gint64
 * @RUNCONF_FLEET_FIELD_NUMBER: a `double`
 * @RUNCONF_FLEET_FIELD_BOOLEAN: a #gboolean
 * @RUNCONF_FLEET_FIELD_SECTION: a mapping, which runconf_fleet_form_read() reads by its name
 * @RUNCONF_FLEET_FIELD_NODE: a #RunconfNode of any type
 */
typedef enum
{
  RUNCONF_FLEET_FIELD_STRING,
  RUNCONF_FLEET_FIELD_STRINGS,
  RUNCONF_FLEET_FIELD_INTEGER,
  RUNCONF_FLEET_FIELD_NUMBER,
  RUNCONF_FLEET_FIELD_BOOLEAN,
  RUNCONF_FLEET_FIELD_SECTION,
  RUNCONF_FLEET_FIELD_NODE,
} RunconfFleetFieldType;

/**
 * RunconfFleetField:
 * @key: the key in the text
 * @type: the type of the value
 * @offset: the place of the value in the struct that is read
 *
 * A key that a text may have.
 */
typedef struct
{
  const char *key;
  RunconfFleetFieldType type;
  gsize offset;
} RunconfFleetField;

/**
 * RunconfFleetForm:
 *
 * A text in YAML or JSON whose keys are known, such as a file of settings. Its errors have the line
 * and the column.
 */
typedef struct _RunconfFleetForm RunconfFleetForm;

RunconfFleetForm *runconf_fleet_form_new (GBytes *text, const char *name, GError **error);
void runconf_fleet_form_free (RunconfFleetForm *self);

gboolean runconf_fleet_form_read (RunconfFleetForm *self, const char *section,
                                  const RunconfFleetField *fields, guint n_fields, gpointer target,
                                  GError **error);
gboolean runconf_fleet_form_check_keys (RunconfFleetForm *self, const char *section,
                                        const RunconfFleetField *fields, guint n_fields,
                                        GError **error);
void runconf_fleet_form_fail (RunconfFleetForm *self, const char *pointer, GError **error,
                              const char *format, ...) G_GNUC_PRINTF (4, 5);

void runconf_fleet_fields_clear (const RunconfFleetField *fields, guint n_fields, gpointer target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetForm, runconf_fleet_form_free)

G_END_DECLS
