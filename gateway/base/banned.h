/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions that this project never calls, made compile errors. Force-included by the Makefile. */
#ifndef CAUNOI_BASE_BANNED_H
#define CAUNOI_BASE_BANNED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#pragma GCC poison system popen strcpy strcat sprintf vsprintf strtok atoi atol atof gets strncpy
#endif
