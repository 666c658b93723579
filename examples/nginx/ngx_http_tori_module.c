/* POST a document to a location with `tori;` and get its ranked concepts as JSON.
 *
 * Settings are checked and engines made in the master process, where nginx -t sees what is wrong with them and
 * workers find the concept database in memory they share; that starts no thread. The first document of a worker
 * starts the library's threads there. They take the documents in, and wake the worker's event loop when one has
 * ended; the loop itself never waits. */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <stdatomic.h>
#include <sys/mman.h>

#include <tori.h>


/* How long a worker that exits waits for the documents it has given up. */
#define NGX_HTTP_TORI_EXIT_MS  2000

/* nginx has neither a name nor a line for it. */
#define NGX_HTTP_TORI_UNPROCESSABLE  422


typedef struct {
    ngx_array_t                 pairs;     /* of ngx_keyval_t, outer levels first */
    tori_database              *database;  /* NULL: the one the library finds */
    tori_engine                *engine;    /* NULL: no location asked for it */
} ngx_http_tori_settings_t;


typedef struct {
    ngx_flag_t                  enabled;
    ngx_msec_t                  deadline;
    ngx_int_t                   max_jobs;
    ngx_http_tori_settings_t   *settings;
} ngx_http_tori_loc_conf_t;


/* Belongs to the request and, while it is in flight, to the library: freed by who lets go last. */
typedef struct ngx_http_tori_job_s  ngx_http_tori_job_t;

struct ngx_http_tori_job_s {
    ngx_http_request_t         *request;   /* NULL: the client has gone */
    tori_job                   *handle;
    tori_result                *result;
    tori_error                 *error;
    ngx_event_t                 alarm;
    ngx_queue_t                 link;
    ngx_http_tori_job_t        *next;      /* in the list of the ended */
    unsigned                    in_flight:1;
};


typedef struct {
    void                       *start;
    size_t                      len;
} ngx_http_tori_body_t;


static ngx_int_t ngx_http_tori_handler(ngx_http_request_t *r);
static void ngx_http_tori_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_tori_submit(ngx_http_request_t *r);
static ngx_int_t ngx_http_tori_set_body(ngx_http_request_t *r,
    tori_request *request);
static void ngx_http_tori_unmap(void *data);
static void ngx_http_tori_done(void *data, tori_job *handle);
static void ngx_http_tori_wake_handler(ngx_event_t *ev);
static void ngx_http_tori_alarm_handler(ngx_event_t *ev);
static void ngx_http_tori_finish(ngx_http_tori_job_t *job);
static void ngx_http_tori_request_cleanup(void *data);
static void ngx_http_tori_free_job(ngx_http_tori_job_t *job);
static ngx_int_t ngx_http_tori_answer(ngx_http_request_t *r,
    ngx_http_tori_job_t *job);
static ngx_int_t ngx_http_tori_busy(ngx_http_request_t *r, ngx_int_t max_jobs);
static ngx_uint_t ngx_http_tori_status(tori_status status);
static ngx_int_t ngx_http_tori_send(ngx_http_request_t *r, ngx_uint_t status,
    const char *json, size_t len);
static ngx_int_t ngx_http_tori_add_header(ngx_http_request_t *r, char *key,
    char *value);

static ngx_int_t ngx_http_tori_start_worker(ngx_log_t *log);
static void ngx_http_tori_exit_worker(ngx_cycle_t *cycle);

static ngx_int_t ngx_http_tori_check_library(ngx_conf_t *cf);
static void *ngx_http_tori_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_tori_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_tori(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_tori_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_http_tori_database(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_tori_check_deadline(ngx_conf_t *cf, void *post,
    void *data);
static ngx_http_tori_settings_t *ngx_http_tori_create_settings(ngx_conf_t *cf);
static char *ngx_http_tori_merge_settings(ngx_conf_t *cf,
    ngx_http_tori_settings_t *prev, ngx_http_tori_settings_t *conf);
static char *ngx_http_tori_make_engine(ngx_conf_t *cf,
    ngx_http_tori_settings_t *settings);
static void ngx_http_tori_free_settings(void *data);
static char *ngx_http_tori_conf_error(ngx_conf_t *cf, tori_error *error);


static ngx_conf_post_t  ngx_http_tori_deadline_post = {
    ngx_http_tori_check_deadline
};

/* Up to the default of jobs.waiting, so that this is the limit that counts. */
static ngx_conf_num_bounds_t  ngx_http_tori_max_jobs_bounds = {
    ngx_conf_check_num_bounds, 1, 1024
};


static ngx_command_t  ngx_http_tori_commands[] = {

    { ngx_string("tori"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_tori,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("tori_set"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_tori_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tori_loc_conf_t, settings),
      NULL },

    { ngx_string("tori_database"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_tori_database,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tori_loc_conf_t, settings),
      NULL },

    { ngx_string("tori_deadline"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tori_loc_conf_t, deadline),
      &ngx_http_tori_deadline_post },

    { ngx_string("tori_max_jobs"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tori_loc_conf_t, max_jobs),
      &ngx_http_tori_max_jobs_bounds },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_tori_module_ctx = {
    ngx_http_tori_check_library,           /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_tori_create_loc_conf,         /* create location configuration */
    ngx_http_tori_merge_loc_conf           /* merge location configuration */
};


ngx_module_t  ngx_http_tori_module = {
    NGX_MODULE_V1,
    &ngx_http_tori_module_ctx,             /* module context */
    ngx_http_tori_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_tori_exit_worker,             /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* This worker's; queue is NULL until its first document. */
static struct {
    tori_queue                 *queue;
    ngx_connection_t           *connection;
    ngx_queue_t                 jobs;      /* in flight */
    ngx_int_t                   count;     /* of them */
} ngx_http_tori_worker;

/* Jobs that have ended and that the loop has not looked at, newest first: the one thing that the library's threads
 * write to. */
static _Atomic(ngx_http_tori_job_t *)  ngx_http_tori_ended;


static ngx_int_t
ngx_http_tori_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r->method != NGX_HTTP_POST) {
        if (ngx_http_tori_add_header(r, "Allow", "POST") != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_tori_body_handler);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
ngx_http_tori_body_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_tori_submit(r);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


/* NGX_DONE: the request is finalized when the job has ended. */

static ngx_int_t
ngx_http_tori_submit(ngx_http_request_t *r)
{
    u_char                     deadline[NGX_INT64_LEN + 1];
    tori_status                status;
    ngx_event_t               *rev;
    tori_request              *request;
    ngx_pool_cleanup_t        *cln;
    ngx_http_tori_job_t       *job;
    ngx_http_tori_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_tori_module);

    if (ngx_http_tori_worker.count >= tlcf->max_jobs) {
        return ngx_http_tori_busy(r, tlcf->max_jobs);
    }

    if (ngx_http_tori_start_worker(r->connection->log) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    job = ngx_calloc(sizeof(ngx_http_tori_job_t), r->connection->log);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_tori_request_cleanup;
    cln->data = job;

    request = tori_request_new();
    if (request == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_tori_set_body(r, request) != NGX_OK
        || tori_request_done(request, ngx_http_tori_done, job, NULL) != TORI_OK)
    {
        tori_request_free(request);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_sprintf(deadline, "%M%Z", tlcf->deadline);

    status = tori_request_set(request, "jobs.deadline_ms", (char *) deadline,
                              TORI_NUL_TERMINATED, &job->error);
    if (status == TORI_OK) {
        status = tori_submit(tlcf->settings->engine, request, &job->handle,
                             &job->error);
    }

    tori_request_free(request);

    if (status != TORI_OK) {
        return ngx_http_tori_answer(r, job);
    }

    job->request = r;
    job->in_flight = 1;
    ngx_queue_insert_tail(&ngx_http_tori_worker.jobs, &job->link);
    ngx_http_tori_worker.count++;

    job->alarm.handler = ngx_http_tori_alarm_handler;
    job->alarm.data = job;
    job->alarm.log = ngx_cycle->log;
    ngx_add_timer(&job->alarm, tlcf->deadline);

    /* A client that closes the connection from here on, or has done so, gives the job up. */

    r->read_event_handler = ngx_http_test_reading;
    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_DONE;
}


/* The body leaves the request's pool here, since the library may be at it for a moment after the client has gone. A
 * file is mapped: it is not copied, and its path is in no answer. */

static ngx_int_t
ngx_http_tori_set_body(ngx_http_request_t *r, tori_request *request)
{
    int                         fd, flags, protection;
    u_char                     *p;
    size_t                      len;
    ngx_chain_t                *bufs, *cl;
    ngx_http_tori_body_t       *body;
    ngx_http_request_body_t    *rb;

    /* A subrequest may have none. */
    rb = r->request_body;
    bufs = rb ? rb->bufs : NULL;
    len = 0;

    if (rb && rb->temp_file) {
        fd = rb->temp_file->file.fd;
        len = rb->temp_file->file.offset;
        protection = PROT_READ;
        flags = MAP_PRIVATE;

    } else {
        fd = -1;
        protection = PROT_READ|PROT_WRITE;
        flags = MAP_PRIVATE|MAP_ANONYMOUS;

        for (cl = bufs; cl; cl = cl->next) {
            len += ngx_buf_size(cl->buf);
        }
    }

    if (len == 0) {
        return tori_request_bytes(request, "", 0) == TORI_OK ? NGX_OK
                                                             : NGX_ERROR;
    }

    body = ngx_alloc(sizeof(ngx_http_tori_body_t), r->connection->log);
    if (body == NULL) {
        return NGX_ERROR;
    }

    body->len = len;
    body->start = mmap(NULL, len, protection, flags, fd, 0);

    if (body->start == MAP_FAILED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno,
                      "tori: mmap() of %uz bytes failed", len);
        ngx_free(body);
        return NGX_ERROR;
    }

    if (fd == -1) {
        p = body->start;

        for (cl = bufs; cl; cl = cl->next) {
            p = ngx_cpymem(p, cl->buf->pos, ngx_buf_size(cl->buf));
        }
    }

    if (tori_request_bytes_static(request, body->start, len,
                                  ngx_http_tori_unmap, body)
        != TORI_OK)
    {
        ngx_http_tori_unmap(body);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* On any thread. */

static void
ngx_http_tori_unmap(void *data)
{
    ngx_http_tori_body_t  *body = data;

    munmap(body->start, body->len);
    ngx_free(body);
}


/* On any thread, once for each job. The report is rendered here and not in the loop: a long one takes its time. */

static void
ngx_http_tori_done(void *data, tori_job *handle)
{
    ngx_http_tori_job_t  *job = data;

    if (tori_job_result(handle, &job->result, &job->error) == TORI_OK) {
        tori_result_json(job->result, NULL);
    }

    job->next = atomic_load(&ngx_http_tori_ended);
    while (!atomic_compare_exchange_weak(&ngx_http_tori_ended, &job->next, job))
    {
        /* job->next is what another thread put there meanwhile. */
    }

    tori_queue_wake(ngx_http_tori_worker.queue);
}


static void
ngx_http_tori_wake_handler(ngx_event_t *ev)
{
    tori_event            event;
    ngx_http_tori_job_t  *job, *next;

    event.struct_size = sizeof(event);

    while (tori_queue_next(ngx_http_tori_worker.queue, 0, &event) == TORI_OK) {
        /* Only wakes go through the queue. */
    }

    for (job = atomic_exchange(&ngx_http_tori_ended, NULL); job; job = next) {
        next = job->next;
        ngx_http_tori_finish(job);
    }
}


/* The library looks at the deadline of a job that waits only when asked. The timer stays until the job is finished:
 * a worker that is told to quit goes on as long as there are timers. */

static void
ngx_http_tori_alarm_handler(ngx_event_t *ev)
{
    ngx_http_tori_job_t  *job = ev->data;

    tori_job_poll(job->handle, NULL);
    ngx_add_timer(ev, 10);
}


static void
ngx_http_tori_finish(ngx_http_tori_job_t *job)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    ngx_del_timer(&job->alarm);
    ngx_queue_remove(&job->link);
    ngx_http_tori_worker.count--;
    job->in_flight = 0;

    r = job->request;

    if (r == NULL) {
        ngx_http_tori_free_job(job);
        return;
    }

    c = r->connection;
    ngx_http_set_log_request(c->log, r);

    ngx_http_finalize_request(r, ngx_http_tori_answer(r, job));
    ngx_http_run_posted_requests(c);
}


static void
ngx_http_tori_request_cleanup(void *data)
{
    ngx_http_tori_job_t  *job = data;

    if (job->in_flight) {
        job->request = NULL;
        tori_job_cancel(job->handle);
        return;
    }

    ngx_http_tori_free_job(job);
}


static void
ngx_http_tori_free_job(ngx_http_tori_job_t *job)
{
    tori_result_free(job->result);
    tori_error_free(job->error);
    tori_job_free(job->handle);
    ngx_free(job);
}


static ngx_int_t
ngx_http_tori_answer(ngx_http_request_t *r, ngx_http_tori_job_t *job)
{
    size_t       len;
    ngx_uint_t   status, level;
    const char  *json;

    if (job->error == NULL) {
        json = tori_result_json(job->result, &len);
        return ngx_http_tori_send(r, NGX_HTTP_OK, json, len);
    }

    status = ngx_http_tori_status(tori_error_status(job->error));
    level = status == NGX_HTTP_INTERNAL_SERVER_ERROR ? NGX_LOG_ERR
                                                     : NGX_LOG_INFO;

    ngx_log_error(level, r->connection->log, 0, "tori: %s: %s",
                  tori_status_name(tori_error_status(job->error)),
                  tori_error_message(job->error));

    json = tori_error_json(job->error, &len);
    return ngx_http_tori_send(r, status, json, len);
}


/* In the words and the form of the library's own errors. */

static ngx_int_t
ngx_http_tori_busy(ngx_http_request_t *r, ngx_int_t max_jobs)
{
    u_char  *json, *last;

    static const char  format[] =
        "{\"allowed\":%i,\"limit\":\"tori_max_jobs\",\"message\":\"%i documents"
        " are being taken in already and tori_max_jobs = %i: try again later\","
        "\"name\":\"TORI_E_BUSY\",\"status\":%d}";

    json = ngx_pnalloc(r->pool, sizeof(format) + 3 * NGX_INT_T_LEN);
    if (json == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = ngx_sprintf(json, format, max_jobs, ngx_http_tori_worker.count,
                       max_jobs, TORI_E_BUSY);

    return ngx_http_tori_send(r, NGX_HTTP_SERVICE_UNAVAILABLE, (char *) json,
                              last - json);
}


static ngx_uint_t
ngx_http_tori_status(tori_status status)
{
    switch (status) {

    case TORI_E_LIMIT:
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;

    case TORI_E_FORMAT:
    case TORI_E_ENCRYPTED:
    case TORI_E_UNSUPPORTED:
        return NGX_HTTP_TORI_UNPROCESSABLE;

    case TORI_E_BUSY:
    case TORI_E_SHUTDOWN:
        return NGX_HTTP_SERVICE_UNAVAILABLE;

    case TORI_E_TIMEOUT:
        return NGX_HTTP_GATEWAY_TIME_OUT;

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/* json lives as long as the request: in its pool, or in its job. */

static ngx_int_t
ngx_http_tori_send(ngx_http_request_t *r, ngx_uint_t status, const char *json,
    size_t len)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    if (status == NGX_HTTP_SERVICE_UNAVAILABLE
        && ngx_http_tori_add_header(r, "Retry-After", "1") != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL || json == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) json;
    b->last = b->pos + len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    r->headers_out.status = status;

    if (status == NGX_HTTP_TORI_UNPROCESSABLE) {
        ngx_str_set(&r->headers_out.status_line, "422 Unprocessable Content");
    }

    r->headers_out.content_length_n = len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_tori_add_header(ngx_http_request_t *r, char *key, char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    h->key.len = ngx_strlen(key);
    h->key.data = (u_char *) key;
    h->value.len = ngx_strlen(value);
    h->value.data = (u_char *) value;

    return NGX_OK;
}


/* At a worker's first document, since a queue belongs to one process. */

static ngx_int_t
ngx_http_tori_start_worker(ngx_log_t *log)
{
    tori_error        *error;
    tori_queue        *queue;
    ngx_connection_t  *c;

    if (ngx_http_tori_worker.queue) {
        return NGX_OK;
    }

    if (tori_queue_new(&queue, &error) != TORI_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "tori: %s",
                      tori_error_message(error));
        tori_error_free(error);
        return NGX_ERROR;
    }

    c = ngx_get_connection((ngx_socket_t) tori_queue_fd(queue), ngx_cycle->log);
    if (c == NULL) {
        tori_queue_free(queue);
        return NGX_ERROR;
    }

    c->read->handler = ngx_http_tori_wake_handler;
    c->read->log = ngx_cycle->log;

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_free_connection(c);
        c->fd = (ngx_socket_t) -1;
        tori_queue_free(queue);
        return NGX_ERROR;
    }

    ngx_queue_init(&ngx_http_tori_worker.jobs);
    ngx_http_tori_worker.connection = c;
    ngx_http_tori_worker.queue = queue;

    return NGX_OK;
}


static void
ngx_http_tori_exit_worker(ngx_cycle_t *cycle)
{
    ngx_queue_t          *q;
    ngx_connection_t     *c;
    ngx_http_tori_job_t  *job;

    if (ngx_http_tori_worker.queue == NULL) {
        return;
    }

    for (q = ngx_queue_head(&ngx_http_tori_worker.jobs);
         q != ngx_queue_sentinel(&ngx_http_tori_worker.jobs);
         q = ngx_queue_next(q))
    {
        job = ngx_queue_data(q, ngx_http_tori_job_t, link);
        tori_job_cancel(job->handle);
    }

    if (tori_shutdown(NGX_HTTP_TORI_EXIT_MS) != TORI_OK) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                      "tori: documents still being taken in after %d ms",
                      NGX_HTTP_TORI_EXIT_MS);
    }

    /* Not ngx_close_connection(): the descriptor is the queue's. The queue stays, since a job may still wake it. */

    c = ngx_http_tori_worker.connection;
    ngx_del_event(c->read, NGX_READ_EVENT, 0);
    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;
}


static ngx_int_t
ngx_http_tori_check_library(ngx_conf_t *cf)
{
    if (tori_check_abi(TORI_ABI) == TORI_OK) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "libtori %s is not the one ngx_http_tori_module was"
                       " compiled for, %d.%d.%d",
                       tori_version(), TORI_VERSION_MAJOR, TORI_VERSION_MINOR,
                       TORI_VERSION_PATCH);
    return NGX_ERROR;
}


static void *
ngx_http_tori_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_tori_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_tori_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->deadline = NGX_CONF_UNSET_MSEC;
    conf->max_jobs = NGX_CONF_UNSET;

    return conf;
}


static char *
ngx_http_tori_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_tori_loc_conf_t  *prev = parent;
    ngx_http_tori_loc_conf_t  *conf = child;

    ngx_conf_merge_msec_value(conf->deadline, prev->deadline, 60000);
    ngx_conf_merge_value(conf->max_jobs, prev->max_jobs, 64);

    if (prev->settings == NULL) {
        prev->settings = ngx_http_tori_create_settings(cf);
        if (prev->settings == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    /* Levels with the same settings share them, and so one engine and one database. */

    if (conf->settings == NULL) {
        conf->settings = prev->settings;

    } else if (ngx_http_tori_merge_settings(cf, prev->settings, conf->settings)
               != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->enabled && conf->settings->engine == NULL) {
        return ngx_http_tori_make_engine(cf, conf->settings);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_tori(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_tori_loc_conf_t  *tlcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (tlcf->enabled) {
        return "is duplicate";
    }

    tlcf->enabled = 1;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_tori_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_tori_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_tori_loc_conf_t  *tlcf = conf;

    ngx_str_t     *value;
    tori_error    *error;
    tori_config   *config;
    ngx_keyval_t  *pair;

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "jobs.", 5) == 0) {
        return "does not take \"jobs.\" settings: use \"tori_deadline\" and"
               " \"tori_max_jobs\"";
    }

    if (ngx_strncmp(value[1].data, "database.", 9) == 0) {
        return "does not take \"database.\" settings: use \"tori_database\"";
    }

    config = tori_config_new();
    if (config == NULL) {
        return NGX_CONF_ERROR;
    }

    tori_config_set(config, (char *) value[1].data, (char *) value[2].data,
                    value[2].len, &error);
    tori_config_free(config);

    if (error) {
        return ngx_http_tori_conf_error(cf, error);
    }

    if (tlcf->settings == NULL) {
        tlcf->settings = ngx_http_tori_create_settings(cf);
        if (tlcf->settings == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    pair = ngx_array_push(&tlcf->settings->pairs);
    if (pair == NULL) {
        return NGX_CONF_ERROR;
    }

    pair->key = value[1];
    pair->value = value[2];

    return NGX_CONF_OK;
}


static char *
ngx_http_tori_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_tori_loc_conf_t  *tlcf = conf;

    ngx_str_t   *value;
    tori_error  *error;

    value = cf->args->elts;

    if (tlcf->settings == NULL) {
        tlcf->settings = ngx_http_tori_create_settings(cf);
        if (tlcf->settings == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (tlcf->settings->database) {
        return "is duplicate";
    }

    if (ngx_conf_full_name(cf->cycle, &value[1], 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (tori_database_open_path((char *) value[1].data,
                                &tlcf->settings->database, &error)
        != TORI_OK)
    {
        return ngx_http_tori_conf_error(cf, error);
    }

    return NGX_CONF_OK;
}


/* Zero is no deadline to the library; here every document has one. */

static char *
ngx_http_tori_check_deadline(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t  *deadline = data;

    if (*deadline == 0 || *deadline > 86400000) {
        return "must be between 1ms and 1d";
    }

    return NGX_CONF_OK;
}


static ngx_http_tori_settings_t *
ngx_http_tori_create_settings(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_tori_settings_t  *settings;

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(ngx_http_tori_settings_t));
    if (cln == NULL) {
        return NULL;
    }

    settings = cln->data;
    ngx_memzero(settings, sizeof(ngx_http_tori_settings_t));

    if (ngx_array_init(&settings->pairs, cf->pool, 4, sizeof(ngx_keyval_t))
        != NGX_OK)
    {
        return NULL;
    }

    cln->handler = ngx_http_tori_free_settings;

    return settings;
}


/* The outer level's first, so that those of the inner one count. */

static char *
ngx_http_tori_merge_settings(ngx_conf_t *cf, ngx_http_tori_settings_t *prev,
    ngx_http_tori_settings_t *conf)
{
    ngx_uint_t     n;
    ngx_keyval_t  *pairs;

    n = prev->pairs.nelts;

    if (n > 0) {
        if (ngx_array_push_n(&conf->pairs, n) == NULL) {
            return NGX_CONF_ERROR;
        }

        pairs = conf->pairs.elts;
        ngx_memmove(&pairs[n], pairs,
                    (conf->pairs.nelts - n) * sizeof(ngx_keyval_t));
        ngx_memcpy(pairs, prev->pairs.elts, n * sizeof(ngx_keyval_t));
    }

    if (conf->database == NULL) {
        conf->database = tori_database_ref(prev->database);
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_tori_make_engine(ngx_conf_t *cf, ngx_http_tori_settings_t *settings)
{
    ngx_uint_t     i;
    tori_error    *error;
    tori_config   *config;
    ngx_keyval_t  *pairs;

    config = tori_config_new();
    if (config == NULL) {
        return NGX_CONF_ERROR;
    }

    error = NULL;
    pairs = settings->pairs.elts;

    for (i = 0; i < settings->pairs.nelts && error == NULL; i++) {
        tori_config_set(config, (char *) pairs[i].key.data,
                        (char *) pairs[i].value.data, pairs[i].value.len,
                        &error);
    }

    if (error == NULL) {
        tori_engine_new(config, &settings->engine, &error);
    }

    tori_config_free(config);

    if (error) {
        return ngx_http_tori_conf_error(cf, error);
    }

    if (settings->database) {
        tori_engine_set_database(settings->engine, settings->database);
    }

    return NGX_CONF_OK;
}


static void
ngx_http_tori_free_settings(void *data)
{
    ngx_http_tori_settings_t  *settings = data;

    tori_engine_free(settings->engine);
    tori_database_free(settings->database);
}


static char *
ngx_http_tori_conf_error(ngx_conf_t *cf, tori_error *error)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "tori: %s",
                       tori_error_message(error));
    tori_error_free(error);

    return NGX_CONF_ERROR;
}
