#include "wrapper.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// The entry of the network among a configuration's namespaces, made where there is none; NULL where the configuration isn't one.
static struct json_object *network_of(struct json_object *config) {
  struct json_object *linux_part, *namespaces, *type;
  if (!json_object_object_get_ex(config, "linux", &linux_part) || !json_object_object_get_ex(linux_part, "namespaces", &namespaces)) return NULL;
  if (!json_object_is_type(namespaces, json_type_array)) return NULL;
  for (size_t i = 0; i < json_object_array_length(namespaces); i++) {
    struct json_object *entry = json_object_array_get_idx(namespaces, i);
    if (json_object_object_get_ex(entry, "type", &type) && strcmp(json_object_get_string(type), "network") == 0) return entry;
  }
  struct json_object *entry = json_object_new_object();
  json_object_object_add(entry, "type", json_object_new_string("network"));
  json_object_array_add(namespaces, entry);
  return entry;
}

/// Replaces the file in one step. False with errno.
static bool save(const char *file, struct json_object *config) {
  char fresh[4096];
  struct stat old;
  errno = ENAMETOOLONG;
  if (snprintf(fresh, sizeof fresh, "%s.archetype", file) >= (int)sizeof fresh || stat(file, &old) < 0) return false;
  int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, old.st_mode & 0777);
  if (descriptor < 0) return false;
  bool done = json_object_to_fd(descriptor, config, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE) == 0;
  done = close(descriptor) == 0 && done && rename(fresh, file) == 0;
  if (!done) unlink(fresh);
  return done;
}

/// The engine's own hook turns IPv6 off in the sandbox, and its addresses go; one of ours after it brings them back before the first process.
static bool add_hook(struct json_object *config, const char *path, const struct ipv6 *ipv6) {
  char program[4096];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0) return false;
  program[length] = 0;
  struct json_object *hooks, *list, *hook = json_object_new_object(), *arguments = json_object_new_array();
  json_object_array_add(arguments, json_object_new_string("archetype-runc"));
  json_object_array_add(arguments, json_object_new_string(restore_verb));
  json_object_array_add(arguments, json_object_new_string(path));
  for (int i = 0; i < ipv6->count; i++) json_object_array_add(arguments, json_object_new_string(ipv6->words[i]));
  json_object_object_add(hook, "path", json_object_new_string(program));
  json_object_object_add(hook, "args", arguments);
  if (!json_object_object_get_ex(config, "hooks", &hooks)) json_object_object_add(config, "hooks", hooks = json_object_new_object());
  if (!json_object_object_get_ex(hooks, "createRuntime", &list)) json_object_object_add(hooks, "createRuntime", list = json_object_new_array());
  return json_object_array_add(list, hook) == 0;
}

const char *bundle_join(const char *bundle, const char *path, const struct ipv6 *ipv6) {
  char file[4000];
  errno = ENAMETOOLONG;
  if (snprintf(file, sizeof file, "%s/config.json", bundle) >= (int)sizeof file) return "the bundle's path";
  int descriptor = open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return "the bundle's config.json can't be read";
  struct json_object *config = json_object_from_fd(descriptor);
  close(descriptor);
  errno = EINVAL;
  struct json_object *network = config != NULL ? network_of(config) : NULL;
  if (network == NULL) return "the bundle's config.json isn't an OCI configuration";
  json_object_object_add(network, "path", json_object_new_string(path));
  if (ipv6->count > 0 && !add_hook(config, path, ipv6)) return "the bundle's hooks can't be added to";
  return save(file, config) ? NULL : "the bundle's config.json can't be written";
}
