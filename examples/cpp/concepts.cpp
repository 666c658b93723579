// Prints the ranked concepts of documents, each table as soon as its document is done.
//
//   concepts [--rows N] FILE...
//
// The files are worked on at the same time, as jobs. Ctrl-C cancels those that have not ended. The exit status is 0 when
// every file was read, 1 when one was not, 2 for a wrong command line, 130 after Ctrl-C.
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tori.hpp"

namespace {

// Wakes a queue when the process is asked to stop. tori_queue_wake takes a lock, so no signal handler may call it: the
// signals are blocked everywhere, and stay so, and a thread of their own waits for them.
class interrupt_watch {
 public:
  explicit interrupt_watch(const tori::queue& events) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this, &events] {
      int signal = 0;
      sigwait(&signals_, &signal);
      interrupted_ = !over_;
      events.wake();
    });
  }
  ~interrupt_watch() {
    over_ = true;
    pthread_kill(thread_.native_handle(), SIGINT);
    thread_.join();
  }
  interrupt_watch(const interrupt_watch&) = delete;
  interrupt_watch& operator=(const interrupt_watch&) = delete;

  bool interrupted() const { return interrupted_; }

 private:
  sigset_t signals_;
  std::atomic<bool> over_{false};
  std::atomic<bool> interrupted_{false};
  std::thread thread_;
};

// A string_view for printf's %.*s.
#define TEXT(view) static_cast<int>((view).size()), (view).data()

void print_table(const char* path, const tori::result& result, std::size_t rows) {
  const tori::document document = result.document();
  const std::string_view title = document.title().value_or("(no title)");
  std::printf("%s: %.*s\n", path, TEXT(title));
  std::size_t rank = 0;
  for (const tori::ranked_concept& found : result.concepts()) {
    if (rank == rows) {
      break;
    }
    std::printf("%4zu  %6.3f  %-44.*s  page %u, %u times, %.*s\n", ++rank, found.quality(), TEXT(found.label()),
                found.first_page(), found.occurrences(), TEXT(found.section()));
  }
  for (const std::string_view warning : result.warnings()) {
    std::fprintf(stderr, "%s: warning: %.*s\n", path, TEXT(warning));
  }
  std::putchar('\n');
  std::fflush(stdout);
}

void print_error(const char* path, const tori::error& e) {
  std::fprintf(stderr, "%s: %.*s: %s\n", path, TEXT(tori::name_of(e.status())), e.what());
}

// Submits the files, a window of them at a time, and prints what comes of each. Whether every file was read.
class batch {
 public:
  batch(std::vector<const char*> paths, std::size_t rows) : paths_(std::move(paths)), rows_(rows) {}

  bool run() {
    submit();
    while (!open_.empty()) {
      const tori::event event = events_.next().value();
      if (event.kind == tori::event_kind::wake && watch_.interrupted()) {
        cancel();
      } else if (event.kind == tori::event_kind::done) {
        finish(event);
        submit();
      }
    }
    return good_;
  }

  bool interrupted() const { return watch_.interrupted(); }

 private:
  // More than there are workers, so that none waits for us, and no more, so that memory does not grow with the list.
  static constexpr std::size_t window = 64;

  void submit() {
    while (next_ < paths_.size() && open_.size() < window && !watch_.interrupted()) {
      const char*& path = paths_[next_++];
      try {
        tori::job job = engine_.submit(tori::request().path(path).tag(&path).queue(events_));
        open_.emplace(job.id(), std::move(job));
      } catch (const tori::error& e) {
        print_error(path, e);
        good_ = false;
      }
    }
  }

  void cancel() {
    for (const auto& [id, job] : open_) {
      job.cancel();
    }
  }

  void finish(const tori::event& event) {
    const auto node = open_.extract(event.job_id);
    const char* path = *static_cast<const char* const*>(event.tag);
    if (const auto result = node.mapped().try_result()) {
      print_table(path, *result, rows_);
    } else {
      print_error(path, result.error());
      good_ = false;
    }
  }

  std::vector<const char*> paths_;
  std::size_t rows_;
  std::size_t next_ = 0;
  bool good_ = true;
  tori::engine engine_;
  tori::queue events_;
  interrupt_watch watch_{events_};
  std::unordered_map<std::uint64_t, tori::job> open_;
};

int usage(const char* name) {
  std::fprintf(stderr, "usage: %s [--rows N] FILE...\n", name);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const char* name = argc > 0 ? argv[0] : "concepts";
  std::size_t rows = 10;
  int first = 1;
  if (argc > 2 && std::strcmp(argv[1], "--rows") == 0) {
    const std::string_view number = argv[2];
    const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), rows);
    if (failed != std::errc() || end != number.data() + number.size()) {
      std::fprintf(stderr, "--rows is \"%s\", expected a whole number\n", argv[2]);
      return usage(name);
    }
    first = 3;
  }
  // A file whose name begins with a dash is given as ./-name.
  if (first >= argc || argv[first][0] == '-') {
    return usage(name);
  }
  try {
    batch files({argv + first, argv + argc}, rows);
    const bool good = files.run();
    return files.interrupted() ? 130 : good ? 0 : 1;
  } catch (const tori::error& e) {
    print_error(name, e);
    return 1;
  }
}
