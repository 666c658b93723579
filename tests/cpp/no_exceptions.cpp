// Compiled with -fno-exceptions: only the functions that return outcomes are there, and they do all the others do.
#include "check.hpp"

#if defined(__cpp_exceptions)
#  error "this test is compiled with -fno-exceptions"
#endif

static_assert(!std::is_default_constructible_v<tori::engine> && !std::is_default_constructible_v<tori::queue>);
static_assert(std::is_default_constructible_v<tori::config> && std::is_default_constructible_v<tori::request>);

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const std::string folder = argv[1];
  tori::config config;
  CHECK(config.try_set("concepts.top", 5));
  CHECK(config.try_set("concepts.top", "five").error().status() == tori::status::config);
  auto engine = tori::engine::try_make(config);
  CHECK(engine);
  auto result = engine->try_ingest_path(folder + "/groff.pdf");
  CHECK(result && result->concepts().size() == 5);
  auto failed = engine->try_ingest_path(folder + "/empty.pdf");
  CHECK(!failed && failed.error().status() == tori::status::format && *failed.error().what());

  drops counted;
  {
    tori::request request;
    auto queue = tori::queue::try_make();
    CHECK(queue && request.try_path(folder + "/groff.pdf") && request.try_queue(*queue));
    std::atomic<int> done{0};
    CHECK(request.try_done([&, t = counted.token()](tori::job) { ++done; }));
    int events = 0;
    CHECK(request.try_progress([&, t = counted.token()](const tori::progress&) { ++events; }));
    auto job = engine->try_submit(request);
    CHECK(job && job->try_wait().value_or(false) && done == 1 && events > 0);
    CHECK(job->try_get_result() && job->try_result());
    for (bool ended = false; !ended;) {
      auto event = queue->try_next(std::chrono::milliseconds(1000));
      CHECK(event && *event);
      ended = (*event)->kind == tori::event_kind::done;
    }
    CHECK(request.try_progress([](const tori::progress&) { return tori::flow::cancel; }));
    auto cancelled = engine->try_ingest(request);
    CHECK(!cancelled && cancelled.error().status() == tori::status::cancelled && !cancelled.error().cause());
    CHECK(request.try_lend(paper, [t = counted.token()] {}) && request.try_progress(nullptr));
    CHECK(engine->try_ingest(request) && request.try_keep(std::string(paper)) && engine->try_ingest(request));
    auto batch = engine->try_submit_batch(std::vector<tori::request>());
    CHECK(batch && batch->empty());
  }
  CHECK(counted.count() == 3);

  auto database = tori::database::try_open();
  CHECK(database && database->try_tag(paper) && engine->try_set_database(*database));
  CHECK(!tori::database::try_open_path(folder + "/empty.pdf"));
  CHECK(tori::try_ingest_text(paper) && tori::try_ingest_bytes(paper) && !tori::try_ingest_path(""));
  CHECK(tori::try_set_progress([](const tori::progress&) {}) && tori::try_set_progress(nullptr));
  CHECK(tori::try_set_log(tori::log_level::error, [](tori::log_level, std::string_view, std::string_view) {}));
  CHECK(tori::try_set_log(nullptr));
  auto ended = tori::try_shutdown();
  CHECK(ended && *ended);
}
