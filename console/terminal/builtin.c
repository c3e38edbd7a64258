/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the verbs that need neither core nor store: printed into the registry with all others, carried out by the
 * terminal itself. Holds no functions. */
#include "console/terminal/builtin.h"

static const struct verb_arg help_args[] = {
	{ .name = "about", .type = ARG_TEXT, .rank = 1, .max = 32, .help_en = "a noun, or a verb without a noun", .help_vi = "tên nhóm lệnh" },
	{ .name = "verb", .type = ARG_TEXT, .rank = 2, .max = 32, .help_en = "a verb of that noun", .help_vi = "tên lệnh trong nhóm" },
};
static const struct verb verbs[] = {
	{ .noun = "", .name = "serve", .kind = VERB_LOCAL, .help_en = "run the gateway in the foreground (the program caunoid)",
	  .help_vi = "chạy cổng nhắn tin (chương trình caunoid)" },
	{ .noun = "", .name = "check-config", .kind = VERB_LOCAL, .help_en = "read the configuration and say what is wrong with it",
	  .help_vi = "đọc cấu hình và chỉ ra chỗ sai" },
	{ .noun = "", .name = "verbs", .kind = VERB_LOCAL, .help_en = "everything that can be asked for", .help_vi = "liệt kê mọi lệnh" },
	{ .noun = "", .name = "help", .kind = VERB_LOCAL, VERB_ARGS(help_args), .help_en = "how a command is used",
	  .help_vi = "hướng dẫn dùng lệnh" },
	{ .noun = "", .name = "versions", .kind = VERB_LOCAL, .help_en = "the versions of the libraries on this machine, and which have a known fault",
	  .help_vi = "phiên bản các thư viện trên máy này, và thư viện nào có lỗi đã biết" },
	{ .noun = "", .name = "version", .kind = VERB_LOCAL, .help_en = "the version of this program", .help_vi = "phiên bản chương trình" },
};
const struct verb_table builtin_verbs = VERB_TABLE(verbs);
