/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "store/fd.h"

/* Reports the state of the service to systemd. The protocol is one datagram to a socket named in
 * the environment, see sd_notify(3), so it needs no library.
 */

static gboolean
get_address (struct sockaddr_un *address, socklen_t *length)
{
  const char *name = g_getenv ("NOTIFY_SOCKET");
  gsize size = name != NULL ? strlen (name) : 0;

  if (size == 0 || size >= sizeof address->sun_path || (*name != '/' && *name != '@'))
    return FALSE;

  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  memcpy (address->sun_path, name, size);
  if (*name == '@')
    address->sun_path[0] = '\0';
  *length = offsetof (struct sockaddr_un, sun_path) + size;

  return TRUE;
}

/**
 * runconfd_notify:
 * @state: such as `READY=1`
 *
 * Reports a state to a service manager that asked for it; otherwise it does nothing.
 */
void
runconfd_notify (const char *state)
{
  struct sockaddr_un address;
  socklen_t length;
  autofd int fd = -1;

  if (!get_address (&address, &length))
    return;

  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0
      || sendto (fd, state, strlen (state), MSG_NOSIGNAL, (const struct sockaddr *) &address,
                 length)
             < 0)
    g_message ("Can't send “%s” to the service manager: %s", state, g_strerror (errno));
}
