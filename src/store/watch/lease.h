/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfLease:
 * @RUNCONF_LEASE_TAKEN: no process has the file open for writing, and none can open it for writing
 *   until the lease is dropped
 * @RUNCONF_LEASE_REFUSED: a process has it open for writing
 * @RUNCONF_LEASE_UNKNOWN: the kernel can't say: the file belongs to another user, or its file
 *   system has no leases
 *
 * The result of a request for a lease.
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
