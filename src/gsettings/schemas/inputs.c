/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/inputs.h"

#include "store/watch/signature.h"

typedef struct
{
  char *path;
  RunconfSignature signature;
} Input;

struct _RunconfGsettingsInputs
{
  GArray *inputs;
};

static void
input_clear (Input *self)
{
  g_free (self->path);
}

RunconfGsettingsInputs *
runconf_gsettings_inputs_new (void)
{
  RunconfGsettingsInputs *self = g_new0 (RunconfGsettingsInputs, 1);

  self->inputs = g_array_new (FALSE, FALSE, sizeof (Input));
  g_array_set_clear_func (self->inputs, (GDestroyNotify) input_clear);

  return self;
}

void
runconf_gsettings_inputs_free (RunconfGsettingsInputs *self)
{
  g_array_unref (self->inputs);
  g_free (self);
}

/**
 * runconf_gsettings_inputs_add:
 * @path: a file that is going to be read, if it exists
 */
void
runconf_gsettings_inputs_add (RunconfGsettingsInputs *self, const char *path)
{
  Input input = { .path = g_strdup (path) };

  runconf_signature_take (&input.signature, path);
  g_array_append_val (self->inputs, input);
}

/**
 * runconf_gsettings_inputs_are_current:
 *
 * Returns: whether no file was changed, made or removed since it was added
 */
gboolean
runconf_gsettings_inputs_are_current (const RunconfGsettingsInputs *self)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      const Input *input = &g_array_index (self->inputs, Input, i);
      RunconfSignature now;

      runconf_signature_take (&now, input->path);
      if (!runconf_signature_equal (&input->signature, &now))
        return FALSE;
    }

  return TRUE;
}
