#include "init.h"

#include <string.h>

// A body is a row of fields: one byte of tag, four of length (little endian), then as many bytes and a zero that isn't counted.

static uint32_t number32(const char *at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static uint64_t number64(const char *at) {
  uint64_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

static bool add_word(char **words, int *count, const char *text) {
  if (*count >= MAX_WORDS) return false;
  words[(*count)++] = (char *)text;
  words[*count] = NULL;
  return true;
}

static bool add_file(struct request *request, const char *value, uint32_t length) {
  if (request->file_count >= MAX_FILES || length < 13) return false;
  struct file *file = &request->files[request->file_count++];
  *file = (struct file){number32(value), number32(value + 4), number32(value + 8), value + 12, NULL, 0};
  size_t path = strlen(file->path);
  if (13 + path > length) return false;
  file->bytes = file->path + path + 1;
  file->length = length - 13 - path;
  return file->path[0] == '/';
}

static bool add_bind(struct request *request, const char *value, uint32_t length) {
  if (request->bind_count >= MAX_BINDS || length < 2 || value[1] != '/') return false;
  request->binds[request->bind_count].read_only = value[0] != 0;
  request->binds[request->bind_count++].target = value + 1;
  return true;
}

static bool add_setting(struct request *request, const char *value, uint32_t length) {
  size_t path = strlen(value);
  if (request->setting_count >= MAX_SETTINGS || path >= length) return false;
  request->settings[request->setting_count].path = value;
  request->settings[request->setting_count++].value = value + path + 1;
  return true;
}

static bool set_field(struct request *r, char tag, const char *value, uint32_t length) {
  switch (tag) {
  case 'l': r->log = value; return value[0] == '/';
  case 'k': r->disk_folder = value; return value[0] == '/';
  case 'r': r->run_folder = value; return value[0] == '/';
  case 'g': r->group = value; return true;
  case 's': r->state = value, r->state_length = length; return true;
  case 'h': r->host_name = value; return true;
  case 'o': r->hosts = value, r->hosts_length = length; return true;
  case 'x': r->hidden = value; return value[0] == '/';
  case 'a': return add_word(r->argv, &r->argc, value);
  case 'e': return add_word(r->envp, &r->envc, value);
  case 'w': r->folder = value; return true;
  case 'u':
    if (length != 8) return false;
    r->user = number32(value), r->group_id = number32(value + 4);
    return true;
  case 'i':
    if (r->interface_count >= MAX_INTERFACES) return false;
    r->interfaces[r->interface_count++] = value;
    return true;
  case 't': return length == 4 ? (r->interface_wait = number32(value), true) : false;
  case 'p': return length == 8 ? (r->pids_max = number64(value), true) : false;
  case 'm': return length == 8 ? (r->memory_max = number64(value), true) : false;
  case 'f': return add_file(r, value, length);
  case 'b': return add_bind(r, value, length);
  case 'y': return add_setting(r, value, length);
  default: return false;
  }
}

bool request_parse(const char *body, size_t length, struct request *request) {
  memset(request, 0, sizeof *request);
  for (size_t at = 0; at < length;) {
    if (length - at < 6) return false;
    uint32_t size = number32(body + at + 1);
    if (size > length - at - 6 || body[at + 5 + size] != 0) return false;
    if (!set_field(request, body[at], body + at + 5, size)) return false;
    at += 6 + (size_t)size;
  }
  bool starts = request->run_folder != NULL; // else it is about a node that was started
  return request->group != NULL && (!starts || (request->log != NULL && request->disk_folder != NULL && request->state != NULL &&
                                                request->host_name != NULL && request->hosts != NULL));
}
