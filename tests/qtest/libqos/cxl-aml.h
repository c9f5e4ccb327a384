/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a method of ACPI Machine Language: the few operators that methods
 * which choose among constants need.  Anything else fails the test.
 */
#ifndef TESTS_LIBQOS_CXL_AML_H
#define TESTS_LIBQOS_CXL_AML_H

typedef enum { QAML_INTEGER, QAML_BUFFER, QAML_PACKAGE } QAmlKind;

typedef struct QAmlValue {
    QAmlKind kind;
    uint64_t n;                     /* integer; elements of a package */
    const uint8_t *bytes;           /* of a buffer; AML of the elements */
    unsigned len;
} QAmlValue;

/*
 * Find the first method called @name (four letters) in @len bytes at @aml,
 * and run it.  It must return something; integers have 32 bits.
 */
QAmlValue qaml_call(const uint8_t *aml, size_t len, const char *name,
                    const QAmlValue *arg, unsigned args);
/* Element @index of a package. */
QAmlValue qaml_element(const QAmlValue *package, unsigned index);

#endif
