/* Every function takes NULL in every place, and wrong lengths, and answers with a status. */
#include "check.h"

int main(void) {
  tori_config *config = tori_config_new();
  tori_request *request = tori_request_new();
  tori_engine *engine = NULL;
  tori_result *result = NULL;
  tori_database *database = NULL, *other = NULL;
  const char *source = "no such source.json", *no_source = NULL;
  tori_tags *others = NULL;
  tori_tags *tags = NULL;
  tori_error *error = NULL;
  tori_concept concept;
  tori_span span;
  tori_factor factor;
  tori_decision decision;
  tori_document document;
  tori_tag tag;
  uint64_t id = 0;
  size_t len = 7;
  char bad_utf8[] = "ab\xff" "cd";

  memset(&concept, 0, sizeof concept);
  memset(&span, 0, sizeof span);
  memset(&factor, 0, sizeof factor);
  memset(&decision, 0, sizeof decision);
  memset(&document, 0, sizeof document);
  memset(&tag, 0, sizeof tag);

  /* library */
  CHECK(tori_version() != NULL);
  CHECK(tori_version_number() == TORI_VERSION_NUMBER);
  CHECK(tori_features() != NULL);
  CHECK(strcmp(tori_status_name(-6), "TORI_E_LIMIT") == 0);
  CHECK(strcmp(tori_status_name(12345), "TORI_UNKNOWN") == 0);
  CHECK(tori_check_abi(TORI_ABI) == TORI_OK);
  CHECK(tori_check_abi(TORI_ABI + 1) == TORI_E_ABI);
  CHECK(tori_shutdown(-7) == TORI_E_ARGUMENT);
  CHECK(tori_section_name(0) != NULL);
  CHECK(tori_section_name(1000) == NULL);

  /* error */
  CHECK(tori_error_status(NULL) == TORI_E_ARGUMENT);
  CHECK(strcmp(tori_error_message(NULL), "") == 0);
  CHECK(tori_error_json(NULL, &len) == NULL && len == 0);
  CHECK(tori_error_json(NULL, NULL) == NULL);
  tori_error_free(NULL);

  /* config */
  CHECK(tori_config_set(NULL, "limits.pages", "7", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_config_set(config, NULL, "7", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_config_set(config, "limits.pages", NULL, 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_config_set(config, "limits.pages", NULL, TORI_NUL_TERMINATED, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_config_set(config, "limits.pages", NULL, 0, NULL) == TORI_E_CONFIG);
  CHECK(tori_config_set(config, "limits.pages", bad_utf8, TORI_NUL_TERMINATED, &error) == TORI_E_ARGUMENT);
  CHECK(strstr(tori_error_message(error), "offset 2") != NULL);
  tori_error_free(error);
  CHECK(tori_config_set(config, bad_utf8, "7", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_config_set(config, "limits.pages", "7\0x", 3, NULL) == TORI_E_CONFIG);
  CHECK(tori_config_set(config, "limits.pages", "7", 1, NULL) == TORI_OK);
  CHECK(tori_config_json(NULL, &len) == NULL && len == 0);
  CHECK(tori_config_json(config, NULL) != NULL);
  tori_config_free(NULL);

  /* engine */
  error = NULL;
  CHECK(tori_engine_new(config, NULL, &error) == TORI_E_ARGUMENT);
  CHECK(error != NULL && strstr(tori_error_message(error), "out") != NULL);
  tori_error_free(error);
  CHECK_STATUS(TORI_OK, tori_engine_new(NULL, &engine, &error), error);
  CHECK(error == NULL && engine != NULL);
  CHECK(tori_engine_ref(NULL) == NULL);
  tori_engine_free(NULL);
  CHECK(tori_engine_set_database(NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_engine_set_database(engine, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_engine_set_progress(NULL, NULL, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_engine_set_progress(engine, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_set_progress(NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_set_log(3, NULL, NULL, NULL) == TORI_OK);
  database = tori_engine_database(NULL);
  CHECK(database != NULL);
  tori_database_free(database);

  /* request */
  CHECK(tori_request_path(NULL, "x") == TORI_E_ARGUMENT);
  CHECK(tori_request_path(request, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_path(request, "") == TORI_E_ARGUMENT);
  CHECK(tori_request_bytes(NULL, "x", 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_bytes(request, NULL, 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_bytes(request, "x", (size_t)-1) == TORI_E_ARGUMENT);
  CHECK(tori_request_bytes(request, "x", (size_t)-2) == TORI_E_ARGUMENT);
  CHECK(tori_request_text(NULL, "x", 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_text(request, NULL, 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_text(request, NULL, TORI_NUL_TERMINATED) == TORI_E_ARGUMENT);
  CHECK(tori_request_text(request, bad_utf8, 5) == TORI_E_ARGUMENT);
  CHECK(tori_request_name(NULL, "x", 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_name(request, NULL, 1) == TORI_E_ARGUMENT);
  CHECK(tori_request_name(request, bad_utf8, 5) == TORI_E_ARGUMENT);
  CHECK(tori_request_name(request, "a\0b", 3) == TORI_E_ARGUMENT);
  CHECK(tori_request_name(request, NULL, 0) == TORI_OK);
  CHECK(tori_request_set(NULL, "limits.pages", "7", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_set(request, NULL, "7", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_set(request, "limits.pages", NULL, 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_set(request, "database.path", "x", 1, NULL) == TORI_E_CONFIG);
  CHECK(tori_request_set(request, "no.such.key", "x", 1, NULL) == TORI_E_CONFIG);
  CHECK(tori_request_tag(NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_progress(NULL, NULL, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_request_progress(request, NULL, NULL, NULL) == TORI_OK);
  CHECK(tori_ingest(engine, request, &result, &error) == TORI_E_ARGUMENT);
  CHECK(result == NULL && strstr(tori_error_message(error), "no document") != NULL);
  tori_error_free(error);
  tori_request_free(NULL);

  /* run */
  CHECK(tori_ingest(NULL, NULL, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest(engine, request, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_path(NULL, NULL, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_path(NULL, "", &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_path(NULL, "x", NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_bytes(NULL, NULL, 7, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_bytes(NULL, "x", (size_t)-1, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_bytes(NULL, "x", 1, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_bytes(NULL, NULL, 0, &result, NULL) == TORI_E_FORMAT);
  CHECK(tori_ingest_text(NULL, NULL, 7, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_text(NULL, "x", 1, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_ingest_text(NULL, bad_utf8, TORI_NUL_TERMINATED, &result, NULL) == TORI_E_ARGUMENT);
  CHECK(result == NULL);

  /* jobs and queues */
  {
    tori_job *job = NULL, *jobs[2];
    tori_queue *queue = NULL;
    tori_progress latest;
    tori_event event;
    const tori_request *requests[2];
    memset(&latest, 0, sizeof latest);
    memset(&event, 0, sizeof event);
    CHECK(tori_submit(engine, NULL, &job, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_submit(engine, request, &job, &error) == TORI_E_ARGUMENT && job == NULL);
    tori_error_free(error);
    CHECK(tori_request_done(NULL, NULL, NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_request_done(request, NULL, NULL, NULL) == TORI_OK);
    CHECK(tori_request_queue(NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_request_queue(request, NULL) == TORI_OK);
    CHECK(tori_request_bytes_static(NULL, "x", 1, NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_request_bytes_static(request, NULL, 1, NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_request_bytes_static(request, "x", (size_t)-1, NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_request_bytes_static(request, "Some text.", 10, NULL, NULL) == TORI_OK);
    requests[0] = request;
    requests[1] = NULL;
    CHECK(tori_submit_batch(engine, NULL, 2, jobs, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_submit_batch(engine, requests, 2, jobs, NULL) == TORI_E_ARGUMENT);
    CHECK(jobs[0] == NULL && jobs[1] == NULL);
    CHECK(tori_submit_batch(engine, requests, (size_t)-1, jobs, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_submit_batch(engine, NULL, 0, NULL, NULL) == TORI_OK);
    CHECK(tori_job_id(NULL) == 0);
    CHECK(tori_job_poll(NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_job_wait(NULL, 0) == TORI_E_ARGUMENT);
    CHECK(tori_job_cancel(NULL) == TORI_E_ARGUMENT);
    CHECK(tori_job_result(NULL, &result, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_job_ref(NULL) == NULL);
    tori_job_free(NULL);
    CHECK(tori_submit(engine, request, NULL, NULL) == TORI_OK);
    CHECK_STATUS(TORI_OK, tori_submit(engine, request, &job, &error), error);
    CHECK(tori_job_wait(job, -2) == TORI_E_ARGUMENT);
    CHECK(tori_job_wait(job, TORI_WAIT_FOREVER) == TORI_OK);
    CHECK(tori_job_poll(job, &latest) == TORI_E_ABI);
    latest.struct_size = sizeof latest;
    CHECK(tori_job_poll(job, &latest) == TORI_OK && latest.percent == 100);
    CHECK(tori_job_result(job, NULL, NULL) == TORI_E_ARGUMENT);
    tori_job_free(job);
    CHECK(tori_queue_new(NULL, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_queue_fd(NULL) == -1);
    CHECK(tori_queue_next(NULL, 0, &event) == TORI_E_ARGUMENT);
    CHECK(tori_queue_wake(NULL) == TORI_E_ARGUMENT);
    tori_queue_free(NULL);
    CHECK(tori_queue_new(&queue, NULL) == TORI_OK);
    CHECK(tori_queue_next(queue, 0, NULL) == TORI_E_ARGUMENT);
    CHECK(tori_queue_next(queue, 0, &event) == TORI_E_ABI);
    event.struct_size = sizeof event;
    CHECK(tori_queue_next(queue, -5, &event) == TORI_E_ARGUMENT);
    CHECK(tori_queue_next(queue, 0, &event) == TORI_E_TIMEOUT);
    tori_queue_free(queue);
  }

  /* result */
  CHECK_STATUS(TORI_OK, tori_ingest_text(engine, PAPER, TORI_NUL_TERMINATED, &result, &error), error);
  CHECK(tori_result_count(NULL) == 0);
  CHECK(tori_result_count(result) > 0);
  CHECK(tori_result_concept(NULL, 0, &concept) == TORI_E_ARGUMENT);
  CHECK(tori_result_concept(result, 0, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_result_concept(result, 0, &concept) == TORI_E_ABI);
  concept.struct_size = sizeof concept - 8;
  CHECK(tori_result_concept(result, 0, &concept) == TORI_E_ABI);
  concept.struct_size = 0xffffffffu;
  CHECK(tori_result_concept(result, 0, &concept) == TORI_E_ABI);
  concept.struct_size = sizeof concept;
  CHECK(tori_result_concept(result, tori_result_count(result), &concept) == TORI_E_ARGUMENT);
  CHECK(tori_result_concept(result, (size_t)-1, &concept) == TORI_E_ARGUMENT);
  CHECK(tori_result_concept(result, 0, &concept) == TORI_OK);
  CHECK(tori_result_span(NULL, 0, 0, &span) == TORI_E_ARGUMENT);
  CHECK(tori_result_span(result, 0, 0, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_result_span(result, 0, 0, &span) == TORI_E_ABI);
  span.struct_size = sizeof span;
  CHECK(tori_result_span(result, 0, (size_t)concept.span_count, &span) == TORI_E_ARGUMENT);
  CHECK(tori_result_span(result, 0, 0, &span) == TORI_OK);
  CHECK(tori_result_factor(NULL, 0, 0, &factor) == TORI_E_ARGUMENT);
  CHECK(tori_result_factor(result, 0, 0, &factor) == TORI_E_ARGUMENT);
  CHECK(tori_result_decision(NULL, 0, &decision) == TORI_E_ARGUMENT);
  CHECK(tori_result_decision(result, 0, &decision) == TORI_E_ARGUMENT);
  CHECK(tori_result_document(NULL, &document) == TORI_E_ARGUMENT);
  CHECK(tori_result_document(result, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_result_document(result, &document) == TORI_E_ABI);
  CHECK(tori_result_warning(NULL, 0) == NULL);
  CHECK(tori_result_warning(result, 1000) == NULL);
  CHECK(tori_result_json(NULL, &len) == NULL && len == 0);
  CHECK(tori_result_json(result, NULL) != NULL);
  CHECK(tori_result_ref(NULL) == NULL);
  tori_result_free(NULL);

  /* database */
  CHECK(tori_database_open(NULL, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_path(NULL, &database, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_path("", &database, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_path("x", NULL, NULL) == TORI_E_ARGUMENT);
  CHECK_STATUS(TORI_OK, tori_database_open(NULL, &database, &error), error);
  CHECK(tori_database_count(NULL) == 0);
  CHECK(tori_database_json(NULL, &len) == NULL && len == 0);
  CHECK(tori_database_json(database, NULL) != NULL);
  CHECK(tori_database_find(NULL, "x", 1, &id) == TORI_E_ARGUMENT);
  CHECK(tori_database_find(database, NULL, 1, &id) == TORI_E_ARGUMENT);
  CHECK(tori_database_find(database, "x", 1, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_find(database, bad_utf8, 5, &id) == TORI_E_ARGUMENT);
  CHECK(tori_database_find(database, "no such concept at all", TORI_NUL_TERMINATED, &id) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag(NULL, "x", 1, &tags, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag(database, NULL, 1, &tags, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag(database, "x", 1, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag(database, bad_utf8, 5, &tags, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag(database, NULL, 0, &tags, NULL) == TORI_OK);
  CHECK(tori_database_tag_all(NULL, "x", 1, &others, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag_all(database, NULL, 1, &others, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_tag_all(database, "x", 1, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_bytes(NULL, 1, NULL, &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_bytes(NULL, 0, NULL, &other, NULL) == TORI_E_DATABASE);
  CHECK(tori_database_open_bytes("[]", 2, bad_utf8, &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_open_bytes("[]", 2, NULL, NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(NULL, 1, "x", &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(&no_source, 1, "x", &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(&source, 0, "x", &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(&source, (size_t)-1, "x", &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(&source, 1, NULL, &other, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_compile(&source, 1, "x", NULL, NULL) == TORI_E_DATABASE);
  CHECK(tori_database_verify(NULL, NULL) == TORI_E_ARGUMENT);
  CHECK(tori_database_concept(NULL, 1, NULL, 0, &len) == TORI_E_ARGUMENT && len == 0);
  CHECK(tori_database_concept(database, 1, NULL, 0, &len) == TORI_E_ARGUMENT && len == 0);
  CHECK(tori_database_find(database, "photosynthesis", TORI_NUL_TERMINATED, &id) == TORI_OK);
  CHECK(tori_database_concept(database, id, NULL, 0, NULL) == TORI_E_LIMIT);
  CHECK(tori_database_concept(database, id, NULL, 1, NULL) == TORI_E_ARGUMENT);
  CHECK(other == NULL && others == NULL);
  CHECK(tori_tags_count(NULL) == 0);
  CHECK(tori_tags_count(tags) == 0);
  tag.struct_size = sizeof tag;
  CHECK(tori_tags_get(NULL, 0, &tag) == TORI_E_ARGUMENT);
  CHECK(tori_tags_get(tags, 0, &tag) == TORI_E_ARGUMENT);
  CHECK(tori_tags_get(tags, 0, NULL) == TORI_E_ARGUMENT);
  tori_tags_free(NULL);
  CHECK(tori_database_ref(NULL) == NULL);
  tori_database_free(NULL);

  tori_tags_free(tags);
  tori_database_free(database);
  tori_result_free(result);
  tori_request_free(request);
  tori_engine_free(engine);
  tori_config_free(config);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
