/* Everything but shutting down works inside callbacks, with one worker, too: reentry PAPER.pdf. */
#include <pthread.h>
#include <unistd.h>

#include "check.h"

#define CHAIN 20

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static tori_engine *engine;
static tori_request *request, *next_one;
static tori_queue *queue;
static int ended = 0, victims = 0, drops = 0;

static void tell(int *counter) {
  pthread_mutex_lock(&lock);
  ++*counter;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void wait_for(const int *counter, int value) {
  pthread_mutex_lock(&lock);
  while (*counter < value) {
    pthread_cond_wait(&changed, &lock);
  }
  pthread_mutex_unlock(&lock);
}

static void on_victim(void *user_data, tori_job *job) {
  CHECK(user_data == &victims && tori_job_poll(job, NULL) == TORI_E_CANCELLED);
  tell(&victims);
}

static void dropped(void *user_data) {
  CHECK(user_data == &victims);
  tell(&drops);
}

/* Keeps a job from ending by itself until it was cancelled. */
static int on_held(void *user_data, const tori_progress *progress) {
  (void)progress;
  while (!__atomic_load_n((int *)user_data, __ATOMIC_SEQ_CST)) usleep(100);
  return 0;
}

/* Inside a progress callback: a job is made, cancelled and freed; one is waited for; the callbacks are replaced. */
static int on_progress(void *user_data, const tori_progress *progress) {
  tori_request *inner;
  static int cancelled;
  tori_job *victim = NULL, *other = NULL;
  tori_event event;
  (void)user_data;
  if (progress->percent != 42) {
    return 0;
  }
  inner = tori_request_new();
  CHECK(tori_request_text(inner, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK(tori_request_done(inner, on_victim, &victims, dropped) == TORI_OK);
  CHECK(tori_request_progress(inner, on_held, &cancelled, NULL) == TORI_OK);
  __atomic_store_n(&cancelled, 0, __ATOMIC_SEQ_CST);
  CHECK(tori_submit(engine, inner, &victim, NULL) == TORI_OK);
  CHECK(tori_job_cancel(victim) == TORI_OK);
  __atomic_store_n(&cancelled, 1, __ATOMIC_SEQ_CST);
  CHECK(tori_job_wait(victim, 0) == TORI_OK);
  tori_job_free(victim);

  CHECK(tori_request_progress(inner, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_request_done(inner, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_request_queue(inner, queue) == TORI_OK);
  CHECK(tori_submit(engine, inner, &other, NULL) == TORI_OK);
  tori_request_free(inner);
  CHECK(tori_job_wait(other, TORI_WAIT_FOREVER) == TORI_OK);
  /* All that happened to it is one event: its end. */
  memset(&event, 0, sizeof event);
  event.struct_size = sizeof event;
  CHECK(tori_queue_next(queue, TORI_WAIT_FOREVER, &event) == TORI_OK);
  CHECK(event.kind == TORI_EVENT_DONE && event.job_id == tori_job_id(other) && event.status == TORI_OK);
  CHECK(tori_queue_next(queue, 0, &event) == TORI_E_TIMEOUT);
  tori_job_free(other);

  CHECK(tori_set_progress(NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_engine_set_progress(engine, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_shutdown(0) == TORI_E_BUSY);
  return 0;
}

/* Inside a done callback: the next job of the chain is submitted, and the last handle of this one is freed. */
static void on_done(void *user_data, tori_job *job) {
  tori_job **own = user_data;
  CHECK(tori_job_poll(job, NULL) == TORI_OK);
  /* The lock is held while a job is submitted, so that its callback finds the handle. */
  pthread_mutex_lock(&lock);
  tori_job_free(*own);
  *own = NULL;
  ended++;
  if (ended < CHAIN) {
    CHECK(tori_submit(engine, next_one, own, NULL) == TORI_OK);
  }
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void on_last(void *user_data, tori_job *job) {
  (void)job;
  /* The engine and the request that this job was made of. */
  tori_engine_free(engine);
  tori_request_free(request);
  tell(user_data);
}

int main(int argc, char **argv) {
  tori_job *own = NULL, *job = NULL;
  tori_result *result = NULL;
  int i, last = 0;

  CHECK(argc == 2);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  request = tori_request_new();
  CHECK(tori_request_path(request, argv[1]) == TORI_OK);
  CHECK(tori_request_progress(request, on_progress, NULL, NULL) == TORI_OK);
  for (i = 0; i < 4; i++) {
    CHECK(tori_ingest(engine, request, &result, NULL) == TORI_OK);
    tori_result_free(result);
    CHECK(tori_submit(engine, request, &job, NULL) == TORI_OK);
    CHECK(tori_job_wait(job, 30000) == TORI_OK && tori_job_poll(job, NULL) == TORI_OK);
    tori_job_free(job);
  }
  wait_for(&victims, 8);
  wait_for(&drops, 8);

  next_one = tori_request_new();
  CHECK(tori_request_text(next_one, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK(tori_request_done(next_one, on_done, &own, NULL) == TORI_OK);
  pthread_mutex_lock(&lock);
  CHECK(tori_submit(engine, next_one, &own, NULL) == TORI_OK);
  pthread_mutex_unlock(&lock);
  wait_for(&ended, CHAIN);
  tori_request_free(next_one);

  CHECK(tori_request_progress(request, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_request_done(request, on_last, &last, NULL) == TORI_OK);
  CHECK(tori_submit(engine, request, NULL, NULL) == TORI_OK);
  wait_for(&last, 1);
  tori_queue_free(queue);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
