/* Jobs: submit, poll, wait, cancel, result; every job ends once and says so once, however it ends. */
#include <pthread.h>
#include <unistd.h>

#include "check.h"

#define JOBS 40

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int done = 0, drops = 0, succeeded = 0, cancelled = 0, refused = 0, timed_out = 0;

static void count(int *counter) {
  pthread_mutex_lock(&lock);
  ++*counter;
  pthread_mutex_unlock(&lock);
}

static void on_done(void *user_data, tori_job *job) {
  tori_result *result = NULL;
  tori_status status = tori_job_result(job, &result, NULL);
  CHECK(user_data == &done);
  CHECK(status != TORI_PENDING);
  CHECK((result != NULL) == (status == TORI_OK));
  /* Inside the callback the job has ended. */
  CHECK(tori_job_wait(job, TORI_WAIT_FOREVER) == TORI_OK);
  tori_result_free(result);
  count(&done);
  if (status == TORI_OK) count(&succeeded);
  if (status == TORI_E_CANCELLED) count(&cancelled);
  if (status == TORI_E_SHUTDOWN) count(&refused);
  if (status == TORI_E_TIMEOUT) count(&timed_out);
}

static void dropped(void *user_data) {
  (void)user_data;
  count(&drops);
}

/* Inside a progress callback everything works but waiting for the job that waits for it. */
static int nested(void *user_data, const tori_progress *progress) {
  tori_job **own = user_data, *other = NULL;
  tori_request *request;
  tori_result *result = NULL;
  if (progress->percent != 42) {
    return 0;
  }
  CHECK(progress->job_id != 0);
  CHECK(tori_shutdown(0) == TORI_E_BUSY);
  if (*own != NULL) {
    CHECK(tori_job_wait(*own, 100) == TORI_E_BUSY);
  }
  request = tori_request_new();
  CHECK(tori_request_text(request, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK(tori_submit(NULL, request, &other, NULL) == TORI_OK);
  CHECK(tori_job_wait(other, TORI_WAIT_FOREVER) == TORI_OK);
  CHECK(tori_job_poll(other, NULL) == TORI_OK);
  tori_job_free(other);
  CHECK(tori_ingest(NULL, request, &result, NULL) == TORI_OK);
  tori_result_free(result);
  tori_request_free(request);
  return 0;
}

static int stop(void *user_data, const tori_progress *progress) {
  (void)user_data;
  return progress->percent >= 42;
}

int main(int argc, char **argv) {
  tori_config *config = tori_config_new();
  tori_engine *engine = NULL, *narrow = NULL;
  tori_request *request = tori_request_new();
  tori_job *jobs[JOBS], *job = NULL, *own = NULL;
  const tori_request *batch[JOBS];
  tori_result *result = NULL;
  tori_error *error = NULL;
  int i, before, status = 0;

  CHECK(argc == 2);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  /* A document in memory has the name it was given. */
  CHECK(tori_request_text(request, PAPER, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK(tori_request_name(request, "upload.pdf", TORI_NUL_TERMINATED) == TORI_OK);
  CHECK(tori_ingest(engine, request, &result, NULL) == TORI_OK);
  CHECK(strstr(tori_result_json(result, NULL), "\"name\":\"upload.pdf\"") != NULL);
  tori_result_free(result);

  CHECK(tori_request_path(request, argv[1]) == TORI_OK);
  CHECK(tori_request_done(request, on_done, &done, dropped) == TORI_OK);

  /* A third is cancelled, a third freed at once, a third waited for. */
  for (i = 0; i < JOBS; i++) {
    CHECK_STATUS(TORI_OK, tori_submit(engine, request, &jobs[i], &error), error);
    CHECK(tori_job_id(jobs[i]) > 0);
  }
  for (i = 0; i < JOBS; i++) {
    if (i % 3 == 0) {
      CHECK(tori_job_cancel(jobs[i]) == TORI_OK);
      CHECK(tori_job_wait(jobs[i], 1000) == TORI_OK);
    }
    if (i % 3 == 1) tori_job_free(jobs[i]);
  }
  for (i = 0; i < JOBS; i++) {
    if (i % 3 == 1) continue;
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    status = tori_job_poll(jobs[i], NULL);
    CHECK(status == TORI_OK || (i % 3 == 0 && status == TORI_E_CANCELLED));
    if (status == TORI_OK) {
      CHECK(tori_job_result(jobs[i], &result, NULL) == TORI_OK && tori_result_count(result) > 10);
      tori_result_free(result);
    }
    tori_job_free(jobs[i]);
  }

  /* A callback that asks to stop. */
  CHECK(tori_request_progress(request, stop, NULL, NULL) == TORI_OK);
  CHECK(tori_submit(engine, request, &job, NULL) == TORI_OK);
  CHECK(tori_job_wait(job, TORI_WAIT_FOREVER) == TORI_OK);
  CHECK(tori_job_poll(job, NULL) == TORI_E_CANCELLED);
  tori_job_free(job);

  /* One that uses the library, the job's own handle included. */
  CHECK(tori_request_progress(request, nested, &own, NULL) == TORI_OK);
  for (i = 0; i < 4; i++) {
    CHECK(tori_submit(engine, request, &own, NULL) == TORI_OK);
    CHECK(tori_job_wait(own, 30000) == TORI_OK);
    CHECK(tori_job_poll(own, NULL) == TORI_OK);
    tori_job_free(own);
    own = NULL;
  }
  CHECK(tori_request_progress(request, NULL, NULL, NULL) == TORI_OK);

  /* A deadline, in the queue or at work. */
  before = timed_out;
  CHECK(tori_request_set(request, "jobs.deadline_ms", "1", 1, NULL) == TORI_OK);
  for (i = 0; i < JOBS; i++) {
    CHECK(tori_submit(engine, request, &jobs[i], NULL) == TORI_OK);
  }
  for (i = 0; i < JOBS; i++) {
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    tori_job_free(jobs[i]);
  }
  CHECK(timed_out > before);
  CHECK(tori_request_set(request, "jobs.deadline_ms", "0", 1, NULL) == TORI_OK);

  /* A full queue refuses, all or none. */
  CHECK(tori_config_set(config, "jobs.waiting", "5", 1, NULL) == TORI_OK);
  CHECK(tori_engine_new(config, &narrow, NULL) == TORI_OK);
  for (i = 0; i < JOBS; i++) batch[i] = request;
  /* Those whose handles were freed end in their own time. */
  pthread_mutex_lock(&lock);
  while (done < JOBS + 1 + 4 + JOBS) {
    pthread_mutex_unlock(&lock);
    usleep(1000);
    pthread_mutex_lock(&lock);
  }
  before = done;
  pthread_mutex_unlock(&lock);
  CHECK(tori_submit_batch(narrow, batch, 6, jobs, &error) == TORI_E_BUSY);
  CHECK(jobs[0] == NULL && strstr(tori_error_message(error), "jobs.waiting = 5") != NULL);
  tori_error_free(error);
  CHECK_STATUS(TORI_OK, tori_submit_batch(narrow, batch, 5, jobs, &error), error);
  for (i = 0; i < 5; i++) {
    CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
    tori_job_free(jobs[i]);
  }
  CHECK(done == before + 5);
  /* With patience there is room in the end. */
  CHECK(tori_config_set(config, "jobs.patience_ms", "60000", 5, NULL) == TORI_OK);
  tori_engine_free(narrow);
  CHECK(tori_engine_new(config, &narrow, NULL) == TORI_OK);
  for (i = 0; i < 20; i++) {
    CHECK(tori_submit(narrow, request, NULL, NULL) == TORI_OK);
  }

  /* Shut down with jobs waiting: they end, too. */
  for (i = 0; i < JOBS; i++) {
    CHECK(tori_submit(engine, request, &jobs[i], NULL) == TORI_OK);
  }
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  for (i = 0; i < JOBS; i++) {
    status = tori_job_poll(jobs[i], NULL);
    CHECK(status == TORI_OK || status == TORI_E_SHUTDOWN);
    tori_job_free(jobs[i]);
  }
  CHECK(refused > 0);
  CHECK(tori_submit(engine, request, &job, NULL) == TORI_E_SHUTDOWN && job == NULL);
  tori_request_free(request);
  tori_engine_free(engine);
  tori_engine_free(narrow);
  tori_config_free(config);
  CHECK(drops == 1);
  CHECK(done == JOBS + 1 + 4 + JOBS + 5 + 20 + JOBS);
  CHECK(succeeded + cancelled + refused + timed_out == done);
  return 0;
}
