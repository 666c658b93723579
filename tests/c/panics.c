/* A bug in any stage is a status that tells its place, and everything goes on: panics PAPER.pdf. For a library built
 * with the feature inject-panics, which panics at the stage that TORI_PANIC_AT names. */
#include "check.h"

static int ends = 0, completes = 0;

static void on_done(void *user_data, tori_job *job) {
  (void)user_data;
  (void)job;
  ends++;
}

static int on_progress(void *user_data, const tori_progress *progress) {
  (void)user_data;
  completes += progress->percent == 100;
  return 0;
}

static void is_a_panic(tori_status status, tori_result *result, tori_error *error) {
  CHECK(status == TORI_E_PANIC && result == NULL && error != NULL);
  CHECK(strstr(tori_error_message(error), "bug in the library: injected at ") != NULL);
  CHECK(strstr(tori_error_json(error, NULL), "\"location\":\"src/") != NULL);
  tori_error_free(error);
}

int main(int argc, char **argv) {
  static const char *const stages[] = {"init",     "document", "structure", "concepts",
                                       "database", "analysis", "pruning",   "finalize"};
  tori_engine *engine = NULL;
  tori_request *request = tori_request_new();
  const tori_request *batch[2];
  tori_job *jobs[3];
  tori_result *result = NULL;
  tori_error *error = NULL;
  size_t i, count;
  int j;

  CHECK(argc == 2);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  CHECK(tori_request_path(request, argv[1]) == TORI_OK);
  CHECK(tori_request_done(request, on_done, NULL, NULL) == TORI_OK);
  CHECK(tori_request_progress(request, on_progress, NULL, NULL) == TORI_OK);
  CHECK(tori_ingest(engine, request, &result, NULL) == TORI_OK);
  count = tori_result_count(result);
  tori_result_free(result);
  batch[0] = batch[1] = request;

  for (i = 0; i < sizeof stages / sizeof *stages; i++) {
    tori_status status;
    ends = completes = 0;
    CHECK(setenv("TORI_PANIC_AT", stages[i], 1) == 0);
    status = tori_ingest(engine, request, &result, &error);
    is_a_panic(status, result, error);
    CHECK(tori_submit(engine, request, &jobs[0], NULL) == TORI_OK);
    CHECK(tori_submit_batch(engine, batch, 2, &jobs[1], NULL) == TORI_OK);
    for (j = 0; j < 3; j++) {
      CHECK(tori_job_wait(jobs[j], TORI_WAIT_FOREVER) == TORI_OK);
      status = tori_job_result(jobs[j], &result, &error);
      is_a_panic(status, result, error);
      tori_job_free(jobs[j]);
    }
    CHECK(ends == 3 && completes == 0);
    CHECK(unsetenv("TORI_PANIC_AT") == 0);
    CHECK_STATUS(TORI_OK, tori_ingest(engine, request, &result, &error), error);
    CHECK(tori_result_count(result) == count && completes == 1);
    tori_result_free(result);
  }
  tori_request_free(request);
  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
