/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

int runconf_temp_file_create (int directory, const char *name, mode_t mode, char **temp_name);
int runconf_temp_file_create_nameless (int directory, mode_t mode);
char *runconf_temp_file_give_name (int fd, int directory, const char *name);
gboolean runconf_temp_file_is_one (const char *temp_name, const char *name);

gboolean runconf_temp_file_move (int directory, const char *from, const char *to);

gboolean runconf_is_unsupported (int number);
gboolean runconf_write_all (int fd, GBytes *text);

G_END_DECLS
