/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfOptionKind:
 * @RUNCONF_OPTION_BOOLEAN: its target is a #gboolean
 * @RUNCONF_OPTION_INTEGER: of any of the integer types; its target is a #guint64
 * @RUNCONF_OPTION_TEXT: its target is a string, which replaces and frees a previous one
 */
typedef enum
{
  RUNCONF_OPTION_BOOLEAN,
  RUNCONF_OPTION_INTEGER,
  RUNCONF_OPTION_TEXT,
} RunconfOptionKind;

/**
 * RunconfOption:
 * @name: as callers write it
 * @kind: its type
 * @target: receives the value
 * @is_set: (nullable): set if the call has the option
 * @min: the least integer
 * @max: the largest integer, or the maximal size of a text in bytes
 * @wanted: the allowed values, for the error message
 *
 * An option of a D-Bus method.
 */
typedef struct
{
  const char *name;
  RunconfOptionKind kind;
  gpointer target;
  gboolean *is_set;
  guint64 min;
  guint64 max;
  const char *wanted;
} RunconfOption;

/**
 * RunconfWriteOptions:
 * @has_if_version: whether the configuration has to be at a certain version
 * @if_version: that version
 * @message: (nullable): the caller's note on the change
 * @dry_run: whether the write is only tried
 * @reports_overrides: whether the reply reports that the overrides changed
 * @confirm_seconds: the time until the write is reverted unless confirmed; 0 for never
 * @is_boot: whether it changes the overrides for this boot
 *
 * The options of a write.
 */
typedef struct
{
  gboolean has_if_version;
  guint64 if_version;
  char *message;
  gboolean dry_run;
  gboolean reports_overrides;
  guint64 confirm_seconds;
  gboolean is_boot;
} RunconfWriteOptions;

gboolean runconf_options_read (GVariant *options, const RunconfOption *known, guint n_known,
                               GError **error);
gboolean runconf_options_read_write (GVariant *options, gboolean may_be_boot,
                                     RunconfWriteOptions *write, GError **error);
gboolean runconf_options_check_version (guint64 wanted, guint64 version, GError **error);

G_END_DECLS
