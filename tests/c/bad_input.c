/* Bad input gets the status it deserves and a message that names the thing: bad_input FIXTURES-FOLDER. */
#include "check.h"

static char path[4096];

static const char *in(const char *folder, const char *name) {
  CHECK(strlen(folder) + strlen(name) + 2 <= sizeof path);
  sprintf(path, "%s/%s", folder, name);
  return path;
}

static void refused(const char *folder, const char *name, tori_status expected, const char *says) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  tori_status status = tori_ingest_path(NULL, in(folder, name), &result, &error);
  const char *message = tori_error_message(error);
  if (status != expected || strstr(message, says) == NULL || (*name != '\0' && strstr(message, name) == NULL)) {
    fprintf(stderr, "%s: %s: %s (expected %s and \"%s\")\n", name, tori_status_name(status), message,
            tori_status_name(expected), says);
    exit(1);
  }
  CHECK(result == NULL);
  CHECK(tori_error_status(error) == status);
  CHECK(strstr(tori_error_json(error, NULL), tori_status_name(status)) != NULL);
  tori_error_free(error);
}

/* Succeeds; the warnings together say something. */
static void warned(const char *folder, const char *name, const char *says) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  CHECK_STATUS(TORI_OK, tori_ingest_path(NULL, in(folder, name), &result, &error), error);
  if (strstr(tori_result_json(result, NULL), says) == NULL) {
    fprintf(stderr, "%s: no warning says \"%s\": %s\n", name, says, tori_result_json(result, NULL));
    exit(1);
  }
  tori_result_free(result);
}

int main(int argc, char **argv) {
  tori_request *request = tori_request_new();
  tori_result *result = NULL;
  tori_error *error = NULL;
  const char *folder;

  CHECK(argc == 2);
  folder = argv[1];
  refused(folder, "no_such_file.pdf", TORI_E_IO, "No such file");
  refused(folder, "", TORI_E_IO, "directory");
  refused(folder, "empty.pdf", TORI_E_FORMAT, "empty");
  refused(folder, "garbage.bin", TORI_E_FORMAT, "");
  refused(folder, "invalid_utf8.txt", TORI_E_FORMAT, "offset");
  refused(folder, "not_a_pdf.pdf", TORI_E_UNSUPPORTED, "PostScript");
  refused(folder, "encrypted_user.pdf", TORI_E_ENCRYPTED, "password");
  refused("/dev", "zero", TORI_E_IO, "not a regular file");
  warned(folder, "scanned.pdf", "no text layer");
  warned(folder, "blank.pdf", "no text");

  warned(folder, "truncated.pdf", "page tree is missing");

  /* The password opens it; a wrong one does not. */
  CHECK(tori_request_path(request, in(folder, "encrypted_user.pdf")) == TORI_OK);
  CHECK(tori_request_set(request, "document.password", "wrong", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_ingest(NULL, request, &result, &error) == TORI_E_ENCRYPTED);
  tori_error_free(error);
  CHECK(tori_request_set(request, "document.password", "secret", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest(NULL, request, &result, &error), error);
  CHECK(tori_result_count(result) > 10);
  tori_result_free(result);

  /* A limit names itself, what was found and what is allowed. */
  CHECK(tori_request_path(request, in(folder, "two_column.pdf")) == TORI_OK);
  CHECK(tori_request_set(request, "limits.pages", "3", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK(tori_ingest(NULL, request, &result, &error) == TORI_E_LIMIT);
  CHECK(strstr(tori_error_message(error), "limits.pages") != NULL);
  CHECK(strstr(tori_error_message(error), "found 6") != NULL);
  CHECK(strstr(tori_error_message(error), "at most 3") != NULL);
  tori_error_free(error);
  CHECK(tori_request_set(request, "limits.pages", "5000", TORI_NUL_TERMINATED, NULL) == TORI_OK);

  /* Asking for more concepts than the limit by file size gives is told, not hidden. */
  CHECK(tori_request_set(request, "concepts.top", "10000", TORI_NUL_TERMINATED, NULL) == TORI_OK);
  CHECK_STATUS(TORI_OK, tori_ingest(NULL, request, &result, &error), error);
  CHECK(tori_result_count(result) <= 250);
  CHECK(strstr(tori_result_json(result, NULL), "10000 concepts were asked for") != NULL);
  tori_result_free(result);

  tori_request_free(request);
  CHECK(tori_shutdown(TORI_WAIT_FOREVER) == TORI_OK);
  CHECK(tori_ingest_text(NULL, "x", 1, &result, &error) == TORI_E_SHUTDOWN);
  tori_error_free(error);
  return 0;
}
