/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfComplaints:
 *
 * The warnings that were logged about reads of a wrong type or at an invalid path: each is logged
 * once.
 */
typedef struct _RunconfComplaints RunconfComplaints;

RunconfComplaints *runconf_complaints_new (const char *configuration);
RunconfComplaints *runconf_complaints_ref (RunconfComplaints *self);
void runconf_complaints_unref (RunconfComplaints *self);

void runconf_complaints_add_type (RunconfComplaints *self, const char *path, const char *found,
                                  const char *wanted);
void runconf_complaints_add_path (RunconfComplaints *self, const char *path, const GError *error);

G_END_DECLS
