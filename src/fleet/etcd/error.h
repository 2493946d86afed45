/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RUNCONF_ETCD_ERROR (runconf_etcd_error_quark ())

/**
 * RunconfEtcdError:
 * @RUNCONF_ETCD_ERROR_UNAVAILABLE: no endpoint answered in time; nothing was written
 * @RUNCONF_ETCD_ERROR_DENIED: the user has no right to the key
 * @RUNCONF_ETCD_ERROR_UNAUTHENTICATED: etcd doesn't accept the user or the password
 * @RUNCONF_ETCD_ERROR_UNTRUSTED: etcd doesn't accept the certificate, or that of etcd isn't accepted
 * @RUNCONF_ETCD_ERROR_CONFLICT: for callers that make an error of a transaction that didn't
 *   succeed; no call of the client fails with it
 * @RUNCONF_ETCD_ERROR_COMPACTED: the revision is compacted
 * @RUNCONF_ETCD_ERROR_TOO_LARGE: the request or the response is larger than accepted
 * @RUNCONF_ETCD_ERROR_NO_SPACE: the database of etcd is full
 * @RUNCONF_ETCD_ERROR_NOT_FOUND: there is no such lease
 * @RUNCONF_ETCD_ERROR_PROTOCOL: the response isn't one of etcd's gateway
 * @RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME: the write may or may not have happened
 * @RUNCONF_ETCD_ERROR_INVALID: a setting or a request that can't be right
 *
 * The errors of the client. Each message names the endpoint, and the key if there is one, and has
 * no secret. A cancelled call fails with %G_IO_ERROR_CANCELLED.
 */
typedef enum
{
  RUNCONF_ETCD_ERROR_UNAVAILABLE,
  RUNCONF_ETCD_ERROR_DENIED,
  RUNCONF_ETCD_ERROR_UNAUTHENTICATED,
  RUNCONF_ETCD_ERROR_UNTRUSTED,
  RUNCONF_ETCD_ERROR_CONFLICT,
  RUNCONF_ETCD_ERROR_COMPACTED,
  RUNCONF_ETCD_ERROR_TOO_LARGE,
  RUNCONF_ETCD_ERROR_NO_SPACE,
  RUNCONF_ETCD_ERROR_NOT_FOUND,
  RUNCONF_ETCD_ERROR_PROTOCOL,
  RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME,
  RUNCONF_ETCD_ERROR_INVALID,
} RunconfEtcdError;

GQuark runconf_etcd_error_quark (void);

G_END_DECLS
