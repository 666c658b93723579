// tori.hpp - tori.h for C++17 and later: handles that free themselves, views, ranges, callables. Header only.
//
//  - Handles (config, engine, request, job, queue, result, database, tags) are moved, never copied; share() of an
//    engine, job, result or database is one more handle of the same thing. One that was moved from tests false, and
//    functions that need it answer status::argument.
//  - Every function that can fail has two forms. try_NAME returns outcome<T>: T or a tori::error, std::expected where
//    the standard library has it. NAME returns T and throws the tori::error; with -fno-exceptions there is no NAME,
//    and engines, queues and databases are made by try_make and try_open alone.
//  - What a std::string_view, range, concept or tag shows lives in the handle it came from, and no longer. The
//    functions that hand such views out do not compile on temporaries.
//  - const member functions may be called by many threads at once, others by one at a time.
//  - Callables are moved or copied in and destroyed once, when the library no longer needs them, on any thread. An
//    exception that leaves one stops there, never in C. From a progress callback it cancels the call or job; when a
//    call waits (ingest), that call throws it on, and try_ingest has it in error::cause().
//  - get() is the pointer for tori.h, whose comments are the reference; release() gives it away.
#ifndef TORI_HPP
#define TORI_HPP

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>
#if __has_include(<version>)
#  include <version>
#endif
#if defined(__cpp_lib_expected)
#  include <expected>
#endif
#if defined(__cpp_lib_ranges)
#  include <ranges>
#endif

#include "tori.h"

// Objects compiled either way may meet in one program: they have names of their own.
#if defined(__cpp_exceptions)
#  define TORI_HPP_ERRORS throwing
#else
#  define TORI_HPP_ERRORS not_throwing
#endif
#if defined(__cpp_lib_expected)
#  define TORI_HPP_OUTCOME with_std_expected
#else
#  define TORI_HPP_OUTCOME with_own_outcome
#endif

namespace tori {
inline namespace TORI_HPP_ERRORS {
inline namespace TORI_HPP_OUTCOME {

// ---- numbers ------------------------------------------------------------------------------------------------------

enum class status : tori_status {
  ok = TORI_OK,
  pending = TORI_PENDING,
  end = TORI_END,
  argument = TORI_E_ARGUMENT,
  config = TORI_E_CONFIG,
  io = TORI_E_IO,
  format = TORI_E_FORMAT,
  encrypted = TORI_E_ENCRYPTED,
  limit = TORI_E_LIMIT,
  database = TORI_E_DATABASE,
  cancelled = TORI_E_CANCELLED,
  timeout = TORI_E_TIMEOUT,
  busy = TORI_E_BUSY,
  shutdown = TORI_E_SHUTDOWN,
  forked = TORI_E_FORKED,
  unsupported = TORI_E_UNSUPPORTED,
  abi = TORI_E_ABI,
  panic = TORI_E_PANIC,
};

/// Where a concept was found.
enum class source : std::uint32_t {
  statistical = TORI_SOURCE_STATISTICAL,
  database = TORI_SOURCE_DATABASE,
  both = TORI_SOURCE_BOTH,
};

/// How other concepts of a database stand to one.
enum class relation : std::uint32_t {
  broader = TORI_RELATION_BROADER,
  narrower = TORI_RELATION_NARROWER,
};

enum class kind : std::uint32_t {
  pdf = TORI_KIND_PDF,
  markdown = TORI_KIND_MARKDOWN,
  text = TORI_KIND_TEXT,
  html = TORI_KIND_HTML,
  docx = TORI_KIND_DOCX,
};

enum class stage : std::int32_t {
  init,
  document,
  structure,
  concepts,
  database,
  analysis,
  pruning,
  finalize,
  complete,
};

enum class event_kind : std::int32_t {
  wake = TORI_EVENT_WAKE,
  progress = TORI_EVENT_PROGRESS,
  done = TORI_EVENT_DONE,
};

enum class log_level : std::int32_t { error = 1, warning, info, debug, trace };

/// What a progress callback answers; one that returns nothing goes on.
enum class flow { proceed, cancel };

/// As a timeout: no limit.
inline constexpr std::chrono::milliseconds forever{-1};

/// "TORI_E_LIMIT"; "TORI_UNKNOWN" for a number that is none.
inline std::string_view name_of(status s) noexcept { return tori_status_name(static_cast<tori_status>(s)); }

/// The version of the library that runs.
inline std::string_view version() noexcept { return tori_version(); }

/// As TORI_VERSION_NUMBER counts.
inline std::uint32_t version_number() noexcept { return tori_version_number(); }

/// What this build can do, as words parted by spaces.
inline std::string_view features() noexcept { return tori_features(); }

namespace detail {
inline std::string_view view(const char* text) noexcept { return text ? std::string_view(text) : std::string_view(); }
inline std::string_view view(const char* text, std::size_t len) noexcept { return {text ? text : "", len}; }

template <class Render, class T>
std::string_view rendered(Render&& render, T* from) noexcept {
  std::size_t len = 0;
  const char* json = render(from, &len);
  return view(json, len);
}
}  // namespace detail

/// The name of a section by its number; empty for a number that is none.
inline std::string_view section_name(std::uint32_t section) noexcept {
  return detail::view(tori_section_name(section));
}

// ---- errors -------------------------------------------------------------------------------------------------------

class error : public std::exception {
 public:
  /// Takes over an error of tori.h.
  explicit error(tori_error* owned)
      : status_(static_cast<tori::status>(tori_error_status(owned))), owned_(owned, tori_error_free) {}

  /// message is kept as a pointer.
  error(tori::status s, const char* message, std::exception_ptr cause = nullptr) noexcept
      : status_(s), message_(message), cause_(std::move(cause)) {}

  tori::status status() const noexcept { return status_; }

  /// What happened, in one sentence for people; UTF-8.
  const char* what() const noexcept override { return owned_ ? tori_error_message(owned_.get()) : message_; }

  /// The facts as a JSON object; empty where what() says all there is.
  std::string_view json() const noexcept { return detail::rendered(tori_error_json, owned_.get()); }

  /// What a progress callback threw, when that ended the call; else null.
  const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
  tori::status status_;
  const char* message_ = "";
  std::shared_ptr<tori_error> owned_;
  std::exception_ptr cause_;
};

namespace detail {
#if defined(__cpp_exceptions)
[[noreturn]] inline void raise(error&& why) {
  if (why.cause()) {
    std::rethrow_exception(why.cause());
  }
  throw std::move(why);
}
#endif
}  // namespace detail

#if defined(__cpp_lib_expected)

template <class T>
using outcome = std::expected<T, error>;

namespace detail {
using failed = std::unexpected<error>;
}

#else

namespace detail {
struct failed {
  explicit failed(tori::error e) noexcept : why(std::move(e)) {}
  tori::error why;
};
}  // namespace detail

/// T, or the error there is in its place: the part of std::expected<T, tori::error> that C++17 can have. Unlike there,
/// value() throws the error itself.
template <class T>
class [[nodiscard]] outcome {
 public:
  using value_type = T;
  using error_type = tori::error;

  outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  outcome(detail::failed failed) : state_(std::in_place_index<1>, std::move(failed.why)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  tori::error& error() & noexcept { return *std::get_if<1>(&state_); }
  const tori::error& error() const& noexcept { return *std::get_if<1>(&state_); }
  tori::error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  template <class U>
  T value_or(U&& other) && {
    return has_value() ? *std::move(*this) : static_cast<T>(std::forward<U>(other));
  }

#  if defined(__cpp_exceptions)
  T& value() & {
    checked();
    return **this;
  }
  const T& value() const& {
    checked();
    return **this;
  }
  T&& value() && {
    checked();
    return *std::move(*this);
  }

 private:
  void checked() const {
    if (!has_value()) {
      detail::raise(tori::error(error()));
    }
  }
#  endif

 private:
  std::variant<T, tori::error> state_;
};

template <>
class [[nodiscard]] outcome<void> {
 public:
  using value_type = void;
  using error_type = tori::error;

  outcome() noexcept = default;
  outcome(detail::failed failed) : error_(std::move(failed.why)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  void operator*() const noexcept {}

  tori::error& error() & noexcept { return *error_; }
  const tori::error& error() const& noexcept { return *error_; }
  tori::error&& error() && noexcept { return std::move(*error_); }

#  if defined(__cpp_exceptions)
  void value() const {
    if (error_) {
      detail::raise(tori::error(*error_));
    }
  }
#  endif

 private:
  std::optional<tori::error> error_;
};

#endif

// ---- what the rest is made of -------------------------------------------------------------------------------------

namespace detail {

#if defined(__cpp_exceptions)
template <class T>
T value(outcome<T>&& from) {
  if (!from) {
    raise(std::move(from).error());
  }
  return *std::move(from);
}
#endif

inline failed fail(status s, const char* message) noexcept { return failed(error(s, message)); }

/// Where the library takes NULL for something else, a handle that was moved from must not get there.
inline failed moved_from(const char* message) noexcept { return fail(status::argument, message); }

inline outcome<void> checked(tori_status s, const char* message) {
  if (s != TORI_OK) {
    return fail(static_cast<status>(s), message);
  }
  return {};
}

/// Runs a function of tori.h that stores an error. `otherwise` is the message where it stores none.
template <class Call>
outcome<void> run(Call&& call, const char* otherwise = "there is no memory for the error") {
  static const tori_status abi = tori_check_abi(TORI_ABI);
  if (abi != TORI_OK) {
    return fail(status::abi, "libtori has another binary interface than the tori.h this program was compiled with");
  }
  tori_error* why = nullptr;
  const tori_status s = call(&why);
  if (why) {
    return failed(error(why));
  }
  return checked(s, otherwise);
}

/// Runs a function of tori.h that makes a handle.
template <class Handle, class Call>
outcome<Handle> make(Call&& call, const char* otherwise = "there is no memory for the error") {
  typename Handle::native_type* out = nullptr;
  auto done = run([&](tori_error** why) { return call(&out, why); }, otherwise);
  if (!done) {
    return failed(std::move(done).error());
  }
  return Handle(out);
}

/// tori.h takes paths and keys as C strings: a NUL inside would cut them short.
template <class Use>
auto with_c_string(std::string_view text, Use&& use) -> decltype(use("")) {
  if (text.find('\0') != std::string_view::npos) {
    return fail(status::argument, "a path or key holds a NUL byte");
  }
  return use(std::string(text).c_str());
}

template <class T>
T* not_null(T* made) {
  if (!made) {
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    std::terminate();
#endif
  }
  return made;
}

template <class Struct>
Struct sized() noexcept {
  Struct s{};
  s.struct_size = static_cast<std::uint32_t>(sizeof s);
  return s;
}

/// A number as settings are written.
class written {
 public:
  explicit written(bool value) noexcept : end_(chars_) {
    for (const char* c = value ? "true" : "false"; *c; ++c) {
      *end_++ = *c;
    }
  }
  template <class Number>
  explicit written(Number value) noexcept : end_(std::to_chars(chars_, chars_ + sizeof chars_, value).ptr) {}

  std::string_view text() const noexcept { return {chars_, static_cast<std::size_t>(end_ - chars_)}; }

 private:
  char chars_[64];
  char* end_;
};

/// One reference to a thing of the library's.
template <class T, void (*Free)(T*)>
class handle {
 public:
  using native_type = T;

  /// The pointer for tori.h, which stays this handle's; null when this was moved from.
  T* get() const noexcept { return owned_.get(); }
  /// Gives the pointer away: the caller frees it.
  T* release() noexcept { return owned_.release(); }
  explicit operator bool() const noexcept { return owned_ != nullptr; }

 protected:
  explicit handle(T* owned) noexcept : owned_(owned) {}

 private:
  struct freer {
    void operator()(T* owned) const noexcept { Free(owned); }
  };
  std::unique_ptr<T, freer> owned_;
};

/// A range over what a handle holds, each element made when it is asked for.
template <class Elements>
class list {
 public:
  using value_type = typename Elements::value_type;

  class iterator {
    struct arrow {
      value_type element;
      const value_type* operator->() const noexcept { return &element; }
    };

   public:
    using value_type = typename Elements::value_type;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    using pointer = arrow;
    // Elements are made on the way out, which C++17 allows to input iterators alone.
    using iterator_category = std::input_iterator_tag;
#if defined(__cpp_lib_ranges)
    using iterator_concept = std::random_access_iterator_tag;
#endif

    iterator() noexcept = default;
    iterator(Elements elements, difference_type index) noexcept : elements_(elements), index_(index) {}

    value_type operator*() const noexcept { return elements_.at(static_cast<std::size_t>(index_)); }
    value_type operator[](difference_type n) const noexcept { return *(*this + n); }
    arrow operator->() const noexcept { return {**this}; }

    iterator& operator++() noexcept { return *this += 1; }
    iterator& operator--() noexcept { return *this -= 1; }
    iterator operator++(int) noexcept { return {elements_, index_++}; }
    iterator operator--(int) noexcept { return {elements_, index_--}; }
    iterator& operator+=(difference_type n) noexcept {
      index_ += n;
      return *this;
    }
    iterator& operator-=(difference_type n) noexcept { return *this += -n; }
    friend iterator operator+(iterator i, difference_type n) noexcept { return i += n; }
    friend iterator operator+(difference_type n, iterator i) noexcept { return i += n; }
    friend iterator operator-(iterator i, difference_type n) noexcept { return i -= n; }
    friend difference_type operator-(const iterator& a, const iterator& b) noexcept { return a.index_ - b.index_; }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.index_ == b.index_; }
    friend bool operator!=(const iterator& a, const iterator& b) noexcept { return a.index_ != b.index_; }
    friend bool operator<(const iterator& a, const iterator& b) noexcept { return a.index_ < b.index_; }
    friend bool operator>(const iterator& a, const iterator& b) noexcept { return a.index_ > b.index_; }
    friend bool operator<=(const iterator& a, const iterator& b) noexcept { return a.index_ <= b.index_; }
    friend bool operator>=(const iterator& a, const iterator& b) noexcept { return a.index_ >= b.index_; }

   private:
    Elements elements_{};
    difference_type index_ = 0;
  };

  list() noexcept = default;
  explicit list(Elements elements) noexcept : elements_(elements) {}

  std::size_t size() const noexcept { return elements_.size(); }
  bool empty() const noexcept { return size() == 0; }
  /// Past the end, an element with nothing in it.
  value_type operator[](std::size_t index) const noexcept { return elements_.at(index); }
  iterator begin() const noexcept { return {elements_, 0}; }
  iterator end() const noexcept { return {elements_, static_cast<std::ptrdiff_t>(size())}; }

 private:
  Elements elements_{};
};

/// The innermost call of this thread that waits for its document, and what a callback threw in it.
class waiting {
 public:
  waiting() noexcept : outer_(innermost()) { innermost() = this; }
  ~waiting() { innermost() = outer_; }
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;

  const std::exception_ptr& thrown() const noexcept { return thrown_; }

  static void keep(std::exception_ptr thrown) noexcept {
    if (waiting* here = innermost(); here && !here->thrown_) {
      here->thrown_ = std::move(thrown);
    }
  }

 private:
  static waiting*& innermost() noexcept {
    thread_local waiting* here = nullptr;
    return here;
  }

  waiting* outer_;
  std::exception_ptr thrown_;
};

/// Keeps exceptions from going on into C.
template <class Work, class Caught>
void contain(Work&& work, Caught&& caught) noexcept {
#if defined(__cpp_exceptions)
  try {
    work();
  } catch (...) {
    caught(std::current_exception());
  }
#else
  static_cast<void>(caught);
  work();
#endif
}

template <class T>
void destroy(void* owned) noexcept {
  delete static_cast<T*>(owned);
}

/// Gives a copy of `value` to the library: attach(pointer, drop) says whether it took it.
template <class T, class Attach>
outcome<void> give(T&& value, Attach&& attach, const char* refused) {
  using held = std::decay_t<T>;
  auto box = std::make_unique<held>(std::forward<T>(value));
  auto taken = checked(attach(box.get(), &destroy<held>), refused);
  if (taken) {
    static_cast<void>(box.release());
  }
  return taken;
}

}  // namespace detail

/// Bytes of somebody's: a pointer and a length, or any contiguous container of bytes.
class bytes_view {
 public:
  bytes_view(const void* data, std::size_t size) noexcept : data_(data), size_(size) {}

  // Not arrays: of a string literal the NUL would be one of the bytes.
  template <class Bytes, class Byte = std::remove_pointer_t<decltype(std::data(std::declval<const Bytes&>()))>,
            class = std::enable_if_t<sizeof(Byte) == 1 && std::is_trivially_copyable_v<Byte> &&
                                     !std::is_array_v<Bytes>>>
  bytes_view(const Bytes& bytes) noexcept : data_(std::data(bytes)), size_(std::size(bytes)) {}

  const void* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

 private:
  const void* data_;
  std::size_t size_;
};

// ---- progress, events, log ----------------------------------------------------------------------------------------

/// How far a call or job is. The strings live until the callback returns.
struct progress {
  explicit progress(const tori_progress& from) noexcept
      : stage(static_cast<tori::stage>(from.stage)),
        percent(from.percent),
        job_id(from.job_id),
        units_done(from.units_done),
        units_total(from.units_total),
        stage_name(detail::view(from.stage_name)),
        message(detail::view(from.message)),
        tag(from.tag) {}

  tori::stage stage;
  /// 0 to 100; never lower than before, 100 only on success.
  std::uint32_t percent;
  /// 0 for a call that waits.
  std::uint64_t job_id;
  std::uint64_t units_done;
  std::uint64_t units_total;
  std::string_view stage_name;
  /// For people.
  std::string_view message;
  const void* tag;
};

/// What happened to a job.
struct event {
  explicit event(const tori_event& from) noexcept
      : kind(static_cast<event_kind>(from.kind)),
        job_id(from.job_id),
        tag(from.tag),
        status(static_cast<tori::status>(from.status)),
        stage(static_cast<tori::stage>(from.stage)),
        percent(from.percent) {}

  event_kind kind;
  std::uint64_t job_id;
  const void* tag;
  /// status::pending, or what the job ended with.
  tori::status status;
  tori::stage stage;
  std::uint32_t percent;
};

namespace detail {

template <class Callback>
int on_progress(void* callback, const tori_progress* raw) noexcept {
  using answer = std::invoke_result_t<Callback&, const progress&>;
  static_assert(std::is_void_v<answer> || std::is_same_v<answer, flow>,
                "a progress callback returns nothing or tori::flow");
  flow next = flow::proceed;
  contain(
      [&] {
        Callback& call = *static_cast<Callback*>(callback);
        if constexpr (std::is_void_v<answer>) {
          call(progress(*raw));
        } else {
          next = call(progress(*raw));
        }
      },
      [&](std::exception_ptr thrown) {
        next = flow::cancel;
        // A thread that waits may run jobs of others meanwhile: what they throw is not this call's.
        if (raw->job_id == 0) {
          waiting::keep(std::move(thrown));
        }
      });
  return next == flow::cancel;
}

template <class Callback>
void on_log(void* callback, std::int32_t level, const char* target, const char* message, std::size_t len) noexcept {
  contain(
      [&] { (*static_cast<Callback*>(callback))(static_cast<log_level>(level), view(target), view(message, len)); },
      [](const std::exception_ptr&) {});
}

}  // namespace detail

// ---- settings and database ----------------------------------------------------------------------------------------

/// A set of settings.
class config : public detail::handle<tori_config, tori_config_free> {
 public:
  config() : handle(detail::not_null(tori_config_new())) {}
  explicit config(tori_config* owned) noexcept : handle(owned) {}

  outcome<void> try_set(std::string_view key, std::string_view value) {
    return detail::with_c_string(key, [&](const char* name) {
      return detail::run(
          [&](tori_error** why) { return tori_config_set(get(), name, value.data(), value.size(), why); });
    });
  }
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  outcome<void> try_set(std::string_view key, Number value) {
    return try_set(key, detail::written(value).text());
  }

#if defined(__cpp_exceptions)
  /// Sets a setting, "limits.pages", to a text, number or truth value.
  template <class Value>
  config& set(std::string_view key, const Value& value) {
    detail::value(try_set(key, value));
    return *this;
  }
#endif

  /// All settings as a JSON object, until the next set.
  std::string_view json() & noexcept { return detail::rendered(tori_config_json, get()); }
  std::string_view json() && = delete;
};

/// One mention of a database concept in a text: bytes start to end, end not included.
struct tag {
  std::uint64_t concept_id;
  std::uint64_t start;
  std::uint64_t end;
  /// The concept's name, not always the words of the text.
  std::string_view label;
};

namespace detail {
struct tags_of {
  using value_type = tori::tag;
  const tori_tags* tags = nullptr;

  std::size_t size() const noexcept { return tori_tags_count(tags); }
  value_type at(std::size_t index) const noexcept {
    auto raw = sized<tori_tag>();
    static_cast<void>(tori_tags_get(tags, index, &raw));
    return {raw.concept_id, raw.start, raw.end, view(raw.label, raw.label_len)};
  }
};
}  // namespace detail

/// The mentions of database concepts in one text, in its order; itself a range of them.
class tags : public detail::handle<tori_tags, tori_tags_free> {
 public:
  using value_type = tori::tag;
  using iterator = detail::list<detail::tags_of>::iterator;

  explicit tags(tori_tags* owned) noexcept : handle(owned) {}

  std::size_t size() const noexcept { return all().size(); }
  bool empty() const noexcept { return all().empty(); }
  tori::tag operator[](std::size_t index) const& noexcept { return all()[index]; }
  tori::tag operator[](std::size_t index) const&& = delete;
  iterator begin() const& noexcept { return all().begin(); }
  iterator begin() const&& = delete;
  iterator end() const& noexcept { return all().end(); }
  iterator end() const&& = delete;

 private:
  detail::list<detail::tags_of> all() const noexcept { return detail::list<detail::tags_of>({get()}); }
};

/// A concept database. Each call sees it as it is at one moment; what changes it is seen by engines that have it.
class database : public detail::handle<tori_database, tori_database_free> {
 public:
  explicit database(tori_database* owned) noexcept : handle(owned) {}

  /// The database that the settings lead to, all at their defaults when there are none.
  static outcome<database> try_open() {
    return detail::make<database>(
        [](tori_database** out, tori_error** why) { return tori_database_open(nullptr, out, why); });
  }
  static outcome<database> try_open(const config& settings) {
    if (!settings) {
      return detail::moved_from("the config was moved from");
    }
    return detail::make<database>(
        [&](tori_database** out, tori_error** why) { return tori_database_open(settings.get(), out, why); });
  }
  static outcome<database> try_open_path(std::string_view path) {
    return detail::with_c_string(path, [](const char* name) {
      return detail::make<database>(
          [&](tori_database** out, tori_error** why) { return tori_database_open_path(name, out, why); });
    });
  }

  static outcome<database> try_open_bytes(std::string_view bytes, std::string_view origin = "bytes") {
    return detail::with_c_string(origin, [&](const char* name) {
      return detail::make<database>([&](tori_database** out, tori_error** why) {
        return tori_database_open_bytes(bytes.data(), bytes.size(), name, out, why);
      });
    });
  }
  static outcome<database> try_compile(const std::vector<std::string>& sources, std::string_view target) {
    return compiled(sources, target, tori_database_compile);
  }

  static outcome<database> try_compile(const config& settings, const std::vector<std::string>& sources,
                                       std::string_view target) {
    if (!settings) {
      return detail::moved_from("the config was moved from");
    }
    return compiled(sources, target, [&](const char* const* names, std::size_t count, const char* name,
                                         tori_database** out, tori_error** why) {
      return tori_database_compile_with(settings.get(), names, count, name, out, why);
    });
  }

  outcome<void> try_verify() const {
    return detail::run([&](tori_error** why) { return tori_database_verify(get(), why); });
  }
  outcome<std::uint64_t> try_upsert(std::string_view json) {
    std::uint64_t first = 0;
    auto done = detail::run([&](tori_error** why) {
      return tori_database_upsert(get(), json.data(), json.size(), &first, why);
    });
    if (!done) {
      return detail::failed(std::move(done).error());
    }
    return first;
  }
  outcome<void> try_remove(std::uint64_t id) {
    return detail::run([&](tori_error** why) { return tori_database_remove(get(), id, why); });
  }
  outcome<void> try_remove_named(std::string_view name) {
    return detail::run([&](tori_error** why) {
      return tori_database_remove_named(get(), name.data(), name.size(), why);
    });
  }
  outcome<void> try_save(std::string_view target) const {
    return detail::with_c_string(target, [&](const char* path) {
      return detail::run([&](tori_error** why) { return tori_database_save(get(), path, why); });
    });
  }
  outcome<tori::tags> try_tag_all(std::string_view text) const {
    return detail::make<tori::tags>([&](tori_tags** out, tori_error** why) {
      return tori_database_tag_all(get(), text.data(), text.size(), out, why);
    });
  }
  outcome<tori::tags> try_tag(std::string_view text) const {
    return detail::make<tori::tags>([&](tori_tags** out, tori_error** why) {
      return tori_database_tag(get(), text.data(), text.size(), out, why);
    });
  }

#if defined(__cpp_exceptions)
  static database open() { return detail::value(try_open()); }
  static database open(const config& settings) { return detail::value(try_open(settings)); }
  /// The concept file at path, or the folder of concept files, and nothing else.
  static database open_path(std::string_view path) { return detail::value(try_open_path(path)); }
  /// The database in bytes, JSON or compiled, which it is a verified copy of; origin is what messages call it.
  static database open_bytes(std::string_view bytes, std::string_view origin = "bytes") {
    return detail::value(try_open_bytes(bytes, origin));
  }
  /// The database of the files at sources, compiled into the file at target.
  static database compile(const std::vector<std::string>& sources, std::string_view target) {
    return detail::value(try_compile(sources, target));
  }
  /// As above, with the settings database.diacritics and database.language.
  static database compile(const config& settings, const std::vector<std::string>& sources, std::string_view target) {
    return detail::value(try_compile(settings, sources, target));
  }
  /// Checks the whole of a compiled file, of which opening reads the header alone.
  void verify() const { detail::value(try_verify()); }
  /// Puts concepts in, each in the place of the one of the same name: an entry in JSON, a list, or a whole source. The
  /// number of the first.
  std::uint64_t upsert(std::string_view json) { return detail::value(try_upsert(json)); }
  /// Takes out the concept with a number.
  void remove(std::uint64_t id) { detail::value(try_remove(id)); }
  /// Takes out the concept of a name.
  void remove_named(std::string_view name) { detail::value(try_remove_named(name)); }
  /// Writes the database as it is now into a compiled file; what was changed before is in it.
  void save(std::string_view target) const { detail::value(try_save(target)); }
  /// Every place where a name or alias stands, overlapping or not, and every concept that has it.
  tori::tags tag_all(std::string_view text) const { return detail::value(try_tag_all(text)); }
  /// Every mention of a concept in a UTF-8 text.
  tori::tags tag(std::string_view text) const { return detail::value(try_tag(text)); }
#endif

  std::size_t size() const noexcept { return tori_database_count(get()); }

  /// The number of the concept with this name or alias, in any casing.
  std::optional<std::uint64_t> find(std::string_view name) const noexcept {
    std::uint64_t id = 0;
    if (tori_database_find(get(), name.data(), name.size(), &id) != TORI_OK) {
      return std::nullopt;
    }
    return id;
  }

  /// The concept with a number, as a JSON object; empty when there is none.
  std::optional<std::string> concept_json(std::uint64_t id) const {
    std::size_t length = 0;
    static_cast<void>(tori_database_concept(get(), id, nullptr, 0, &length));
    std::string json(length + 1, '\0');
    if (tori_database_concept(get(), id, json.data(), json.size(), nullptr) != TORI_OK) {
      return std::nullopt;
    }
    json.resize(length);
    return json;
  }

  /// The numbers of the concepts that are broader or narrower than the one with a number, one step away; empty when there
  /// is no such concept.
  std::optional<std::vector<std::uint64_t>> related(std::uint64_t id, tori::relation which) const {
    const auto number = static_cast<std::uint32_t>(which);
    std::vector<std::uint64_t> ids;
    std::size_t count = 0;
    tori_status status;
    // Once more if others came in between.
    while ((status = tori_database_related(get(), id, number, ids.data(), ids.size(), &count)) == TORI_E_LIMIT) {
      ids.resize(count);
    }
    if (status != TORI_OK) {
      return std::nullopt;
    }
    ids.resize(count);
    return ids;
  }

  /// Where the database came from, as a JSON object.
  std::string_view json() const& noexcept { return detail::rendered(tori_database_json, get()); }
  std::string_view json() const&& = delete;

  database share() const noexcept { return database(tori_database_ref(get())); }

 private:
  /// Calls with sources and target as C has them.
  template <class Call>
  static outcome<database> compiled(const std::vector<std::string>& sources, std::string_view target, Call&& call) {
    std::vector<const char*> names;
    for (const std::string& source : sources) {
      names.push_back(source.c_str());
    }
    return detail::with_c_string(target, [&](const char* name) {
      return detail::make<database>([&](tori_database** out, tori_error** why) {
        return call(names.data(), names.size(), name, out, why);
      });
    });
  }
};

// ---- result -------------------------------------------------------------------------------------------------------

/// Bytes of a document's text, start included, end not.
struct span {
  std::uint64_t start;
  std::uint64_t end;
};

/// What one aspect of a concept does to its score. Lives as long as a handle of the result.
struct factor {
  /// "title", "count" and their like.
  std::string_view aspect;
  /// How the concept is in it, for people.
  std::string_view words;
  /// What it adds to the sum: above 0 it lifts the score, below it sinks it.
  double effect;
};

/// Why a candidate is not among the concepts. Lives as long as a handle of the result.
struct decision {
  /// Its usual form in the text.
  std::string_view form;
  /// Name of the reason.
  std::string_view reason;
  /// The reason for people, with what decided it.
  std::string_view why;
  /// The label of the concept it was dropped for.
  std::optional<std::string_view> better;
  /// None when it names nothing.
  std::optional<double> score;
  std::optional<double> quality;
};

namespace detail {
struct factors_of {
  using value_type = tori::factor;
  const tori_result* result = nullptr;
  std::size_t index = 0;
  std::size_t count = 0;

  std::size_t size() const noexcept { return count; }
  value_type at(std::size_t number) const noexcept {
    auto raw = sized<tori_factor>();
    static_cast<void>(tori_result_factor(result, index, number, &raw));
    return {view(raw.aspect), view(raw.words), raw.effect};
  }
};

struct acronyms_of {
  using value_type = std::string_view;
  const tori_result* result = nullptr;
  std::size_t index = 0;
  std::size_t count = 0;

  std::size_t size() const noexcept { return count; }
  value_type at(std::size_t number) const noexcept { return view(tori_result_acronym(result, index, number)); }
};

struct spans_of {
  using value_type = tori::span;
  const tori_result* result = nullptr;
  std::size_t index = 0;
  std::size_t count = 0;

  std::size_t size() const noexcept { return count; }
  value_type at(std::size_t number) const noexcept {
    auto raw = sized<tori_span>();
    static_cast<void>(tori_result_span(result, index, number, &raw));
    return {raw.start, raw.end};
  }
};
}  // namespace detail

/// One concept of a result. Lives as long as a handle of the result.
class ranked_concept {
 public:
  ranked_concept(const tori_result* result, std::size_t index) noexcept
      : result_(result), index_(index), raw_(detail::sized<tori_concept>()) {
    static_cast<void>(tori_result_concept(result, index, &raw_));
  }

  std::string_view label() const noexcept { return detail::view(raw_.label, raw_.label_len); }
  /// The form most used in the document: the label, or what the text calls a concept of the database.
  std::string_view form() const noexcept { return detail::view(raw_.form, raw_.form_len); }
  /// The probability that a reader would list it among the document's keyphrases, 0 to 1.
  double score() const noexcept { return raw_.score; }
  /// The score with the operators' weights on it, 0 to 1; concepts are in the order of this.
  double quality() const noexcept { return raw_.quality; }
  /// The database's number for it; 0 for concepts not in the database.
  std::uint64_t id() const noexcept { return raw_.concept_id; }
  std::string_view category() const noexcept { return detail::view(raw_.category); }
  /// The section that speaks most for it.
  std::string_view section() const noexcept { return detail::view(raw_.section); }
  /// Whether it occurs in section number section of section_name.
  bool in_section(std::uint32_t section) const noexcept { return section < 32 && (raw_.sections >> section & 1U) != 0; }
  /// The page of the first mention, from 1.
  std::uint32_t first_page() const noexcept { return raw_.first_page; }
  std::uint32_t occurrences() const noexcept { return raw_.occurrences; }
  tori::source source() const noexcept { return static_cast<tori::source>(raw_.source); }
  /// Where it is mentioned, up to report.spans of them.
  detail::list<detail::spans_of> spans() const noexcept {
    return detail::list<detail::spans_of>({result_, index_, static_cast<std::size_t>(raw_.span_count)});
  }
  /// The acronyms that the document defines for it.
  detail::list<detail::acronyms_of> acronyms() const noexcept {
    return detail::list<detail::acronyms_of>({result_, index_, static_cast<std::size_t>(raw_.acronym_count)});
  }
  /// With report.explain, why it has its score: base and the effects of the factors add up to sum.
  double base() const noexcept { return raw_.base; }
  double sum() const noexcept { return raw_.sum; }
  /// The greatest effect first; empty without report.explain.
  detail::list<detail::factors_of> factors() const noexcept {
    return detail::list<detail::factors_of>({result_, index_, static_cast<std::size_t>(raw_.factor_count)});
  }

 private:
  const tori_result* result_;
  std::size_t index_;
  tori_concept raw_;
};

/// What was read. Lives as long as a handle of the result.
class document {
 public:
  explicit document(const tori_result* result) noexcept : raw_(detail::sized<tori_document>()) {
    static_cast<void>(tori_result_document(result, &raw_));
  }

  tori::kind kind() const noexcept { return static_cast<tori::kind>(raw_.kind); }
  /// The file's name without folders; the request's name, "bytes" or "text" for documents in memory.
  std::string_view name() const noexcept { return detail::view(raw_.name); }
  std::string_view sha256() const noexcept { return detail::view(raw_.sha256); }
  std::optional<std::string_view> title() const noexcept {
    return raw_.title ? std::optional<std::string_view>(raw_.title) : std::nullopt;
  }
  std::uint64_t bytes() const noexcept { return raw_.bytes; }
  std::uint64_t text_bytes() const noexcept { return raw_.text_bytes; }
  std::uint64_t pages() const noexcept { return raw_.pages; }
  bool abstract_found() const noexcept { return raw_.abstract_found != 0; }
  /// Concepts before any filter, after the purity filter, and reported.
  std::uint64_t raw_count() const noexcept { return raw_.raw_count; }
  std::uint64_t pure_count() const noexcept { return raw_.pure_count; }
  std::uint64_t final_count() const noexcept { return raw_.final_count; }

 private:
  friend class result;
  tori_document raw_;
};

namespace detail {
struct concepts_of {
  using value_type = ranked_concept;
  const tori_result* result = nullptr;

  std::size_t size() const noexcept { return tori_result_count(result); }
  value_type at(std::size_t index) const noexcept { return {result, index}; }
};

struct decisions_of {
  using value_type = tori::decision;
  const tori_result* result = nullptr;
  std::size_t count = 0;

  std::size_t size() const noexcept { return count; }
  value_type at(std::size_t index) const noexcept {
    auto raw = sized<tori_decision>();
    static_cast<void>(tori_result_decision(result, index, &raw));
    return {view(raw.form), view(raw.reason), view(raw.why),
            raw.better ? std::optional<std::string_view>(raw.better) : std::nullopt,
            raw.score < 0 ? std::nullopt : std::optional<double>(raw.score),
            raw.quality < 0 ? std::nullopt : std::optional<double>(raw.quality)};
  }
};

/// The strings that a function of tori.h gives one by one.
template <const char* (*Get)(const tori_result*, std::size_t)>
struct strings_of {
  using value_type = std::string_view;
  const tori_result* result = nullptr;
  std::size_t count = 0;

  std::size_t size() const noexcept { return count; }
  value_type at(std::size_t index) const noexcept { return view(Get(result, index)); }
};

using authors_of = strings_of<tori_result_author>;
using keywords_of = strings_of<tori_result_keyword>;
using warnings_of = strings_of<tori_result_warning>;
}  // namespace detail

/// What was found in one document. Never changes.
class result : public detail::handle<tori_result, tori_result_free> {
 public:
  explicit result(tori_result* owned) noexcept : handle(owned) {}

  /// Best first.
  detail::list<detail::concepts_of> concepts() const& noexcept { return detail::list<detail::concepts_of>({get()}); }
  detail::list<detail::concepts_of> concepts() const&& = delete;

  tori::document document() const& noexcept { return tori::document(get()); }
  tori::document document() const&& = delete;

  /// The names of the authors found below the title.
  detail::list<detail::authors_of> authors() const& noexcept {
    return detail::list<detail::authors_of>({get(), document().raw_.author_count});
  }
  detail::list<detail::authors_of> authors() const&& = delete;

  /// The keywords that the authors give in the document.
  detail::list<detail::keywords_of> keywords() const& noexcept {
    return detail::list<detail::keywords_of>({get(), document().raw_.keyword_count});
  }
  detail::list<detail::keywords_of> keywords() const&& = delete;

  /// What was passed over or looks wrong, for people.
  detail::list<detail::warnings_of> warnings() const& noexcept {
    return detail::list<detail::warnings_of>({get(), document().raw_.warning_count});
  }
  detail::list<detail::warnings_of> warnings() const&& = delete;

  /// With report.explain, why candidates are not among the concepts; those that name something first, best first.
  detail::list<detail::decisions_of> decisions() const& noexcept {
    return detail::list<detail::decisions_of>({get(), static_cast<std::size_t>(document().raw_.decision_count)});
  }
  detail::list<detail::decisions_of> decisions() const&& = delete;

  /// The whole result as JSON.
  std::string_view json() const& noexcept { return detail::rendered(tori_result_json, get()); }
  std::string_view json() const&& = delete;

  result share() const noexcept { return result(tori_result_ref(get())); }
};

// ---- jobs and queues ----------------------------------------------------------------------------------------------

/// A document being worked on, which goes on when its handles are gone.
class job : public detail::handle<tori_job, tori_job_free> {
 public:
  explicit job(tori_job* owned) noexcept : handle(owned) {}

  /// Unique in the process, from 1.
  std::uint64_t id() const noexcept { return tori_job_id(get()); }

  /// status::pending, or what the job ended with.
  tori::status status() const noexcept { return static_cast<tori::status>(tori_job_poll(get(), nullptr)); }

  /// The last progress event, without a message.
  progress latest() const noexcept {
    auto raw = detail::sized<tori_progress>();
    static_cast<void>(tori_job_poll(get(), &raw));
    return progress(raw);
  }

  /// Ends the job as cancelled, at once, unless it has ended. Also inside callbacks.
  void cancel() const noexcept { static_cast<void>(tori_job_cancel(get())); }

  outcome<bool> try_wait(std::chrono::milliseconds timeout = forever) const {
    const tori_status s = tori_job_wait(get(), timeout.count());
    if (s == TORI_OK || s == TORI_E_TIMEOUT) {
      return s == TORI_OK;
    }
    return detail::fail(static_cast<tori::status>(s),
                        s == TORI_E_BUSY     ? "a job cannot be waited for from inside its own progress callback"
                        : s == TORI_E_FORKED ? "the job belongs to the process this one was forked from"
                                             : "the timeout is negative, or the job was moved from");
  }
  outcome<tori::result> try_result() const {
    return detail::make<tori::result>(
        [&](tori_result** out, tori_error** why) { return tori_job_result(get(), out, why); }, "the job has not ended");
  }
  outcome<tori::result> try_get_result() const {
    auto ended = try_wait();
    if (!ended) {
      return detail::failed(std::move(ended).error());
    }
    return try_result();
  }

#if defined(__cpp_exceptions)
  /// Waits until the job has ended and its callback has returned; false when the timeout comes first.
  bool wait(std::chrono::milliseconds timeout = forever) const { return detail::value(try_wait(timeout)); }
  /// What came of the job; status::pending is the error when it has not ended.
  tori::result result() const { return detail::value(try_result()); }
  /// Waits for what comes of the job.
  tori::result get_result() const { return detail::value(try_get_result()); }
#endif

  job share() const noexcept { return job(tori_job_ref(get())); }
};

/// A completion queue.
class queue : public detail::handle<tori_queue, tori_queue_free> {
 public:
  explicit queue(tori_queue* owned) noexcept : handle(owned) {}

  static outcome<queue> try_make() {
    return detail::make<queue>([](tori_queue** out, tori_error** why) { return tori_queue_new(out, why); });
  }
  outcome<std::optional<event>> try_next(std::chrono::milliseconds timeout = forever) const {
    auto raw = detail::sized<tori_event>();
    const tori_status s = tori_queue_next(get(), timeout.count(), &raw);
    if (s == TORI_OK) {
      return std::optional<event>(raw);
    }
    if (s == TORI_E_TIMEOUT) {
      return std::optional<event>();
    }
    return detail::fail(static_cast<status>(s), s == TORI_E_FORKED
                                                    ? "the queue belongs to the process this one was forked from"
                                                    : "the timeout is negative, or the queue was moved from");
  }

#if defined(__cpp_exceptions)
  queue() : queue(detail::value(try_make())) {}
  /// Takes out the next event; none when the timeout comes first.
  std::optional<event> next(std::chrono::milliseconds timeout = forever) const {
    return detail::value(try_next(timeout));
  }
#endif

  /// Readable while there are events. Belongs to the queue: neither read from it nor close it.
  int fd() const noexcept { return static_cast<int>(tori_queue_fd(get())); }

  /// Gives the next taker an event_kind::wake. Any thread; not for signal handlers.
  void wake() const noexcept { static_cast<void>(tori_queue_wake(get())); }
};

namespace detail {
template <class Callback>
void on_done(void* callback, tori_job* borrowed) noexcept {
  contain([&] { (*static_cast<Callback*>(callback))(job(tori_job_ref(borrowed))); }, [](const std::exception_ptr&) {});
}
}  // namespace detail

/// One document to take in, with settings and callbacks of its own. May be ingested and submitted any number of times.
class request : public detail::handle<tori_request, tori_request_free> {
 public:
  request() : handle(detail::not_null(tori_request_new())) {}
  explicit request(tori_request* owned) noexcept : handle(owned) {}

  outcome<void> try_path(std::string_view path) {
    return detail::with_c_string(path, [&](const char* name) {
      return detail::checked(tori_request_path(get(), name), "the path is empty, or the request was moved from");
    });
  }
  outcome<void> try_bytes(bytes_view bytes) {
    return detail::checked(tori_request_bytes(get(), bytes.data(), bytes.size()),
                           "there is no memory for a copy of the bytes, or the request was moved from");
  }
  template <class Bytes>
  outcome<void> try_keep(Bytes&& bytes) {
    static_assert(!std::is_lvalue_reference_v<Bytes>, "keep() takes the container over: hand it in with std::move");
    auto owned = std::make_unique<Bytes>(std::move(bytes));
    const bytes_view view(*owned);
    return try_lend(view, [owned = std::move(owned)] {});
  }
  template <class Returned>
  outcome<void> try_lend(bytes_view bytes, Returned&& returned) {
    using held = std::decay_t<Returned>;
    return detail::give(
        std::forward<Returned>(returned),
        [&](void* callback, tori_drop_fn) {
          return tori_request_bytes_static(
              get(), bytes.data(), bytes.size(),
              [](void* dropped) noexcept {
                detail::contain([&] { (*static_cast<held*>(dropped))(); }, [](const std::exception_ptr&) {});
                detail::destroy<held>(dropped);
              },
              callback);
        },
        moved);
  }
  outcome<void> try_text(std::string_view text) {
    return detail::checked(tori_request_text(get(), text.data(), text.size()),
                           "the text is not UTF-8, or the request was moved from");
  }
  outcome<void> try_name(std::string_view name) {
    return detail::checked(tori_request_name(get(), name.data(), name.size()),
                           "the name is not UTF-8 or has a NUL in it, or the request was moved from");
  }
  outcome<void> try_set(std::string_view key, std::string_view value) {
    return detail::with_c_string(key, [&](const char* name) {
      return detail::run(
          [&](tori_error** why) { return tori_request_set(get(), name, value.data(), value.size(), why); });
    });
  }
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  outcome<void> try_set(std::string_view key, Number value) {
    return try_set(key, detail::written(value).text());
  }
  outcome<void> try_tag(const void* tag) { return detail::checked(tori_request_tag(get(), tag), moved); }
  template <class Callback>
  outcome<void> try_progress(Callback&& callback) {
    return detail::give(
        std::forward<Callback>(callback),
        [&](void* held, tori_drop_fn drop) {
          return tori_request_progress(get(), &detail::on_progress<std::decay_t<Callback>>, held, drop);
        },
        moved);
  }
  outcome<void> try_progress(std::nullptr_t) {
    return detail::checked(tori_request_progress(get(), nullptr, nullptr, nullptr), moved);
  }
  template <class Callback>
  outcome<void> try_done(Callback&& callback) {
    return detail::give(
        std::forward<Callback>(callback),
        [&](void* held, tori_drop_fn drop) {
          return tori_request_done(get(), &detail::on_done<std::decay_t<Callback>>, held, drop);
        },
        moved);
  }
  outcome<void> try_done(std::nullptr_t) {
    return detail::checked(tori_request_done(get(), nullptr, nullptr, nullptr), moved);
  }
  outcome<void> try_queue(const tori::queue& events) {
    if (!events) {
      return detail::moved_from("the queue was moved from");
    }
    return detail::checked(tori_request_queue(get(), events.get()), moved);
  }
  outcome<void> try_queue(std::nullptr_t) { return detail::checked(tori_request_queue(get(), nullptr), moved); }

#if defined(__cpp_exceptions)
  // Each returns the request: request().path(name).tag(&it). Of path, bytes, keep, lend and text the last holds.

  /// The document is this file, opened when the request is ingested.
  request& path(std::string_view path) { return on(try_path(path)); }
  /// The document is a copy of these bytes.
  request& bytes(bytes_view bytes) { return on(try_bytes(bytes)); }
  /// The document is this container of bytes, moved here and not copied.
  template <class Bytes>
  request& keep(Bytes&& bytes) {
    return on(try_keep(std::forward<Bytes>(bytes)));
  }
  /// The document is these bytes of the caller's, which must stay, unchanged, until returned() is called: once, on any
  /// thread.
  template <class Returned>
  request& lend(bytes_view bytes, Returned&& returned) {
    return on(try_lend(bytes, std::forward<Returned>(returned)));
  }
  /// The document is a copy of this text or Markdown, UTF-8.
  request& text(std::string_view text) { return on(try_text(text)); }
  /// Names a document in memory, for the report and for errors; an empty name takes it away.
  request& name(std::string_view name) { return on(try_name(name)); }
  /// Overrides a setting of the engine: a text, number or truth value.
  template <class Value>
  request& set(std::string_view key, const Value& value) {
    return on(try_set(key, value));
  }
  /// A pointer that comes back in progress and events, never followed.
  request& tag(const void* tag) { return on(try_tag(tag)); }
  /// callback(const tori::progress&), which returns nothing or tori::flow; nullptr takes it away. Of one call or job
  /// one event at a time, on the thread that waits or, for jobs, on threads of the library.
  template <class Callback>
  request& progress(Callback&& callback) {
    return on(try_progress(std::forward<Callback>(callback)));
  }
  /// callback(tori::job) when a job of this request has ended, once, on any thread; nullptr takes it away.
  template <class Callback>
  request& done(Callback&& callback) {
    return on(try_done(std::forward<Callback>(callback)));
  }
  /// Where the events of the request's jobs go; nullptr takes it away.
  request& queue(const tori::queue& events) { return on(try_queue(events)); }
  request& queue(std::nullptr_t) { return on(try_queue(nullptr)); }

 private:
  request& on(outcome<void>&& done) {
    detail::value(std::move(done));
    return *this;
  }
#endif

 private:
  static constexpr const char* moved = "the request was moved from";
};

// ---- engine -------------------------------------------------------------------------------------------------------

namespace detail {

/// Runs a call that waits for its document.
template <class Call>
outcome<result> ingest(Call&& call) {
  waiting here;
  auto made = make<result>(std::forward<Call>(call));
  if (here.thrown()) {
    return failed(error(status::cancelled, "a progress callback threw an exception", here.thrown()));
  }
  return made;
}

inline outcome<result> ingest_path(const tori_engine* e, std::string_view path) {
  return with_c_string(path, [&](const char* name) {
    return ingest([&](tori_result** out, tori_error** why) { return tori_ingest_path(e, name, out, why); });
  });
}

inline outcome<result> ingest_bytes(const tori_engine* e, bytes_view bytes) {
  return ingest([&](tori_result** out, tori_error** why) {
    return tori_ingest_bytes(e, bytes.data(), bytes.size(), out, why);
  });
}

inline outcome<result> ingest_text(const tori_engine* e, std::string_view text) {
  return ingest([&](tori_result** out, tori_error** why) {
    return tori_ingest_text(e, text.data(), text.size(), out, why);
  });
}

}  // namespace detail

/// Settings and a concept database, ready to take documents.
class engine : public detail::handle<tori_engine, tori_engine_free> {
 public:
  explicit engine(tori_engine* owned) noexcept : handle(owned) {}

  static outcome<engine> try_make() {
    return detail::make<engine>([](tori_engine** out, tori_error** why) { return tori_engine_new(nullptr, out, why); });
  }
  static outcome<engine> try_make(const config& settings) {
    if (!settings) {
      return detail::moved_from("the config was moved from");
    }
    return detail::make<engine>(
        [&](tori_engine** out, tori_error** why) { return tori_engine_new(settings.get(), out, why); });
  }

  outcome<result> try_ingest_path(std::string_view path) const {
    return with([&](const tori_engine* e) { return detail::ingest_path(e, path); });
  }
  outcome<result> try_ingest_bytes(bytes_view bytes) const {
    return with([&](const tori_engine* e) { return detail::ingest_bytes(e, bytes); });
  }
  outcome<result> try_ingest_text(std::string_view text) const {
    return with([&](const tori_engine* e) { return detail::ingest_text(e, text); });
  }
  outcome<result> try_ingest(const request& document) const {
    return with([&](const tori_engine* e) {
      return detail::ingest(
          [&](tori_result** out, tori_error** why) { return tori_ingest(e, document.get(), out, why); });
    });
  }
  outcome<job> try_submit(const request& document) const {
    return with([&](const tori_engine* e) {
      return detail::make<job>(
          [&](tori_job** out, tori_error** why) { return tori_submit(e, document.get(), out, why); });
    });
  }
  template <class Requests>
  outcome<std::vector<job>> try_submit_batch(const Requests& documents) const {
    return with([&](const tori_engine* e) -> outcome<std::vector<job>> {
      std::vector<const tori_request*> native;
      for (const request& document : documents) {
        native.push_back(document.get());
      }
      std::vector<tori_job*> made(native.size());
      std::vector<job> jobs;
      jobs.reserve(made.size());
      auto done = detail::run(
          [&](tori_error** why) { return tori_submit_batch(e, native.data(), native.size(), made.data(), why); });
      if (!done) {
        return detail::failed(std::move(done).error());
      }
      for (tori_job* owned : made) {
        jobs.emplace_back(owned);
      }
      return jobs;
    });
  }
  outcome<void> try_set_database(const tori::database& other) {
    return detail::checked(tori_engine_set_database(get(), other.get()), "the engine or the database was moved from");
  }
  template <class Callback>
  outcome<void> try_set_progress(Callback&& callback) {
    return detail::give(
        std::forward<Callback>(callback),
        [&](void* held, tori_drop_fn drop) {
          return tori_engine_set_progress(get(), &detail::on_progress<std::decay_t<Callback>>, held, drop);
        },
        moved);
  }
  outcome<void> try_set_progress(std::nullptr_t) {
    return detail::checked(tori_engine_set_progress(get(), nullptr, nullptr, nullptr), moved);
  }

#if defined(__cpp_exceptions)
  engine() : engine(detail::value(try_make())) {}
  explicit engine(const config& settings) : engine(detail::value(try_make(settings))) {}

  /// Takes the file through the whole pipeline and waits for it.
  result ingest_path(std::string_view path) const { return detail::value(try_ingest_path(path)); }
  /// As ingest_path, for a document in memory, which is not copied.
  result ingest_bytes(bytes_view bytes) const { return detail::value(try_ingest_bytes(bytes)); }
  /// As ingest_path, for plain text or Markdown, UTF-8.
  result ingest_text(std::string_view text) const { return detail::value(try_ingest_text(text)); }
  result ingest(const request& document) const { return detail::value(try_ingest(document)); }

  /// Takes a request's document in without waiting; status::busy when too many wait already. The job goes on, also
  /// when it is not kept.
  job submit(const request& document) const { return detail::value(try_submit(document)); }
  /// Takes the documents of a range of requests in: all or, when there is not room for all, none.
  template <class Requests>
  std::vector<job> submit_batch(const Requests& documents) const {
    return detail::value(try_submit_batch(documents));
  }

  /// Calls that begin later see this database; those in flight keep theirs.
  void set_database(const tori::database& other) { detail::value(try_set_database(other)); }
  /// The progress callback of calls whose request has none; as request::progress.
  template <class Callback>
  void set_progress(Callback&& callback) {
    detail::value(try_set_progress(std::forward<Callback>(callback)));
  }
#endif

  /// The engine's database of this moment.
  tori::database database() const noexcept { return tori::database(get() ? tori_engine_database(get()) : nullptr); }

  engine share() const noexcept { return engine(tori_engine_ref(get())); }

 private:
  static constexpr const char* moved = "the engine was moved from";

  template <class Use>
  auto with(Use&& use) const -> decltype(use(get())) {
    if (!*this) {
      return detail::moved_from(moved);
    }
    return use(get());
  }
};

// ---- one call, and the process ------------------------------------------------------------------------------------

// These use the process's default engine, made once with default settings.
inline outcome<result> try_ingest_path(std::string_view path) { return detail::ingest_path(nullptr, path); }
inline outcome<result> try_ingest_bytes(bytes_view bytes) { return detail::ingest_bytes(nullptr, bytes); }
inline outcome<result> try_ingest_text(std::string_view text) { return detail::ingest_text(nullptr, text); }

/// The progress callback of calls whose request and engine have none; as request::progress.
template <class Callback>
outcome<void> try_set_progress(Callback&& callback) {
  return detail::give(
      std::forward<Callback>(callback),
      [](void* held, tori_drop_fn drop) {
        return tori_set_progress(&detail::on_progress<std::decay_t<Callback>>, held, drop);
      },
      "the progress callback was refused");
}
inline outcome<void> try_set_progress(std::nullptr_t) {
  return detail::checked(tori_set_progress(nullptr, nullptr, nullptr), "the progress callback was refused");
}

/// Sends log messages of this level and graver to callback(tori::log_level, std::string_view target, std::string_view
/// message), from any thread, several at once; nullptr makes the library silent again.
template <class Callback>
outcome<void> try_set_log(log_level most, Callback&& callback) {
  return detail::give(
      std::forward<Callback>(callback),
      [&](void* held, tori_drop_fn drop) {
        return tori_set_log(static_cast<std::int32_t>(most), &detail::on_log<std::decay_t<Callback>>, held, drop);
      },
      "the log callback was refused: another tracing subscriber has this process");
}
inline outcome<void> try_set_log(std::nullptr_t) {
  const auto any = static_cast<std::int32_t>(log_level::error);
  return detail::checked(tori_set_log(any, nullptr, nullptr, nullptr), "the log callback was refused");
}

/// Ends the library's work in this process; false when the timeout comes first.
inline outcome<bool> try_shutdown(std::chrono::milliseconds timeout = forever) {
  const tori_status s = tori_shutdown(timeout.count());
  if (s == TORI_OK || s == TORI_E_TIMEOUT) {
    return s == TORI_OK;
  }
  return detail::fail(static_cast<status>(s), s == TORI_E_BUSY
                                                  ? "the library cannot be shut down from inside a callback"
                                                  : "the timeout is negative");
}

#if defined(__cpp_exceptions)
inline result ingest_path(std::string_view path) { return detail::value(try_ingest_path(path)); }
inline result ingest_bytes(bytes_view bytes) { return detail::value(try_ingest_bytes(bytes)); }
inline result ingest_text(std::string_view text) { return detail::value(try_ingest_text(text)); }
template <class Callback>
void set_progress(Callback&& callback) {
  detail::value(try_set_progress(std::forward<Callback>(callback)));
}
template <class Callback>
void set_log(log_level most, Callback&& callback) {
  detail::value(try_set_log(most, std::forward<Callback>(callback)));
}
inline void set_log(std::nullptr_t) { detail::value(try_set_log(nullptr)); }
inline bool shutdown(std::chrono::milliseconds timeout = forever) { return detail::value(try_shutdown(timeout)); }
#endif

}  // namespace TORI_HPP_OUTCOME
}  // namespace TORI_HPP_ERRORS
}  // namespace tori

#if defined(__cpp_lib_ranges)
template <class Elements>
inline constexpr bool std::ranges::enable_borrowed_range<tori::detail::list<Elements>> = true;
template <class Elements>
inline constexpr bool std::ranges::enable_view<tori::detail::list<Elements>> = true;
#endif

#undef TORI_HPP_ERRORS
#undef TORI_HPP_OUTCOME

#endif  // TORI_HPP
