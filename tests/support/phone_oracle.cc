// SPDX-License-Identifier: GPL-3.0-or-later
/* libphonenumber behind one C function. Built for its differential test only; never part of a program. */
#include "tests/support/phone_oracle.h"

#include <cstdio>
#include <string>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

extern "C" char phone_oracle(const char *text, const char *region, char out[32])
{
	const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
	PhoneNumber number;
	std::string e164;
	out[0] = '\0';
	if (util.Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
		return 0;
	util.Format(number, PhoneNumberUtil::E164, &e164);
	std::snprintf(out, 32, "%s", e164.c_str());
	if (!util.IsValidNumber(number))
		return 'i';
	switch (util.GetNumberType(number)) {
	case PhoneNumberUtil::MOBILE:
	case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
		return 'm';
	case PhoneNumberUtil::FIXED_LINE:
		return 'f';
	default:
		return 'o';
	}
}
