/* Where the system refuses memory, threads or descriptors, a call says so and the process lives: limits PAPER.pdf. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static const char *paper;

/* Ends a child with 0 when the call went well and with 10 when it failed with a status and a message. */
static void ingest(void) {
  tori_result *result = NULL;
  tori_error *error = NULL;
  tori_status status = tori_ingest_path(NULL, paper, &result, &error);
  CHECK((status == TORI_OK) == (result != NULL) && (status == TORI_OK) == (error == NULL));
  CHECK(error == NULL || (status < 0 && strlen(tori_error_message(error)) > 10));
  CHECK(status != TORI_E_PANIC);
  tori_result_free(result);
  tori_error_free(error);
  _exit(status == TORI_OK ? 0 : 10);
}

static void limit(int resource, rlim_t most) {
  struct rlimit set;
  set.rlim_cur = set.rlim_max = most;
  CHECK(setrlimit(resource, &set) == 0);
}

/* Bytes of address space in use. */
static rlim_t address_space(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%lu", &pages) == 1);
  fclose(file);
  return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void few_descriptors(void) {
  tori_queue *queue = NULL;
  tori_error *error = NULL;
  int descriptor = dup(0);
  CHECK(descriptor >= 0);
  close(descriptor);
  limit(RLIMIT_NOFILE, (rlim_t)descriptor);
  CHECK(tori_queue_new(&queue, &error) == TORI_E_IO && queue == NULL);
  CHECK(strstr(tori_error_message(error), "descriptor") != NULL);
  tori_error_free(error);
  ingest();
}

/* The limit on processes is of a user, and root has none. */
static void no_threads(void) {
  if (geteuid() == 0) {
    CHECK(setgid(65534) == 0 && setuid(65534) == 0);
  }
  limit(RLIMIT_NPROC, 0);
  ingest();
}

static int outcome_of(void (*child)(void)) {
  int status = 0;
  pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    alarm(30);
    /* What a child would say on its way down is not for the test's output. */
    dup2(open("/dev/null", O_WRONLY), 2);
    child();
  }
  CHECK(waitpid(pid, &status, 0) == pid);
  if (WIFSIGNALED(status)) {
    fprintf(stderr, "a child was ended by signal %d\n", WTERMSIG(status));
    exit(1);
  }
  return WEXITSTATUS(status);
}

static rlim_t room;

static void little_memory(void) {
  limit(RLIMIT_AS, address_space() + room);
  ingest();
}

int main(int argc, char **argv) {
  int refused = 0, accepted = 0;
  CHECK(argc == 2);
  paper = argv[1];
  CHECK(outcome_of(ingest) == 0);
  CHECK(outcome_of(few_descriptors) == 10);
  CHECK(outcome_of(no_threads) == 10);
  /* From too little for a thread's stack to enough for all. */
  for (room = 0; room <= 2048u << 20; room = room < 64u << 20 ? room + (1u << 20) : room * 2) {
    int outcome = outcome_of(little_memory);
    CHECK(outcome == 0 || outcome == 10);
    accepted += outcome == 0;
    refused += outcome == 10;
  }
  CHECK(refused > 0 && accepted > 0);
  return 0;
}
