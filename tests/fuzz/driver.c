/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <stdio.h>

/* Runs a target without a fuzzer, over files that are given: seeds, and what once failed. */
int
main (int argc, char **argv)
{
  guint n_cases = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) folder = g_dir_open (argv[i], 0, NULL);
      const char *name;

      while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);
          g_autofree char *data = NULL;
          gsize size;

          if (!g_file_get_contents (path, &data, &size, NULL))
            continue;
          LLVMFuzzerTestOneInput ((const guint8 *) data, size);
          printf ("ok %u %s\n", ++n_cases, name);
          fflush (stdout);
        }
    }

  printf ("1..%u\n", n_cases);

  return n_cases > 0 ? 0 : 1;
}
