/* The concept database on its own: database EMPTY-FOLDER. */
#include "check.h"

int main(int argc, char **argv) {
  const char *text = "Support vector\nmachines and a support-vector machine; photosynthesis.";
  tori_config *config = tori_config_new();
  tori_database *database = NULL, *other = NULL, *engines = NULL;
  tori_engine *engine = NULL;
  tori_error *error = NULL;
  tori_tags *tags = NULL;
  tori_tag tag;
  uint64_t id = 0;

  CHECK(argc == 2);
  CHECK_STATUS(TORI_OK, tori_database_open(NULL, &database, &error), error);
  CHECK(tori_database_count(database) >= 3000);
  CHECK(strstr(tori_database_json(database, NULL), "origin") != NULL);
  CHECK(tori_database_find(database, "SUPPORT VECTOR MACHINE", TORI_NUL_TERMINATED, &id) == TORI_OK);

  CHECK_STATUS(TORI_OK, tori_database_tag(database, text, TORI_NUL_TERMINATED, &tags, &error), error);
  CHECK(tori_tags_count(tags) == 3);
  memset(&tag, 0, sizeof tag);
  tag.struct_size = sizeof tag;
  CHECK(tori_tags_get(tags, 0, &tag) == TORI_OK);
  CHECK(tag.concept_id == id && tag.start == 0 && tag.end == 23);
  CHECK(strcmp(tag.label, "support vector machine") == 0 && tag.label_len == strlen(tag.label));
  CHECK(tori_tags_get(tags, 1, &tag) == TORI_OK);
  CHECK(tag.concept_id == id && strncmp(text + tag.start, "support-vector machine", 22) == 0);

  /* Nothing to be found: every place is told. */
  CHECK(tori_config_set(config, "database.path", argv[1], TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_config_set(config, "database.require_external", "true", 4, NULL) == TORI_OK);
  CHECK(tori_engine_new(config, &engine, &error) == TORI_E_DATABASE);
  CHECK(strstr(tori_error_message(error), "1.") != NULL && strstr(tori_error_message(error), "2.") != NULL);
  CHECK(strstr(tori_error_message(error), argv[1]) != NULL);
  CHECK(strstr(tori_error_json(error, NULL), "\"places\"") != NULL);
  tori_error_free(error);
  CHECK(tori_database_open_path(argv[1], &other, &error) == TORI_E_DATABASE);
  tori_error_free(error);

  /* An engine's database can be exchanged; the old one lives as long as somebody has it. */
  CHECK(tori_engine_new(NULL, &engine, NULL) == TORI_OK);
  CHECK(tori_engine_set_database(engine, database) == TORI_OK);
  engines = tori_engine_database(engine);
  tori_database_free(database);
  tori_engine_free(engine);
  CHECK(tori_database_count(engines) >= 3000);
  tori_database_free(engines);
  CHECK(tori_tags_get(tags, 2, &tag) == TORI_OK && strcmp(tag.label, "photosynthesis") == 0);
  tori_tags_free(tags);
  tori_config_free(config);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  return 0;
}
