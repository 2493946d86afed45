/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/checker.h"

G_BEGIN_DECLS

/**
 * RunconfMeaning:
 * @branches: (element-type RunconfSubschema): the branches that the value may be meant for
 * @key: (nullable): the key that distinguishes them from the others
 * @wrong_choice: whether @choice_key has a value that none of @branches allows, or is absent
 * @choice_key: (nullable): %NULL if the value itself is the choice
 *
 * The branches of an `anyOf` or `oneOf` that a value was probably written for. A branch lists its
 * valid choices by `const` or `enum`: for the value itself, or for a key of it, such as `kind`.
 */
typedef struct
{
  GPtrArray *branches;
  const char *key;
  gboolean wrong_choice;
  const char *choice_key;
} RunconfMeaning;

void runconf_meaning_find (RunconfMeaning *self, RunconfSchemaChecker *checker, GPtrArray *branches,
                           const RunconfNode *value);
void runconf_meaning_clear (RunconfMeaning *self);
char *runconf_meaning_show_choices (const RunconfMeaning *self, RunconfSchemaChecker *checker);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunconfMeaning, runconf_meaning_clear)

G_END_DECLS
