// What the C++ tests share. A failed check tells where and ends the program with status 1.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tori.hpp"

#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) {                                                                 \
      std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);      \
      std::exit(1);                                                                     \
    }                                                                                   \
  } while (0)

// An expression that throws a tori::error of this status.
#define CHECK_THROWS(expected, expression)                                              \
  do {                                                                                  \
    bool thrown_ = false;                                                               \
    try {                                                                               \
      static_cast<void>(expression);                                                    \
    } catch (const tori::error& e) {                                                    \
      thrown_ = true;                                                                   \
      CHECK(e.status() == (expected) && *e.what());                                     \
    }                                                                                   \
    CHECK(thrown_ && #expression);                                                      \
  } while (0)

inline constexpr std::string_view paper =
    "Support Vector Machines\n\n"
    "Abstract\n\nSupport vector machines are supervised learning models. A support vector machine finds the "
    "maximum margin hyperplane.\n\n"
    "1 Introduction\n\nThe kernel trick maps inputs to a feature space. Support vector machines use the kernel "
    "trick.\n";

// Counts how often the library lets go of what it was given: put a copy of token() into a callable.
class drops {
 public:
  std::shared_ptr<void> token() {
    return {this, [](drops* self) { ++self->count_; }};
  }
  int count() const { return count_; }

 private:
  std::atomic<int> count_{0};
};

#endif
