/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "store/failure.h"
#include "store/watch/lease.h"
#include "store/watch/signature.h"

G_BEGIN_DECLS

gboolean runconf_text_file_check_type (const struct stat *status, const char *path, GError **error);
gboolean runconf_text_file_read (const char *path, GBytes **text, RunconfSignature *signature,
                                 RunconfLease *lease, GError **error);
gboolean runconf_text_file_read_fd (int fd, const char *path, GBytes **text,
                                    RunconfSignature *signature, RunconfLease *lease,
                                    GError **error);
gboolean runconf_text_file_read_once (int fd, const struct stat *status, const char *path,
                                      GBytes **text, RunconfSignature *signature, GError **error);
gboolean runconf_text_file_read_at (int directory, const char *name, const char *path,
                                    GBytes **text, RunconfSignature *signature, RunconfLease *lease,
                                    GError **error);

G_END_DECLS
