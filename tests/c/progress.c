/* Progress: no event twice, never backwards, 100 once and only on success; who is called; cancelling; drop. */
#include "check.h"

struct log {
  int events, completes, drops, cancel_at;
  int32_t stage;
  uint32_t percent;
  const void *tag;
};

static int record(void *user_data, const tori_progress *progress) {
  struct log *log = user_data;
  CHECK(progress->struct_size == sizeof *progress);
  CHECK(progress->stage_name != NULL && progress->message != NULL);
  if (log->events > 0) {
    CHECK(progress->percent >= log->percent);
    CHECK(progress->percent != log->percent || progress->stage != log->stage);
  }
  log->events++;
  log->completes += progress->percent == 100;
  log->percent = progress->percent;
  log->stage = progress->stage;
  log->tag = progress->tag;
  return log->cancel_at > 0 && log->events >= log->cancel_at;
}

static void dropped(void *user_data) { ((struct log *)user_data)->drops++; }

/* A callback may use the library; only shutting it down is refused. */
static int nested(void *user_data, const tori_progress *progress) {
  tori_result *result = NULL;
  struct log *log = user_data;
  (void)progress;
  log->events++;
  if (log->events == 1) {
    CHECK(tori_shutdown(0) == TORI_E_BUSY);
    CHECK(tori_ingest_text(NULL, "Nested calls work.", TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
    tori_result_free(result);
    CHECK(tori_set_progress(NULL, NULL, NULL) == TORI_OK);
  }
  return 0;
}

int main(int argc, char **argv) {
  struct log process = {0}, engines = {0}, requests = {0}, inner = {0};
  tori_engine *engine = NULL;
  tori_request *request = tori_request_new();
  tori_result *result = NULL;
  tori_error *error = NULL;
  int tag = 0;

  CHECK(argc == 2);
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  CHECK(tori_request_path(request, argv[1]) == TORI_OK);
  CHECK(tori_request_tag(request, &tag) == TORI_OK);

  CHECK(tori_set_progress(record, &process, dropped) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest(engine, request, &result, &error), error);
  tori_result_free(result);
  CHECK(process.events > 10 && process.completes == 1 && process.percent == 100);

  CHECK(tori_engine_set_progress(engine, record, &engines, dropped) == TORI_OK);
  CHECK(tori_request_progress(request, record, &requests, dropped) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest(engine, request, &result, &error), error);
  tori_result_free(result);
  CHECK(requests.events > 10 && requests.completes == 1 && engines.events == 0);
  CHECK(requests.tag == &tag);

  CHECK(tori_request_progress(request, NULL, NULL, NULL) == TORI_OK);
  CHECK(requests.drops == 1);
  CHECK_STATUS(TORI_OK, tori_ingest(engine, request, &result, &error), error);
  tori_result_free(result);
  CHECK(engines.events > 10 && engines.completes == 1);
  CHECK(tori_engine_set_progress(engine, NULL, NULL, NULL) == TORI_OK);
  CHECK(engines.drops == 1);

  /* Cancelled at the third event: no result, no 100, and the next call is not touched. */
  memset(&requests, 0, sizeof requests);
  requests.cancel_at = 3;
  CHECK(tori_request_progress(request, record, &requests, dropped) == TORI_OK);
  CHECK(tori_ingest(engine, request, &result, &error) == TORI_E_CANCELLED);
  CHECK(result == NULL && error != NULL);
  tori_error_free(error);
  CHECK(requests.events == 3 && requests.completes == 0);
  memset(&requests, 0, sizeof requests);
  CHECK_STATUS(TORI_OK, tori_ingest(engine, request, &result, &error), error);
  tori_result_free(result);
  CHECK(requests.completes == 1);
  tori_request_free(request);
  CHECK(requests.drops == 1);

  /* A failing call never says 100. */
  memset(&process, 0, sizeof process);
  CHECK(tori_ingest_bytes(engine, "%PDF-1.7 nothing", 16, &result, NULL) == TORI_E_FORMAT);
  CHECK(process.completes == 0 && process.drops == 0);

  CHECK(tori_set_progress(nested, &inner, dropped) == TORI_OK);
  CHECK(process.drops == 1);
  CHECK(tori_ingest_text(engine, PAPER, TORI_NUL_TERMINATED, &result, NULL) == TORI_OK);
  tori_result_free(result);
  CHECK(inner.drops == 1);

  tori_engine_free(engine);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
