/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/change.h>
#include <runconf/child.h>
#include <runconf/configuration.h>
#include <runconf/description.h>
#include <runconf/enums.h>
#include <runconf/error.h>
#include <runconf/info.h>
#include <runconf/key.h>
#include <runconf/layer.h>
#include <runconf/path.h>
#include <runconf/snapshot.h>
#include <runconf/transaction.h>
#include <runconf/version.h>
#include <runconf/watch.h>
