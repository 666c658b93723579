/* A forked child goes on with the parent's handles and threads of its own: fork PAPER.pdf. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static size_t ingest(const tori_engine *engine, const char *path) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  size_t count;
  CHECK_STATUS(TORI_OK, tori_ingest_path(engine, path, &result, &error), error);
  count = tori_result_count(result);
  tori_result_free(result);
  return count;
}

static void in_child(const tori_engine *engine, const char *path, size_t expected, int generations) {
  int status = 0;
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    alarm(30);
    CHECK(expected == 0 || ingest(engine, path) == expected);
    CHECK(ingest(NULL, path) > 0);
    if (generations > 1) {
      in_child(engine, path, expected, generations - 1);
    }
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* While other threads are at work, and with a job of the parent's in flight. */
static void under_load(tori_engine *engine, const char *path) {
  tori_request *request = tori_request_new();
  tori_job *jobs[8];
  int i, fork_number, status = 0;

  CHECK(tori_request_path(request, path) == TORI_OK);
  for (fork_number = 0; fork_number < 25; fork_number++) {
    pid_t child;
    for (i = 0; i < 8; i++) {
      CHECK(tori_submit(engine, request, &jobs[i], NULL) == TORI_OK);
    }
    usleep((useconds_t)(fork_number * 700));
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      tori_job *mine = NULL;
      alarm(30);
      for (i = 0; i < 8; i++) {
        CHECK(tori_job_wait(jobs[i], 10) == TORI_E_FORKED || tori_job_poll(jobs[i], NULL) == TORI_OK);
        CHECK(tori_job_cancel(jobs[i]) == TORI_OK);
      }
      CHECK(tori_set_progress(NULL, NULL, NULL) == TORI_OK);
      CHECK(ingest(engine, path) > 0);
      CHECK(tori_submit(engine, request, &mine, NULL) == TORI_OK);
      CHECK(tori_job_wait(mine, TORI_WAIT_FOREVER) == TORI_OK);
      CHECK(tori_job_poll(mine, NULL) == TORI_OK);
      _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (i = 0; i < 8; i++) {
      CHECK(tori_job_wait(jobs[i], TORI_WAIT_FOREVER) == TORI_OK);
      CHECK(tori_job_poll(jobs[i], NULL) == TORI_OK);
      tori_job_free(jobs[i]);
    }
  }
  tori_request_free(request);
}

/* Forks inside the callback of a call that waits; parent and child both return from it. */
static int fork_inside(void *user_data, const tori_progress *progress) {
  pid_t *child = user_data;
  if (*child == -1 && progress->percent >= 5) {
    *child = fork();
    CHECK(*child >= 0);
    if (*child == 0) {
      alarm(30);
    }
  }
  return 0;
}

static void inside_callback(tori_engine *engine, const char *path) {
  pid_t child = -1;
  int status = 0;
  tori_result *result = NULL;
  tori_error *error = NULL;
  tori_status outcome;

  CHECK(tori_engine_set_progress(engine, fork_inside, &child, NULL) == TORI_OK);
  outcome = tori_ingest_path(engine, path, &result, &error);
  if (child == 0) {
    CHECK(outcome == TORI_E_FORKED && result == NULL);
    tori_error_free(error);
    CHECK(tori_engine_set_progress(engine, NULL, NULL, NULL) == TORI_OK);
    CHECK(ingest(engine, path) > 0);
    _exit(0);
  }
  CHECK_STATUS(TORI_OK, outcome, error);
  tori_result_free(result);
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(tori_engine_set_progress(engine, NULL, NULL, NULL) == TORI_OK);
}

static int listen(void *user_data, const tori_progress *progress) {
  (void)user_data;
  return progress->percent > 100;
}

int main(int argc, char **argv) {
  tori_engine *engine = NULL;
  size_t count;
  int i;

  CHECK(argc == 2);
  in_child(NULL, argv[1], 0, 1);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  count = ingest(engine, argv[1]);
  for (i = 0; i < 5; i++) {
    in_child(engine, argv[1], count, 2);
  }
  CHECK(ingest(engine, argv[1]) == count);
  CHECK(tori_set_progress(listen, NULL, NULL) == TORI_OK);
  under_load(engine, argv[1]);
  inside_callback(engine, argv[1]);
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
