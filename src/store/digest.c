/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/digest.h"

/**
 * runconf_digest_new:
 * @text: (nullable): a text, or %NULL for a missing one
 *
 * An empty text and a missing one have different digests.
 *
 * Returns: (transfer full): bytes that are equal exactly for equal texts
 */
GBytes *
runconf_digest_new (GBytes *text)
{
  static const char absent[] = "absent";
  g_autoptr (GChecksum) checksum = NULL;
  guint8 digest[RUNCONF_DIGEST_BYTES];
  gsize length = sizeof digest;
  gsize size;
  gconstpointer data;

  if (text == NULL)
    return g_bytes_new_static (absent, sizeof absent - 1);

  data = g_bytes_get_data (text, &size);
  checksum = g_checksum_new (RUNCONF_DIGEST_CHECKSUM);
  g_checksum_update (checksum, data, size);
  g_checksum_get_digest (checksum, digest, &length);
  g_assert (length == sizeof digest);

  return g_bytes_new (digest, sizeof digest);
}
