/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/validate/finding.h"

G_BEGIN_DECLS

/**
 * CliImage:
 *
 * The image of a system, or a checkout of its files: a folder tree with the files of all layers.
 * Checks the files of a configuration together, by the rules of the service.
 */
typedef struct _CliImage CliImage;

/**
 * CliOutcome:
 * @is_fine: whether its files have no errors
 * @schema: (nullable): the file of the schema
 * @values: (nullable): the values that would be in force, without secrets; %NULL if the service
 *   wouldn't serve the configuration
 *
 * The outcome of a check of one configuration.
 */
typedef struct
{
  gboolean is_fine;
  char *schema;
  RunconfNode *values;
} CliOutcome;

CliImage *cli_image_new (const char *root, GError **error);
void cli_image_free (CliImage *self);

gboolean cli_image_check_name (CliImage *self, const char *name, GError **error);
char **cli_image_list (CliImage *self);

void cli_image_check (CliImage *self, const char *name, CliOutcome *outcome);
void cli_outcome_clear (CliOutcome *self);

GPtrArray *cli_image_get_findings (CliImage *self);
gboolean cli_image_has_more (CliImage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliImage, cli_image_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliOutcome, cli_outcome_clear)

G_END_DECLS
