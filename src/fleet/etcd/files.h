/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean runconf_etcd_can_read (const char *file, const char *contents, GError **error);
char *runconf_etcd_load_password (const RunconfEtcdSettings *settings, GError **error);
gboolean runconf_etcd_load_certificate (const RunconfEtcdSettings *settings,
                                        GTlsCertificate **certificate, GError **error);
gboolean runconf_etcd_load_authorities (const RunconfEtcdSettings *settings,
                                        GTlsDatabase **authorities, GError **error);

G_END_DECLS
