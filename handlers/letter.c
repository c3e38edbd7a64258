/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes of characters as short messages use them. Keeps nothing, does no I/O. */
#include "handlers/letter.h"

bool letter_is_beyond(uint32_t c)
{
	if (c < 0xC0 || c == 0xD7 || c == 0xF7)
		return c == 0xAA || c == 0xBA;
	return c < 0x2000 || (c >= 0x3040 && c < 0xE000) || (c >= 0xFF10 && c <= 0xFF5A && c != 0xFF1F);
}

bool letter_is_invisible(uint32_t c)
{
	return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F);
}

bool letter_is_emoji(uint32_t c)
{
	return (c >= 0x1F300 && c < 0x1FB00) || (c >= 0x2600 && c < 0x2800) || c == 0x2B50;
}

enum mark letter_parts(uint32_t c, uint32_t next)
{
	if (c == '\n' || c == ';' || c == '!' || c == '?' || c == 0xFF1F || c == 0x2026)
		return MARK_STRONG;
	if (c == '.')
		return next == ' ' || next == 0 || next == '.' || next == '\n' || next > 0x7F || next >= 'A' ? MARK_STRONG : MARK_WEAK;
	return c > ' ' && c != '\'' && c != 0xA0 && c != '-' && c != '_' && c != '/' ? MARK_WEAK : MARK_NONE;
}
