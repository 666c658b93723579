/* The head of an HTTP/1.1 request (RFC 9112), as much of it as a server of documents needs. */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

struct http_request {
  /* Pieces of the head that was parsed. */
  const char *method;
  size_t method_len;
  /* Without scheme, authority and query. */
  const char *path;
  size_t path_len;
  /* Whether there is a Content-Length, and what it says; UINT64_MAX for more than that. */
  int has_length;
  uint64_t length;
  /* Whether the client waits for "100 Continue" before it sends the body. */
  int expects_continue;
  /* Whether another request may follow on the connection. */
  int keep_alive;
};

/* The length of the head at the start of these bytes, its empty line included; 0 while it is not complete. */
size_t http_head_length(const char *bytes, size_t len);

/* Parses a complete head of len bytes. 0, or the HTTP status that says what is wrong with it. */
int http_parse(const char *head, size_t len, struct http_request *out);

/* Whether a piece of a head is this word. */
int http_is(const char *piece, size_t len, const char *word);

/* "Not Found" for 404. */
const char *http_reason(int status);

#endif
