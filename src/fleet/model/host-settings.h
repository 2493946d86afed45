/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define RUNCONF_FLEET_SETTINGS_FILE "/etc/runconf/fleetd.yaml"
#define RUNCONF_FLEET_DEFAULT_FOLDER "/var/lib/runconf-fleet"

/**
 * RunconfFleetBus:
 *
 * The bus on which a host's `runconfd` is asked for its state.
 */
typedef enum
{
  RUNCONF_FLEET_BUS_SYSTEM,
  RUNCONF_FLEET_BUS_SESSION,
  RUNCONF_FLEET_BUS_NONE,
} RunconfFleetBus;

/**
 * RunconfFleetRollouts:
 * @RUNCONF_FLEET_ROLLOUTS_SHARED: the host leads them on if it is its turn among all hosts
 * @RUNCONF_FLEET_ROLLOUTS_RESUME: the host leads them on before the other hosts do
 * @RUNCONF_FLEET_ROLLOUTS_UNDO: the host undoes them before the other hosts do anything
 * @RUNCONF_FLEET_ROLLOUTS_LEAVE: the host does nothing
 *
 * The treatment of rollouts whose command is gone.
 */
typedef enum
{
  RUNCONF_FLEET_ROLLOUTS_SHARED,
  RUNCONF_FLEET_ROLLOUTS_RESUME,
  RUNCONF_FLEET_ROLLOUTS_UNDO,
  RUNCONF_FLEET_ROLLOUTS_LEAVE,
} RunconfFleetRollouts;

/**
 * RunconfFleetSettings:
 * @endpoints: one URL at least
 * @prefix: of all keys in etcd; begins and ends with a slash
 * @host: (nullable): the name of the host; %NULL for the name that the kernel has
 * @groups: the groups of the host, besides those whose patterns have it
 * @ca: (nullable): a file with the authorities that may sign the certificate of etcd
 * @certificate: (nullable): a file with the client's certificate
 * @key: (nullable): a file with its private key
 * @user: (nullable): the user of etcd
 * @password_file: (nullable): the file of the password
 * @folder: the parent of the folders of the layer
 * @health: (nullable): a shell command that fails while the host isn't healthy
 * @bus: the bus of `runconfd`
 * @rollouts: the treatment of rollouts whose command is gone
 *
 * The contents of `fleetd.yaml`.
 */
typedef struct
{
  char **endpoints;
  char *prefix;
  char *host;
  char **groups;
  char *ca;
  char *certificate;
  char *key;
  char *user;
  char *password_file;
  char *folder;
  char *health;
  RunconfFleetBus bus;
  RunconfFleetRollouts rollouts;

  /* the choices as they are written */
  char *bus_name;
  char *rollouts_name;
} RunconfFleetSettings;

RunconfFleetSettings *runconf_fleet_settings_parse (GBytes *text, const char *name, GError **error);
void runconf_fleet_settings_free (RunconfFleetSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetSettings, runconf_fleet_settings_free)

G_END_DECLS
