#define _GNU_SOURCE
#include "wrapper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// As linux/ipv6.h has it, which can't be included beside netinet/in.h.
struct interface_address {
  struct in6_addr address;
  uint32_t length;
  int device;
};

static bool enter(const char *sandbox) {
  int namespace = open(sandbox, O_RDONLY | O_CLOEXEC);
  bool done = namespace >= 0 && setns(namespace, CLONE_NEWNET) == 0;
  if (namespace >= 0) close(namespace);
  return done;
}

/// Addresses of its devices but those that they give themselves, and the ways to everything else, as the kernel lists them.
static void read_lists(struct ipv6 *found) {
  char line[256], address[33], name[IFNAMSIZ];
  unsigned length, scope;
  FILE *list = fopen("/proc/self/net/if_inet6", "re");
  while (list != NULL && found->count < IPV6_MOST && fgets(line, sizeof line, list) != NULL) {
    if (sscanf(line, "%32s %*x %x %x %*x %15s", address, &length, &scope, name) != 4 || scope != 0) continue;
    snprintf(found->words[found->count++], sizeof *found->words, "address %s %u %s", address, length, name);
  }
  if (list != NULL) fclose(list);
  list = fopen("/proc/self/net/ipv6_route", "re");
  while (list != NULL && found->count < IPV6_MOST && fgets(line, sizeof line, list) != NULL) {
    unsigned flags;
    if (sscanf(line, "%*32s %x %*32s %*x %32s %*x %*x %*x %x %15s", &length, address, &flags, name) != 4) continue;
    if (length == 0 && flags & RTF_GATEWAY) snprintf(found->words[found->count++], sizeof *found->words, "route %s 0 %s", address, name);
  }
  if (list != NULL) fclose(list);
}

struct ipv6 ipv6_find(const char *sandbox) {
  struct ipv6 found = {0};
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0) return found;
  if (enter(sandbox)) {
    read_lists(&found);
    if (setns(own, CLONE_NEWNET) < 0) found.count = 0;
  }
  close(own);
  return found;
}

static bool set(const char *device, const char *name, const char *value) {
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", device, name);
  int setting = open(path, O_WRONLY | O_CLOEXEC);
  if (setting < 0) return false;
  bool done = write(setting, value, strlen(value)) == (ssize_t)strlen(value);
  close(setting);
  return done;
}

static bool parse(const char *hex, struct in6_addr *address) {
  for (int i = 0; i < 16; i++)
    if (sscanf(hex + 2 * i, "%2hhx", &address->s6_addr[i]) != 1) return false;
  return true;
}

static bool restore_one(int sock, const char *words) {
  char kind[16], hex[33], name[IFNAMSIZ];
  unsigned length;
  struct in6_addr address;
  if (sscanf(words, "%15s %32s %u %15s", kind, hex, &length, name) != 4 || !parse(hex, &address)) return false;
  int device = (int)if_nametoindex(name);
  if (strcmp(kind, "route") == 0) {
    struct in6_rtmsg route = {.rtmsg_gateway = address, .rtmsg_metric = 1024, .rtmsg_flags = RTF_UP | RTF_GATEWAY, .rtmsg_ifindex = device};
    return ioctl(sock, SIOCADDRT, &route) == 0 || errno == EEXIST;
  }
  // They are planned, or were in use until now: nobody else has them.
  struct interface_address request = {.address = address, .length = length, .device = device};
  return set(name, "dad_transmits", "0") && (ioctl(sock, SIOCSIFADDR, &request) == 0 || errno == EEXIST);
}

int ipv6_restore(const char *sandbox, int count, char *const *words) {
  if (!enter(sandbox) || !set("all", "disable_ipv6", "0")) return 1;
  int sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (sock < 0) return 1;
  int failed = 0;
  for (int i = 0; i < count; i++)
    if (!restore_one(sock, words[i])) {
      fprintf(stderr, "archetype-runc: %s: %s\n", words[i], strerror(errno));
      failed = 1;
    }
  close(sock);
  return failed;
}
