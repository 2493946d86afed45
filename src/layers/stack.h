/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/locks.h"
#include "layers/provenance.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfLayerFile:
 * @layer: the layer of the file
 * @path: of the file
 * @replaced_by: the layer that replaces the file as a whole, so that only its locked values count;
 *   %RUNCONF_N_LAYERS if none does
 * @document: its text
 * @root: its values, without the metadata of Runconf
 * @provenance: (nullable): where a file of the fleet comes from
 *
 * A file with defaults. It never changes.
 */
typedef struct
{
  RunconfLayer layer;
  char *path;
  RunconfLayer replaced_by;
  RunconfDocument *document;
  RunconfNode *root;
  RunconfProvenance *provenance;
} RunconfLayerFile;

RunconfLayerFile *runconf_layer_file_new (RunconfLayer layer, const char *path,
                                          RunconfLayer replaced_by, RunconfDocument *document);
RunconfLayerFile *runconf_layer_file_ref (RunconfLayerFile *self);
void runconf_layer_file_unref (RunconfLayerFile *self);
GPtrArray *runconf_layer_files_new (void);

/**
 * RunconfStackEntry:
 * @layer: the layer that has the value
 * @file: its file
 * @line: the line of the value; 0 if unknown
 * @column: its column; 0 if unknown
 * @pointer: the path of @value: the path that was asked for, or a parent with a value that is no
 *   mapping, and so hides the weaker values
 * @value: the value
 * @ignored: (nullable): the reason why the value has no effect
 * @provenance: (nullable): where a file of the fleet comes from
 *
 * One value of a stack.
 */
typedef struct
{
  RunconfLayer layer;
  char *file;
  guint line;
  guint column;
  char *pointer;
  RunconfNode *value;
  char *ignored;
  RunconfProvenance *provenance;
} RunconfStackEntry;

RunconfStackEntry *runconf_stack_entry_new (RunconfLayer layer, const char *file,
                                            RunconfDocument *document, const RunconfNode *root,
                                            const RunconfPath *path);
void runconf_stack_entry_free (RunconfStackEntry *self);

/**
 * RunconfStack:
 *
 * The files with defaults of all layers, laid over each other. It never changes, so any thread may
 * use it.
 */
typedef struct _RunconfStack RunconfStack;

RunconfStack *runconf_stack_new (GPtrArray *files, RunconfLocks *locks);
RunconfStack *runconf_stack_ref (RunconfStack *self);
void runconf_stack_unref (RunconfStack *self);

GPtrArray *runconf_stack_get_files (const RunconfStack *self);
const RunconfNode *runconf_stack_get_tree (const RunconfStack *self);
RunconfNode *runconf_stack_merge_layer (const RunconfStack *self, RunconfLayer layer);
RunconfNode *runconf_stack_merge_up_to (const RunconfStack *self, RunconfLayer layer);
const RunconfLayerFile *runconf_stack_locate (const RunconfStack *self, const RunconfPath *path,
                                              guint *line, guint *column);
GPtrArray *runconf_stack_explain (const RunconfStack *self, const RunconfPath *path);
GPtrArray *runconf_stack_list_ignored (const RunconfStack *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfLayerFile, runconf_layer_file_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfStackEntry, runconf_stack_entry_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfStack, runconf_stack_unref)

G_END_DECLS
