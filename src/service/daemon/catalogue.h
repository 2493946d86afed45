/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/folders.h"
#include "service/authority/authority.h"
#include "service/configuration/configuration.h"

G_BEGIN_DECLS

/**
 * RunconfdCatalogue:
 *
 * All configurations that are served, each with its object on the bus: the one that was named, or
 * those found in folders, for as long as they exist there.
 */
typedef struct _RunconfdCatalogue RunconfdCatalogue;

/* Called when all configurations are open, or are drained. */
typedef void (*RunconfdCatalogueFunc) (RunconfdCatalogue *self, gpointer user_data);

RunconfdCatalogue *runconfd_catalogue_new (const RunconfdSettings *settings,
                                           const RunconfFolders *folders,
                                           GDBusObjectManagerServer *manager,
                                           RunconfdAuthority *authority);
void runconfd_catalogue_free (RunconfdCatalogue *self);

void runconfd_catalogue_open (RunconfdCatalogue *self, RunconfdCatalogueFunc func,
                              gpointer user_data);
void runconfd_catalogue_reload (RunconfdCatalogue *self);
void runconfd_catalogue_drain (RunconfdCatalogue *self, RunconfdCatalogueFunc func,
                               gpointer user_data);

guint runconfd_catalogue_get_n_served (RunconfdCatalogue *self);
const char *runconfd_catalogue_get_complaint (RunconfdCatalogue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdCatalogue, runconfd_catalogue_free)

G_END_DECLS
