/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/spare.h"

#include "store/fd.h"
#include "store/file/temp-file.h"

void
runconf_spare_init (RunconfSpare *self)
{
  *self = (RunconfSpare){ .fd = -1 };
}

void
runconf_spare_clear (RunconfSpare *self)
{
  runconf_fd_clear (&self->fd);
}

/**
 * runconf_spare_make:
 * @directory: a directory of the file system
 * @device: of the directory
 *
 * Creates a file, if that is possible, in the place of the one that was created before. Only its owner may
 * read it before it has the attributes of the file that it replaces.
 */
void
runconf_spare_make (RunconfSpare *self, int directory, dev_t device)
{
  runconf_spare_clear (self);
  self->fd = runconf_temp_file_create_nameless (directory, 0600);
  self->device = device;
}

/**
 * runconf_spare_take:
 * @directory: where the file is going to get a name
 * @device: of the directory
 *
 * Returns: (transfer full): the file, which is created now if none was; -1 if that is impossible
 */
int
runconf_spare_take (RunconfSpare *self, int directory, dev_t device)
{
  if (self->fd < 0 || self->device != device)
    runconf_spare_make (self, directory, device);

  return g_steal_fd (&self->fd);
}
