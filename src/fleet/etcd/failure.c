/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/failure.h"

#include <string.h>

#include "core/escape.h"
#include "fleet/etcd/error.h"
#include "fleet/etcd/json.h"

/* the characters of a text of etcd that a message shows */
#define MAX_SHOWN 500

/* The codes of gRPC that etcd uses, with the texts that tell apart errors of one code. The first
 * row that fits counts; without one the outcome is unknown.
 */
static const struct
{
  gint64 code;
  const char *text; /* NULL for any */
  RunconfEtcdVerdict verdict;
  RunconfEtcdError error;
} rows[] = {
  { 3, "authentication failed", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_UNAUTHENTICATED },
  { 3, "user name is empty", RUNCONF_ETCD_RENEW, RUNCONF_ETCD_ERROR_UNAUTHENTICATED },
  { 3, "revision of auth store is old", RUNCONF_ETCD_RENEW, RUNCONF_ETCD_ERROR_UNAUTHENTICATED },
  { 3, "too large", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_TOO_LARGE },
  { 3, NULL, RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_INVALID },
  { 5, "lease", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_NOT_FOUND },
  { 5, NULL, RUNCONF_ETCD_ELSEWHERE, RUNCONF_ETCD_ERROR_PROTOCOL },
  { 7, NULL, RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_DENIED },
  { 8, "space exceeded", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_NO_SPACE },
  { 8, "larger than max", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_TOO_LARGE },
  { 8, NULL, RUNCONF_ETCD_AGAIN, RUNCONF_ETCD_ERROR_UNAVAILABLE },
  { 9, "lease already exists", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_CONFLICT },
  { 9, NULL, RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_INVALID },
  { 11, "compacted", RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_COMPACTED },
  { 11, NULL, RUNCONF_ETCD_FINAL, RUNCONF_ETCD_ERROR_INVALID },
  { 12, NULL, RUNCONF_ETCD_ELSEWHERE, RUNCONF_ETCD_ERROR_PROTOCOL },
  { 16, NULL, RUNCONF_ETCD_RENEW, RUNCONF_ETCD_ERROR_UNAUTHENTICATED },
};

/**
 * runconf_etcd_failure_find:
 * @response: what the gateway answered
 *
 * An error is `{"code": 5, "message": …}`; in a stream it is at "error", with "grpc_code".
 *
 * Returns: (nullable): the object with the error, or %NULL if the response has none
 */
JsonObject *
runconf_etcd_failure_find (JsonObject *response)
{
  JsonNode *node = json_object_get_member (response, "error");

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);

  return node != NULL || json_object_has_member (response, "code") ? response : NULL;
}

static const char *
get_text (JsonObject *message)
{
  const char *text = NULL;

  if (!runconf_etcd_json_get_string (message, "message", &text, NULL) || text == NULL)
    runconf_etcd_json_get_string (message, "error", &text, NULL);

  return text != NULL ? text : "an error without a text";
}

static gint64
get_code (JsonObject *message)
{
  gint64 code = 0;

  if (!runconf_etcd_json_get_int64 (message, "code", &code, NULL) || code == 0)
    runconf_etcd_json_get_int64 (message, "grpc_code", &code, NULL);

  return code;
}

/**
 * runconf_etcd_failure_show:
 * @text: a text of etcd
 *
 * Returns: (transfer full): its beginning, safe to print
 */
char *
runconf_etcd_failure_show (const char *text)
{
  const char *end = text;

  for (guint i = 0; i < MAX_SHOWN && *end != '\0'; i++)
    end = g_utf8_next_char (end);

  return runconf_escape (text, end - text);
}

/**
 * runconf_etcd_failure_of_message:
 * @message: the object that runconf_etcd_failure_find() found
 * @error: takes etcd's text
 */
RunconfEtcdVerdict
runconf_etcd_failure_of_message (JsonObject *message, GError **error)
{
  const char *text = get_text (message);
  gint64 code = get_code (message);
  g_autofree char *shown = runconf_etcd_failure_show (text);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].code == code && (rows[i].text == NULL || strstr (text, rows[i].text) != NULL))
      {
        g_set_error_literal (error, RUNCONF_ETCD_ERROR, rows[i].error, shown);
        return rows[i].verdict;
      }

  g_set_error_literal (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE, shown);
  return RUNCONF_ETCD_UNKNOWN;
}

/* as of etcd's grpc-proxy, which has only the other protocol */
#define HTTP_NOT_FOUND 404

/**
 * runconf_etcd_failure_of_status:
 * @status: the status of a response that has no error of etcd, so that a proxy sent it
 */
RunconfEtcdVerdict
runconf_etcd_failure_of_status (guint status, GError **error)
{
  if (status >= 500)
    {
      g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE, "HTTP status %u",
                   status);
      return RUNCONF_ETCD_UNKNOWN;
    }

  g_set_error (
      error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
      status == HTTP_NOT_FOUND
          ? "HTTP status %u: this endpoint has no JSON gateway; name a member of etcd, and "
            "not a grpc-proxy"
          : "HTTP status %u: this isn't the JSON gateway of etcd",
      status);
  return RUNCONF_ETCD_ELSEWHERE;
}

static const char *
describe_flaws (GTlsCertificateFlags flaws)
{
  if ((flaws & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return "an authority that isn't in the file “ca” of “tls” has signed it";
  if ((flaws & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    return "it is for another host name than that of the endpoint";
  if ((flaws & G_TLS_CERTIFICATE_EXPIRED) != 0)
    return "it has expired";
  if ((flaws & G_TLS_CERTIFICATE_NOT_ACTIVATED) != 0)
    return "it isn't valid yet";
  if ((flaws & G_TLS_CERTIFICATE_REVOKED) != 0)
    return "it is revoked";

  return "it isn't valid";
}

/* Returns: whether the connection ended before etcd could read a request */
static gboolean
is_handshake (const GError *cause)
{
  return g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)
         || g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE)
         || g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED)
         || g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS);
}

/* The end of a connection is that of its stream, or a reset if etcd hasn't read the whole request.
 *
 * Returns: whether etcd may have ended the connection because it wants TLS
 */
static gboolean
may_lack_tls (const GError *cause, SoupMessage *message)
{
  return (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
          || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
         && soup_message_get_status (message) == SOUP_STATUS_NONE
         && g_str_equal (g_uri_get_scheme (soup_message_get_uri (message)), "http");
}

/**
 * runconf_etcd_failure_of_connection:
 * @cause: an error of the connection; a cancelled one is that of runconf_etcd_refuse_interim()
 * @was_started: whether the request was being sent
 * @message: the request
 */
RunconfEtcdVerdict
runconf_etcd_failure_of_connection (const GError *cause, gboolean was_started, SoupMessage *message,
                                    GError **error)
{
  GTlsCertificateFlags flaws = soup_message_get_tls_peer_certificate_errors (message);

  if (flaws != 0)
    {
      g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNTRUSTED,
                   "the certificate of etcd isn't accepted: %s", describe_flaws (flaws));
      return RUNCONF_ETCD_ELSEWHERE;
    }
  if (is_handshake (cause))
    {
      g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNTRUSTED, "TLS: %s",
                   cause->message);
      return RUNCONF_ETCD_ELSEWHERE;
    }

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_set_error_literal (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE,
                         "an interim response, which etcd doesn't send");
  else
    g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE, "%s%s", cause->message,
                 may_lack_tls (cause, message) ? "; an etcd with TLS has an endpoint with https://"
                                               : "");
  return was_started ? RUNCONF_ETCD_UNKNOWN : RUNCONF_ETCD_AGAIN;
}
