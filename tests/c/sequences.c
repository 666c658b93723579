/* Random calls on shared handles from several threads; any order is allowed, and everything is accounted for in the
 * end: sequences PAPER.pdf [SEED [STEPS]]. */
#include <pthread.h>

#include "check.h"

#define THREADS 3
#define SLOTS 6

static const char *paper;
static unsigned long seed = 1;
static int steps = 250;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long made = 0, done = 0, given = 0, dropped = 0;

/* Handles that all threads use: each reads and replaces them under the lock, and uses a reference of its own. */
static tori_engine *engines[SLOTS];
static tori_job *jobs[SLOTS];
static tori_result *results[SLOTS];
static tori_queue *queue;

static void add(long *counter) {
  pthread_mutex_lock(&lock);
  ++*counter;
  pthread_mutex_unlock(&lock);
}

static void on_drop(void *user_data) { add(user_data); }

static void on_done(void *user_data, tori_job *job) {
  tori_result *result = NULL;
  CHECK(user_data == &dropped);
  CHECK(tori_job_result(job, &result, NULL) != TORI_PENDING);
  tori_result_free(result);
  add(&done);
}

/* Cancels some. */
static int on_progress(void *user_data, const tori_progress *progress) {
  (void)user_data;
  return progress->percent == 75 && progress->job_id % 7 == 0;
}

static unsigned long next(unsigned long *state) {
  *state = *state * 6364136223846793005ul + 1442695040888963407ul;
  return *state >> 33;
}

static tori_engine *take_engine(unsigned slot) {
  tori_engine *engine;
  pthread_mutex_lock(&lock);
  engine = tori_engine_ref(engines[slot]);
  pthread_mutex_unlock(&lock);
  return engine;
}

static tori_job *take_job(unsigned slot) {
  tori_job *job;
  pthread_mutex_lock(&lock);
  job = tori_job_ref(jobs[slot]);
  pthread_mutex_unlock(&lock);
  return job;
}

static void put_job(unsigned slot, tori_job *job) {
  tori_job *former;
  pthread_mutex_lock(&lock);
  former = jobs[slot];
  jobs[slot] = job;
  pthread_mutex_unlock(&lock);
  tori_job_free(former);
}

static void put_result(unsigned slot, tori_result *result) {
  tori_result *former;
  pthread_mutex_lock(&lock);
  former = results[slot];
  results[slot] = result;
  pthread_mutex_unlock(&lock);
  tori_result_free(former);
}

static void any_of(tori_status status) {
  CHECK(status == TORI_OK || status == TORI_PENDING || status == TORI_E_CANCELLED || status == TORI_E_BUSY ||
        status == TORI_E_TIMEOUT || status == TORI_E_FORMAT);
}

static tori_request *new_request(unsigned long *random) {
  tori_request *request = tori_request_new();
  switch (next(random) % 4) {
    case 0: CHECK(tori_request_path(request, paper) == TORI_OK); break;
    case 1: CHECK(tori_request_bytes(request, "%PDF-1.4 nothing", 16) == TORI_OK); break;
    case 2:
      CHECK(tori_request_bytes_static(request, PAPER, strlen(PAPER), on_drop, &dropped) == TORI_OK);
      add(&given);
      break;
    default: CHECK(tori_request_text(request, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  }
  if (next(random) % 2) CHECK(tori_request_progress(request, on_progress, NULL, NULL) == TORI_OK);
  if (next(random) % 2) CHECK(tori_request_queue(request, queue) == TORI_OK);
  if (next(random) % 4 == 0) {
    CHECK(tori_request_set(request, "jobs.deadline_ms", "3", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  }
  CHECK(tori_request_done(request, on_done, &dropped, on_drop) == TORI_OK);
  add(&given);
  return request;
}

static void step(unsigned long *random) {
  unsigned slot = (unsigned)(next(random) % SLOTS);
  switch (next(random) % 9) {
    case 0: case 1: case 2: {
      tori_request *request = new_request(random);
      tori_engine *engine = take_engine(slot);
      tori_job *job = NULL;
      tori_status status = tori_submit(engine, request, &job, NULL);
      any_of(status);
      if (status == TORI_OK) {
        add(&made);
        put_job(slot, job);
      }
      tori_engine_free(engine);
      tori_request_free(request);
      break;
    }
    case 3: {
      tori_job *job = take_job(slot);
      if (job != NULL) any_of(tori_job_wait(job, (int64_t)(next(random) % 5)));
      tori_job_free(job);
      break;
    }
    case 4: {
      tori_job *job = take_job(slot);
      if (job != NULL) any_of(tori_job_cancel(job));
      tori_job_free(job);
      break;
    }
    case 5: {
      tori_job *job = take_job(slot);
      tori_result *result = NULL;
      tori_error *error = NULL;
      if (job != NULL) any_of(tori_job_result(job, &result, &error));
      CHECK(result == NULL || tori_result_json(result, NULL) != NULL);
      if (result != NULL) put_result(slot, result);
      tori_error_free(error);
      tori_job_free(job);
      break;
    }
    case 6: {
      tori_event event;
      memset(&event, 0, sizeof event);
      event.struct_size = sizeof event;
      if (next(random) % 4 == 0) CHECK(tori_queue_wake(queue) == TORI_OK);
      any_of(tori_queue_next(queue, (int64_t)(next(random) % 3), &event));
      break;
    }
    case 7: {
      tori_request *request = new_request(random);
      tori_engine *engine = take_engine(slot);
      tori_result *result = NULL;
      any_of(tori_ingest(engine, request, &result, NULL));
      tori_result_free(result);
      tori_engine_free(engine);
      tori_request_free(request);
      break;
    }
    default: {
      tori_engine *former, *engine = NULL;
      tori_database *database = tori_engine_database(NULL);
      CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
      CHECK(tori_engine_set_database(engine, database) == TORI_OK);
      tori_database_free(database);
      pthread_mutex_lock(&lock);
      former = engines[slot];
      engines[slot] = engine;
      pthread_mutex_unlock(&lock);
      tori_engine_free(former);
    }
  }
}

static void *play(void *number) {
  unsigned long random = seed * 1000 + *(unsigned long *)number;
  int i;
  for (i = 0; i < steps; i++) {
    step(&random);
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  unsigned long numbers[THREADS];
  int i;

  CHECK(argc >= 2);
  paper = argv[1];
  if (argc > 2) seed = strtoul(argv[2], NULL, 10);
  if (argc > 3) steps = atoi(argv[3]);
  CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
  for (i = 0; i < THREADS; i++) {
    numbers[i] = (unsigned long)i;
    CHECK(pthread_create(&threads[i], NULL, play, &numbers[i]) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  tori_queue_free(queue);
  for (i = 0; i < SLOTS; i++) {
    put_job((unsigned)i, NULL);
    put_result((unsigned)i, NULL);
    tori_engine_free(engines[i]);
  }
  /* Half of the time with jobs waiting. */
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  CHECK(made > 0 && done == made);
  CHECK(dropped == given);
  return 0;
}
