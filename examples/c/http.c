#include "http.h"

#include <string.h>
#include <strings.h>

size_t http_head_length(const char *bytes, size_t len) {
  size_t i;
  for (i = 3; i < len; i++) {
    if (memcmp(bytes + i - 3, "\r\n\r\n", 4) == 0) {
      return i + 1;
    }
  }
  return 0;
}

int http_is(const char *piece, size_t len, const char *word) {
  return strlen(word) == len && memcmp(piece, word, len) == 0;
}

/* Names of fields and options are the same in any casing. */
static int is_name(const char *piece, size_t len, const char *name) {
  return strlen(name) == len && strncasecmp(piece, name, len) == 0;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int is_token(const char *piece, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    char c = piece[i];
    if (!(is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
          (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL))) {
      return 0;
    }
  }
  return len > 0;
}

/* Neither a control character nor a line end of another kind, by which two parsers could see two requests in one. */
static int is_text(const char *piece, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    unsigned char c = (unsigned char)piece[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f) {
      return 0;
    }
  }
  return 1;
}

static int parse_request_line(const char *line, size_t len, struct http_request *out) {
  const char *end = line + len, *target, *version, *query;

  target = memchr(line, ' ', len);
  if (target == NULL || !is_token(line, (size_t)(target - line))) {
    return 400;
  }
  out->method = line;
  out->method_len = (size_t)(target - line);
  target++;
  version = memchr(target, ' ', (size_t)(end - target));
  if (version == NULL || version == target) {
    return 400;
  }
  out->path = target;
  out->path_len = (size_t)(version - target);
  version++;
  if (end - version != 8 || memcmp(version, "HTTP/", 5) != 0 || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return 400;
  }
  if (version[5] != '1') {
    return 505;
  }
  out->keep_alive = version[7] != '0';

  /* The absolute form, http://host/path, which servers have to understand. */
  if (out->path_len > 7 && strncasecmp(out->path, "http://", 7) == 0) {
    const char *slash = memchr(out->path + 7, '/', out->path_len - 7);
    if (slash == NULL) {
      return 400;
    }
    out->path_len -= (size_t)(slash - out->path);
    out->path = slash;
  }
  query = memchr(out->path, '?', out->path_len);
  if (query != NULL) {
    out->path_len = (size_t)(query - out->path);
  }
  return 0;
}

static int parse_length(const char *value, size_t len, struct http_request *out) {
  uint64_t length = 0;
  size_t i;
  if (len == 0) {
    return 400;
  }
  for (i = 0; i < len; i++) {
    uint64_t digit = (uint64_t)(value[i] - '0');
    if (!is_digit(value[i])) {
      return 400;
    }
    length = length > (UINT64_MAX - digit) / 10 ? UINT64_MAX : length * 10 + digit;
  }
  if (out->has_length && out->length != length) {
    return 400;
  }
  out->has_length = 1;
  out->length = length;
  return 0;
}

/* Whether a list of options, "keep-alive, close", has this one. */
static int lists(const char *value, size_t len, const char *option) {
  const char *end = value + len;
  while (value < end) {
    const char *comma = memchr(value, ',', (size_t)(end - value));
    const char *last = comma != NULL ? comma : end;
    const char *next = comma != NULL ? comma + 1 : end;
    while (value < last && (*value == ' ' || *value == '\t')) value++;
    while (last > value && (last[-1] == ' ' || last[-1] == '\t')) last--;
    if (is_name(value, (size_t)(last - value), option)) {
      return 1;
    }
    value = next;
  }
  return 0;
}

int http_parse(const char *head, size_t len, struct http_request *out) {
  const char *end = head + len - 2, *line = head, *next;
  int hosts = 0, minor_one, encoded = 0, status;

  memset(out, 0, sizeof *out);
  next = memchr(line, '\r', (size_t)(end - line));
  if (next == NULL || next[1] != '\n' || !is_text(line, (size_t)(next - line))) {
    return 400;
  }
  status = parse_request_line(line, (size_t)(next - line), out);
  if (status != 0) {
    return status;
  }
  minor_one = out->keep_alive;

  for (line = next + 2; line < end; line = next + 2) {
    const char *colon, *value;
    size_t name_len, value_len;
    next = memchr(line, '\r', (size_t)(end - line));
    if (next == NULL || next[1] != '\n' || !is_text(line, (size_t)(next - line))) {
      return 400;
    }
    colon = memchr(line, ':', (size_t)(next - line));
    /* No token either: a line that goes on with the one before, and a blank before the colon. */
    if (colon == NULL || !is_token(line, (size_t)(colon - line))) {
      return 400;
    }
    name_len = (size_t)(colon - line);
    value = colon + 1;
    value_len = (size_t)(next - value);
    while (value_len > 0 && (*value == ' ' || *value == '\t')) value++, value_len--;
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t')) value_len--;

    if (is_name(line, name_len, "content-length")) {
      status = parse_length(value, value_len, out);
      if (status != 0) {
        return status;
      }
    } else if (is_name(line, name_len, "transfer-encoding")) {
      encoded = 1;
    } else if (is_name(line, name_len, "host")) {
      hosts++;
    } else if (is_name(line, name_len, "connection")) {
      out->keep_alive &= !lists(value, value_len, "close");
    } else if (is_name(line, name_len, "expect") && minor_one) {
      if (!is_name(value, value_len, "100-continue")) {
        return 417;
      }
      out->expects_continue = 1;
    }
  }
  if (hosts > 1 || (minor_one && hosts == 0) || (encoded && out->has_length)) {
    return 400;
  }
  return encoded ? 501 : 0;
}

const char *http_reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}
