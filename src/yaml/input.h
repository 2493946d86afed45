/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/text.h"

G_BEGIN_DECLS

/**
 * RunconfInput:
 *
 * A text in the form that libyaml is given, and the mapping from libyaml's positions to the bytes
 * of the original.
 */
typedef struct _RunconfInput RunconfInput;

/* what libyaml is given for a tag `!unset` before a bracket */
#define RUNCONF_INPUT_UNSET "!unse"

RunconfInput *runconf_input_new (const RunconfText *text, GError **error);
void runconf_input_free (RunconfInput *self);

const char *runconf_input_get_data (const RunconfInput *self, gsize *length);
gsize runconf_input_get_offset (RunconfInput *self, gsize character);

gboolean runconf_input_is_unset (const RunconfInput *self, gsize start, gsize end);
gboolean runconf_input_has_changes (const RunconfInput *self);
void runconf_input_note_scalar (RunconfInput *self, gsize start, gsize end, gboolean has_escapes,
                                gboolean is_unset);
void runconf_input_correct (RunconfInput *self);
gsize runconf_input_restore (const RunconfInput *self, char *value, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfInput, runconf_input_free)

G_END_DECLS
