/* Long documents: they end in time the same way for every caller, stop when told to, and let short ones through. */
#include <pthread.h>

#include "check.h"

#define SHORT 50
#define HELD 45

static char *slow;
static size_t slow_len;
static int workers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Many different sentences: seconds of work. */
static void make_slow(void) {
  static const char *const words[] = {"compaction", "merge", "tree", "latency", "throughput", "index", "block",
                                      "cache", "filter", "level", "write", "amplification", "storage", "engine"};
  unsigned long random = 1;
  size_t i, room = 8u << 20;
  slow = malloc(room);
  CHECK(slow != NULL);
  while (slow_len + 400 < room) {
    size_t in_sentence = 0;
    for (i = 0; i < 12; i++) {
      random = random * 6364136223846793005ul + 1442695040888963407ul;
      in_sentence += (size_t)sprintf(slow + slow_len + in_sentence, "%s%s%lu ", i == 0 ? "The " : "",
                                     words[(random >> 33) % 14], (random >> 40) % 5000);
    }
    slow_len += in_sentence;
    memcpy(slow + slow_len - 1, ".\n", 2);
    slow_len++;
  }
}

static tori_request *slow_request(void) {
  tori_request *request = tori_request_new();
  CHECK(tori_request_bytes_static(request, slow, slow_len, NULL, NULL) == TORI_OK);
  CHECK(tori_request_set(request, "admin_mode", "true", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  return request;
}

static void times_out(tori_status status, tori_error *error) {
  CHECK(status == TORI_E_TIMEOUT && error != NULL);
  CHECK(strstr(tori_error_message(error), "limits.wall_ms = 20 ms") != NULL);
  CHECK(strstr(tori_error_json(error, NULL), "\"limits.wall_ms\"") != NULL);
  tori_error_free(error);
}

/* The same answer from a call that waits, a job and a batch. */
static void in_time(tori_engine *engine) {
  tori_request *request = slow_request();
  const tori_request *both[2];
  tori_result *result = NULL;
  tori_error *error = NULL;
  tori_job *jobs[3];
  tori_status status;
  int i;
  CHECK(tori_request_set(request, "limits.wall_ms", "20", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  status = tori_ingest(engine, request, &result, &error);
  times_out(status, error);
  both[0] = both[1] = request;
  CHECK(tori_submit(engine, request, &jobs[0], NULL) == TORI_OK);
  CHECK(tori_submit_batch(engine, both, 2, &jobs[1], NULL) == TORI_OK);
  for (i = 0; i < 3; i++) {
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    error = NULL;
    status = tori_job_result(jobs[i], &result, &error);
    times_out(status, error);
    tori_job_free(jobs[i]);
  }
  tori_request_free(request);
}

/* Of a job: from HELD percent on it waits for its release, so that it is still under way however late that is seen. */
struct watch {
  int events, ended, released;
  uint32_t percent;
};

static int on_progress(void *user_data, const tori_progress *progress) {
  struct watch *watch = user_data;
  pthread_mutex_lock(&lock);
  CHECK(!watch->ended);
  watch->events++;
  watch->percent = progress->percent;
  pthread_cond_broadcast(&changed);
  while (watch->percent >= HELD && !watch->released) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return 0;
}

static void on_done(void *user_data, tori_job *job) {
  struct watch *watch = user_data;
  (void)job;
  pthread_mutex_lock(&lock);
  CHECK(!watch->ended);
  watch->ended = 1;
  pthread_mutex_unlock(&lock);
}

static void release(struct watch *watch) {
  pthread_mutex_lock(&lock);
  watch->released = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* A job that is under way, and held. */
static tori_job *start_slow(tori_engine *engine, struct watch *watch) {
  tori_request *request = slow_request();
  tori_job *job = NULL;
  memset(watch, 0, sizeof *watch);
  CHECK(tori_request_progress(request, on_progress, watch, NULL) == TORI_OK);
  CHECK(tori_request_done(request, on_done, watch, NULL) == TORI_OK);
  CHECK(tori_submit(engine, request, &job, NULL) == TORI_OK);
  tori_request_free(request);
  pthread_mutex_lock(&lock);
  while (watch->percent < HELD) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  CHECK(tori_job_poll(job, NULL) == TORI_PENDING);
  return job;
}

/* One that was cancelled has ended when the call returns, says nothing more, and the next one runs. */
static void stops(tori_engine *engine) {
  int i;
  for (i = 0; i < 3; i++) {
    struct watch watch;
    tori_result *result = NULL;
    tori_job *job = start_slow(engine, &watch);
    release(&watch);
    CHECK(tori_job_cancel(job) == TORI_OK);
    CHECK(watch.ended && tori_job_poll(job, NULL) == TORI_E_CANCELLED);
    CHECK(tori_ingest_text(engine, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
    CHECK(watch.percent < 100);
    tori_result_free(result);
    tori_job_free(job);
  }
}

/* Fifty short documents and calls that wait come through while a long one goes on. */
static void lets_through(tori_engine *engine) {
  struct watch watch;
  tori_job *job = start_slow(engine, &watch), *jobs[SHORT];
  tori_request *request = tori_request_new();
  tori_result *result = NULL;
  int i;
  release(&watch);
  CHECK(tori_request_text(request, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  for (i = 0; i < SHORT; i++) {
    CHECK(tori_submit(engine, request, &jobs[i], NULL) == TORI_OK);
  }
  CHECK(tori_ingest(engine, request, &result, NULL) == TORI_OK);
  tori_result_free(result);
  for (i = 0; i < SHORT; i++) {
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    CHECK(tori_job_poll(jobs[i], NULL) == TORI_OK);
    tori_job_free(jobs[i]);
  }
  CHECK(tori_job_poll(job, NULL) == TORI_PENDING);
  CHECK(tori_job_cancel(job) == TORI_OK);
  tori_job_free(job);
  tori_request_free(request);
}

/* However many come after it, a document is done before many of them. */
static void goes_on(tori_engine *engine) {
  tori_request *request = tori_request_new();
  tori_job *first = NULL, *job = NULL;
  tori_queue *queue = NULL;
  tori_event event;
  int i, ended = 0;
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  CHECK(tori_request_bytes_static(request, slow, slow_len / 20, NULL, NULL) == TORI_OK);
  CHECK(tori_request_queue(request, queue) == TORI_OK);
  CHECK(tori_submit(engine, request, &first, NULL) == TORI_OK);
  for (i = 0; i < 8; i++) {
    CHECK(tori_submit(engine, request, NULL, NULL) == TORI_OK);
  }
  while (tori_job_poll(first, NULL) == TORI_PENDING) {
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    CHECK(tori_queue_next(queue, 30000, &event) == TORI_OK);
    if (event.kind == TORI_EVENT_DONE && event.job_id != tori_job_id(first)) {
      ended++;
      CHECK(tori_submit(engine, request, NULL, NULL) == TORI_OK);
    }
  }
  CHECK(tori_job_poll(first, NULL) == TORI_OK);
  CHECK(ended <= 20 * workers);
  /* The rest. */
  CHECK(tori_request_queue(request, NULL) == TORI_OK);
  CHECK(tori_submit(engine, request, &job, NULL) == TORI_OK);
  CHECK(tori_job_wait(job, TORI_WAIT_FOREVER) == TORI_OK);
  tori_job_free(job);
  tori_job_free(first);
  tori_request_free(request);
  tori_queue_free(queue);
}

/* A job that waits past its deadline ends, though nobody asks for it: its queue tells. */
static void ends_while_it_waits(tori_engine *engine) {
  struct watch watches[8];
  tori_job *busy[8];
  tori_request *request = tori_request_new();
  tori_queue *queue = NULL;
  tori_event event;
  int i;
  /* As many as could be worked on at once. */
  for (i = 0; i < 8; i++) {
    busy[i] = NULL;
    if (i < workers) busy[i] = start_slow(engine, &watches[i]);
  }
  /* None of them is done before the last has begun. */
  for (i = 0; i < workers && i < 8; i++) release(&watches[i]);
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  CHECK(tori_request_bytes_static(request, slow, slow_len, NULL, NULL) == TORI_OK);
  CHECK(tori_request_queue(request, queue) == TORI_OK);
  CHECK(tori_request_set(request, "jobs.deadline_ms", "1", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  for (i = 0; i < SHORT; i++) {
    CHECK(tori_submit(engine, request, NULL, NULL) == TORI_OK);
  }
  for (i = 0; i < SHORT; i++) {
    do {
      memset(&event, 0, sizeof event);
      event.struct_size = sizeof event;
      CHECK(tori_queue_next(queue, 30000, &event) == TORI_OK);
    } while (event.kind != TORI_EVENT_DONE);
    CHECK(event.status == TORI_E_TIMEOUT);
  }
  for (i = 0; i < workers && i < 8; i++) {
    CHECK(tori_job_poll(busy[i], NULL) == TORI_PENDING);
    CHECK(tori_job_cancel(busy[i]) == TORI_OK);
    tori_job_free(busy[i]);
  }
  tori_request_free(request);
  tori_queue_free(queue);
}

int main(void) {
  tori_engine *engine = NULL;
  const char *variable = getenv("MAX_PARALLEL_WORKERS_OVERRIDE");
  workers = variable != NULL ? atoi(variable) : 2;
  make_slow();
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  in_time(engine);
  stops(engine);
  lets_through(engine);
  goes_on(engine);
  ends_while_it_waits(engine);
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  free(slow);
  return 0;
}
