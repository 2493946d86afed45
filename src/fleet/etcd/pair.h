/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean runconf_etcd_is_pair (GTlsCertificate *certificate);

G_END_DECLS
