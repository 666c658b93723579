/* The main job on a real paper: main_job PAPER.pdf. Everything the table of the example shows holds together,
 * and the JSON says the same. */
#include "check.h"

int main(int argc, char **argv) {
  tori_engine *engine = NULL;
  tori_result *result = NULL, *again = NULL;
  tori_error *error = NULL;
  tori_document document;
  size_t i, count, len = 0;
  double before = 2.0;
  const char *json;

  CHECK(argc == 2);
  CHECK_STATUS(TORI_OK, tori_engine_new(NULL, &engine, &error), error);
  CHECK_STATUS(TORI_OK, tori_ingest_path(engine, argv[1], &result, &error), error);

  memset(&document, 0, sizeof document);
  document.struct_size = sizeof document;
  CHECK(tori_result_document(result, &document) == TORI_OK);
  CHECK(document.kind == TORI_KIND_PDF);
  CHECK(document.pages > 1);
  CHECK(document.title != NULL && strlen(document.title) > 10);
  CHECK(document.abstract_found == 1);
  CHECK(strlen(document.sha256) == 64);
  CHECK(document.raw_count >= document.pure_count && document.pure_count >= document.final_count);

  count = tori_result_count(result);
  CHECK(count == document.final_count && count > 20);
  for (i = 0; i < count; i++) {
    tori_concept concept;
    tori_span span;
    memset(&concept, 0, sizeof concept);
    concept.struct_size = sizeof concept;
    CHECK(tori_result_concept(result, i, &concept) == TORI_OK);
    CHECK(concept.label_len == strlen(concept.label) && concept.label_len > 0);
    CHECK(concept.form_len == strlen(concept.form) && concept.form_len > 0);
    CHECK(concept.score >= 0.0 && concept.score <= 1.0);
    CHECK(concept.quality >= 0.0 && concept.quality <= 1.0 && concept.quality <= before);
    before = concept.quality;
    CHECK(concept.first_page >= 1 && concept.first_page <= document.pages);
    CHECK(concept.source >= TORI_SOURCE_STATISTICAL && concept.source <= TORI_SOURCE_BOTH);
    CHECK((concept.source == TORI_SOURCE_STATISTICAL) == (concept.concept_id == 0));
    CHECK(concept.sections != 0 && concept.section != NULL && concept.category != NULL);
    CHECK(concept.span_count >= 1 && concept.span_count <= concept.occurrences);
    span.struct_size = sizeof span;
    CHECK(tori_result_span(result, i, 0, &span) == TORI_OK);
    CHECK(span.start < span.end && span.end <= document.text_bytes);
  }

  json = tori_result_json(result, &len);
  CHECK(json != NULL && strlen(json) == len);
  CHECK(document.author_count >= 1);
  for (i = 0; i < document.author_count; i++) CHECK(strstr(json, tori_result_author(result, i)) != NULL);
  CHECK(tori_result_author(result, i) == NULL);
  for (i = 0; i < document.keyword_count; i++) CHECK(strstr(json, tori_result_keyword(result, i)) != NULL);
  CHECK(tori_result_keyword(result, i) == NULL);
  CHECK(json == tori_result_json(result, NULL));
  CHECK(strstr(json, document.sha256) != NULL);

  /* A reference outlives the first one and the engine. */
  again = tori_result_ref(result);
  tori_result_free(result);
  tori_engine_free(engine);
  CHECK(tori_result_count(again) == count);
  tori_result_free(again);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
