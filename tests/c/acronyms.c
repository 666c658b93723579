/* Acronyms that the document defines, told by the concept they stand for. */
#include "check.h"

#define TEXT "A support vector machine (SVM) is trained. The SVM separates two classes."

int main(void) {
  tori_request *request = tori_request_new();
  tori_result *result = NULL;
  tori_error *error = NULL;
  size_t i, defined = 0;
  CHECK(tori_request_text(request, TEXT, TORI_NUL_TERMINATED) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest(NULL, request, &result, &error), error);
  tori_request_free(request);
  for (i = 0; i < tori_result_count(result); i++) {
    tori_concept concept;
    memset(&concept, 0, sizeof concept);
    concept.struct_size = sizeof concept;
    CHECK(tori_result_concept(result, i, &concept) == TORI_OK);
    CHECK(strcmp(concept.label, "SVM") != 0);
    CHECK(tori_result_acronym(result, i, concept.acronym_count) == NULL);
    if (strcmp(concept.label, "support vector machine") == 0) {
      CHECK(concept.acronym_count == 1 && concept.occurrences == 3);
      CHECK(strcmp(tori_result_acronym(result, i, 0), "SVM") == 0);
    }
    defined += concept.acronym_count;
  }
  CHECK(defined == 1);
  tori_result_free(result);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
