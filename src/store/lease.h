/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfLease:
 * @RUNCONF_LEASE_TAKEN: nobody has the file open for writing, and nobody can open it so until the
 *   lease is dropped
 * @RUNCONF_LEASE_REFUSED: somebody has it open for writing
 * @RUNCONF_LEASE_UNKNOWN: the kernel doesn't tell: the file is another user's, or its file system
 *   has no leases
 *
 * What came of asking for a lease.
 */
typedef enum
{
  RUNCONF_LEASE_TAKEN,
  RUNCONF_LEASE_REFUSED,
  RUNCONF_LEASE_UNKNOWN,
} RunconfLease;

RunconfLease runconf_lease_take (int fd);
void runconf_lease_drop (int fd);

G_END_DECLS
