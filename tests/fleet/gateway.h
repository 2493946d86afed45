/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server that answers each request with the next one of the scripted responses, and the last one
 * again.
 */
typedef struct _Gateway Gateway;

/* What a script has for one request. Probes of a member are answered as by a healthy one. */
typedef struct
{
  const char *response; /* (nullable): the bytes of the response; none if it is NULL */
  gboolean stays_open;  /* whether the connection stays open behind the response */
} Step;

Gateway *gateway_new (const Step *steps, guint n_steps);
void gateway_free (Gateway *self);
guint16 gateway_get_port (Gateway *self);
guint gateway_get_n_requests (Gateway *self);
char *gateway_get_request (Gateway *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gateway, gateway_free)

G_END_DECLS
