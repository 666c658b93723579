/* Callbacks replaced while they fire: none is called after its replacement returned, each is dropped once. */
#include <pthread.h>
#include <unistd.h>

#include "check.h"

#define THREADS 4
#define TIMES 300

struct callback {
  pthread_mutex_t lock;
  int running, calls, dropped, replaced;
};

static volatile int done = 0;
static tori_engine *engine;

static void enter(struct callback *callback) {
  pthread_mutex_lock(&callback->lock);
  CHECK(!callback->dropped && !callback->replaced);
  callback->running++;
  callback->calls++;
  pthread_mutex_unlock(&callback->lock);
}

static void leave(struct callback *callback) {
  pthread_mutex_lock(&callback->lock);
  callback->running--;
  pthread_mutex_unlock(&callback->lock);
}

static int on_progress(void *user_data, const tori_progress *progress) {
  enter(user_data);
  (void)progress;
  leave(user_data);
  return 0;
}

static void on_log(void *user_data, int32_t level, const char *target, const char *message, size_t len) {
  enter(user_data);
  CHECK(level >= 1 && level <= 5 && target != NULL && strlen(message) == len);
  leave(user_data);
}

static void dropped(void *user_data) {
  struct callback *callback = user_data;
  pthread_mutex_lock(&callback->lock);
  CHECK(callback->running == 0 && !callback->dropped);
  callback->dropped = 1;
  pthread_mutex_unlock(&callback->lock);
}

static void *fire(void *unused) {
  while (!done) {
    tori_result *result = NULL;
    tori_error *error = NULL;
    CHECK_STATUS(TORI_OK, tori_ingest_text(engine, PAPER, TORI_NUL_TERMINATED, &result, &error), error);
    tori_result_free(result);
  }
  return unused;
}

static tori_status set(int which, struct callback *callback) {
  tori_drop_fn drop = callback != NULL ? dropped : NULL;
  switch (which) {
    case 0: return tori_set_progress(callback != NULL ? on_progress : NULL, callback, drop);
    case 1: return tori_engine_set_progress(engine, callback != NULL ? on_progress : NULL, callback, drop);
    default: return tori_set_log(5, callback != NULL ? on_log : NULL, callback, drop);
  }
}

int main(void) {
  static struct callback callbacks[3][TIMES];
  pthread_t threads[THREADS];
  int which, i, calls = 0;

  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&threads[i], NULL, fire, NULL) == 0);
  }
  for (i = 0; i < TIMES; i++) {
    usleep(300);
    for (which = 0; which < 3; which++) {
      pthread_mutex_init(&callbacks[which][i].lock, NULL);
      /* Every other time the engine has none, so that the process's is called. */
      CHECK(set(which, which == 1 && i % 2 == 1 ? NULL : &callbacks[which][i]) == TORI_OK);
      if (i > 0 && !(which == 1 && i % 2 == 0)) {
        struct callback *former = &callbacks[which][i - 1];
        pthread_mutex_lock(&former->lock);
        CHECK(former->dropped && former->running == 0);
        former->replaced = 1;
        calls += former->calls;
        pthread_mutex_unlock(&former->lock);
      }
    }
  }
  for (which = 0; which < 3; which++) {
    CHECK(set(which, NULL) == TORI_OK);
  }
  done = 1;
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  CHECK(calls > 0);
  for (which = 0; which < 3; which++) {
    for (i = 0; i < TIMES; i++) {
      CHECK(callbacks[which][i].dropped == !(which == 1 && i % 2 == 1));
      pthread_mutex_destroy(&callbacks[which][i].lock);
    }
  }
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
