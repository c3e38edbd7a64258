/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modem's serial port: a pseudo terminal behind a symbolic link. Holds its own side of the slave open, so that a
 * client's going does not look like an unplug, and watches opens and closes: what is said while nobody has the port
 * open is lost, as on a USB modem, and a client's exclusive mode ends with the client. */
#ifndef CAUNOI_SIM_MODEM_PORT_H
#define CAUNOI_SIM_MODEM_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/buffer.h"

struct port {
	const char *link;
	int master, slave, watch; /* -1 while unplugged */
	int n_open;               /* clients that have it open */
	struct buffer out;
};

/* A closed port; link is borrowed. */
struct port port_init(const char *link);
/* Makes a new pseudo terminal and the link. E_EXISTS when link is something else than a link, E_IO. */
MUST_CHECK int port_plug(struct port *p);
void port_unplug(struct port *p);
bool port_plugged(const struct port *p);
/* Queues bytes for the client; dropped while nobody listens or over 16 MiB. */
void port_write(struct port *p, const void *data, size_t n_bytes);
/* Writes what the terminal takes now. */
void port_flush(struct port *p);
/* Bytes read, 0 when there is nothing. */
size_t port_read(struct port *p, char *ret, size_t room);
/* Counts opens and closes that were reported on p->watch. True when the last client went: read what it wrote before it
 * went, then call port_forget. */
bool port_noticed(struct port *p);
/* Lets go of what the client that went has not read, and of its exclusive mode. */
void port_forget(struct port *p);
/* Something was read: somebody must have the port open, whatever was counted. */
void port_heard(struct port *p);

#endif
