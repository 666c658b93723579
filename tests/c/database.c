/* The concept database on its own: database EMPTY-FOLDER. */
#include "check.h"

#include <unistd.h>

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  CHECK(file != NULL && fputs(text, file) >= 0);
  CHECK(fclose(file) == 0);
}

/* Sources become one file, which answers as they do, beside a folder. */
static void compiles(const char *beside) {
  char json[512], csv[512], target[512], buffer[512];
  const char *sources[2];
  tori_database *database = NULL, *mapped = NULL, *copied = NULL;
  tori_engine *engine = NULL;
  tori_error *error = NULL;
  tori_tags *tags = NULL;
  tori_tag tag;
  uint64_t id = 0;
  size_t len = 0;
  FILE *file;
  char *bytes;
  long size;

  sprintf(json, "%.400s-%ld.jsonl", beside, (long)getpid());
  sprintf(csv, "%.400s-%ld.csv", beside, (long)getpid());
  sprintf(target, "%.400s-%ld.toridb", beside, (long)getpid());
  write_file(json, "{\"name\": \"Mercury\", \"aliases\": [\"quicksilver\"]}\n7\n");
  write_file(csv, "name,aliases\nMercury transit,\nplanet,mercury\n");
  sources[0] = json;
  sources[1] = csv;
  CHECK_STATUS(TORI_OK, tori_database_compile(sources, 2, target, &database, &error), error);
  CHECK(tori_database_count(database) == 3);
  CHECK(strstr(tori_database_json(database, NULL), "line 2 (entry 2) is skipped") != NULL);
  CHECK_STATUS(TORI_OK, tori_database_verify(database, &error), error);

  CHECK_STATUS(TORI_OK, tori_database_open_path(target, &mapped, &error), error);
  CHECK(tori_database_find(mapped, "QUICKSILVER", TORI_NUL_TERMINATED, &id) == TORI_OK);
  CHECK(tori_database_concept(mapped, id, NULL, 0, &len) == TORI_E_LIMIT && len > 0);
  CHECK(tori_database_concept(mapped, id, buffer, len, NULL) == TORI_E_LIMIT);
  CHECK(tori_database_concept(mapped, id, buffer, len + 1, NULL) == TORI_OK && strlen(buffer) == len);
  CHECK(strstr(buffer, "\"name\":\"Mercury\"") != NULL && strstr(buffer, "quicksilver") != NULL);
  CHECK_STATUS(TORI_OK, tori_database_tag_all(mapped, "mercury transits", 16, &tags, &error), error);
  CHECK(tori_tags_count(tags) == 3);
  memset(&tag, 0, sizeof tag);
  tag.struct_size = sizeof tag;
  CHECK(tori_tags_get(tags, 0, &tag) == TORI_OK && tag.concept_id == id && tag.end == 7);
  CHECK(tori_tags_get(tags, 1, &tag) == TORI_OK && strcmp(tag.label, "planet") == 0 && tag.end == 7);
  CHECK(tori_tags_get(tags, 2, &tag) == TORI_OK && strcmp(tag.label, "Mercury transit") == 0 && tag.end == 16);
  tori_tags_free(tags);

  /* A running engine takes it. */
  CHECK_STATUS(TORI_OK, tori_engine_new(NULL, &engine, &error), error);
  CHECK(tori_engine_set_database(engine, mapped) == TORI_OK);
  tori_engine_free(engine);

  /* A copy is verified. */
  file = fopen(target, "rb");
  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  size = ftell(file);
  rewind(file);
  bytes = malloc((size_t)size);
  CHECK(bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size);
  fclose(file);
  CHECK_STATUS(TORI_OK, tori_database_open_bytes(bytes, (size_t)size, NULL, &copied, &error), error);
  CHECK(tori_database_count(copied) == 3);
  tori_database_free(copied);
  bytes[4096] ^= 1;
  CHECK(tori_database_open_bytes(bytes, (size_t)size, "damaged.toridb", &copied, &error) == TORI_E_DATABASE);
  CHECK(copied == NULL && strstr(tori_error_message(error), "damaged.toridb") != NULL);
  tori_error_free(error);
  free(bytes);

  CHECK(remove(json) == 0 && remove(csv) == 0 && remove(target) == 0);
  CHECK(tori_database_find(mapped, "planet", TORI_NUL_TERMINATED, &id) == TORI_OK);
  tori_database_free(mapped);
  tori_database_free(database);
}

/* Whether a report of a text has a concept of the database. */
static int reports(tori_engine *engine, const char *text, const char *label) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  int found;
  CHECK_STATUS(TORI_OK, tori_ingest_text(engine, text, TORI_NUL_TERMINATED, &result, &error), error);
  found = strstr(tori_result_json(result, NULL), label) != NULL;
  tori_result_free(result);
  return found;
}

/* How many of the tags are of a concept. */
static int mentions(const tori_tags *tags, uint64_t id) {
  size_t i;
  int count = 0;
  for (i = 0; i < tori_tags_count(tags); i++) {
    tori_tag tag;
    memset(&tag, 0, sizeof tag);
    tag.struct_size = sizeof tag;
    CHECK(tori_tags_get(tags, i, &tag) == TORI_OK);
    count += tag.concept_id == id;
  }
  return count;
}

/* What is broader and narrower is known from both ends. */
static void relations(void) {
  const char *json =
      "[{\"name\": \"optics\", \"broader\": [\"Physics\"]}, {\"name\": \"physics\", \"broader\": [\"alchemy\"]},"
      " {\"name\": \"science\", \"narrower\": [\"physics\"]}]";
  tori_database *database = NULL;
  tori_error *error = NULL;
  uint64_t optics = 0, physics = 0, science = 0, ids[2] = {0, 0};
  size_t count = 0;
  char buffer[512];

  CHECK_STATUS(TORI_OK, tori_database_open_bytes(json, strlen(json), NULL, &database, &error), error);
  CHECK(strstr(tori_database_json(database, NULL), "broader \\\"alchemy\\\" of \\\"physics\\\" is left out") != NULL);
  CHECK(tori_database_find(database, "optics", TORI_NUL_TERMINATED, &optics) == TORI_OK);
  CHECK(tori_database_find(database, "physics", TORI_NUL_TERMINATED, &physics) == TORI_OK);
  CHECK(tori_database_find(database, "science", TORI_NUL_TERMINATED, &science) == TORI_OK);
  CHECK(tori_database_related(database, physics, TORI_RELATION_BROADER, NULL, 0, &count) == TORI_E_LIMIT && count == 1);
  CHECK(tori_database_related(database, physics, TORI_RELATION_BROADER, ids, 2, &count) == TORI_OK && count == 1);
  CHECK(ids[0] == science && ids[1] == 0);
  CHECK(tori_database_related(database, physics, TORI_RELATION_NARROWER, ids, 2, &count) == TORI_OK && count == 1);
  CHECK(ids[0] == optics);
  CHECK(tori_database_related(database, optics, TORI_RELATION_NARROWER, NULL, 0, &count) == TORI_OK && count == 0);
  CHECK(tori_database_concept(database, physics, buffer, sizeof buffer, NULL) == TORI_OK);
  CHECK(strstr(buffer, "\"broader\":[\"science\"]") != NULL && strstr(buffer, "\"narrower\":[\"optics\"]") != NULL);
  tori_database_free(database);
}

/* Concepts come and go while engines and tags go on, and are saved in a file beside a folder. */
static void changes(const char *beside) {
  const char *text = "The flux capacitor\n\nThe flux capacitor makes time travel possible. A flux capacitor needs power.";
  const char *label = "\"category\":\"fiction\"";
  char target[512], buffer[512];
  tori_database *database = NULL, *engines, *saved = NULL;
  tori_engine *engine = NULL;
  tori_error *error = NULL;
  tori_tags *before = NULL, *after = NULL;
  uint64_t id = 0, again = 0;
  const char *json;
  char *kept;
  tori_tag tag;

  CHECK_STATUS(TORI_OK, tori_engine_new(NULL, &engine, &error), error);
  CHECK(!reports(engine, text, label));
  database = tori_engine_database(engine);
  json = tori_database_json(database, NULL);
  kept = malloc(strlen(json) + 1);
  CHECK(kept != NULL && strcpy(kept, json) != NULL);
  CHECK_STATUS(TORI_OK,
               tori_database_upsert(database,
                                    "[{\"name\": \"flux capacitor\", \"category\": \"fiction\", \"aliases\": [\"FC\"]}, {\"name\": \"delorean\"}]",
                                    TORI_NUL_TERMINATED, &id, &error),
               error);
  CHECK(reports(engine, text, label));
  CHECK(tori_database_find(database, "FC", 2, &again) == TORI_OK && again == id);
  CHECK(strcmp(kept, json) == 0 && strcmp(kept, tori_database_json(database, NULL)) != 0);
  free(kept);
  CHECK_STATUS(TORI_OK, tori_database_tag(database, text, TORI_NUL_TERMINATED, &before, &error), error);

  /* All or nothing. */
  CHECK(tori_database_upsert(database, "[{\"name\": \"warp drive\"}, {\"name\": 7}]", TORI_NUL_TERMINATED, &id, &error) ==
        TORI_E_ARGUMENT);
  CHECK(strstr(tori_error_message(error), "entry 2") != NULL);
  tori_error_free(error);
  CHECK(tori_database_find(database, "warp drive", TORI_NUL_TERMINATED, &again) == TORI_E_ARGUMENT);

  /* What is saved is what is there. */
  sprintf(target, "%.400s-%ld-saved.toridb", beside, (long)getpid());
  CHECK_STATUS(TORI_OK, tori_database_remove_named(database, "DELOREAN", TORI_NUL_TERMINATED, &error), error);
  CHECK_STATUS(TORI_OK, tori_database_save(database, target, &error), error);
  CHECK_STATUS(TORI_OK, tori_database_open_path(target, &saved, &error), error);
  CHECK(tori_database_count(saved) == tori_database_count(database));
  CHECK(tori_database_concept(saved, id, buffer, sizeof buffer, NULL) == TORI_OK && strstr(buffer, "\"FC\"") != NULL);
  CHECK(tori_database_find(saved, "delorean", TORI_NUL_TERMINATED, &again) == TORI_E_ARGUMENT);
  CHECK(remove(target) == 0);
  tori_database_free(saved);

  /* What is gone is not found; tags made before have it still. */
  CHECK_STATUS(TORI_OK, tori_database_remove(database, id, &error), error);
  CHECK(tori_database_remove(database, id, NULL) == TORI_E_ARGUMENT);
  CHECK(!reports(engine, text, label));
  CHECK_STATUS(TORI_OK, tori_database_tag(database, text, TORI_NUL_TERMINATED, &after, &error), error);
  CHECK(mentions(before, id) == 3 && mentions(after, id) == 0);
  memset(&tag, 0, sizeof tag);
  tag.struct_size = sizeof tag;
  CHECK(tori_tags_get(before, 0, &tag) == TORI_OK && tag.concept_id == id);
  CHECK(strcmp(tag.label, "flux capacitor") == 0);
  tori_tags_free(before);
  tori_tags_free(after);
  engines = tori_engine_database(engine);
  CHECK(tori_database_count(engines) == tori_database_count(database));
  tori_database_free(engines);
  tori_database_free(database);
  tori_engine_free(engine);
}

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

  compiles(argv[1]);
  changes(argv[1]);
  relations();

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
