/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfSpare:
 * @fd: an empty file without a name, or -1
 * @device: of the file
 *
 * A file that was created ahead of its use.
 */
typedef struct
{
  int fd;
  dev_t device;
} RunconfSpare;

void runconf_spare_init (RunconfSpare *self);
void runconf_spare_clear (RunconfSpare *self);

void runconf_spare_make (RunconfSpare *self, int directory, dev_t device);
int runconf_spare_take (RunconfSpare *self, int directory, dev_t device);

G_END_DECLS
