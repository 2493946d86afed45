/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/fleet/certificates.h"

gboolean
certificates_can_be_made (void)
{
  g_autofree char *program = g_find_program_in_path ("openssl");

  if (program == NULL)
    g_print ("1..0 # SKIP openssl isn't installed (Debian: openssl)\n");

  return program != NULL;
}

static void
run (const char *folder, const char *command)
{
  const char *arguments[] = { "sh", "-ec", command, NULL };
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &errors,
                &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", command, errors);
}

/* Makes NAME.pem and NAME.key. */
void
certificates_make_authority (const char *folder, const char *name)
{
  g_autofree char *command = g_strdup_printf (
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj '/CN=%s' -keyout %s.key -out %s.pem",
      name, name, name);

  run (folder, command);
}

/* Makes NAME.pem and NAME.key, for the address, which may be empty for a client's. */
void
certificates_make (const char *folder, const char *authority, const char *name, const char *subject,
                   const char *address)
{
  g_autofree char *extensions
      = *address == '\0' ? g_strdup ("extendedKeyUsage=clientAuth")
                         : g_strdup_printf (
                             "subjectAltName=%s\\nextendedKeyUsage=serverAuth,clientAuth", address);
  g_autofree char *command = g_strdup_printf (
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '%s' "
      "-keyout %s.key -out %s.csr; printf '%s\\n' >%s.ext; "
      "openssl x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial -days 2 "
      "-extfile %s.ext -out %s.pem",
      subject, name, name, extensions, name, name, authority, authority, name, name);

  run (folder, command);
}

/* Makes NAME.key and NAME.pub, for signatures with RSA. */
void
certificates_make_key_pair (const char *folder, const char *name)
{
  g_autofree char *command = g_strdup_printf (
      "openssl genrsa -out %s.key 2048; openssl rsa -in %s.key -pubout -out %s.pub", name, name,
      name);

  run (folder, command);
}
