#include "wrapper.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Whether `word` is this option; `*value` is its value, behind `=` or in the next word.
static bool is_option(const char *word, const char *next, const char *name, const char **value) {
  size_t length = strlen(name);
  if (strncmp(word, name, length) != 0) return false;
  if (word[length] == '=') return *value = word + length + 1, true;
  if (word[length] != 0 || next == NULL) return false;
  return *value = next, true;
}

struct call call_read(int argc, char *const *argv) {
  // The id is runc's last word.
  struct call call = {.bundle = ".", .id = argc > 1 ? argv[argc - 1] : ""};
  for (int i = 1; i < argc; i++) {
    const char *next = argv[i + 1];
    if (is_option(argv[i], next, "--log", &call.log)) continue;
    // `run` is what people type; engines create, then start.
    if (strcmp(argv[i], "create") == 0 || strcmp(argv[i], "run") == 0) call.is_create = true;
    if (!call.is_create) continue;
    if (!is_option(argv[i], next, "--bundle", &call.bundle)) is_option(argv[i], next, "-b", &call.bundle);
  }
  return call;
}

void call_fail(const struct call *call, const char *what, const char *why) {
  char text[512];
  snprintf(text, sizeof text, "archetype-runc: %s (%s)", what, why);
  dprintf(STDERR_FILENO, "%s\n", text);
  int log = call->log != NULL ? open(call->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  struct json_object *record = json_object_new_object();
  if (log >= 0 && record != NULL) {
    json_object_object_add(record, "level", json_object_new_string("error"));
    json_object_object_add(record, "msg", json_object_new_string(text));
    dprintf(log, "%s\n", json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN));
  }
  exit(1);
}
