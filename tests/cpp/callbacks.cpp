// Callables: called, let go of once, and their exceptions come to whoever waits and never go into C.
#include "check.hpp"

#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

struct stopped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

static void waiting_calls(tori::engine& engine, const std::string& path) {
  drops counted;
  std::uint32_t percent = 0;
  int tag = 0, events = 0;
  {
    tori::request request;
    request.path(path).tag(&tag).progress([&, t = counted.token()](const tori::progress& now) {
      CHECK(now.percent >= percent && now.job_id == 0 && now.tag == &tag && !now.stage_name.empty());
      CHECK((now.percent == 100) == (now.stage == tori::stage::complete));
      percent = now.percent;
      ++events;
    });
    CHECK(engine.ingest(request).share());
    CHECK(percent == 100 && events > 5 && counted.count() == 0);

    // Asked to stop.
    events = 0;
    request.progress([&](const tori::progress&) { return ++events == 3 ? tori::flow::cancel : tori::flow::proceed; });
    CHECK(counted.count() == 1);
    CHECK_THROWS(tori::status::cancelled, engine.ingest(request));
    CHECK(events == 3);

    // An exception is the caller's, type and text.
    request.progress([&](const tori::progress& now) {
      if (now.stage == tori::stage::structure) {
        throw stopped("at the structure");
      }
    });
    for (int i = 0; i < 2; ++i) {
      std::string text;
      try {
        engine.ingest(request);
      } catch (const stopped& e) {
        text = e.what();
      }
      CHECK(text == "at the structure");
    }
    const auto outcome = engine.try_ingest(request);
    CHECK(!outcome && outcome.error().status() == tori::status::cancelled && outcome.error().cause());
    try {
      std::rethrow_exception(outcome.error().cause());
    } catch (const stopped&) {
      events = 0;
    }
    CHECK(events == 0);

    // Too late to cancel is not too late to tell.
    request.progress([](const tori::progress& now) {
      if (now.percent == 100) {
        throw 7;
      }
    });
    int thrown = 0;
    try {
      engine.ingest(request);
    } catch (int number) {
      thrown = number;
    }
    CHECK(thrown == 7);

    // An empty std::function is a callable that throws.
    request.progress(std::function<void(const tori::progress&)>());
    bool bad = false;
    try {
      engine.ingest(request);
    } catch (const std::bad_function_call&) {
      bad = true;
    }
    CHECK(bad);
    request.progress(nullptr);
    CHECK(engine.ingest(request).share());
    request.progress([t = counted.token()](const tori::progress&) {});
  }
  CHECK(counted.count() == 2);
}

// Inside a callback another call waits and fails: each exception comes to its own call.
static void nested_calls(const tori::engine& engine, const std::string& path) {
  tori::request inner, outer;
  inner.text(paper).progress([](const tori::progress&) { throw stopped("inner"); });
  int caught = 0;
  outer.path(path).progress([&](const tori::progress& now) {
    if (now.stage == tori::stage::structure) {
      try {
        engine.ingest(inner);
      } catch (const stopped& e) {
        caught += std::string_view(e.what()) == "inner";
      }
    }
    if (now.stage == tori::stage::complete) {
      throw stopped("outer");
    }
  });
  std::string text;
  try {
    engine.ingest(outer);
  } catch (const stopped& e) {
    text = e.what();
  }
  CHECK(caught == 1 && text == "outer");

  // A job's exception ends the job, and is not the exception of a call that waits for another document meanwhile.
  tori::request throws;
  throws.text(paper).progress([](const tori::progress&) { throw stopped("job"); });
  outer.progress([&](const tori::progress& now) {
    if (now.stage == tori::stage::structure) {
      const tori::job job = engine.submit(throws);
      CHECK(job.wait() && job.status() == tori::status::cancelled);
      CHECK_THROWS(tori::status::cancelled, job.result());
    }
  });
  CHECK(engine.ingest(outer).share());
  const tori::job job = engine.submit(outer);
  CHECK(job.get_result().share());
}

static void wider_callbacks(tori::engine& engine) {
  drops counted;
  int process = 0, engines = 0;
  tori::set_progress([&, t = counted.token()](const tori::progress&) { ++process; });
  CHECK(engine.ingest_text(paper).share() && process > 0);
  engine.set_progress([&, t = counted.token()](const tori::progress&) { ++engines; });
  process = 0;
  CHECK(engine.ingest_text(paper).share() && process == 0 && engines > 0);
  engine.set_progress([](const tori::progress&) { throw stopped("engine"); });
  CHECK(counted.count() == 1);
  bool caught = false;
  try {
    engine.ingest_text(paper);
  } catch (const stopped&) {
    caught = true;
  }
  CHECK(caught);
  engine.set_progress(nullptr);
  CHECK(engine.ingest_text(paper).share() && process > 0);
  CHECK_THROWS(tori::status::busy, [&] {
    tori::set_progress([&](const tori::progress&) { static_cast<void>(tori::shutdown()); });
    engine.ingest_text(paper);
  }());
  tori::set_progress(nullptr);
  CHECK(counted.count() == 2);
}

// One request, many threads: each call gets its own exception.
static void many_threads(const tori::engine& engine) {
  std::vector<std::thread> threads;
  std::atomic<int> own{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      tori::request request;
      request.text(paper).progress([i](const tori::progress& now) {
        if (now.percent >= 42) {
          throw i;
        }
      });
      for (int round = 0; round < 5; ++round) {
        try {
          engine.ingest(request);
        } catch (int number) {
          own += number == i;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(own == 40);
}

static void logging() {
  drops counted;
  std::mutex lock;
  int messages = 0;
  tori::set_log(tori::log_level::trace,
                [&, t = counted.token()](tori::log_level level, std::string_view target, std::string_view message) {
                  const std::lock_guard<std::mutex> held(lock);
                  CHECK(level >= tori::log_level::error && level <= tori::log_level::trace);
                  CHECK(!message.empty() && target.substr(0, 4) == "tori");
                  ++messages;
                  throw stopped("from a log callback");
                });
  CHECK(tori::engine().ingest_text(paper).share());
  tori::set_log(nullptr);
  CHECK(messages > 0 && counted.count() == 1);
  CHECK_THROWS(tori::status::argument, tori::set_log(static_cast<tori::log_level>(9),
                                                     [t = counted.token()](tori::log_level, std::string_view,
                                                                           std::string_view) {}));
  CHECK(counted.count() == 2);
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const std::string path = std::string(argv[1]) + "/groff.pdf";
  tori::engine engine;
  waiting_calls(engine, path);
  nested_calls(engine, path);
  wider_callbacks(engine);
  many_threads(engine);
  logging();
  CHECK(tori::shutdown());
}
