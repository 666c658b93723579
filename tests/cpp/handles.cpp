// Handles: moved, never copied; moved-from ones answer; views do not outlive what they show; errors either way.
#include "check.hpp"

#include <fstream>
#include <iterator>

template <class Handle>
constexpr bool moves_only = !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle> &&
                            std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle> &&
                            sizeof(Handle) == sizeof(void*);
static_assert(moves_only<tori::config> && moves_only<tori::engine> && moves_only<tori::request>);
static_assert(moves_only<tori::job> && moves_only<tori::queue> && moves_only<tori::result>);
static_assert(moves_only<tori::database> && moves_only<tori::tags>);
static_assert(std::is_nothrow_copy_constructible_v<tori::error> && std::is_base_of_v<std::exception, tori::error>);

// Nothing borrowed is to be had from a temporary.
#define BORROWS(name)                                                        \
  template <class T, class = void>                                           \
  constexpr bool name##_of = false;                                          \
  template <class T>                                                         \
  constexpr bool name##_of<T, std::void_t<decltype(std::declval<T>().name())>> = true
BORROWS(concepts);
BORROWS(document);
BORROWS(authors);
BORROWS(keywords);
BORROWS(warnings);
BORROWS(decisions);
BORROWS(json);
BORROWS(begin);
static_assert(concepts_of<tori::result&> && !concepts_of<tori::result>);
static_assert(document_of<const tori::result&> && !document_of<tori::result>);
static_assert(authors_of<tori::result&> && !authors_of<tori::result>);
static_assert(keywords_of<tori::result&> && !keywords_of<tori::result>);
static_assert(warnings_of<tori::result&> && !warnings_of<tori::result>);
static_assert(decisions_of<tori::result&> && !decisions_of<tori::result>);
static_assert(json_of<tori::result&> && !json_of<tori::result>);
static_assert(json_of<tori::database&> && !json_of<tori::database>);
static_assert(json_of<tori::config&> && !json_of<tori::config>);
static_assert(begin_of<tori::tags&> && !begin_of<tori::tags>);

// A literal would hand its NUL in as a byte of the document.
static_assert(!std::is_convertible_v<decltype("text"), tori::bytes_view>);
static_assert(std::is_convertible_v<std::string_view, tori::bytes_view>);
static_assert(std::is_convertible_v<std::vector<unsigned char>, tori::bytes_view>);
static_assert(std::is_convertible_v<std::vector<std::byte>, tori::bytes_view>);
static_assert(!std::is_convertible_v<std::vector<int>, tori::bytes_view>);

static std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

static void results(const tori::engine& engine, const char* path) {
  tori::result result = engine.ingest_path(path);
  const tori::document document = result.document();
  CHECK(document.kind() == tori::kind::pdf && document.pages() > 1 && document.abstract_found());
  CHECK(document.title() && document.title()->size() > 4 && document.sha256().size() == 64);
  CHECK(document.raw_count() >= document.pure_count() && document.pure_count() >= document.final_count());
  CHECK(std::string_view(path).find(document.name()) != std::string_view::npos);
  CHECK(document.bytes() == contents(path).size());
  CHECK(!result.authors().empty() && result.authors()[result.authors().size()].empty());
  for (const std::string_view author : result.authors()) {
    CHECK(result.json().find(author) != std::string_view::npos);
  }
  for (const std::string_view keyword : result.keywords()) {
    CHECK(result.json().find(keyword) != std::string_view::npos);
  }

  const auto concepts = result.concepts();
  CHECK(concepts.size() == document.final_count() && concepts.size() > 10 && !concepts.empty());
  double before = 1.0;
  std::size_t seen = 0;
  for (const tori::ranked_concept& found : concepts) {
    CHECK(!found.label().empty() && !found.category().empty() && !found.section().empty());
    CHECK(found.quality() <= before && found.score() >= 0.0 && found.score() <= 1.0);
    before = found.quality();
    CHECK(found.first_page() >= 1 && found.first_page() <= document.pages());
    CHECK((found.source() == tori::source::statistical) == (found.id() == 0));
    CHECK(found.spans().size() >= 1 && found.spans().size() <= found.occurrences());
    for (const tori::span span : found.spans()) {
      CHECK(span.start < span.end && span.end <= document.text_bytes());
    }
    bool in_named = false;
    for (std::uint32_t section = 0; !tori::section_name(section).empty(); ++section) {
      in_named |= found.in_section(section) && tori::section_name(section) == found.section();
    }
    CHECK(in_named && !found.in_section(32));
    ++seen;
  }
  CHECK(seen == concepts.size());
  const auto first = concepts.begin();
  CHECK(first[2].label() == concepts[2].label() && (first + 2)->label() == concepts[2].label());
  CHECK(concepts.end() - first == static_cast<std::ptrdiff_t>(concepts.size()) && 2 + first > first);
  CHECK(concepts[concepts.size()].label().empty());
  CHECK(std::vector<tori::ranked_concept>(first, concepts.end()).size() == concepts.size());
#if defined(__cpp_lib_ranges) && !defined(__clang__)
  static_assert(std::ranges::random_access_range<decltype(concepts)> && std::ranges::view<decltype(result.concepts())>);
  static_assert(std::ranges::borrowed_range<decltype(result.concepts())>);
  std::size_t both = 0;
  for (const tori::ranked_concept& found : concepts | std::views::take(5) | std::views::reverse) {
    both += found.quality() >= concepts[4].quality();
  }
  CHECK(both == 5);
#endif

  const std::string_view json = result.json();
  CHECK(json.front() == '{' && json.find(document.sha256()) != std::string_view::npos);

  // The same thing by every way in.
  const std::string bytes = contents(path);
  tori::request request;
  const auto labels = [&](const tori::result& other) {
    CHECK(other.concepts().size() == concepts.size());
    for (std::size_t i = 0; i < concepts.size(); ++i) {
      CHECK(other.concepts()[i].label() == concepts[i].label());
    }
  };
  labels(engine.ingest_bytes(bytes));
  labels(engine.ingest(request.path(path)));
  labels(engine.ingest(request.bytes(bytes)));
  labels(engine.ingest(request.keep(std::string(bytes))));
  const tori::result named = engine.ingest(request.name("named.pdf"));
  CHECK(named.document().name() == "named.pdf");
  const tori::result unnamed = engine.ingest(request.name(""));
  CHECK(unnamed.document().name() == "bytes");
  labels(tori::ingest_path(path));
  labels(tori::ingest_bytes(bytes));

  // A shared handle outlives the first, and views with it.
  const tori::result shared = result.share();
  const std::string_view label = concepts[0].label();
  result = tori::result(nullptr);
  CHECK(shared.concepts()[0].label() == label && shared.concepts()[0].label().data() == label.data());
}

static void explained(const tori::engine& engine) {
  tori::request request;
  request.text("The sparse graph kernel and the multi-agent planner are used. The multiagent planner is slow.");
  const tori::result silent = engine.ingest(request);
  CHECK(silent.decisions().empty() && silent.concepts()[0].factors().empty());
  request.set("report.explain", true);
  const tori::result told = engine.ingest(request);
  for (const tori::ranked_concept& found : told.concepts()) {
    double sum = found.base();
    for (const tori::factor factor : found.factors()) {
      CHECK(!factor.aspect.empty() && !factor.words.empty());
      sum += factor.effect;
    }
    CHECK(sum - found.sum() < 1e-9 && found.sum() - sum < 1e-9);
  }
  std::size_t spellings = 0;
  for (const tori::decision& decision : told.decisions()) {
    CHECK(!decision.form.empty() && !decision.why.empty() && decision.score.has_value() == decision.quality.has_value());
    spellings += decision.reason == "spelling" && decision.better->find("planner") != std::string_view::npos;
  }
  CHECK(spellings == 1);
}

static void abbreviated(const tori::engine& engine) {
  tori::request request;
  request.text("A support vector machine (SVM) is trained. The SVM separates two classes.");
  const tori::result result = engine.ingest(request);
  std::size_t acronyms = 0;
  for (const tori::ranked_concept& found : result.concepts()) {
    acronyms += found.acronyms().size();
    CHECK(found.label() != "support vector machine" || found.acronyms()[0] == "SVM");
  }
  CHECK(acronyms == 1);
}

static void nothing_found(const tori::engine& engine, const std::string& path) {
  const tori::result result = engine.ingest_path(path);
  CHECK(result.concepts().empty() && result.concepts().begin() == result.concepts().end());
  CHECK(!result.document().title() && result.warnings().size() == 1);
  CHECK(result.warnings()[0].size() > 10 && result.warnings()[1].empty());
}

static void settings() {
  tori::config config;
  config.set("limits.pages", 1).set("admin_mode", true).set("concepts.similarity", 0.25);
  config.set("concepts.diversity", "off");
  const std::string json(config.json());
  CHECK(json.find("0.25") != std::string::npos);
  CHECK_THROWS(tori::status::config, config.set("limits.pages", -1));
  CHECK_THROWS(tori::status::config, config.set("no.such", "1"));
  // A NUL must not cut a key short.
  CHECK_THROWS(tori::status::argument, config.set(std::string_view("limits.pages\0x", 14), 7));
  const tori::engine narrow(config);
  tori::request request;
  CHECK_THROWS(tori::status::config, request.set("database.path", "x"));
  request.text(paper).set("concepts.top", 2);
  const tori::result two = narrow.ingest(request);
  CHECK(two.concepts().size() == 2);
}

static void errors(const tori::engine& engine, const std::string& folder) {
  try {
    engine.ingest_path(folder + "/no_such.pdf");
    CHECK(false && "no error");
  } catch (const std::exception& e) {
    const auto& error = dynamic_cast<const tori::error&>(e);
    CHECK(error.status() == tori::status::io && tori::name_of(error.status()) == "TORI_E_IO");
    CHECK(std::string_view(e.what()).find("no_such.pdf") != std::string_view::npos);
    CHECK(error.json().find("\"path\"") != std::string_view::npos && !error.cause());
    const tori::error copy = error;
    CHECK(copy.what() == std::string_view(e.what()));
  }
  CHECK_THROWS(tori::status::argument, engine.ingest_path(""));
  CHECK_THROWS(tori::status::argument, engine.ingest_path(std::string_view("a\0b", 3)));
  CHECK_THROWS(tori::status::argument, engine.ingest_text("ab\xff"));
  CHECK_THROWS(tori::status::format, engine.ingest_bytes(tori::bytes_view("%PDF-1.7 nothing", 16)));
  CHECK_THROWS(tori::status::argument, engine.ingest(tori::request()));
  CHECK_THROWS(tori::status::argument, tori::request().text("ab\xff"));
  CHECK_THROWS(tori::status::argument, tori::request().path(""));
  CHECK_THROWS(tori::status::encrypted, engine.ingest_path(folder + "/encrypted_user.pdf"));
  CHECK(engine.ingest(tori::request().path(folder + "/encrypted_user.pdf").set("document.password", "secret"))
            .share()
            .get() != nullptr);

  // The other form.
  tori::outcome<tori::result> failed = engine.try_ingest_path(folder + "/empty.pdf");
  CHECK(!failed && !failed.has_value() && failed.error().status() == tori::status::format);
  CHECK(std::string_view(failed.error().what()).find("empty.pdf") != std::string_view::npos);
  tori::outcome<tori::result> found = engine.try_ingest_text(paper);
  CHECK(found && found->concepts().size() > 0 && (*found).document().kind() == tori::kind::text);
  const tori::result taken = std::move(found).value();
  CHECK(taken.concepts().size() > 0);
  bool threw = false;
  try {
    static_cast<void>(failed.value());
#if defined(__cpp_lib_expected)
  } catch (const std::bad_expected_access<tori::error>&) {
#else
  } catch (const tori::error&) {
#endif
    threw = true;
  }
  CHECK(threw);
  tori::request request;
  tori::outcome<void> set = request.try_set("concepts.top", 3);
  CHECK(set && request.try_text(paper));
  CHECK(request.try_name("paper.txt") && !request.try_name(std::string_view("a\0b", 3)));
  set = request.try_set("concepts.top", "many");
  CHECK(!set && set.error().status() == tori::status::config);
}

static void moved_from(const std::string& path) {
  tori::engine engine;
  tori::config config;
  tori::request request;
  tori::queue queue;
  tori::database database = engine.database();
  request.path(path);
  tori::job job = engine.submit(request);
  tori::result result = job.get_result();
  tori::tags tags = database.tag(paper);

  const tori::engine engines = std::move(engine);
  const tori::config configs = std::move(config);
  const tori::request requests = std::move(request);
  const tori::queue queues = std::move(queue);
  const tori::database databases = std::move(database);
  const tori::job jobs = std::move(job);
  const tori::result results = std::move(result);
  const tori::tags all = std::move(tags);
  CHECK(engines && configs && requests && queues && databases && jobs && results && all);
  // NOLINTBEGIN(bugprone-use-after-move): that is the test.
  CHECK(!engine && !config && !request && !queue && !database && !job && !result && !tags);

  // Never the default engine, settings or no queue in its place.
  CHECK_THROWS(tori::status::argument, engine.ingest_path(path));
  CHECK_THROWS(tori::status::argument, engine.ingest_bytes(paper));
  CHECK_THROWS(tori::status::argument, engine.ingest_text(paper));
  CHECK_THROWS(tori::status::argument, engine.ingest(requests));
  CHECK_THROWS(tori::status::argument, engine.submit(requests));
  CHECK_THROWS(tori::status::argument, engine.submit_batch(std::vector<tori::request>()));
  CHECK_THROWS(tori::status::argument, tori::engine(config));
  CHECK_THROWS(tori::status::argument, tori::database::open(config));
  CHECK_THROWS(tori::status::argument, tori::request().queue(queue));
  CHECK(!engine.database() && !engine.share());

  CHECK_THROWS(tori::status::argument, engines.ingest(request));
  CHECK_THROWS(tori::status::argument, engines.submit(request));
  CHECK_THROWS(tori::status::argument, config.set("limits.pages", 1));
  CHECK_THROWS(tori::status::argument, request.path(path));
  CHECK_THROWS(tori::status::argument, request.bytes(paper));
  CHECK_THROWS(tori::status::argument, request.text(paper));
  CHECK_THROWS(tori::status::argument, request.name("x"));
  CHECK_THROWS(tori::status::argument, request.set("concepts.top", 1));
  CHECK_THROWS(tori::status::argument, request.tag(&path));
  CHECK_THROWS(tori::status::argument, request.queue(nullptr));
  CHECK_THROWS(tori::status::argument, queue.next());
  CHECK_THROWS(tori::status::argument, database.tag(paper));
  CHECK_THROWS(tori::status::argument, job.wait());
  CHECK_THROWS(tori::status::argument, job.result());
  CHECK_THROWS(tori::status::argument, job.get_result());
  CHECK(config.json().empty() && result.json().empty() && database.json().empty());
  CHECK(result.concepts().empty() && result.warnings().empty() && result.document().name().empty());
  CHECK(result.authors().empty() && result.keywords().empty());
  CHECK(database.size() == 0 && !database.find("x") && tags.empty() && tags[0].label.empty());
  CHECK(job.id() == 0 && job.status() == tori::status::argument && queue.fd() == -1);
  job.cancel();
  queue.wake();
  CHECK(!job.share() && !result.share() && !database.share());

  // And what is refused is let go of.
  drops counted;
  CHECK_THROWS(tori::status::argument, request.progress([t = counted.token()](const tori::progress&) {}));
  CHECK_THROWS(tori::status::argument, request.done([t = counted.token()](tori::job) {}));
  CHECK_THROWS(tori::status::argument, engine.set_progress([t = counted.token()](const tori::progress&) {}));
  CHECK(counted.count() == 3);
  // NOLINTEND(bugprone-use-after-move)

  // Out into C and back.
  tori::result mine = results.share();
  tori_result* raw = mine.release();
  CHECK(!mine && tori_result_count(raw) == results.concepts().size());
  const tori::result back(raw);
  CHECK(back.concepts().size() == results.concepts().size());
}

int main(int argc, char** argv) {
  CHECK(argc == 2);
  const std::string folder = argv[1];
  CHECK(tori::version_number() == TORI_VERSION_NUMBER && tori::version() == "0.1.0");
  CHECK(tori::features().find("pdf") != std::string_view::npos);
  const tori::engine engine;
  results(engine, (folder + "/two_column.pdf").c_str());
  results(engine, (folder + "/groff.pdf").c_str());
  nothing_found(engine, folder + "/scanned.pdf");
  explained(engine);
  abbreviated(engine);
  settings();
  errors(engine, folder);
  moved_from(folder + "/groff.pdf");
  CHECK(tori::shutdown());
  CHECK_THROWS(tori::status::shutdown, engine.ingest_text(paper));
}
