/* What the C tests share. A failed check tells where and ends the program with status 1. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tori.h"

#define CHECK(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);      \
      exit(1);                                                                     \
    }                                                                              \
  } while (0)

/* A status, with the error's message where it is not the one expected. */
#define CHECK_STATUS(expected, call, error)                                        \
  do {                                                                             \
    tori_status status_ = (call);                                                  \
    if (status_ != (expected)) {                                                   \
      fprintf(stderr, "%s:%d: %s returned %s: %s\n", __FILE__, __LINE__, #call,    \
              tori_status_name(status_), tori_error_message(error));               \
      exit(1);                                                                     \
    }                                                                              \
  } while (0)

#define PAPER \
  "Support Vector Machines\n\n" \
  "Abstract\n\nSupport vector machines are supervised learning models. A support vector machine finds the " \
  "maximum margin hyperplane.\n\n" \
  "1 Introduction\n\nThe kernel trick maps inputs to a feature space. Support vector machines use the kernel " \
  "trick.\n"

#endif
