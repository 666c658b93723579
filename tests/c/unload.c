/* Loaded by name, used, and closed again and again, while its worker threads live on: unload LIBRARY PAPER.pdf. */
#include <dlfcn.h>
#include <pthread.h>

#include "check.h"

#define TIMES 50

/* A function of the library, by its name. ISO C knows no way from an object pointer to one of a function. */
#define LOAD(library, name, pointer)                        \
  do {                                                      \
    void *symbol_ = dlsym((library), (name));               \
    CHECK(symbol_ != NULL && sizeof symbol_ == sizeof(*(pointer))); \
    memcpy((pointer), &symbol_, sizeof symbol_);            \
  } while (0)

static tori_status (*submit)(const tori_engine *, const tori_request *, tori_job **, tori_error **);
static tori_status (*wait_for)(const tori_job *, int64_t);
static tori_status (*poll)(const tori_job *, tori_progress *);
static tori_status (*set_path)(tori_request *, const char *);
static tori_status (*check_abi)(uint32_t);
static tori_request *(*new_request)(void);
static void (*free_request)(tori_request *);
static void (*free_job)(tori_job *);

static void *use(void *paper) {
  tori_request *request = new_request();
  tori_job *job = NULL;
  CHECK(set_path(request, paper) == TORI_OK);
  CHECK(submit(NULL, request, &job, NULL) == TORI_OK);
  free_request(request);
  return job;
}

int main(int argc, char **argv) {
  tori_job *last = NULL;
  int i;
  CHECK(argc == 3);
  for (i = 0; i < TIMES; i++) {
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL), *job = NULL;
    pthread_t thread;
    CHECK(library != NULL);
    LOAD(library, "tori_check_abi", &check_abi);
    CHECK(check_abi(TORI_ABI) == TORI_OK);
    LOAD(library, "tori_request_new", &new_request);
    LOAD(library, "tori_request_path", &set_path);
    LOAD(library, "tori_request_free", &free_request);
    LOAD(library, "tori_submit", &submit);
    LOAD(library, "tori_job_wait", &wait_for);
    LOAD(library, "tori_job_poll", &poll);
    LOAD(library, "tori_job_free", &free_job);
    /* On a thread that ends, so that what the library keeps for a thread goes, too. */
    CHECK(pthread_create(&thread, NULL, use, argv[2]) == 0);
    CHECK(pthread_join(thread, &job) == 0);
    if (last != NULL) {
      /* A handle of the time before is as good as ever. */
      CHECK(wait_for(last, 30000) == TORI_OK && poll(last, NULL) == TORI_OK);
      free_job(last);
    }
    last = job;
    /* The job is at work. */
    CHECK(dlclose(library) == 0);
  }
  CHECK(wait_for(last, 30000) == TORI_OK);
  free_job(last);
  return 0;
}
