# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same where dbus-broker is the bus of the system: what a bus has its own way with is tried again."""

import accidents
import matrix
from container import case, get, run, wait_for


@case
def dbus_broker_takes_over_from_dbus_daemon():
    value = get()
    run("systemctl", "stop", "dbus.service")
    run("systemctl", "enable", "--now", "dbus-broker.service")
    wait_for("an answer over the new bus", lambda: get() == value)
    assert run("systemctl", "is-active", "dbus-broker.service").stdout == "active\n"
    assert run("pidof", "dbus-broker").stdout != ""
    matrix.enter_world()
    matrix.CALLERS.append(matrix.NAMELESS)


matrix.add_cases("_over_dbus-broker")
for function in (
    matrix.nobody_else_serves_on_the_bus,
    matrix.nobody_else_owns_the_name,
    accidents.killed_it_answers_again_within_half_a_second,
    accidents.it_survives_a_restart_of_the_bus,
    accidents.a_message_made_to_be_large_harms_nobody,
):
    case(function)
