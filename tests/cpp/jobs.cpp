// Jobs and queues: each end told once, lent bytes returned once, and the same result as a call that waits.
#include "check.hpp"

#include <map>
#include <memory>
#include <thread>

using namespace std::chrono_literals;

static void ends_are_told_once(const tori::engine& engine, const std::string& path) {
  constexpr int count = 30;
  drops counted;
  std::atomic<int> done{0}, good{0};
  {
    tori::request request;
    // Takes a callable that cannot be copied.
    request.path(path).done([&, t = counted.token(), only = std::make_unique<int>(1)](tori::job job) {
      CHECK(job.status() != tori::status::pending && job.wait());
      good += job.try_result().has_value();
      done += *only;
    });
    std::vector<tori::job> jobs;
    for (int i = 0; i < count; ++i) {
      tori::job job = engine.submit(request);
      CHECK(job.id() > 0);
      if (i % 3 == 1) {
        job.cancel();
      }
      if (i % 3 != 2) {
        jobs.push_back(std::move(job));
      }
    }
    for (const tori::job& job : jobs) {
      CHECK(job.wait());
      CHECK(job.status() == tori::status::ok || job.status() == tori::status::cancelled);
      CHECK((job.status() == tori::status::ok) == job.try_result().has_value());
      CHECK(job.status() != tori::status::ok || job.latest().percent == 100);
    }
    while (done < count) {
      std::this_thread::sleep_for(1ms);
    }
    CHECK(good >= count / 3);

    // One that throws has still been called.
    request.done([&](const tori::job&) {
      ++done;
      throw 1;
    });
    const tori::job job = engine.submit(request);
    CHECK(job.get_result().share());
    CHECK(done == count + 1);
  }
  CHECK(counted.count() == 1);
}

static void a_job_answers(const tori::engine& engine, const std::string& path) {
  std::atomic<bool> go{false};
  tori::request request;
  request.path(path).progress([&](const tori::progress& now) {
    CHECK(now.job_id != 0);
    while (!go) {
      std::this_thread::sleep_for(1ms);
    }
  });
  const tori::job job = engine.submit(request);
  const tori::job same = job.share();
  CHECK(job.status() == tori::status::pending && !job.wait(5ms));
  CHECK_THROWS(tori::status::pending, job.result());
  CHECK_THROWS(tori::status::argument, job.wait(-5ms));
  go = true;
  const tori::result result = same.get_result();
  CHECK(same.id() == job.id() && job.result().get() != result.get());
  const tori::result waited = engine.ingest_path(path);
  CHECK(waited.concepts().size() == result.concepts().size());
  CHECK(waited.concepts()[0].label() == result.concepts()[0].label());

  request.set("jobs.deadline_ms", 1).progress([](const tori::progress&) { std::this_thread::sleep_for(20ms); });
  CHECK_THROWS(tori::status::timeout, engine.submit(request).get_result());
}

static void bytes_are_returned(const tori::engine& engine) {
  std::atomic<int> returned{0};
  drops counted;
  const std::string bytes(paper);
  {
    tori::request request;
    request.lend(bytes, [&, t = counted.token()] { ++returned; });
    const tori::job job = engine.submit(request);
    request.lend(bytes, [&, t = counted.token()] { throw ++returned; });
    CHECK(job.get_result().share());
    const tori::job other = engine.submit(request);
    request.keep(std::vector<char>(paper.begin(), paper.end()));
    CHECK(engine.ingest(request).share() && other.wait());
  }
  // The worker may hold on to the bytes a moment longer than the job lasts.
  while (returned < 2 || counted.count() < 2) {
    std::this_thread::sleep_for(1ms);
  }
  CHECK(returned == 2 && counted.count() == 2);
}

static void a_full_engine_refuses(const std::string& path) {
  tori::config config;
  const tori::engine narrow(config.set("jobs.waiting", 5));
  std::vector<tori::request> requests;
  for (int i = 0; i < 6; ++i) {
    requests.push_back(tori::request());
    requests.back().path(path);
  }
  CHECK_THROWS(tori::status::busy, narrow.submit_batch(requests));
  requests.pop_back();
  const std::vector<tori::job> jobs = narrow.submit_batch(requests);
  CHECK(jobs.size() == 5);
  for (const tori::job& job : jobs) {
    CHECK(job.get_result().share());
  }
  CHECK(narrow.submit_batch(std::vector<tori::request>()).empty());
}

static void a_queue_tells(const tori::engine& engine, const std::string& path) {
  tori::queue queue;
  CHECK(queue.fd() >= 0 && !queue.next(0ms));
  queue.wake();
  queue.wake();
  CHECK(queue.next().value().kind == tori::event_kind::wake && !queue.next(0ms));

  constexpr std::size_t count = 20;
  int tags[count];
  std::map<std::uint64_t, std::size_t> open;
  tori::request request;
  request.path(path).queue(queue);
  for (std::size_t i = 0; i < count; ++i) {
    const tori::job job = engine.submit(request.tag(&tags[i]));
    open[job.id()] = i;
    if (i % 4 == 3) {
      job.cancel();
    }
  }
  while (!open.empty()) {
    const tori::event event = queue.next(30s).value();
    const auto found = open.find(event.job_id);
    CHECK(found != open.end() && event.tag == &tags[found->second]);
    CHECK((event.kind == tori::event_kind::done) == (event.status != tori::status::pending));
    CHECK((event.status == tori::status::ok) == (event.percent == 100 && event.kind == tori::event_kind::done));
    if (event.kind == tori::event_kind::done) {
      open.erase(found);
    }
  }
  CHECK(!queue.next(0ms));
  request.queue(nullptr);
  CHECK(engine.submit(request).get_result().share() && !queue.next(0ms));
  CHECK_THROWS(tori::status::argument, queue.next(-2ms));
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const std::string path = std::string(argv[1]) + "/groff.pdf";
  const tori::engine engine;
  ends_are_told_once(engine, path);
  a_job_answers(engine, path);
  bytes_are_returned(engine);
  a_full_engine_refuses(path);
  a_queue_tells(engine, path);
  CHECK(tori::shutdown(30s));
}
