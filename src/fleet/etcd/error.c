/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/error.h"

GQuark
runconf_etcd_error_quark (void)
{
  return g_quark_from_static_string ("runconf-etcd-error-quark");
}
