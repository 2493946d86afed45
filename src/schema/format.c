/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/format.h"

#include <string.h>

#include <arpa/inet.h>

#include "schema/pattern.h"

/* A longer string is invalid in every format, and isn't parsed. */
#define MAX_BYTES 8192
#define MAX_HOSTNAME 253
#define MAX_LABEL 63

static const struct
{
  const char *name;
  const char *example;
} formats[] = {
  [RUNCONF_FORMAT_ANY] = { NULL, NULL },
  [RUNCONF_FORMAT_DATE_TIME] = { "date-time", "2024-06-30T23:59:00Z" },
  [RUNCONF_FORMAT_DATE] = { "date", "2024-06-30" },
  [RUNCONF_FORMAT_TIME] = { "time", "23:59:00Z" },
  [RUNCONF_FORMAT_EMAIL] = { "email", "someone@example.org" },
  [RUNCONF_FORMAT_HOSTNAME] = { "hostname", "www.example.org" },
  [RUNCONF_FORMAT_IPV4] = { "ipv4", "192.0.2.1" },
  [RUNCONF_FORMAT_IPV6] = { "ipv6", "2001:db8::1" },
  [RUNCONF_FORMAT_URI] = { "uri", "https://example.org/path" },
  [RUNCONF_FORMAT_URI_REFERENCE] = { "uri-reference", "/path or https://example.org/path" },
  [RUNCONF_FORMAT_JSON_POINTER] = { "json-pointer", "/list/0" },
  [RUNCONF_FORMAT_REGEX] = { "regex", "^[a-z]+$" },
};

RunconfFormat
runconf_format_from_name (const char *name)
{
  for (guint i = 1; i < G_N_ELEMENTS (formats); i++)
    {
      if (g_str_equal (name, formats[i].name))
        return i;
    }

  return RUNCONF_FORMAT_ANY;
}

const char *
runconf_format_get_example (RunconfFormat format)
{
  return formats[format].example;
}

/* Parses exactly @n_digits, without a sign or spaces. */
static gboolean
take_number (const char **at, guint n_digits, guint *number)
{
  *number = 0;
  for (guint i = 0; i < n_digits; i++, (*at)++)
    {
      if (!g_ascii_isdigit (**at))
        return FALSE;
      *number = *number * 10 + (guint) (**at - '0');
    }

  return TRUE;
}

static gboolean
take (const char **at, char c)
{
  if (g_ascii_tolower (**at) != c)
    return FALSE;

  (*at)++;
  return TRUE;
}

static gboolean
take_date (const char **at)
{
  guint year, month, day;

  return take_number (at, 4, &year) && take (at, '-') && take_number (at, 2, &month)
         && take (at, '-') && take_number (at, 2, &day) && year > 0
         && g_date_valid_dmy (day, month, year);
}

static gboolean
take_offset (const char **at)
{
  guint hours, minutes;

  if (take (at, 'z'))
    return TRUE;
  if (**at != '+' && **at != '-')
    return FALSE;
  (*at)++;

  return take_number (at, 2, &hours) && take (at, ':') && take_number (at, 2, &minutes)
         && hours < 24 && minutes < 60;
}

static gboolean
take_time (const char **at)
{
  guint hours, minutes, seconds;

  if (!take_number (at, 2, &hours) || !take (at, ':') || !take_number (at, 2, &minutes)
      || !take (at, ':') || !take_number (at, 2, &seconds) || hours > 23 || minutes > 59
      || seconds > 60)
    return FALSE;

  if (take (at, '.'))
    {
      gsize n_digits = strspn (*at, "0123456789");

      if (n_digits == 0)
        return FALSE;
      *at += n_digits;
    }

  return take_offset (at);
}

static gboolean
is_date (const char *text)
{
  return take_date (&text) && *text == '\0';
}

static gboolean
is_time (const char *text)
{
  return take_time (&text) && *text == '\0';
}

static gboolean
is_date_time (const char *text)
{
  return take_date (&text) && take (&text, 't') && take_time (&text) && *text == '\0';
}

static gboolean
is_hostname (const char *text)
{
  gsize length = strlen (text);

  if (length == 0 || length > MAX_HOSTNAME)
    return FALSE;

  for (;;)
    {
      gsize label = strcspn (text, ".");

      if (label == 0 || label > MAX_LABEL || text[0] == '-' || text[label - 1] == '-')
        return FALSE;
      for (gsize i = 0; i < label; i++)
        {
          if (!g_ascii_isalnum (text[i]) && text[i] != '-')
            return FALSE;
        }

      if (text[label] == '\0')
        return TRUE;
      text += label + 1;
    }
}

static gboolean
is_email (const char *text)
{
  const char *at = strrchr (text, '@');

  return at != NULL && at != text && at[1] != '\0' && strpbrk (text, " \t\r\n") == NULL;
}

static gboolean
is_address (int family, const char *text)
{
  struct in6_addr address;

  return inet_pton (family, text, &address) == 1;
}

static gboolean
is_uri (const char *text, gboolean must_be_absolute)
{
  const GUriFlags flags = G_URI_FLAGS_ENCODED;

  /* characters that GLib accepts but URIs don't contain */
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at <= ' ' || *at == '\x7f' || strchr ("\\\"<>^`{|}", *at) != NULL)
        return FALSE;
    }

  return must_be_absolute
             ? g_uri_is_valid (text, flags, NULL)
             : g_uri_split (text, flags, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

static gboolean
is_json_pointer (const char *text)
{
  if (*text != '\0' && *text != '/')
    return FALSE;

  for (; *text != '\0'; text++)
    {
      if (*text == '~' && text[1] != '0' && text[1] != '1')
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_regex (const char *text)
{
  g_autoptr (RunconfPattern) pattern = runconf_pattern_new (text, NULL);

  return pattern != NULL;
}

gboolean
runconf_format_check (RunconfFormat format, const char *text)
{
  if (strnlen (text, MAX_BYTES + 1) > MAX_BYTES)
    return format == RUNCONF_FORMAT_ANY;

  switch (format)
    {
    case RUNCONF_FORMAT_DATE_TIME:
      return is_date_time (text);
    case RUNCONF_FORMAT_DATE:
      return is_date (text);
    case RUNCONF_FORMAT_TIME:
      return is_time (text);
    case RUNCONF_FORMAT_EMAIL:
      return is_email (text);
    case RUNCONF_FORMAT_HOSTNAME:
      return is_hostname (text);
    case RUNCONF_FORMAT_IPV4:
      return is_address (AF_INET, text);
    case RUNCONF_FORMAT_IPV6:
      return is_address (AF_INET6, text);
    case RUNCONF_FORMAT_URI:
    case RUNCONF_FORMAT_URI_REFERENCE:
      return is_uri (text, format == RUNCONF_FORMAT_URI);
    case RUNCONF_FORMAT_JSON_POINTER:
      return is_json_pointer (text);
    case RUNCONF_FORMAT_REGEX:
      return is_regex (text);
    case RUNCONF_FORMAT_ANY:
    default:
      return TRUE;
    }
}
