// One program of units that have exceptions and std::expected or have not: compiled once with OTHER, once without.
#include "tori.hpp"
#include "tori.hpp"

bool other_unit_agrees();

#if defined(OTHER)
bool other_unit_agrees() {
#else
int main() {
  if (!other_unit_agrees()) {
    return 1;
  }
#endif
  auto found = tori::try_ingest_text("Support vector machines are supervised learning models.");
  auto failed = tori::try_ingest_path("");
  const bool agrees = found && found->document().pages() == 1 && failed.error().status() == tori::status::argument;
#if defined(OTHER)
  return agrees;
#else
  return !agrees;
#endif
}
