#pragma once
#include <json-c/json.h>
#include <string.h>

// Iteration over an object is a macro in json-c.

/// A cursor over an object's members.
struct cjson_cursor {
  struct json_object_iterator at, end;
};

static inline struct cjson_cursor cjson_begin(struct json_object *object) {
  struct cjson_cursor cursor = {json_object_iter_begin(object), json_object_iter_end(object)};
  return cursor;
}

/// The next member; 0 when there is none. Both belong to the object.
static inline int cjson_next(struct cjson_cursor *cursor, const char **name, struct json_object **value) {
  if (json_object_iter_equal(&cursor->at, &cursor->end)) return 0;
  *name = json_object_iter_peek_name(&cursor->at);
  *value = json_object_iter_peek_value(&cursor->at);
  json_object_iter_next(&cursor->at);
  return 1;
}

/// Parses a whole text, nested at most `depth` deep. NULL with `*error` set where it isn't JSON; the text `null` is NULL without an error.
static inline struct json_object *cjson_parse(const char *text, size_t length, int depth, enum json_tokener_error *error) {
  struct json_tokener *tokener = json_tokener_new_ex(depth);
  if (tokener == NULL) return *error = json_tokener_error_size, NULL;
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  struct json_object *object = length > INT32_MAX ? NULL : json_tokener_parse_ex(tokener, text, (int)length);
  *error = length > INT32_MAX ? json_tokener_error_size : json_tokener_get_error(tokener);
  // A number at the end may go on.
  if (*error == json_tokener_continue) {
    object = json_tokener_parse_ex(tokener, "", 1);
    *error = json_tokener_get_error(tokener);
  }
  json_tokener_free(tokener);
  return object;
}
