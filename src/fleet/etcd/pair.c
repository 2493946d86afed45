/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/pair.h"

#include <string.h>
#include <sys/socket.h>

/* Whether a key belongs to a certificate. GIO doesn't compare them, and etcd would only refuse each
 * connection. Most files of keys have the public half, too, which is that of the certificate.
 * Otherwise this process shakes hands with itself: the key signs, and the certificate proves it. That
 * takes long, since GnuTLS reads the authorities of the system for each end.
 */

/* These bytes of a key are within the modulus of RSA, and at the end within the point of a curve. */
#define SAMPLE_BYTES 64

static gboolean
has_sample (const GByteArray *certificate, const guint8 *sample)
{
  return memmem (certificate->data, certificate->len, sample, SAMPLE_BYTES) != NULL;
}

static gboolean
shares_public_half (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) text = NULL;
  g_autoptr (GByteArray) key = NULL;

  g_object_get (certificate, "certificate", &text, "private-key", &key, NULL);

  return text != NULL && key != NULL && key->len >= 2 * SAMPLE_BYTES
         && (has_sample (text, key->data + SAMPLE_BYTES)
             || has_sample (text, key->data + key->len - SAMPLE_BYTES));
}

/* Returns: (transfer full): a stream over the socket, which it owns */
static GIOStream *
make_stream (int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

/* The authority of the certificate isn't of interest. */
static gboolean
on_certificate (GTlsConnection *connection, GTlsCertificate *certificate,
                GTlsCertificateFlags flaws, gpointer user_data)
{
  return TRUE;
}

static gpointer
run_verifier (gpointer stream)
{
  g_autoptr (GIOStream) verifier = g_tls_client_connection_new (stream, NULL, NULL);

  if (verifier != NULL)
    {
      /* without those of the system, which would be read */
      g_tls_connection_set_database (G_TLS_CONNECTION (verifier), NULL);
      g_signal_connect (verifier, "accept-certificate", G_CALLBACK (on_certificate), NULL);
      g_tls_connection_handshake (G_TLS_CONNECTION (verifier), NULL, NULL);
    }
  g_io_stream_close (stream, NULL, NULL);

  return NULL;
}

static gboolean
shakes_hands (GTlsCertificate *certificate)
{
  g_autoptr (GIOStream) near = NULL;
  g_autoptr (GIOStream) far = NULL;
  g_autoptr (GIOStream) signer = NULL;
  gboolean fits;
  GThread *thread;
  int fds[2];

  /* without sockets nothing would work: the first connection fails with the reason */
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return TRUE;

  near = make_stream (fds[0]);
  far = make_stream (fds[1]);
  signer = g_tls_server_connection_new (near, certificate, NULL);
  thread = g_thread_new ("pair", run_verifier, far);
  fits = signer != NULL && g_tls_connection_handshake (G_TLS_CONNECTION (signer), NULL, NULL);
  g_io_stream_close (near, NULL, NULL);
  g_thread_join (thread);

  return fits;
}

/**
 * runconf_etcd_is_pair:
 * @certificate: a certificate with a key
 *
 * Returns: whether the key belongs to the certificate
 */
gboolean
runconf_etcd_is_pair (GTlsCertificate *certificate)
{
  return shares_public_half (certificate) || shakes_hands (certificate);
}
