/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * RunconfEtcdVerdict:
 * @RUNCONF_ETCD_FINAL: etcd refused the request, and would again
 * @RUNCONF_ETCD_ELSEWHERE: nothing happened, and this endpoint can't do better
 * @RUNCONF_ETCD_AGAIN: nothing happened, and another attempt may succeed
 * @RUNCONF_ETCD_UNKNOWN: the request may have had its effect
 * @RUNCONF_ETCD_RENEW: etcd doesn't know the token
 *
 * The consequence of a failed attempt.
 */
typedef enum
{
  RUNCONF_ETCD_FINAL,
  RUNCONF_ETCD_ELSEWHERE,
  RUNCONF_ETCD_AGAIN,
  RUNCONF_ETCD_UNKNOWN,
  RUNCONF_ETCD_RENEW,
} RunconfEtcdVerdict;

char *runconf_etcd_failure_show (const char *text);
RunconfEtcdVerdict runconf_etcd_failure_of_message (JsonObject *message, GError **error);
RunconfEtcdVerdict runconf_etcd_failure_of_status (guint status, GError **error);
RunconfEtcdVerdict runconf_etcd_failure_of_connection (const GError *cause, gboolean was_started,
                                                       SoupMessage *message, GError **error);
JsonObject *runconf_etcd_failure_find (JsonObject *response);

G_END_DECLS
