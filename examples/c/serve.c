/* A small HTTP server for one machine: POST / with a document gets its concepts as JSON, GET /health is answered at
 * once.
 *
 *   serve [--port N] [--connections N] [--jobs N] [--body BYTES] [--memory BYTES] [--patience MS] [--deadline MS]
 *         [--set KEY=VALUE]...
 *
 * One thread and one epoll loop serve all clients, on 127.0.0.1. Documents are jobs of libtori: nothing here waits for
 * one. A client that goes away takes its job with it, one that is too slow is sent away. SIGTERM and SIGINT end the
 * program when the requests under way have been answered; a second one, at once. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "tori.h"

struct option {
  const char *name;
  uint64_t value, least, most;
};

enum { PORT, CONNECTIONS, JOBS, BODY, MEMORY, PATIENCE, DEADLINE, OPTIONS };

static struct option options[OPTIONS] = {
    {"--port", 0, 0, 65535},                        /* 0 takes a free one */
    {"--connections", 256, 1, 4096},                /* most clients at a time; more wait in the kernel */
    {"--jobs", 64, 1, 1000000},                     /* most documents that wait for a worker */
    {"--body", 32 << 20, 1, UINT32_MAX},            /* largest document in bytes */
    {"--memory", 256 << 20, 1, (uint64_t)1 << 40},  /* most bytes of all documents together */
    {"--patience", 10000, 10, 3600000},             /* longest time for a head, a body, a response to pass, in ms */
    {"--deadline", 60000, 1, 3600000},              /* longest time from a document to its concepts, in ms */
};

/* How long a connection is read from after its last response, so that the client sees that before it is closed. */
#define LINGER_MS 2000
/* Reads of one connection in one turn of the loop, so that a fast client does not keep the others waiting. */
#define READS 16
#define EVENTS 64

enum state { FREE, HEAD, RECEIVING, WORKING, WRITING, LINGERING };

/* A document on its way in, later lent to the library. */
struct body {
  size_t size, received;
  unsigned char bytes[];
};

struct connection {
  enum state state, after_writing;
  int fd;
  uint32_t watched;
  int64_t deadline;
  int keep_alive, reads_left;

  char head[8192];
  size_t head_len;
  struct body *body;

  /* The response: a head and a content. The content lies in small, the result, or the error. */
  char out[512], small[256];
  size_t out_len, sent;
  const char *content;
  size_t content_len;

  tori_job *job;
  tori_result *result;
  tori_error *error;
};

/* The listening socket and the others that are no connections, as epoll knows them. */
enum { LISTENER = -1, QUEUE = -2, SIGNALS = -3 };

static struct connection *connections;
static size_t open_connections;
static int epoll, listener, signals, accepting, draining;
static tori_engine *engine;
static tori_queue *queue;
static uint64_t answered, failed, cancelled;

/* Bodies are given back on threads of the library. */
static struct {
  pthread_mutex_t lock;
  uint64_t used;
} memory = {PTHREAD_MUTEX_INITIALIZER, 0};

static void fatal(const char *what) {
  fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t in_ms(uint64_t ms) { return now_ms() + (int64_t)ms; }

/* ---- bodies ---- */

static struct body *body_new(size_t size) {
  struct body *body = NULL;
  uint64_t whole = sizeof *body + size;
  int fits;
  pthread_mutex_lock(&memory.lock);
  fits = whole <= options[MEMORY].value - memory.used;
  if (fits) {
    memory.used += whole;
  }
  pthread_mutex_unlock(&memory.lock);
  if (!fits) {
    return NULL;
  }
  body = malloc(whole);
  if (body == NULL) {
    pthread_mutex_lock(&memory.lock);
    memory.used -= whole;
    pthread_mutex_unlock(&memory.lock);
    return NULL;
  }
  body->size = size;
  body->received = 0;
  return body;
}

static void body_free(void *user_data) {
  struct body *body = user_data;
  if (body != NULL) {
    pthread_mutex_lock(&memory.lock);
    memory.used -= sizeof *body + body->size;
    pthread_mutex_unlock(&memory.lock);
    free(body);
  }
}

/* ---- connections ---- */

static void watch(struct connection *c, uint32_t events) {
  struct epoll_event event;
  if (c->watched == events) {
    return;
  }
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = (uint64_t)(c - connections);
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event) != 0) {
    fatal("epoll_ctl");
  }
  c->watched = events;
}

static void add(int fd, int64_t what, uint32_t events) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = (uint64_t)what;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    fatal("epoll_ctl");
  }
}

/* While all places are taken, or the process has no descriptor left, clients wait in the kernel's list. */
static void accept_more(int more) {
  if (draining || more == accepting) {
    return;
  }
  if (more) {
    add(listener, LISTENER, EPOLLIN);
  } else {
    epoll_ctl(epoll, EPOLL_CTL_DEL, listener, NULL);
  }
  accepting = more;
}

/* Lets go of everything that belongs to a request or its response. */
static void forget_request(struct connection *c) {
  tori_job_free(c->job);
  tori_result_free(c->result);
  tori_error_free(c->error);
  body_free(c->body);
  c->job = NULL;
  c->result = NULL;
  c->error = NULL;
  c->body = NULL;
  c->content = NULL;
}

static void close_connection(struct connection *c) {
  if (c->job != NULL) {
    tori_job_cancel(c->job);
    cancelled += tori_job_poll(c->job, NULL) == TORI_E_CANCELLED;
  }
  forget_request(c);
  close(c->fd);
  c->state = FREE;
  open_connections--;
  accept_more(1);
}

static void accept_clients(void) {
  size_t i = 0;
  while (accepting) {
    int fd, one = 1;
    struct connection *c;
    while (i < options[CONNECTIONS].value && connections[i].state != FREE) i++;
    if (i == options[CONNECTIONS].value) {
      accept_more(0);
      return;
    }
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        accept_more(0);
        return;
      }
      if (errno == EAGAIN) {
        return;
      }
      continue; /* one that is gone again */
    }
    /* An interim response must not hold the final one back. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c = &connections[i];
    c->state = HEAD;
    c->fd = fd;
    c->head_len = 0;
    c->deadline = in_ms(options[PATIENCE].value);
    c->watched = EPOLLIN;
    add(fd, (int64_t)i, EPOLLIN);
    open_connections++;
  }
}

/* ---- responses ---- */

static void respond(struct connection *c, int status, const char *content, size_t len, const char *fields) {
  char date[64];
  time_t now = time(NULL);
  struct tm utc;
  int written;

  gmtime_r(&now, &utc);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  c->keep_alive = c->keep_alive && !draining;
  written = snprintf(c->out, sizeof c->out,
                     "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s%s\r\n",
                     status, http_reason(status), date, len, fields, c->keep_alive ? "" : "Connection: close\r\n");
  c->out_len = (size_t)written;
  c->content = content;
  c->content_len = len;
  c->sent = 0;
  c->state = WRITING;
  c->after_writing = c->keep_alive ? HEAD : LINGERING;
  c->deadline = in_ms(options[PATIENCE].value);
  *(status < 400 ? &answered : &failed) += 1;
}

/* A refusal of this server's own. message holds nothing that JSON would have to escape. */
static void refuse(struct connection *c, int status, const char *message, const char *fields) {
  int len = snprintf(c->small, sizeof c->small, "{\"name\":\"%s\",\"message\":\"%s\"}", http_reason(status), message);
  respond(c, status, c->small, (size_t)len, fields);
}

/* A refusal before the body was read: what else comes in cannot be told from it. */
static void refuse_and_close(struct connection *c, int status, const char *message, const char *fields) {
  c->keep_alive = 0;
  refuse(c, status, message, fields);
}

static int http_status(tori_status status) {
  switch (status) {
    case TORI_OK: return 200;
    case TORI_E_LIMIT: return 413;
    case TORI_E_UNSUPPORTED: return 415;
    case TORI_E_FORMAT:
    case TORI_E_ENCRYPTED: return 422;
    case TORI_E_BUSY:
    case TORI_E_SHUTDOWN:
    case TORI_E_CANCELLED: return 503;
    case TORI_E_TIMEOUT: return 504;
    default: return 500;
  }
}

/* What came of the document: the library's JSON, of the result or of the error. */
static void answer(struct connection *c, tori_status status) {
  int code = http_status(status);
  size_t len = 0;
  const char *json = status == TORI_OK ? tori_result_json(c->result, &len) : tori_error_json(c->error, &len);
  if (json == NULL) {
    refuse(c, 500, "out of memory", "");
    return;
  }
  respond(c, code, json, len, code == 503 ? "Retry-After: 1\r\n" : "");
}

static void health(struct connection *c) {
  uint64_t used;
  size_t i, working = 0;
  int len;
  for (i = 0; i < options[CONNECTIONS].value; i++) {
    working += connections[i].state == WORKING;
  }
  pthread_mutex_lock(&memory.lock);
  used = memory.used;
  pthread_mutex_unlock(&memory.lock);
  len = snprintf(c->small, sizeof c->small,
                 "{\"status\":\"ok\",\"connections\":%zu,\"documents\":%zu,\"bytes\":%" PRIu64 "}", open_connections,
                 working, used);
  respond(c, 200, c->small, (size_t)len, "");
}

/* ---- requests ---- */

/* Hands the body to the library, which gives it back to body_free. */
static void submit(struct connection *c) {
  tori_request *request = tori_request_new();
  struct body *body = c->body;
  tori_status status;

  c->body = NULL;
  if (tori_request_bytes_static(request, body->bytes, body->size, body_free, body) != TORI_OK) {
    body_free(body);
    tori_request_free(request);
    refuse(c, 500, "out of memory", "");
    return;
  }
  tori_request_queue(request, queue);
  tori_request_tag(request, c);
  status = tori_submit(engine, request, &c->job, &c->error);
  tori_request_free(request);
  if (status != TORI_OK) {
    answer(c, status);
    return;
  }
  c->state = WORKING;
  c->deadline = in_ms(options[DEADLINE].value + 1);
}

static void begin_document(struct connection *c, const struct http_request *request) {
  size_t early;
  if (!request->has_length) {
    refuse_and_close(c, 411, "a document needs a Content-Length", "");
    return;
  }
  if (request->length > options[BODY].value) {
    char message[128];
    snprintf(message, sizeof message, "the document has more than the %" PRIu64 " bytes allowed", options[BODY].value);
    refuse_and_close(c, 413, message, "");
    return;
  }
  c->body = body_new((size_t)request->length);
  if (c->body == NULL) {
    refuse_and_close(c, 503, "there is no room for the document: send it again later", "Retry-After: 1\r\n");
    return;
  }
  c->deadline = in_ms(options[PATIENCE].value);
  c->state = RECEIVING;
  early = c->head_len < c->body->size ? c->head_len : c->body->size;
  memcpy(c->body->bytes, c->head, early);
  c->body->received = early;
  c->head_len -= early;
  memmove(c->head, c->head + early, c->head_len);
  if (request->expects_continue && early == 0 && c->body->size > 0) {
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    memcpy(c->out, interim, sizeof interim - 1);
    c->out_len = sizeof interim - 1;
    c->content_len = c->sent = 0;
    c->state = WRITING;
    c->after_writing = RECEIVING;
  }
}

static void dispatch(struct connection *c, const struct http_request *request) {
  int get = http_is(request->method, request->method_len, "GET");
  int head = http_is(request->method, request->method_len, "HEAD");
  int post = http_is(request->method, request->method_len, "POST");

  c->keep_alive = request->keep_alive;
  if (http_is(request->path, request->path_len, "/") && post) {
    begin_document(c, request);
    return;
  }
  /* The bodies of other requests are not read. */
  c->keep_alive = c->keep_alive && request->length == 0;
  if (http_is(request->path, request->path_len, "/health")) {
    if (get || head) {
      health(c);
    } else {
      refuse(c, 405, "/health takes GET", "Allow: GET, HEAD\r\n");
    }
  } else if (http_is(request->path, request->path_len, "/")) {
    refuse(c, 405, "/ takes POST, with a document", "Allow: POST\r\n");
  } else {
    refuse(c, 404, "there are POST / and GET /health", "");
  }
  if (head) {
    /* Its length is told, and nothing of it sent. */
    c->content_len = 0;
  }
}

/* Takes a complete head out of what has been read; whether there was one. */
static int take_head(struct connection *c) {
  struct http_request request;
  char head[sizeof c->head];
  size_t len;
  int status;

  /* Clients of old send a line end after a body. */
  while (c->head_len >= 2 && memcmp(c->head, "\r\n", 2) == 0) {
    c->head_len -= 2;
    memmove(c->head, c->head + 2, c->head_len);
  }
  len = http_head_length(c->head, c->head_len);
  if (len == 0) {
    if (c->head_len < sizeof c->head) {
      return 0;
    }
    refuse_and_close(c, 431, "the head of the request is too long", "");
    return 1;
  }
  memcpy(head, c->head, len);
  c->head_len -= len;
  memmove(c->head, c->head + len, c->head_len);
  status = http_parse(head, len, &request);
  if (status == 501) {
    refuse_and_close(c, status, "transfer codings are not understood: send a Content-Length", "");
  } else if (status != 0) {
    refuse_and_close(c, status, "the head of the request is not understood", "");
  } else {
    dispatch(c, &request);
  }
  return 1;
}

/* ---- the machine ---- */

/* Reads what there is: more than 0 bytes, or else the connection waits or is closed. */
static ssize_t receive(struct connection *c, void *to, size_t most) {
  ssize_t n;
  if (c->reads_left-- == 0) {
    watch(c, EPOLLIN);
    return 0;
  }
  n = recv(c->fd, to, most, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    watch(c, EPOLLIN);
  } else if (n <= 0) {
    close_connection(c);
  }
  return n;
}

/* Sends what is left of the response; whether all is gone. */
static int send_rest(struct connection *c) {
  while (c->sent < c->out_len + c->content_len) {
    struct iovec parts[2];
    struct msghdr message;
    ssize_t n;
    size_t of_head = c->sent < c->out_len ? c->sent : c->out_len;
    size_t of_content = c->sent - of_head;

    memset(&message, 0, sizeof message);
    parts[0].iov_base = c->out + of_head;
    parts[0].iov_len = c->out_len - of_head;
    parts[1].iov_base = (void *)(c->content + of_content);
    parts[1].iov_len = c->content_len - of_content;
    message.msg_iov = parts;
    message.msg_iovlen = c->content_len > 0 ? 2 : 1;
    n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (n >= 0) {
      c->sent += (size_t)n;
    } else if (errno == EAGAIN) {
      watch(c, EPOLLOUT);
      return 0;
    } else if (errno != EINTR) {
      close_connection(c);
      return 0;
    }
  }
  return 1;
}

/* Goes as far with a connection as it goes without waiting. */
static void drive(struct connection *c) {
  c->reads_left = READS;
  for (;;) {
    ssize_t n;
    switch (c->state) {
      case FREE:
        return;
      case HEAD:
        if (take_head(c)) {
          break;
        }
        n = receive(c, c->head + c->head_len, sizeof c->head - c->head_len);
        if (n <= 0) {
          return;
        }
        if (c->head_len == 0) {
          c->deadline = in_ms(options[PATIENCE].value);
        }
        c->head_len += (size_t)n;
        break;
      case RECEIVING:
        if (c->body->received == c->body->size) {
          submit(c);
          break;
        }
        n = receive(c, c->body->bytes + c->body->received, c->body->size - c->body->received);
        if (n <= 0) {
          return;
        }
        c->body->received += (size_t)n;
        break;
      case WORKING:
        /* Nothing is read meanwhile; only whether the client goes away is of interest. */
        watch(c, EPOLLRDHUP);
        return;
      case WRITING:
        if (!send_rest(c)) {
          return;
        }
        c->state = c->after_writing;
        if (c->state == RECEIVING) {
          break;
        }
        forget_request(c);
        c->deadline = in_ms(c->state == HEAD ? options[PATIENCE].value : LINGER_MS);
        if (c->state == LINGERING) {
          shutdown(c->fd, SHUT_WR);
        } else if (draining && c->head_len == 0) {
          close_connection(c);
        }
        break;
      case LINGERING:
        if (receive(c, c->head, sizeof c->head) <= 0) {
          return;
        }
        break;
    }
  }
}

static void expire(struct connection *c) {
  switch (c->state) {
    case HEAD:
      if (c->head_len == 0) {
        close_connection(c);
        break;
      }
      refuse_and_close(c, 408, "the head of the request took too long", "");
      drive(c);
      break;
    case RECEIVING:
      refuse_and_close(c, 408, "the document took too long to come", "");
      drive(c);
      break;
    case WORKING:
      /* A job that waits past its deadline ends when somebody looks at it. */
      tori_job_poll(c->job, NULL);
      c->deadline = in_ms(100);
      break;
    default:
      close_connection(c);
  }
}

static void take_events(void) {
  tori_event event;
  int i;
  memset(&event, 0, sizeof event);
  event.struct_size = sizeof event;
  for (i = 0; i < EVENTS && tori_queue_next(queue, 0, &event) == TORI_OK; i++) {
    struct connection *c = &connections[(const struct connection *)event.tag - connections];
    /* The place may have another client by now. */
    if (event.kind == TORI_EVENT_DONE && c->state == WORKING && tori_job_id(c->job) == event.job_id) {
      tori_status status = tori_job_result(c->job, &c->result, &c->error);
      tori_job_free(c->job);
      c->job = NULL;
      answer(c, status);
      drive(c);
    }
  }
}

static void take_signal(void) {
  struct signalfd_siginfo info;
  size_t i;
  if (read(signals, &info, sizeof info) != sizeof info) {
    return;
  }
  for (i = 0; i < options[CONNECTIONS].value; i++) {
    struct connection *c = &connections[i];
    if (c->state != FREE && (draining || (c->state == HEAD && c->head_len == 0))) {
      close_connection(c);
    }
  }
  if (!draining) {
    accept_more(0);
    draining = 1;
    close(listener);
  }
}

/* Ends those whose time is over; the time until the next one's is. */
static int take_time(void) {
  int64_t now = now_ms(), next = now + 1000;
  size_t i;
  for (i = 0; i < options[CONNECTIONS].value; i++) {
    struct connection *c = &connections[i];
    if (c->state != FREE && c->deadline <= now) {
      expire(c);
    }
    if (c->state != FREE && c->deadline < next) {
      next = c->deadline;
    }
  }
  return next > now ? (int)(next - now) : 0;
}

static void serve(void) {
  while (!draining || open_connections > 0) {
    struct epoll_event ready[EVENTS];
    int i, n, clients = 0;
    n = epoll_wait(epoll, ready, EVENTS, take_time());
    if (n < 0 && errno != EINTR) {
      fatal("epoll_wait");
    }
    for (i = 0; i < n; i++) {
      int64_t what = (int64_t)ready[i].data.u64;
      if (what == LISTENER) {
        clients = 1;
      } else if (what == QUEUE) {
        take_events();
      } else if (what == SIGNALS) {
        take_signal();
      } else if (connections[what].state == WORKING && (ready[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
        /* Nobody waits for the concepts any more. */
        close_connection(&connections[what]);
      } else {
        drive(&connections[what]);
      }
    }
    /* Last, so that no event above is taken for one of a client that came after it. */
    if (clients) {
      accept_clients();
    } else if (n == 0) {
      accept_more(1);
    }
  }
}

/* ---- beginning and end ---- */

static int usage(const char *why, const char *what) {
  size_t i;
  fprintf(stderr, "serve: %s%s\nusage: serve", why, what);
  for (i = 0; i < OPTIONS; i++) {
    fprintf(stderr, " [%s N]", options[i].name);
  }
  fputs(" [--set KEY=VALUE]...\n", stderr);
  return 2;
}

/* Any setting of the library. */
static int set(tori_config *config, const char *setting) {
  char key[64];
  const char *equals = strchr(setting, '=');
  tori_error *error = NULL;
  if (equals == NULL || (size_t)(equals - setting) >= sizeof key) {
    return usage("no KEY=VALUE: ", setting);
  }
  snprintf(key, sizeof key, "%.*s", (int)(equals - setting), setting);
  if (tori_config_set(config, key, equals + 1, TORI_NUL_TERMINATED, &error) != TORI_OK) {
    fprintf(stderr, "serve: %s\n", tori_error_message(error));
    tori_error_free(error);
    return 2;
  }
  return 0;
}

static int parse_options(int argc, char **argv, tori_config *config) {
  int i;
  for (i = 1; i < argc; i += 2) {
    struct option *option = options;
    char *end;
    uint64_t value;
    if (strcmp(argv[i], "--set") == 0 && i + 1 < argc) {
      if (set(config, argv[i + 1]) != 0) {
        return 2;
      }
      continue;
    }
    while (option < options + OPTIONS && strcmp(option->name, argv[i]) != 0) option++;
    if (option == options + OPTIONS) {
      return usage("unknown option ", argv[i]);
    }
    if (i + 1 == argc) {
      return usage("no number after ", argv[i]);
    }
    errno = 0;
    value = strtoull(argv[i + 1], &end, 10);
    if (argv[i + 1][0] < '0' || argv[i + 1][0] > '9' || *end != '\0' || errno != 0 || value < option->least ||
        value > option->most) {
      fprintf(stderr, "serve: %s is %s, expected %" PRIu64 " to %" PRIu64 "\n", option->name, argv[i + 1],
              option->least, option->most);
      return 2;
    }
    option->value = value;
  }
  return 0;
}

static void make_engine(tori_config *config) {
  static const struct {
    const char *key;
    int option;
  } numbers[] = {{"limits.file_bytes", BODY}, {"jobs.waiting", JOBS}, {"jobs.deadline_ms", DEADLINE}};
  tori_error *error = NULL;
  char value[32];
  size_t i;
  tori_status status = TORI_OK;

  for (i = 0; i < sizeof numbers / sizeof *numbers && status == TORI_OK; i++) {
    snprintf(value, sizeof value, "%" PRIu64, options[numbers[i].option].value);
    status = tori_config_set(config, numbers[i].key, value, TORI_NUL_TERMINATED, &error);
  }
  if (status == TORI_OK) {
    /* The same document, the same bytes. */
    status = tori_config_set(config, "report.timings", "false", TORI_NUL_TERMINATED, &error);
  }
  if (status == TORI_OK) {
    status = tori_engine_new(config, &engine, &error);
  }
  if (status == TORI_OK) {
    status = tori_queue_new(&queue, &error);
  }
  if (status != TORI_OK) {
    fprintf(stderr, "serve: %s: %s\n", tori_status_name(status), tori_error_message(error));
    exit(1);
  }
}

static void open_sockets(void) {
  struct sockaddr_in address;
  socklen_t len = sizeof address;
  sigset_t stop;
  int one = 1;

  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, NULL);
  signals = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (signals < 0 || epoll < 0 || listener < 0) {
    fatal("cannot begin");
  }
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)options[PORT].value);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
    fatal("cannot listen");
  }
  add(signals, SIGNALS, EPOLLIN);
  add((int)tori_queue_fd(queue), QUEUE, EPOLLIN);
  accept_more(1);
  printf("listening on http://127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
  fflush(stdout);
}

int main(int argc, char **argv) {
  tori_config *config;
  if (tori_check_abi(TORI_ABI) != TORI_OK) {
    fprintf(stderr, "serve: libtori %s is not the one this program was compiled for\n", tori_version());
    return 1;
  }
  config = tori_config_new();
  if (parse_options(argc, argv, config) != 0) {
    tori_config_free(config);
    return 2;
  }
  connections = calloc(options[CONNECTIONS].value, sizeof *connections);
  if (connections == NULL) {
    fatal("no memory for the connections");
  }
  make_engine(config);
  tori_config_free(config);
  open_sockets();
  serve();

  close(epoll);
  close(signals);
  tori_queue_free(queue);
  tori_engine_free(engine);
  tori_shutdown(TORI_WAIT_FOREVER);
  free(connections);
  printf("ended: %" PRIu64 " answered, %" PRIu64 " refused or failed, %" PRIu64 " cancelled, %" PRIu64 " bytes kept\n",
         answered, failed, cancelled, memory.used);
  return 0;
}
