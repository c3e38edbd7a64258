/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A USB stick with several ports, as /dev and /sys show one, made of pseudo terminals: for the calling process and what it
 * becomes, in a mount namespace of its own. Needs root. Source: Linux, Documentation/ABI/testing/sysfs-bus-usb. */
#ifndef CAUNOI_TESTS_SUPPORT_STICK_H
#define CAUNOI_TESTS_SUPPORT_STICK_H

#include <stddef.h>

/* /dev/ttyUSB0 and so on become ports[0] …, of one device. folder: empty, for what has to be mounted; nothing of it is seen
 * outside. 0, or -1 where this machine does not allow it. */
int stick_plug_in(const char *folder, const char *const *ports, size_t n_ports);

#endif
