/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/exit.h"
#include "yaml/document.h"

G_BEGIN_DECLS

typedef struct _CliDraft CliDraft;

/**
 * CliBase:
 * @document: the text
 * @tree: its values, without the metadata
 * @version: of the text
 * @is_partial: whether the text lacks secrets and comments
 *
 * A text to edit, at one version. Its members are owned.
 */
typedef struct
{
  RunconfDocument *document;
  RunconfNode *tree;
  guint64 version;
  gboolean is_partial;
} CliBase;

/**
 * CliSource:
 * @name: the file name of the text, for the editor and for messages
 * @data: for the functions
 * @read: reads the text at its newest version into a cleared #CliBase
 * @store: stores a draft, unless its text was changed since it was read: then it fails with
 *   %RUNCONF_ERROR_VERSION_MISMATCH; prints the outcome
 *
 * The place of a text that can be edited.
 */
typedef struct
{
  const char *name;
  gpointer data;
  gboolean (*read) (gpointer data, CliBase *base, GError **error);
  CliExit (*store) (gpointer data, CliDraft *draft, GError **error);
} CliSource;

G_END_DECLS
