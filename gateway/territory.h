/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may know of a case, as a condition of SQL: the one place that says it. k is the alias of a row of casefile, unit the name of
 * the bound territory of whoever asks ("" = everything). A territory sees what lies in it and what is offered to it. A restricted
 * case is hidden from every territory below a province, and from the unit it accuses with all that is below that. */
#ifndef CAUNOI_GATEWAY_TERRITORY_H
#define CAUNOI_GATEWAY_TERRITORY_H

/* A commune's code does not tell its province: the table of units does; where it knows nothing the form of the code must do. */
#define TERRITORY_HOLDS(of, unit)                                                                                                       \
	"(" unit " = '' OR (" of " IS NOT NULL AND (" of " = " unit " OR (length(" unit ") > 2 AND substr(" of ", 1, length(" unit ")) = " unit  \
	") OR (length(" unit ") = 2 AND coalesce((SELECT v.parent FROM unit v WHERE v.code = substr(" of ", 1, 5)), substr(" of ", 1, 2)) = " unit \
	"))))"
#define CASE_SEEN(k, unit)                                                                                                            \
	"((" TERRITORY_HOLDS(k ".unit", unit) " OR " TERRITORY_HOLDS(k ".referred", unit) ") AND (" k ".restricted = 0 OR " unit      \
	" = '' OR (length(" unit ") <= 2 AND (" k ".accused IS NULL OR substr(" unit ", 1, length(" k ".accused)) <> " k ".accused))))"

#endif
